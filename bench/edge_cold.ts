/**
 * Cold start to first prediction at the edge, beside onnxruntime-web and tfjs-wasm: fresh processes of Node,
 * Deno and workerd in turns, the same network, results that must agree.
 * `deno run -A bench/edge_cold.ts [--quick] [--json]`. The peers come from npm.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { deploy, io, nn } from "@odot/odot";
import { kernels } from "@odot/odot/edge";
import { tools } from "../examples/edge/tools.ts";
import { edgeBundle } from "./edge_bundle.ts";
import { workerd } from "./edge_cold_workerd.ts";
import { onnxModel } from "./peers/onnx.ts";
import { tableText } from "./table.ts";

const INPUTS = 784, HIDDEN = 64, OUTPUTS = 10;
const SIDES = ["odot", "odot, int8", "onnxruntime-web", "tfjs-wasm"] as const;
const REPETITIONS = Deno.args.includes("--quick") ? 3 : 9;
/** In workerd more, since there the process counts as well. */
const IN_WORKERD = Deno.args.includes("--quick") ? 3 : 40;

interface Start {
  readonly milliseconds: number;
  readonly logits: readonly number[];
}

/** Writes the network in the form of every side. */
async function write(folder: string): Promise<void> {
  const model = nn.sequential([
    nn.bilinear(INPUTS, HIDDEN, { bias: false }),
    nn.linear(HIDDEN, OUTPUTS, { bias: false }),
  ], { seed: 1 });
  const [halves, readout] = ["0.weight", "1.weight"].map((name) =>
    model.parameters.get(name)!.toArray() as Float32Array
  );
  const size = INPUTS * HIDDEN, weights = new Float32Array([...halves!, ...readout!]);
  const gemm = (input: string, weight: string, output: string) => ({
    ...{ operation: "Gemm", inputs: [input, weight], output, attributes: { transB: 1 } },
  });
  const onnx = onnxModel({
    nodes: [
      gemm("x", "left", "wx"),
      gemm("x", "right", "vx"),
      { operation: "Mul", inputs: ["wx", "vx"], output: "product" },
      gemm("product", "readout", "logits"),
    ],
    weights: [
      { name: "left", shape: [HIDDEN, INPUTS], data: weights.slice(0, size) },
      { name: "right", shape: [HIDDEN, INPUTS], data: weights.slice(size, 2 * size) },
      { name: "readout", shape: [OUTPUTS, HIDDEN], data: weights.slice(2 * size) },
    ],
    inputs: [{ name: "x", shape: [1, INPUTS] }],
    output: { name: "logits", shape: [1, OUTPUTS] },
  });
  const input = Float32Array.from({ length: INPUTS }, (_, i) => ((i * 37) % 101) / 101);
  await Deno.writeFile(`${folder}/model.onnx`, onnx);
  await Deno.writeFile(`${folder}/model.safetensors`, io.save(model));
  await Deno.writeFile(
    `${folder}/int8.safetensors`,
    deploy.pack(model, { precision: "int8" }).bytes,
  );
  await Deno.writeFile(`${folder}/weights.bin`, new Uint8Array(weights.buffer));
  await Deno.writeFile(`${folder}/input.bin`, new Uint8Array(input.buffer));
  await Deno.writeFile(`${folder}/kernels.wasm`, kernels());
  await Deno.writeTextFile(`${folder}/edge.js`, (await edgeBundle()).code);
  await Deno.writeTextFile(`${folder}/package.json`, '{"type":"module"}');
}

async function start(runtime: "node" | "deno", side: string, folder: string): Promise<Start> {
  const program = new URL("edge_cold.mjs", import.meta.url).pathname;
  const args = [program, side, folder, place];
  const { success, stdout, stderr } =
    await (runtime === "node"
      ? new Deno.Command("node", { args })
      : new Deno.Command(Deno.execPath(), { args: ["run", "-A", "--no-config", ...args] }))
      .output();
  const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
  if (!success) throw new Error(`${side} in ${runtime}: ${text(stderr).slice(0, 800)}`);
  return JSON.parse(text(stdout).trim().split("\n").at(-1)!);
}

/** The best of several starts of each side, milliseconds; logits that are not alike are an error. */
async function bestOf(
  runtime: string,
  sides: readonly string[],
  repetitions: number,
  start: (side: string) => Promise<Start>,
): Promise<Map<string, number>> {
  const best = new Map<string, number>();
  for (let i = 0; i < repetitions; i++) {
    let expected: readonly number[] | undefined;
    // who comes first pays for what the machine forgot: in turns
    for (const side of i % 2 === 0 ? sides : sides.toReversed()) {
      const { milliseconds, logits } = await start(side);
      best.set(side, Math.min(best.get(side) ?? Infinity, milliseconds));
      if (side === "nothing") continue;
      expected ??= logits;
      const off = Math.max(...expected.map((value, o) => Math.abs(value - logits[o]!)));
      if (!(off < 5e-3)) throw new Error(`${side} in ${runtime} is off by ${off}`);
    }
  }
  return best;
}

const place = await tools("worker and peers"), folder = await Deno.makeTempDir();
const rows: Record<string, string | number>[] = [], inWorkerd: typeof rows = [];
const failures: [side: string, text: string][] = [];
try {
  await write(folder);
  for (const runtime of ["node", "deno"] as const) {
    const best = await bestOf(runtime, SIDES, REPETITIONS, (side) => start(runtime, side, folder));
    for (const [side, milliseconds] of best) {
      rows.push({ runtime, side, milliseconds, "over odot": milliseconds / best.get("odot")! });
    }
  }
  const host = await workerd(folder, place);
  const best = await bestOf("workerd", host.sides, IN_WORKERD, async (side) => {
    const { milliseconds, status, text } = await host.start(side);
    if (status !== 200) throw new Error(`${side} in workerd: ${text.slice(0, 800)}`);
    return { milliseconds, logits: JSON.parse(text) };
  });
  const idle = best.get("nothing")!, ours = best.get("odot")!;
  for (const [side, milliseconds] of best) {
    inWorkerd.push({
      ...{ side, milliseconds, "over odot": milliseconds / ours },
      "beyond nothing, ms": milliseconds - idle,
      "beyond nothing, over odot": (milliseconds - idle) / (ours - idle),
      "code, KB gzip": await host.gzip(side) / 1000,
    });
  }
  for (const [side, { text }] of await host.documented()) failures.push([side, text]);
} finally {
  await Deno.remove(folder, { recursive: true });
}
if (Deno.args.includes("--json")) {
  console.log(JSON.stringify({ rows, workerd: inWorkerd, documented: failures }));
} else {
  console.log(tableText(rows));
  console.log("\nworkerd, from the start of the process to the first answer");
  console.log(tableText(inWorkerd));
  console.log("\nas their documentation has them, the peers answer in workerd:");
  for (const [side, text] of failures) console.log(`${side}: ${text.split("\n")[0]}`);
}
