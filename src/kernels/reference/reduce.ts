import type { Doubles, Floats } from "./arrays.ts";

// Sums in f64; the kernels sum in f32, in an order that the length alone decides.

/** Σ xᵢ */
export function sum(x: Floats): number {
  let total = 0;
  for (const value of x) total += value;
  return total;
}

/** Σ xᵢ·yᵢ */
export function dot(x: Floats, y: Floats): number {
  let total = 0;
  for (let i = 0; i < x.length; i++) total += x[i]! * y[i]!;
  return total;
}

/** start [n] (zeros unless given) plus the sum of the rows of x [m, n] */
export function sumRows(
  m: number,
  n: number,
  x: Floats,
  start?: Floats,
): Doubles {
  const y = new Float64Array(n);
  if (start) y.set(start);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) y[j]! += x[i * n + j]!;
  }
  return y;
}

/**
 * Index [m] of the largest number of every row of x [m, n], the first of equals; −1 for a row that
 * holds a NaN or nothing.
 */
export function argmaxRows(m: number, n: number, x: Floats): Int32Array<ArrayBuffer> {
  return Int32Array.from({ length: m }, (_, i) => {
    const row = x.subarray(i * n, (i + 1) * n);
    return row.indexOf(Math.max(...row));
  });
}

/** Index of the first number that is infinite or NaN, or the length. */
export function firstNotFinite(x: Floats): number {
  const found = x.findIndex((value) => !Number.isFinite(value));
  return found < 0 ? x.length : found;
}
