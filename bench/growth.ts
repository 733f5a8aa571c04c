/**
 * How the cost of a training step grows with width, batch and depth: times and memory of bilinear
 * networks, and the exponents that fit them.
 *
 *     deno run -A bench/growth.ts [--quick] [--json]
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { heapUsage } from "../src/kernels/mod.ts";
import { compare, quick } from "./measure.ts";
import { training } from "./ours.ts";
import { type LayerTask, type NetworkTask, stepFlops, trainingTask } from "./tasks.ts";
import { type Cells, tableText } from "./table.ts";

interface Point {
  /** What is varied. */
  readonly size: number;
  readonly task: NetworkTask;
}

/** `depth` bilinear layers of one width and a linear one to ten classes. */
function network(width: number, depth: number, rows: number): NetworkTask {
  const layers: LayerTask[] = Array.from(
    { length: depth },
    () => ({ type: "bilinear", inputs: width, outputs: width }),
  );
  layers.push({ type: "linear", inputs: width, outputs: 10 });
  return trainingTask(`${depth} × ${width}`, layers, rows);
}

const shorten = <T>(sizes: readonly T[]): readonly T[] => (quick ? sizes.slice(0, 3) : sizes);
const SWEEPS: Readonly<
  Record<string, { readonly expected: number; readonly points: () => Point[] }>
> = {
  width: {
    expected: 2,
    points: () =>
      shorten([128, 256, 512, 1024]).map((size) => ({ size, task: network(size, 2, 256) })),
  },
  batch: {
    expected: 1,
    points: () =>
      shorten([64, 256, 1024, 4096]).map((size) => ({ size, task: network(256, 2, size) })),
  },
  layers: {
    expected: 1,
    points: () => shorten([1, 2, 4, 8]).map((size) => ({ size, task: network(256, size, 256) })),
  },
};

/** Bytes that a step needs by the formula of ARCHITECTURE.md, without the workspace of products. */
export function predictedBytes({ layers, rows }: NetworkTask): number {
  let parameters = 0, activations = 0;
  for (const { type, inputs, outputs } of layers) {
    parameters += inputs * outputs * (type === "bilinear" ? 2 : 1);
    activations += outputs * (type === "bilinear" ? 3 : 1);
  }
  return 16 * parameters + 4 * rows * (layers[0]!.inputs + 2 * activations);
}

/** Slope of log(cost) over log(size) through all points, by least squares. */
export function exponent(
  points: readonly { readonly size: number; readonly cost: number }[],
): number {
  const xs = points.map(({ size }) => Math.log(size)),
    ys = points.map(({ cost }) => Math.log(cost));
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const [mx, my] = [mean(xs), mean(ys)];
  let above = 0, below = 0;
  xs.forEach((x, i) => {
    above += (x - mx) * (ys[i]! - my);
    below += (x - mx) ** 2;
  });
  return above / below;
}

async function measured(task: NetworkTask): Promise<Cells & { readonly cost: number }> {
  const before = heapUsage().bytes;
  const { run, end } = training(task);
  const { sides, limit } = await compare([{ name: "step", run: run!, warmUp: quick ? 30 : 200 }]);
  const cost = sides[0]!.best, speed = stepFlops(task) / cost / 1e6;
  const held = heapUsage().bytes - before;
  end!();
  return {
    cost,
    "ms a step": cost.toPrecision(3),
    "of the limit": speed / (limit.fused || limit.separate),
    "weights and moments, MB": held / 1e6,
    "predicted peak, MB": predictedBytes(task) / 1e6,
  };
}

if (import.meta.main) {
  const json = Deno.args.includes("--json"), say = json ? console.error : console.log;
  const found: Record<string, unknown> = {};
  for (const [name, { expected, points }] of Object.entries(SWEEPS)) {
    const rows: (Cells & { readonly size: number; readonly cost: number })[] = [];
    for (const { size, task } of points()) rows.push({ size, ...await measured(task) });
    // small networks are all overhead: the largest three tell how the cost grows
    const slope = exponent(rows.slice(-3));
    found[name] = { exponent: slope, expected, rows };
    say(`\n# time grows as ${name}^${slope.toFixed(2)} (multiply-adds: ${name}^${expected})`);
    say(tableText(rows.map(({ cost: _, size, ...rest }) => ({ [name]: size, ...rest }))));
  }
  const wide = network(quick ? 512 : 2048, 3, 128), { cost: _, ...row } = await measured(wide);
  found["wide"] = row;
  say(`\n# three layers, ${wide.inputs} wide, batch 128\n${tableText([row])}`);
  if (json) console.log(JSON.stringify(found));
}
