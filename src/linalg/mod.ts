/**
 * Dense linear algebra in f64: products, QR, and the eigenvalues of symmetric matrices. Every
 * factorisation says how far it is from exact.
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
export { ConvergenceError } from "./errors.ts";
export { frobeniusNorm, fromRows, identity, matmul, matrix, transpose } from "./matrix.ts";
export type { Matrix } from "./matrix.ts";
export { eigh } from "./eigh.ts";
export type { Eigh } from "./eigh.ts";
export { qr } from "./qr.ts";
export type { Qr } from "./qr.ts";
