import { frobeniusNorm, matmul, type Matrix, matrix } from "../../src/linalg/mod.ts";
import { numbers } from "../support/numbers.ts";

/** Sizes that force tails of vectors, strips, tiles and blocks, and several of each. */
export const SIZES: readonly number[] = [
  ...Array.from({ length: 40 }, (_, i) => i + 1),
  64,
  100,
  257,
];

/** Error allowed to a factorisation of size n, relative: ten roundings for each row. */
export function allowed(n: number): number {
  return 10 * Math.max(1, n) * Number.EPSILON;
}

/** A dense matrix [m, n] of numbers in [−1, 1). */
export function dense(m: number, n: number, seed: number): Matrix {
  return matrix(m, n, numbers(seed).doubles(m * n));
}

/** A symmetric matrix [n, n] of numbers in [−1, 1). */
export function symmetric(n: number, seed: number): Matrix {
  const a = dense(n, n, seed);
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) a.data[j * n + i] = a.data[i * n + j]!;
  return a;
}

/** A · factor */
export function scaled(a: Matrix, factor: number): Matrix {
  return { ...a, data: a.data.map((x) => x * factor) };
}

/** ‖A − B‖_F */
export function distance(a: Matrix, b: Matrix): number {
  return frobeniusNorm({ ...a, data: a.data.map((x, i) => x - b.data[i]!) });
}

/** A · diag(values) */
export function timesDiagonal(a: Matrix, values: ArrayLike<number>): Matrix {
  return { ...a, data: a.data.map((x, i) => x * values[i % a.columns]!) };
}

/** ‖QᵀQ − I‖_F */
export function deviation(q: Matrix): number {
  const gram = matmul(q, q, "TN");
  return frobeniusNorm({
    ...gram,
    data: gram.data.map((x, i) => Math.floor(i / q.columns) === i % q.columns ? x - 1 : x),
  });
}
