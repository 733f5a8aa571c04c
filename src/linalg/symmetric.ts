import { type Address, doubles } from "../kernels/mod.ts";
import { largestMagnitude, type Matrix, requireFinite } from "./matrix.ts";
import { exponent, powerOfTwo } from "./scale.ts";

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
  requireFinite(a, "Cannot take eigenvalues of");
  const largest = largestMagnitude(data), allowed = tolerance(n, largest);
  // in blocks: entries across the diagonal lie in other cache lines
  for (let i0 = 0; i0 < n; i0 += 16) {
    for (let j0 = 0; j0 <= i0; j0 += 16) {
      for (let i = i0; i < Math.min(n, i0 + 16); i++) {
        for (let j = j0; j < Math.min(i, j0 + 16); j++) {
          const x = data[i * n + j]!, y = data[j * n + i]!;
          if (Math.abs(x - y) > allowed) refuse(i, j, x, y);
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
  for (let i0 = 0; i0 < n; i0 += 16) {
    for (let j0 = 0; j0 <= i0; j0 += 16) {
      for (let i = i0; i < Math.min(n, i0 + 16); i++) {
        for (let j = j0; j <= Math.min(i, j0 + 15); j++) {
          const x = data[i * n + j]! * f1 * f2 + data[j * n + i]! * f1 * f2;
          view[i * stride + j] = x;
          view[j * stride + i] = x;
        }
      }
    }
  }
}
