import { type Address, doubles, integers, kernels, withBlocks } from "../kernels/mod.ts";
import { rotation, type SingularVectors, solveBlock } from "./bidiagonal_block.ts";
import {
  ascending,
  findRoots,
  interleave,
  multiply,
  orderOf,
  type Space,
  withSpace,
} from "./bidiagonal_space.ts";
import { rowBytes } from "./reflectors.ts";
import { exponent, powerOfTwo } from "./scale.ts";

/** Blocks of at most so many rows are not divided; measured. */
const LEAF = 24;
/** Values below this beside the largest are raised to it, and weights to twice as much. */
const LEAST = 4 * Number.EPSILON;

/** One matrix on its way to being diagonal: blocks of it are, and their singular vectors are rows of u and v. */
interface Problem {
  readonly d: Address;
  readonly e: Address;
  readonly u: Address;
  readonly uRow: number;
  readonly v: Address;
  readonly vRow: number;
  readonly space: Space;
}

/**
 * Singular values and vectors of the upper bidiagonal matrix with diagonal d [n] and eᵢ (e [n + 1]) right of
 * dᵢ₋₁: d becomes the singular values, descending, the first n entries of n rows of u and v the vectors. e is
 * used up; its last entry must be zero.
 *
 * Divide and conquer (Gu and Eisenstat, A Divide-and-Conquer Algorithm for the Bidiagonal SVD, 1995): a row in
 * the middle is left out, and what joins the halves is an arrowhead matrix, whose singular values are roots of
 * a secular equation in σ². Poles are squared once, so each root is that of a matrix whose values differ by a
 * rounding, and no digit of the differences is lost.
 */
export function divideBidiagonal(n: number, d: Address, e: Address, to: SingularVectors): void {
  const uRow = rowBytes(n), vRow = rowBytes(n + 1);
  withBlocks([n * uRow, (n + 1) * vRow], (u, v) => {
    doubles(u!, n * uRow / 8).fill(0);
    doubles(v!, (n + 1) * vRow / 8).fill(0);
    withSpace(n, n + 1, (space) => {
      const order = solve({ d, e, u: u!, uRow, v: v!, vRow, space }, 0, n).reverse();
      doubles(d, n).sort().reverse();
      integers(space.order, n).set(order);
      kernels().takeRows(n, n, u!, uRow, space.order, to.u, to.uRow);
      kernels().takeRows(n, n, v!, vRow, space.order, to.v, to.vRow);
    });
  });
}

/**
 * Diagonalises the n rows from `first` on, which are n + 1 columns wide: the last row of v spans what they
 * leave out. Returns the order that sorts the values.
 */
function solve(problem: Problem, first: number, n: number): Int32Array {
  const { d, e, u, uRow, v, vRow } = problem;
  if (n <= LEAF) {
    const at = { u: u + first * (uRow + 8), uRow, v: v + first * (vRow + 8), vRow };
    solveBlock(n, d + 8 * first, e + 8 * first, at);
    return ascending(n).reverse();
  }
  const m = n >> 1, middle = first + m;
  const below = doubles(d, middle + 1)[middle]!, above = doubles(e, middle + 2)[middle + 1]!;
  const left = solve(problem, first, m), right = solve(problem, middle + 1, n - m - 1);
  return merge(problem, { first, m, n, below, above }, left, right);
}

/** A block of n rows whose row m, with these two entries, joins those before to those after. */
interface Seam {
  readonly first: number;
  readonly m: number;
  readonly n: number;
  readonly below: number;
  readonly above: number;
}

/** Joins two halves and the row between them. */
function merge(
  { d, u, uRow, v, vRow, space }: Problem,
  { first, m, n, below, above }: Seam,
  left: Int32Array,
  right: Int32Array,
): Int32Array {
  u += first * (uRow + 8);
  v += first * (vRow + 8);
  d += 8 * first;
  const stored = doubles(d, n);
  stored[m] = 0;
  doubles(u + m * (uRow + 8), 1)[0] = 1;
  const largest = Math.max(Math.abs(below), Math.abs(above), kernels().largestMagnitude(n, d));
  if (largest === 0) return ascending(n);
  const scale = exponent(largest), [f1, f2] = powerOfTwo(-scale), [g1, g2] = powerOfTwo(scale);
  const values = doubles(space.values, n), order = new Int32Array(n);
  for (let i = 0; i < n; i++) values[i] = stored[i]! * f1 * f2;
  writeWeights(v, vRow, m, n, below * f1 * f2, above * f1 * f2, space.weights);
  // the row in the middle comes first, as the value 0
  const firsts = new Int32Array(m + 1).fill(m, 0, 1);
  firsts.set(left, 1);
  interleave(values, firsts, right.map((i) => i + m + 1), order);
  integers(space.order, n).set(order);
  const { k, found } = update({ n, m: m + 1, u, uRow, v, vRow }, space);
  const results = doubles(d, n);
  for (let i = 0; i < n; i++) results[i] = found[i]! * g1 * g2;
  return orderOf(found, k);
}

/**
 * The row in the middle in terms of the rows of v. Of what either half leaves out, a rotation gives all weight
 * to row m, and the last row stays left out.
 */
function writeWeights(
  v: Address,
  row: number,
  m: number,
  n: number,
  below: number,
  above: number,
  to: Address,
): void {
  kernels().transpose_f64(m, 1, v + 8 * m, row, to, 0);
  kernels().transpose_f64(n - m, 1, v + m * row + 8 * (m + 1), row, to + 8 * m, 0);
  const weights = doubles(to, n);
  for (let i = 0; i < m; i++) weights[i]! *= below;
  for (let i = m + 1; i < n; i++) weights[i]! *= above;
  const stride = row / 8, entries = doubles(v, (n + 1) * stride);
  const x = below * entries[m * stride + m]!, y = above * entries[n * stride + m + 1]!;
  const { c, s, r } = rotation(x, y), own = m * stride, last = n * stride;
  for (let j = 0; j <= m; j++) {
    const value = entries[own + j]!;
    entries[own + j] = c * value;
    entries[last + j] = -s * value;
  }
  for (let j = m + 1; j <= n; j++) {
    const value = entries[last + j]!;
    entries[own + j] = s * value;
    entries[last + j] = c * value;
  }
  weights[m] = Math.max(r, 2 * LEAST);
}

/** Rows of u [n, n] and v [n, n + 1], of which the first m are zero from column m on, the others before. */
interface Halves extends SingularVectors {
  readonly n: number;
  readonly m: number;
}

/**
 * The rows of u and v become singular vectors of the whole, in the order of the values that are returned:
 * first the k that the row in the middle changes, by ascending value, then those that are settled.
 */
function update(
  { n, m, u, uRow, v, vRow }: Halves,
  space: Space,
): { k: number; found: Float64Array } {
  const { values, weights, order, rows, place, kind, counts } = space;
  kernels().deflate(
    ...[n, m, 1, values, weights, order, n + 1, v, vRow, n, u, uRow, 1, rows, place] as const,
    ...[kind, counts] as const,
  );
  const [k, left, full] = integers(counts, 3) as unknown as [number, number, number];
  const found = solveArrowhead(k, space);
  multiply({ z: v, row: vRow, m, n, columns: n + 1 }, k, left, full, space);
  const pinned = integers(place, 1)[0]!, weight = doubles(space.byRow, k)[pinned]!;
  doubles(space.room, k).set(found);
  kernels().secularPartners(
    ...[k, space.grouped, pinned, weight, space.room, space.vectors, rowBytes(k)] as const,
  );
  multiply({ z: u, row: uRow, m, n, columns: n }, k, left, full, space);
  const all = new Float64Array(n), old = doubles(values, n), at = integers(rows, n);
  all.set(found);
  for (let i = k; i < n; i++) all[i] = old[at[i]!]!;
  return { k, found: all };
}

/** Singular values, ascending; the right vectors as rows whose entries are in the order of `rows`. */
function solveArrowhead(k: number, space: Space): Float64Array {
  const { values, weights, order, rows, place, poles, byValue, byRow, tau, origin } = space;
  if (k > 1) {
    const next = doubles(values + 8 * integers(order, 2)[1]!, 1);
    next[0] = Math.max(next[0]!, LEAST);
  }
  kernels().take_f64(k, values, order, poles);
  kernels().take_f64(k, weights, order, byValue);
  square(k, poles, poles);
  findRoots(k, 1, space, "singular values");
  kernels().take_f64(k, values, rows, space.grouped);
  kernels().take_f64(k, weights, rows, byRow);
  square(k, space.grouped, space.squares);
  const { vectors, room } = space, row = rowBytes(k);
  kernels().secularWeights(k, space.squares, place, tau, origin, byRow, room, vectors, row);
  kernels().secularVectors(k, byRow, vectors, row);
  const squares = doubles(poles, k), distances = doubles(tau, k), from = integers(origin, k);
  return Float64Array.from({ length: k }, (_, i) => Math.sqrt(squares[from[i]!]! + distances[i]!));
}

function square(k: number, from: Address, to: Address): void {
  const x = doubles(from, k), y = doubles(to, k);
  for (let i = 0; i < k; i++) y[i] = x[i]! * x[i]!;
}
