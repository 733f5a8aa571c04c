import { type Address, doubles, integers, kernels } from "../kernels/mod.ts";
import { type Space, update, withSpace } from "./rank_one.ts";
import { exponent, powerOfTwo } from "./scale.ts";

/** Blocks of at most so many rows are not divided; measured. */
const LEAF = 16;

/** Turns d into eigenvalues, ascending, and the rows of z, an identity before, into eigenvectors. */
export type TridiagonalSolver = (
  n: number,
  d: Address,
  e: Address,
  z: Address,
  row: number,
) => void;

/** One matrix on its way to being diagonal: blocks of it are, and their eigenvectors are rows of z. */
interface Problem {
  readonly d: Address;
  readonly e: Address;
  readonly z: Address;
  readonly row: number;
  readonly space: Space;
  /** Diagonalises a block that is small enough. */
  readonly solve: TridiagonalSolver;
}

/**
 * Eigenvalues and eigenvectors of the symmetric tridiagonal matrix with diagonal d [n] and eᵢ (e [n])
 * between i − 1 and i: d becomes the eigenvalues, ascending, the rows of z [n, n] the eigenvectors. e is
 * used up. `solve` does the same for blocks of a few rows, given an identity for z.
 *
 * Divide and conquer: two halves, and a rank-one update that joins them (Cuppen, 1981), whose vectors
 * come from its roots (Gu and Eisenstat, 1995). Nearly all work is matrix products.
 */
export function divideAndConquer(
  n: number,
  d: Address,
  e: Address,
  z: Address,
  row: number,
  solve: TridiagonalSolver,
): void {
  doubles(z, n * row / 8).fill(0);
  withSpace(n, n, (space) => {
    const sorted = diagonaliseBlock({ d, e, z, row, space, solve }, 0, n);
    doubles(d, n).sort();
    if (sorted.every((from, i) => from === i)) return;
    integers(space.order, n).set(sorted);
    kernels().takeRows(n, n, z, row, space.order, space.copies, row);
    doubles(z, n * row / 8).set(doubles(space.copies, n * row / 8));
  });
}

/** Diagonalises the block of n rows from `first` on; returns the order that sorts its values. */
function diagonaliseBlock(problem: Problem, first: number, n: number): Int32Array {
  const { d, e, z, row, solve } = problem;
  if (n <= LEAF) {
    const stride = row / 8, block = z + first * (row + 8), entries = doubles(block, n * stride);
    for (let i = 0; i < n; i++) entries[i * stride + i] = 1;
    doubles(e + 8 * first, 1)[0] = 0;
    solve(n, d + 8 * first, e + 8 * first, block, row);
    return ascending(n);
  }
  const m = n >> 1, middle = first + m;
  const coupling = doubles(e, middle + 1)[middle]!, values = doubles(d, middle + 1);
  // T = diag(T₁, T₂) + |e|·(…, 1, ±1, …)ᵀ(…, 1, ±1, …)
  values[middle - 1]! -= Math.abs(coupling);
  values[middle]! -= Math.abs(coupling);
  const left = diagonaliseBlock(problem, first, m);
  const right = diagonaliseBlock(problem, middle, n - m);
  for (let i = 0; i < n - m; i++) right[i]! += m;
  return merge(problem, first, m, n, coupling, left, right);
}

/** 0, 1, …, n − 1 */
export function ascending(n: number): Int32Array {
  const order = new Int32Array(n);
  for (let i = 0; i < n; i++) order[i] = i;
  return order;
}

/** Joins the first m rows of a block of n and the others, which the coupling ties. */
function merge(
  problem: Problem,
  first: number,
  m: number,
  n: number,
  coupling: number,
  left: Int32Array,
  right: Int32Array,
): Int32Array {
  const { d, row, space } = problem, z = problem.z + first * (row + 8);
  writeWeights(z, row, m, n, coupling, space.weights);
  const stored = doubles(d + 8 * first, n), values = doubles(space.values, n);
  // the coupling vector has length √2 before it is scaled to 1
  const largest = Math.max(2 * Math.abs(coupling), kernels().largestMagnitude(n, d + 8 * first));
  const scale = exponent(largest), [f1, f2] = powerOfTwo(-scale), [g1, g2] = powerOfTwo(scale);
  for (let i = 0; i < n; i++) values[i] = stored[i]! * f1 * f2;
  interleave(values, left, right, integers(space.order, n));
  const { k, values: found } = update(
    { z, row, m, n, rho: 2 * Math.abs(coupling) * f1 * f2 },
    space,
  );
  // products may have made the memory grow
  const results = doubles(d + 8 * first, n);
  for (let i = 0; i < n; i++) results[i] = found[i]! * g1 * g2;
  return orderOf(found, k);
}

/** The order that sorts values of which the first k ascend. */
export function orderOf(values: Float64Array, k: number): Int32Array {
  const all = ascending(values.length);
  const settled = all.subarray(k).sort((i, j) => values[i]! - values[j]!);
  return interleave(values, all.subarray(0, k), settled, new Int32Array(values.length));
}

/** Two orders by value made one. */
export function interleave(
  values: Float64Array,
  left: Int32Array,
  right: Int32Array,
  order: Int32Array,
): Int32Array {
  for (let i = 0, j = 0, q = 0; q < order.length; q++) {
    const takeLeft = j === right.length ||
      i < left.length && values[left[i]!]! <= values[right[j]!]!;
    order[q] = takeLeft ? left[i++]! : right[j++]!;
  }
  return order;
}

/** The coupling vector in terms of the eigenvectors: last entries of the first rows, first of the others. */
function writeWeights(
  z: Address,
  row: number,
  m: number,
  n: number,
  coupling: number,
  to: Address,
): void {
  const stride = row / 8, entries = doubles(z, n * stride), weights = doubles(to, n);
  const last = Math.SQRT1_2, next = coupling < 0 ? -last : last;
  for (let i = 0; i < m; i++) weights[i] = last * entries[i * stride + m - 1]!;
  for (let i = m; i < n; i++) weights[i] = next * entries[i * stride + m]!;
}
