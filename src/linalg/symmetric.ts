import { type Address, doubles, kernels } from "../kernels/mod.ts";
import { type Matrix, requireFinite } from "./matrix.ts";
import { exponent, powerOfTwo } from "./scale.ts";

/** Asymmetry taken for rounding: that of a matrix computed as a product of matrices of its size. */
function tolerance(n: number, largest: number): number {
  return 16 * Math.max(16, n) * Number.EPSILON * largest;
}

/**
 * The exponent k for which the largest entry of A·2ᵏ lies in [1, 2).
 *
 * @throws {TypeError} when A is not square.
 * @throws {RangeError} when an entry is not finite.
 */
export function symmetricExponent(a: Matrix): number {
  if (a.rows !== a.columns) {
    throw new TypeError(
      `Cannot take eigenvalues of [${a.rows}, ${a.columns}]: the matrix must be square; use eigh(AᵀA) or qr(A) for others`,
    );
  }
  return -exponent(requireFinite(a, "Cannot take eigenvalues of"));
}

/**
 * Writes (A + Aᵀ)/2 · 2ᵏ to working memory, rows `row` bytes apart.
 *
 * @throws {RangeError} when A is not symmetric beyond rounding.
 */
export function writeSymmetric(a: Matrix, k: number, at: Address, row: number): void {
  const { rows: n, data } = a, stride = row / 8;
  const view = doubles(at, n * stride);
  for (let i = 0; i < n; i++) view.set(data.subarray(i * n, (i + 1) * n), i * stride);
  const worst = kernels().symmetrise(n, at, row, ...powerOfTwo(k - 1));
  if (worst > tolerance(n, 2) / powerOfTwo(k)[0] / powerOfTwo(k)[1]) refuse(a, worst);
}

/** Names the entries that differ most across the diagonal. */
function refuse({ rows: n, data }: Matrix, worst: number): never {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      const x = data[i * n + j]!, y = data[j * n + i]!;
      if (Math.abs(x - y) < worst) continue;
      throw new RangeError(
        `Cannot take eigenvalues: the matrix is not symmetric, entry (${i}, ${j}) is ${x} and entry (${j}, ${i}) is ${y}; average it with its transpose`,
      );
    }
  }
  throw new RangeError("Cannot take eigenvalues: the matrix is not symmetric");
}
