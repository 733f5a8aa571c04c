/** The little linear algebra that the checker needs, by plain loops in f64. */

/** γ_n for f64, doubled: the rounding of computing a bound is paid with the bound. */
export const rounding = (n: number): number => 2 * n * 2 ** -53 / (1 - n * 2 ** -53);
/** ‖v‖. */
export const norm = (v: Float64Array): number => Math.sqrt(v.reduce((sum, x) => sum + x * x, 0));
/** Row r of A [·, width]. */
export const row = (a: Float64Array, width: number, r: number): Float64Array =>
  a.subarray(r * width, (r + 1) * width);

/** a·b. */
export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** A·B of A [m, k] and B [k, n]. */
export function multiply(
  a: ArrayLike<number>,
  b: Float64Array,
  k: number,
  n: number,
): Float64Array {
  const m = a.length / k, result = new Float64Array(m * n);
  for (let i = 0; i < m; i++) {
    for (let l = 0; l < k; l++) {
      const x = a[i * k + l]!;
      for (let j = 0; j < n; j++) result[i * n + j]! += x * b[l * n + j]!;
    }
  }
  return result;
}

/** L with LLᵀ ≽ AAᵀ: the Cholesky factor of AAᵀ, lifted by more than the rounding of both. */
export function liftedFactor(a: Float64Array, columns: number): Float64Array {
  const size = a.length / columns, gram = new Float64Array(size * size);
  let trace = 0;
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      gram[i * size + j] = gram[j * size + i] = dot(row(a, columns, i), row(a, columns, j));
    }
    trace += gram[i * size + i]!;
  }
  const lift = 2 * (rounding(columns + 2) + rounding(size + 2)) * trace + 2 ** -1000;
  for (let i = 0; i < size; i++) gram[i * size + i]! += lift;
  return cholesky(gram, size) ?? gram.fill(NaN);
}

/** L with A = LLᵀ, or undefined where A is not positive definite in floating point. */
export function cholesky(a: Float64Array, n: number): Float64Array | undefined {
  const l = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[i * n + j]!;
      for (let k = 0; k < j; k++) sum -= l[i * n + k]! * l[j * n + k]!;
      if (i === j && !(sum > 0)) return undefined;
      l[i * n + j] = i === j ? Math.sqrt(sum) : sum / l[j * n + j]!;
    }
  }
  return l;
}

/** x with LLᵀx = b. */
export function solve(l: Float64Array, b: Float64Array, n: number): Float64Array {
  const x = b.slice();
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) x[i]! -= l[i * n + k]! * x[k]!;
    x[i]! /= l[i * n + i]!;
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) x[i]! -= l[k * n + i]! * x[k]!;
    x[i]! /= l[i * n + i]!;
  }
  return x;
}
