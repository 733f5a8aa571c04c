import { type Address, doubles, kernels, product, withBlocks } from "../kernels/mod.ts";
import type { Matrix } from "../linalg/mod.ts";
import { requireDense, requireFactors, requireMode } from "./checks.ts";
import { joined, splitOf } from "./cp_tensor.ts";
import type { DenseTensor } from "./dense_tensor.ts";
import { count, stored } from "./modes.ts";

/** A tensor in the kernels' memory, seen as a matrix [modes before the split, modes from it on]. */
export interface Halves {
  readonly x: Address;
  readonly shape: readonly number[];
  readonly split: number;
}

/** A tensor contracted with the factors of one half of its modes: entries [sizes of the other half, R]. */
export interface Half {
  readonly first: number;
  readonly shape: readonly number[];
  readonly rank: number;
  readonly data: Float64Array;
}

/** Contracts the modes of the other half than the one that `mode` is in: one matrix product. */
export function contractHalf(
  { x, shape, split }: Halves,
  mode: number,
  factors: readonly Matrix[],
): Half {
  const rank = factors[0]!.columns, m = count(shape.slice(0, split)), n = count(shape.slice(split));
  if (mode < split) {
    const right = joined(factors.slice(split));
    return withBlocks([n * rank * 8, m * rank * 8], (b, c) => {
      doubles(b!, n * rank).set(right.data);
      product({ type: "f64", form: "NN", m, n: rank, k: n, a: x, b: b!, c: c! });
      const data = doubles(c!, m * rank).slice();
      return { first: 0, shape: shape.slice(0, split), rank, data };
    });
  }
  const left = joined(factors.slice(0, split));
  return withBlocks([m * rank * 8, n * rank * 8, n * rank * 8], (a, c, turned) => {
    doubles(a!, m * rank).set(left.data);
    // the tensor as the right operand: packed once, read in its own order
    product({ type: "f64", form: "TN", m: rank, n, k: m, a: a!, b: x, c: c! });
    kernels().transpose_f64(rank, n, c!, n * 8, turned!, rank * 8);
    const data = doubles(turned!, n * rank).slice();
    return { first: split, shape: shape.slice(split), rank, data };
  });
}

/** Contracts what is left of a half but one mode: [size of the mode, R]. */
export function contractOthers(half: Half, mode: number, factors: readonly Matrix[]): Matrix {
  const { first, shape, rank } = half, keep = mode - first;
  let data = half.data;
  for (let i = 0; i < keep; i++) {
    data = contractFirst(data, factors[first + i]!.data, shape[i]!, rank);
  }
  for (let i = shape.length - 1; i > keep; i--) {
    data = contractLast(data, factors[first + i]!.data, shape[i]!, rank);
  }
  return { rows: shape[keep]!, columns: rank, data };
}

/** Σᵢ T[i, rest, r]·a[i, r] */
function contractFirst(t: Float64Array, a: Float64Array, size: number, rank: number): Float64Array {
  const rest = t.length / size, result = new Float64Array(rest);
  for (let i = 0, at = 0; i < size; i++) {
    const from = i * rank;
    for (let to = 0; to < rest; to += rank) {
      for (let r = 0; r < rank; r++, at++) result[to + r]! += t[at]! * a[from + r]!;
    }
  }
  return result;
}

/** Σⱼ T[before, j, r]·a[j, r] */
function contractLast(t: Float64Array, a: Float64Array, size: number, rank: number): Float64Array {
  const result = new Float64Array(t.length / size);
  for (let to = 0, at = 0; to < result.length; to += rank) {
    for (let from = 0; from < a.length; from += rank) {
      for (let r = 0; r < rank; r++, at++) result[to + r]! += t[at]! * a[from + r]!;
    }
  }
  return result;
}

/**
 * The matricised tensor times Khatri–Rao product, X₍ₘ₎·(⊙ of the other factors) [I_mode, R], without
 * forming either: one matrix product contracts half of the modes, then the few that are left follow. The
 * factor of the mode itself is not read.
 *
 * Source: Phan, Tichavský & Cichocki (2013), Fast alternating LS algorithms for high order
 * CANDECOMP/PARAFAC tensor factorizations, section III.
 *
 * @throws {TypeError} when factors do not fit the tensor; {RangeError} for a mode it has not.
 * @example
 * ```ts
 * import { fromRows } from "@odot/odot/linalg";
 * import { denseTensor, mttkrp } from "@odot/odot/multilinear";
 * const x = denseTensor([2, 2, 1], [1, 2, 3, 4]), ones = fromRows([[1], [1]]);
 * console.log(mttkrp(x, [ones, ones, fromRows([[1]])], 0).data.join()); // "3,7"
 * ```
 */
export function mttkrp(x: DenseTensor, factors: readonly Matrix[], mode: number): Matrix {
  requireDense(x, "Cannot multiply");
  requireMode(x.shape, mode, "Cannot multiply");
  requireFactors(factors, x.shape, factors[0]?.columns ?? 0, "Cannot multiply");
  if (x.shape.length === 1) {
    const rank = factors[0]!.columns, [rows] = x.shape as readonly [number];
    const data = Float64Array.from(
      { length: rows * rank },
      (_, i) => x.data[Math.floor(i / rank)]!,
    );
    return { rows, columns: rank, data };
  }
  return stored([x.data], (at) => {
    const halves = { x: at, shape: x.shape, split: splitOf(x.shape) };
    return contractOthers(contractHalf(halves, mode, factors), mode, factors);
  });
}
