import type { Cells } from "./table.ts";

/** What a ratio must reach. */
interface Goal {
  readonly atLeast: number;
  readonly aim: number;
  /** Whether a small ratio is the good one: a time over another's. */
  readonly small?: true;
}

/** What every measure must reach; a row of a bench names the one that it counts for. */
const GOALS: Readonly<Record<string, Goal>> = {
  "matmul ≥ 128³, packing included / peak": { atLeast: 0.80, aim: 0.92 },
  "matmul 64³ / peak": { atLeast: 0.72, aim: 0.88 },
  "matmul, weights packed once / peak": { atLeast: 0.87, aim: 0.95 },
  "strict build, matmul ≥ 128³ / peak": { atLeast: 0.60, aim: 0.75 },
  "two threads / one: matmul ≥ 512³": { atLeast: 1.6, aim: 1.9 },
  "two threads / one: step, batch 2048": { atLeast: 1.6, aim: 1.9 },
  "matmul / tfjs-wasm": { atLeast: 1.55, aim: 1.8 },
  "matmul / onnxruntime-web": { atLeast: 1.6, aim: 1.9 },
  "matvec 784×256 / tfjs-wasm": { atLeast: 1.5, aim: 2 },
  "matvec 784×256 / onnxruntime-web": { atLeast: 1.8, aim: 2.5 },
  "step, batch 2048 / jax-js": { atLeast: 1.7, aim: 2.1 },
  "step, batch 2048 / tfjs-wasm tuned": { atLeast: 2.3, aim: 2.8 },
  "step, batch 2048 / tfjs-wasm": { atLeast: 18, aim: 24 },
  "step, batch 128 / jax-js": { atLeast: 1.8, aim: 2.3 },
  "step, batch 128 / tfjs-wasm tuned": { atLeast: 2.8, aim: 3.8 },
  "step, batch 128 / tfjs-wasm": { atLeast: 18, aim: 24 },
  "step, batch 2048, time over PyTorch's": { atLeast: 2.2, aim: 1.7, small: true },
  "toy step / jax-js": { atLeast: 3, aim: 10 },
  "toy step / tfjs-wasm": { atLeast: 3, aim: 10 },
  "inference, batch 1 / best of the wasm peers": { atLeast: 1.5, aim: 2.5 },
  "inference, batch 256 / best of the wasm peers": { atLeast: 1.6, aim: 2 },
  "products, batch ≥ 128 / LiteRT": { atLeast: 1.15, aim: 1.35 },
  "bilinear model, batch ≥ 128 / LiteRT": { atLeast: 1.15, aim: 1.35 },
  "two threads / jax-js with two workers": { atLeast: 1.5, aim: 1.9 },
  "two threads / onnxruntime-web with two": { atLeast: 1.5, aim: 1.9 },
  "eigh f64 / ml-matrix": { atLeast: 3.5, aim: 8 },
  "eigh f64 n = 256, time over numpy's": { atLeast: 2.2, aim: 1.3, small: true },
  "eigh f64 n = 784, time over numpy's": { atLeast: 3.5, aim: 1.8, small: true },
  "top 10 eigenpairs, time over numpy's eigh": { atLeast: 0.1, aim: 0.03, small: true },
  "svd 784×256 f64 / ml-matrix": { atLeast: 8, aim: 15 },
  "peak memory of training over tfjs-wasm's": { atLeast: 0.7, aim: 0.5, small: true },
};

/** A ratio that counts for a goal. */
export interface Judged {
  readonly measure?: string | undefined;
  readonly ratio: number;
}

/** The goals that rows were measured for: the worst row is what counts. */
export function verdicts(rows: readonly Judged[]): Cells[] {
  const unknown = rows.find(({ measure }) => measure !== undefined && !(measure in GOALS));
  if (unknown) throw new RangeError(`No goal is called "${unknown.measure}": see bench/goals.ts`);
  return Object.entries(GOALS).flatMap(([measure, goal]) => {
    const ratios = rows.filter((row) => row.measure === measure).map(({ ratio }) => ratio);
    if (ratios.length === 0) return [];
    const sign = goal.small ? -1 : 1;
    const found = sign * Math.min(...ratios.map((ratio) => sign * ratio));
    // as printed: a ratio is not known to a third digit
    const reaches = (bound: number): boolean =>
      sign * Math.round(100 * found) >= sign * 100 * bound;
    const verdict = Number.isNaN(found)
      ? "too noisy"
      : reaches(goal.aim)
      ? "aim"
      : reaches(goal.atLeast)
      ? "reached"
      : "missed";
    const bound = (value: number): string => `${goal.small ? "≤" : "≥"} ${value}`;
    return [{
      measure,
      "at least": bound(goal.atLeast),
      aim: bound(goal.aim),
      found: Number.isNaN(found) ? undefined : found.toFixed(2),
      verdict,
    }];
  });
}
