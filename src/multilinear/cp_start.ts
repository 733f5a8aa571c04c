import { random, scope } from "../tensor/mod.ts";
import { exponent, frobeniusNorm, type Matrix, powerOfTwo } from "../linalg/mod.ts";
import { requireFactors } from "./checks.ts";
import { around } from "./modes.ts";
import type { Scaled } from "./scaled.ts";
import { leftSingular } from "./singular.ts";

/** Normal numbers of a seed as factors [Iₙ, R]; `attempt` tells starts of one seed apart. */
export function randomFactors(
  shape: readonly number[],
  rank: number,
  seed: number,
  attempt: number,
): Matrix[] {
  return shape.map((rows, mode) => {
    const stream = attempt * shape.length + mode;
    const data = scope(() =>
      Float64Array.from(random(seed, stream).normal([rows, rank]).toArray())
    );
    return { rows, columns: rank, data };
  });
}

/** Leading left singular vectors of each unfolding, and random columns where there are too few. */
export function singularFactors(
  { shape, data }: Scaled,
  rank: number,
  seed: number,
): Matrix[] {
  return randomFactors(shape, rank, seed, 0).map((factor, mode) => {
    // the first factor is replaced before it is read
    if (mode === 0) return factor;
    const { rows } = factor;
    const found = Math.min(rank, rows, data.length / rows);
    const { vectors } = leftSingular(data, around(shape, mode), found);
    for (let i = 0; i < rows; i++) {
      factor.data.set(vectors.data.subarray(i * found, (i + 1) * found), i * rank);
    }
    return factor;
  });
}

/** Factors that someone gives, at a length of about 1, which changes nothing else. */
export function givenFactors(
  factors: readonly Matrix[],
  shape: readonly number[],
  rank: number,
  nonNegative: boolean,
  action: string,
): Matrix[] {
  requireFactors(factors, shape, rank, action);
  return factors.map((factor, mode) => {
    const least = factor.data.reduce((a, b) => Math.min(a, b), 0);
    if (nonNegative && least < 0) {
      throw new RangeError(
        `${action} without negative entries from factor ${mode} with an entry ${least}: start from numbers ≥ 0`,
      );
    }
    const [f1, f2] = powerOfTwo(-exponent(frobeniusNorm(factor)));
    return { ...factor, data: factor.data.map((value) => value * f1 * f2) };
  });
}
