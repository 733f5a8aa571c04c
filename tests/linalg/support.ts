import { assert, assertEquals } from "@std/assert";
import { type Eigh, frobeniusNorm, matmul, type Matrix, matrix } from "../../src/linalg/mod.ts";
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

/** Every property that holds whatever the matrix; the tolerances are relative to ‖A‖_F. */
export function assertDecomposes(a: Matrix, found: Eigh): void {
  const { values, vectors, residual, orthogonality } = found;
  const n = a.rows, size = frobeniusNorm(a);
  assertEquals([values.length, vectors.rows, vectors.columns], [n, n, n]);
  assert(residual <= allowed(n), `residual ${residual} of size ${n}`);
  assert(orthogonality <= allowed(n), `orthogonality ${orthogonality} of size ${n}`);
  assert(deviation(vectors) <= Math.sqrt(n) * allowed(n));
  const again = matmul(timesDiagonal(vectors, values), vectors, "NT");
  assert(distance(again, a) <= allowed(n) * size, "V diag(λ) Vᵀ differs from A");
  values.forEach((x, i) => assert(i === 0 || values[i - 1]! <= x, "values do not ascend"));
  for (let j = 0; j < n; j++) {
    const column = Float64Array.from({ length: n }, (_, i) => vectors.data[i * n + j]!);
    const largest = Math.max(...column.map(Math.abs));
    assert(column.find((x) => Math.abs(x) >= largest * (1 - 2 ** -32))! > 0, `sign of vector ${j}`);
  }
}
