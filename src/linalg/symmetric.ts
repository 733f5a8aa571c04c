import { type Address, doubles, kernels, withBlocks } from "../kernels/mod.ts";
import { type Matrix, requireFinite } from "./matrix.ts";
import { exponent, powerOfTwo } from "./scale.ts";

/** Asymmetry taken for rounding: that of a matrix computed as a product of matrices of its size. */
function tolerance(n: number, largest: number): number {
  return 16 * Math.max(16, n) * Number.EPSILON * largest;
}

/**
 * Writes (A + Aᵀ)/2 · 2ᵏ to working memory, rows `row` bytes apart, and returns k: the exponent for which the
 * largest entry of A·2ᵏ lies in [1, 2).
 *
 * @throws {TypeError} when A is not square.
 * @throws {RangeError} when an entry is not finite, or A is not symmetric beyond rounding.
 */
export function writeSymmetric(a: Matrix, at: Address, row: number): number {
  const { rows: n, columns, data } = a, action = "Cannot take eigenvalues of";
  if (n !== columns) {
    throw new TypeError(
      `${action} [${n}, ${columns}]: the matrix must be square; use eigh(AᵀA) or qr(A) for others`,
    );
  }
  if (data.length !== n * n) requireFinite(a, action);
  return withBlocks([data.byteLength], (plain) => {
    doubles(plain!, data.length).set(data);
    let largest = kernels().largestMagnitude(data.length, plain!);
    if (!(largest < Infinity)) largest = requireFinite(a, action);
    const k = -exponent(largest);
    const worst = kernels().symmetrise(n, plain!, n * 8, ...powerOfTwo(k - 1), at, row);
    if (worst > tolerance(n, 2) / powerOfTwo(k)[0] / powerOfTwo(k)[1]) refuse(a, worst);
    return k;
  });
}

/** Names the entries that differ most across the diagonal. */
function refuse({ rows: n, data }: Matrix, worst: number): never {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      const x = data[i * n + j]!, y = data[j * n + i]!;
      if (Math.abs(x - y) >= worst) refuseEntry("Cannot take eigenvalues", i, j, x, y);
    }
  }
  throw new RangeError("Cannot take eigenvalues: the matrix is not symmetric");
}

function refuseEntry(action: string, i: number, j: number, x: number, y: number): never {
  throw new RangeError(
    `${action}: the matrix is not symmetric, entry (${i}, ${j}) is ${x} and entry (${j}, ${i}) is ${y}; average it with its transpose`,
  );
}

/**
 * Asserts that A is symmetric to within rounding, entry by entry, beside diagonal entries of about
 * 2^(2·halfᵢ).
 *
 * @throws {TypeError} when A is not square.
 * @throws {RangeError} when A is not symmetric.
 */
export function requireSymmetric(a: Matrix, action: string, halves: Int32Array): void {
  const { rows: n, columns, data } = a;
  if (n !== columns) {
    throw new TypeError(`${action} of [${n}, ${columns}]: the matrix must be square`);
  }
  const allowed = tolerance(n, 4), factors = Array.from(halves, (k) => powerOfTwo(-k));
  for (let i = 0; i < n; i++) {
    const [f1, f2] = factors[i]!;
    for (let j = 0; j < i; j++) {
      const [g1, g2] = factors[j]!, x = data[i * n + j]!, y = data[j * n + i]!;
      if (x === y || Math.abs(x * f1 * g1 * f2 * g2 - y * f1 * g1 * f2 * g2) <= allowed) continue;
      refuseEntry(action, i, j, x, y);
    }
  }
}
