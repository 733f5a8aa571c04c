import { type Address, doubles, kernels, withBlocks } from "../kernels/mod.ts";
import { divideAndConquer } from "./divide.ts";
import type { Matrix } from "./matrix.ts";
import { rowBytes } from "./reflectors.ts";
import { unscale } from "./scale.ts";
import { deviation, reconstructionError } from "./triangle.ts";
import { writeSymmetric } from "./symmetric.ts";

/** Eigenvalues and eigenvectors of a symmetric matrix, and how far they are from exact. */
export interface Eigh {
  /** Eigenvalues [n], ascending, in the unit of the matrix. */
  readonly values: Float64Array;
  /** Eigenvectors [n, n], of length 1: column j belongs to `values[j]`. */
  readonly vectors: Matrix;
  /**
   * No ‖A·v − λ·v‖₂ is larger, divided by max |λ| = ‖A‖₂: ‖A − V·diag(λ)·Vᵀ‖_F / ‖A‖₂ + ‖VᵀV − I‖_F, every
   * entry computed; dimensionless.
   */
  readonly residual: number;
  /** Largest entry of |VᵀV − I|; dimensionless. */
  readonly orthogonality: number;
}

/**
 * All eigenvalues and eigenvectors of a symmetric matrix [n, n].
 *
 * Asymmetry as small as rounding makes it is averaged away. In every vector the entry of largest
 * magnitude is positive (of entries equal to within 2⁻³², the first). Vectors of equal eigenvalues
 * are one basis of many: compare the projectors they span, never the vectors. `residual` and
 * `orthogonality` are measured, not estimated, against the averaged matrix.
 *
 * Householder tridiagonalisation, then divide and conquer down to a few rows, which implicit QL solves
 * (Parlett, The Symmetric Eigenvalue Problem; Golub and Van Loan, Matrix Computations, 8.3; Gu and
 * Eisenstat, 1995). Errors are a few roundings of the largest eigenvalue.
 *
 * @throws {TypeError} when the matrix is not square.
 * @throws {RangeError} when an entry is not finite, the matrix is not symmetric beyond rounding, or an
 * eigenvalue exceeds the largest f64.
 * @throws {ConvergenceError} when the iteration does not end, which no finite matrix is known to cause.
 * @example
 * ```ts
 * import { eigh, fromRows } from "@odot/odot/linalg";
 * const { values, residual } = eigh(fromRows([[2, 1], [1, 2]]));
 * console.log(values.map((x) => Math.round(x)).join()); // "1,3"
 * console.log(residual < 1e-15); // true
 * ```
 */
export function eigh(a: Matrix): Eigh {
  const n = a.rows, row = rowBytes(n);
  return withBlocks([n * row, n * row, n * row, n * 32], (exact, work, z, d) => {
    const e = d! + 8 * n, tau = e + 8 * n, spare = tau + 8 * n;
    const k = writeSymmetric(a, exact!, row);
    doubles(work!, n * row / 8).set(doubles(exact!, n * row / 8));
    kernels().tridiagonalise(n, work!, row, d!, e, tau, spare);
    divideAndConquer(n, d!, e, z!, row, { vectors: work!, tau, spare });
    kernels().orientRows(n, n, z!, row, 0, z!, 0);
    kernels().transpose_f64(n, n, z!, row, work!, n * 8);
    const errors = measure(n, exact!, z!, row, work!, d!);
    const vectors = { rows: n, columns: n, data: doubles(work!, n * n).slice() };
    return { values: unscale(doubles(d!, n), k, "eigenvalues"), vectors, ...errors };
  });
}

/** How far V, the rows of z, and the values d are from eigenpairs of `exact`; uses up `exact` and z. */
function measure(
  n: number,
  exact: Address,
  z: Address,
  row: number,
  v: Address,
  d: Address,
): Pick<Eigh, "residual" | "orthogonality"> {
  const values = doubles(d, n);
  const norm = n === 0 ? 0 : Math.max(Math.abs(values[0]!), Math.abs(values[n - 1]!));
  const { largest, norm: deviates } = deviation(n, n, z, row);
  const error = reconstructionError(n, exact, row, v, n * 8, z, d);
  // A·V − V·Λ = (A − VΛVᵀ)·V + VΛ·(VᵀV − I), and columns of V have length 1
  return { residual: (error === 0 ? 0 : error / norm) + deviates, orthogonality: largest };
}
