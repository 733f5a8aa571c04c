/**
 * Linear algebra in f64: products, QR, Cholesky, singular values, the eigenvalues of symmetric matrices,
 * all of them or the most important ones, and least squares. Every result says how far it is from exact.
 *
 * @example
 * ```ts
 * import { eigh, fromRows, matmul } from "@odot/odot/linalg";
 *
 * const a = fromRows([[2, 1], [1, 2]]);
 * const { values, vectors, residual } = eigh(a);
 * console.log(values, matmul(a, vectors), residual);
 * ```
 *
 * @module
 */
export { ConvergenceError, NotPositiveDefiniteError } from "./errors.ts";
export { frobeniusNorm, fromRows, identity, matmul, matrix, transpose } from "./matrix.ts";
export type { Matrix } from "./matrix.ts";
export { eigh } from "./eigh.ts";
export type { Eigh } from "./eigh.ts";
export { qr } from "./qr.ts";
export type { Qr } from "./qr.ts";
export { cholesky } from "./cholesky.ts";
export type { Cholesky } from "./cholesky.ts";
export { svd } from "./svd.ts";
export type { Svd } from "./svd.ts";
export { eighTop } from "./eigh_top.ts";
export type { EighTop, EighTopOptions, Wanted } from "./eigh_top.ts";
export type { SymmetricOperator } from "./operator.ts";
export { solveSymmetric, solveTriangular } from "./solve.ts";
export type { Solution, TriangularForm } from "./solve.ts";
export { leastSquares } from "./least_squares.ts";
export type { LeastSquares, LeastSquaresOptions } from "./least_squares.ts";
export { exponent, powerOfTwo } from "./scale.ts";
