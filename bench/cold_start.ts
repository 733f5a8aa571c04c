/**
 * From nothing to the first prediction: each library in fresh processes of Node and Deno, taking turns, the
 * best of several. The network is one and the same (784 → 64 bilinear → 10), read from a file; logits must
 * agree. `deno run -A bench/cold_start.ts` after `deno task npm`; `--folder=DIR` keeps what is installed,
 * `--runs=N` says how many processes of each.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { configure, io, nn } from "../mod.ts";
import { nodePackages, nodePath } from "../tests/runtimes/processes.ts";
import { openWorkspace, type Workspace } from "../tests/runtimes/workspace.ts";
import { onnxModel } from "./peers/onnx.ts";
import { PEER_PACKAGES } from "./peers/versions.ts";
import { type Cells, tableText } from "./table.ts";

const INPUTS = 784, HIDDEN = 64, OUTPUTS = 10;
const option = (name: string): string | undefined =>
  Deno.args.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3);
const RUNS = Number(option("runs") ?? 7);

/** What each library does between the clock's start and the logits. */
const PROGRAMS: Readonly<Record<string, string>> = {
  "odot/edge": `const { load } = await import("odot/edge");
const logits = load(read("model.safetensors")).predict(row);`,
  "odot": `const { io } = await import("odot");
const logits = io.load(read("model.safetensors")).predict(row);`,
  "@jax-js/jax": `delete globalThis.Worker; // else it starts one for each core
const jax = await import("@jax-js/jax"), np = jax.numpy;
await jax.init();
jax.defaultDevice("wasm");
const array = (data, shape) => np.array(data, { shape });
const [w, v, u] = [[0, ${HIDDEN}, ${INPUTS}], [1, ${HIDDEN}, ${INPUTS}], [2, ${OUTPUTS}, ${HIDDEN}]]
  .map(([i, m, n]) => np.transpose(array(weights(i), [m, n])));
const x = array(row, [1, ${INPUTS}]);
const hidden = np.matmul(x.ref, w).mul(np.matmul(x, v));
const logits = await np.matmul(hidden, u).data();`,
  "onnxruntime-web/wasm": `const ort = await import("onnxruntime-web/wasm");
ort.env.wasm.numThreads = 1;
const session = await ort.InferenceSession.create(read("model.onnx"), { executionProviders: ["wasm"] });
const x = new ort.Tensor("float32", row, [1, ${INPUTS}]);
const logits = (await session.run({ x })).logits.data;`,
  "tfjs-core + backend-wasm": `const tf = await import("@tensorflow/tfjs-core");
await import("@tensorflow/tfjs-backend-wasm");
await tf.setBackend("wasm");
const product = (x, i, m, n) => tf.matMul(x, tf.tensor2d(weights(i), [m, n]), false, true);
const x = tf.tensor2d(row, [1, ${INPUTS}]);
const hidden = tf.mul(product(x, 0, ${HIDDEN}, ${INPUTS}), product(x, 1, ${HIDDEN}, ${INPUTS}));
const logits = product(hidden, 2, ${OUTPUTS}, ${HIDDEN}).dataSync();`,
};

function script(body: string): string {
  return `import { readFileSync } from "node:fs";
console.log = console.warn = console.info = () => {}; // what libraries say of their own accord
const read = (name) => new Uint8Array(readFileSync(new URL(name, import.meta.url)));
const weights = (i) => new Float32Array(read("weights" + i).buffer);
const row = Float32Array.from({ length: ${INPUTS} }, (_, i) => ((i * 37) % 101) / 101);
const began = performance.now();
${body}
const took = performance.now() - began;
process.stdout.write(JSON.stringify({ took, logits: [...logits] }) + "\\n");
process.exit(0);
`;
}

/** The network in the form of each library. */
async function writeModels({ write }: Workspace): Promise<void> {
  configure({ kernels: "strict" });
  const options = { bias: false };
  const layers = [nn.bilinear(INPUTS, HIDDEN, options), nn.linear(HIDDEN, OUTPUTS, options)];
  const model = nn.sequential(layers, { seed: 1 });
  const [first, last] = [...model.parameters.values()].map((one) => one.toArray() as Float32Array);
  const half = HIDDEN * INPUTS;
  const arrays = [first!.slice(0, half), first!.slice(half), last!] as Float32Array<ArrayBuffer>[];
  await write("model.safetensors", io.save(model));
  for (const [i, data] of arrays.entries()) {
    await write(`weights${i}`, new Uint8Array(data.buffer));
  }
  const shapes = [[HIDDEN, INPUTS], [HIDDEN, INPUTS], [OUTPUTS, HIDDEN]];
  const gemm = (from: string, to: string, i: number) => ({
    operation: "Gemm",
    inputs: [from, `w${i}`],
    output: to,
    attributes: { transB: 1 },
  });
  const onnx = onnxModel({
    nodes: [
      gemm("x", "left", 0),
      gemm("x", "right", 1),
      { operation: "Mul", inputs: ["left", "right"], output: "hidden" },
      gemm("hidden", "logits", 2),
    ],
    weights: arrays.map((data, i) => ({ name: `w${i}`, shape: shapes[i]!, data })),
    inputs: [{ name: "x", shape: [1, INPUTS] }],
    output: { name: "logits", shape: [1, OUTPUTS] },
  });
  await write("model.onnx", onnx);
}

const kept = option("folder");
const folder = kept ?? await Deno.makeTempDir({ prefix: "odot_cold_" });
await Deno.mkdir(folder, { recursive: true });
const workspace = await openWorkspace(folder, {
  esbuild: "0.28.2",
  ...PEER_PACKAGES,
  node24: nodePackages["node24"]!,
});
await writeModels(workspace);
const names = Object.keys(PROGRAMS);
for (const [i, name] of names.entries()) {
  await workspace.write(`cold${i}.js`, script(PROGRAMS[name]!));
}
await workspace.write("empty.js", "process.exit(0);\n");

const nodeProgram = nodePath(workspace, 24); // jax-js wants a navigator, which Node 20 lacks
const node = (await workspace.mustRun(nodeProgram, ["--version"])).trim().slice(1);
const hosts = [
  { name: `Node ${node}`, program: nodeProgram, args: [] },
  {
    name: `Deno ${Deno.version.deno}`,
    program: Deno.execPath(),
    args: ["run", "-A", "--no-check", "--node-modules-dir=manual"],
  },
];

for (const { name, program, args } of hosts) {
  const best = names.map(() => ({ inside: Infinity, process: Infinity }));
  let empty = Infinity, expected: number[] | undefined;
  const problems = new Map<string, string>();
  for (let run = 0; run < RUNS; run++) {
    const from = performance.now();
    await workspace.mustRun(program, [...args, "empty.js"]);
    empty = Math.min(empty, performance.now() - from);
    for (const [i, library] of names.entries()) {
      if (problems.has(library)) continue;
      const start = performance.now();
      const { code, stdout, stderr } = await workspace.run(program, [...args, `cold${i}.js`]);
      const whole = performance.now() - start;
      const line = stdout.split("\n").find((one) => one.startsWith("{"));
      if (code !== 0 || !line) {
        problems.set(library, stderr.trim().split("\n").slice(0, 2).join(" ").slice(0, 160));
        continue;
      }
      const { took, logits } = JSON.parse(line) as { took: number; logits: number[] };
      expected ??= logits;
      const scale = Math.max(...expected.map(Math.abs));
      if (!logits.every((value, k) => Math.abs(value - expected![k]!) < 1e-4 * scale)) {
        problems.set(library, "its logits are others");
        continue;
      }
      best[i]!.inside = Math.min(best[i]!.inside, took);
      best[i]!.process = Math.min(best[i]!.process, whole);
    }
  }
  const rows = names.map((library, i): Cells => {
    const problem = problems.get(library);
    if (problem) return { library, note: problem };
    const { inside, process } = best[i]!;
    return {
      library,
      "import to logits": `${inside.toFixed(1)} ms`,
      "times odot/edge": (inside / best[0]!.inside).toFixed(1),
      "times odot": (inside / best[1]!.inside).toFixed(1),
      "whole process, over an empty one": `${Math.max(0, process - empty).toFixed(0)} ms`,
    };
  });
  console.log(
    `\n# ${name}, best of ${RUNS} fresh processes each (an empty one: ${empty.toFixed(0)} ms)`,
  );
  console.log(tableText(rows));
}
if (kept === undefined) await Deno.remove(folder, { recursive: true });
