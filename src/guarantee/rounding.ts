/**
 * Bounds on rounding errors, so that what is computed proves something about what is exact. Higham,
 * Accuracy and Stability of Numerical Algorithms, 2002, chapter 3: a sum of n products, in any order
 * and with or without fused multiply-add, is off by at most γ_n Σ|aᵢ||bᵢ|, γ_n = n·u/(1 − n·u).
 */
import type { Matrix } from "../linalg/mod.ts";

/** Half the distance from 1 to the next f64. */
export const UNIT_F64: number = 2 ** -53;
/** Half the distance from 1 to the next f32. */
export const UNIT_F32: number = 2 ** -24;

/** Factor on computed error bounds: it pays for the rounding in computing them. */
export const SLACK = 1.01;

/** γ_n for a unit roundoff, that of f64 unless said; Infinity where n·u reaches 1. Dimensionless. */
export function gamma(n: number, unit: number = UNIT_F64): number {
  const product = n * unit;
  return product < 1 ? product / (1 - product) : Infinity;
}

/** √Σx², never below the exact value. */
export function normAbove(values: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < values.length; i++) {
    const size = Math.abs(values[i]!);
    // a comparison would lose NaN
    if (!(size <= largest)) largest = size;
  }
  if (largest === 0 || !Number.isFinite(largest)) return largest;
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (values[i]! / largest) ** 2;
  return largest * Math.sqrt(sum) * (1 + gamma(values.length + 8));
}

/** ‖A‖_F, never below the exact value. */
export function frobeniusAbove({ data }: Matrix): number {
  return normAbove(data);
}

/** Lengths of the rows, never below the exact ones [rows]. */
export function rowNormsAbove({ rows, columns, data }: Matrix): Float64Array {
  return Float64Array.from(
    { length: rows },
    (_, r) => normAbove(data.subarray(r * columns, (r + 1) * columns)),
  );
}
