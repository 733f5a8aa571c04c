import { type Matrix, matrix } from "../linalg/mod.ts";
import { random, scope } from "../tensor/mod.ts";

/** Where a search may go: about every center, and inside a domain. */
export interface Limits {
  /** How far from the center. */
  readonly radius: number;
  /** In which norm. */
  readonly norm: "l2" | "linf";
  /** What entries may be. */
  readonly domain: readonly [low: number, high: number];
}

/** How long to search. */
export interface Effort {
  /** Steps of every descent. */
  readonly steps: number;
  /** Descents. */
  readonly restarts: number;
  /** Seed of their starting points. */
  readonly seed: number;
}

/** Something to be made small at many points at once: values [rows] and gradients [rows, inputs]. */
export type Objective = (
  x: Matrix,
) => { readonly values: ArrayLike<number>; readonly gradients: Matrix };

/**
 * Projected gradient descent from the centers [rows, inputs] and from random points near them: the best
 * points seen, in f32 [rows · inputs].
 */
export function descent(
  objective: Objective,
  centers: Matrix,
  limits: Limits,
  { steps, restarts, seed }: Effort,
): Float32Array<ArrayBuffer> {
  const { rows, columns } = centers;
  const best = Float32Array.from(centers.data), lowest = new Float64Array(rows).fill(Infinity);
  for (let start = 0; start < restarts; start++) {
    const from = start === 0 ? centers.data : around(centers.data, limits, seed, start);
    const x = matrix(rows, columns, from);
    if (start > 0) project(x.data, centers.data, columns, limits);
    for (let step = 0; step <= steps; step++) {
      const { values, gradients } = objective(x);
      for (let row = 0; row < rows; row++) {
        if (!(values[row]! < lowest[row]!)) continue;
        lowest[row] = values[row]!;
        best.set(x.data.subarray(row * columns, (row + 1) * columns), row * columns);
      }
      if (step === steps) break;
      // long steps first, to get around, and short ones at the end
      const length = 2 * limits.radius * (1 - step / steps) / Math.sqrt(step + 1);
      descend(x, gradients, length, limits.norm);
      project(x.data, centers.data, columns, limits);
    }
  }
  return best;
}

function descend(x: Matrix, gradients: Matrix, length: number, norm: "l2" | "linf"): void {
  const { rows, columns, data } = x;
  for (let row = 0; row < rows; row++) {
    const start = row * columns, end = start + columns;
    let size = 0;
    for (let at = start; at < end; at++) size += gradients.data[at]! ** 2;
    size = Math.sqrt(size);
    if (!(size > 0)) continue;
    for (let at = start; at < end; at++) {
      const slope = gradients.data[at]!;
      data[at] = data[at]! - length * (norm === "l2" ? slope / size : Math.sign(slope));
    }
  }
}

/** Into the ball and the domain, a little inside so that f32 stays there. */
function project(
  data: Float64Array,
  centers: Float64Array,
  width: number,
  { radius, norm, domain: [low, high] }: Limits,
): void {
  const inner = radius * (1 - 1e-6);
  for (let start = 0; start < data.length; start += width) {
    let size = 0;
    for (let at = start; at < start + width; at++) {
      const within = Math.min(high, Math.max(low, data[at]!)) - centers[at]!;
      const change = norm === "linf" ? Math.min(inner, Math.max(-inner, within)) : within;
      size += change * change;
      data[at] = change;
    }
    const shrink = norm === "l2" && size > inner * inner ? inner / Math.sqrt(size) : 1;
    for (let at = start; at < start + width; at++) {
      const rounded = Math.fround(centers[at]! + shrink * data[at]!);
      data[at] = rounded >= low && rounded <= high ? rounded : centers[at]!;
    }
  }
}

function around(centers: Float64Array, limits: Limits, seed: number, start: number): Float64Array {
  const noise = scope(() => ({ values: random(seed, start).normal([centers.length]).toArray() }));
  return centers.map((x, i) => x + limits.radius * noise.values[i]! / 2);
}
