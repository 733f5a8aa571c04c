import { type Address, doubles } from "../kernels/mod.ts";
import { type Matrix, requireFinite } from "./matrix.ts";
import { exponent, powerOfTwo } from "./scale.ts";

/** Entries across the diagonal lie in other cache lines: work goes in tiles of this many rows. */
const TILE = 16;

/** Asymmetry taken for rounding: that of a matrix computed as a product of matrices of its size. */
function tolerance(n: number, largest: number): number {
  return 16 * Math.max(16, n) * Number.EPSILON * largest;
}

/**
 * The exponent of two that brings the largest entry of the symmetric A to [1, 2).
 *
 * @throws {TypeError} when A is not square.
 * @throws {RangeError} when an entry is not finite, or A is not symmetric beyond rounding.
 */
export function symmetricExponent(a: Matrix): number {
  const { rows: n, data } = a;
  if (n !== a.columns) {
    throw new TypeError(
      `Cannot take eigenvalues of [${n}, ${a.columns}]: the matrix must be square; use eigh(AᵀA) or qr(A) for others`,
    );
  }
  const largest = requireFinite(a, "Cannot take eigenvalues of");
  const allowed = tolerance(n, largest);
  for (let i0 = 0; i0 < n; i0 += TILE) {
    for (let j0 = 0; j0 <= i0; j0 += TILE) {
      for (let i = i0, end = Math.min(n, i0 + TILE); i < end; i++) {
        const last = Math.min(i, j0 + TILE);
        for (let j = j0, p = i * n + j0, q = j0 * n + i; j < last; j++, p++, q += n) {
          if (Math.abs(data[p]! - data[q]!) > allowed) refuse(i, j, data[p]!, data[q]!);
        }
      }
    }
  }
  return -exponent(largest);
}

function refuse(i: number, j: number, x: number, y: number): never {
  throw new RangeError(
    `Cannot take eigenvalues: the matrix is not symmetric, entry (${i}, ${j}) is ${x} and entry (${j}, ${i}) is ${y}; average it with its transpose`,
  );
}

/** Writes (A + Aᵀ)/2 · 2ᵏ to working memory, rows `row` bytes apart. */
export function writeSymmetric(
  { rows: n, data }: Matrix,
  k: number,
  at: Address,
  row: number,
): void {
  const stride = row / 8;
  const view = doubles(at, n * stride);
  const [f1, f2] = powerOfTwo(k - 1);
  for (let i0 = 0; i0 < n; i0 += TILE) {
    for (let j0 = 0; j0 <= i0; j0 += TILE) {
      for (let i = i0, end = Math.min(n, i0 + TILE); i < end; i++) {
        const last = Math.min(i, j0 + TILE - 1);
        for (let j = j0, p = i * n + j0, q = j0 * n + i; j <= last; j++, p++, q += n) {
          const x = data[p]! * f1 * f2 + data[q]! * f1 * f2;
          view[i * stride + j] = x;
          view[j * stride + i] = x;
        }
      }
    }
  }
}
