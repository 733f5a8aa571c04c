import { matmul } from "../linalg/mod.ts";
import { assign } from "./assignment.ts";
import type { CpTensor } from "./cp_tensor.ts";
import { columnLengths } from "./cp_tensor.ts";

/** How much the components of two CP decompositions are alike. */
export interface CpCongruence {
  /** Mean cosine of the matched components, over the larger number of components; dimensionless, ≤ 1. */
  readonly score: number;
  /** For each component of the first, the one of the second that it is matched with; −1 for none. */
  readonly matches: Int32Array;
  /** Cosine of each matched pair of rank-one tensors, 0 where there is none; dimensionless. */
  readonly values: Float64Array;
}

/** Pairs whose rank-one tensors have a cosine below this nearly cancel. */
const CANCELLING = -0.95;

/**
 * The congruence of two CP decompositions of tensors of one shape: components are matched one to one so
 * that the cosines of their rank-one tensors, products of the cosines of their vectors over all modes,
 * have the largest sum. Blind to the order of components, their weights, and signs that cancel.
 *
 * Source: Tucker (1951), A method for synthesis of factor analysis studies; Lorenzo-Seva & ten Berge
 * (2006): 0.85 to 0.94 is fair, above that components count as equal.
 *
 * @throws {TypeError} when the shapes differ.
 * @example
 * ```ts
 * import { cp, cpCongruence, denseTensor } from "@odot/odot/multilinear";
 * const x = denseTensor([2, 2, 2], [3, 0, 0, 0, 0, 0, 0, 1]);
 * const [a, b] = [cp(x, { rank: 2 }), cp(x, { rank: 2, start: "random", seed: 7 })];
 * console.log(cpCongruence(a, b).score > 0.999); // true
 * ```
 */
export function cpCongruence(a: CpTensor, b: CpTensor): CpCongruence {
  const same = a.factors.length === b.factors.length &&
    a.factors.every(({ rows }, mode) => rows === b.factors[mode]!.rows);
  if (!same) {
    const shape = ({ factors }: CpTensor): string => factors.map(({ rows }) => rows).join(", ");
    throw new TypeError(
      `Cannot compare CP decompositions of [${shape(a)}] and [${shape(b)}]: the shapes differ`,
    );
  }
  const rows = a.weights.length, columns = b.weights.length, cosines = cosinesOf(a, b);
  const matches = assign(cosines, rows, columns);
  const values = Float64Array.from(
    matches,
    (to, from) => to < 0 ? 0 : cosines[from * columns + to]!,
  );
  const most = Math.max(rows, columns);
  return {
    score: most === 0 ? 1 : values.reduce((sum, value) => sum + value, 0) / most,
    matches,
    values,
  };
}

/** Pairs of components that nearly cancel, in ascending order. */
export function degeneratePairs(cp: CpTensor): (readonly [number, number])[] {
  const cosines = cosinesOf(cp, cp), rank = cp.weights.length;
  const pairs: (readonly [number, number])[] = [];
  for (let r = 0; r < rank; r++) {
    for (let s = r + 1; s < rank; s++) {
      if (cosines[r * rank + s]! < CANCELLING) pairs.push([r, s]);
    }
  }
  return pairs;
}

/** Cosines [R, R'] of all pairs of rank-one tensors; 0 for one of zeros. */
function cosinesOf(a: CpTensor, b: CpTensor): Float64Array {
  const columns = b.weights.length;
  const sign = (i: number): number =>
    Math.sign(a.weights[Math.floor(i / columns)]!) * Math.sign(b.weights[i % columns]!);
  return a.factors.reduce((cosines, factor, mode) => {
    const other = b.factors[mode]!, products = matmul(factor, other, "TN").data;
    const left = columnLengths(factor), right = columnLengths(other);
    return cosines.map((value, i) => {
      const size = left[Math.floor(i / columns)]! * right[i % columns]!;
      return size > 0 ? value * products[i]! / size : 0;
    });
  }, Float64Array.from({ length: a.weights.length * columns }, (_, i) => sign(i)));
}
