import { type Address, doubles, integers, kernels, product, withBlocks } from "../kernels/mod.ts";
import { divideAndConquer } from "./divide.ts";
import { ConvergenceError } from "./errors.ts";
import type { Matrix } from "./matrix.ts";
import { applyBlock, BLOCK, rowBytes, writeIdentity } from "./reflectors.ts";
import { unscale } from "./scale.ts";
import { symmetricExponent, writeSymmetric } from "./symmetric.ts";

/** Eigenvalues and eigenvectors of a symmetric matrix, and how far they are from exact. */
export interface Eigh {
  /** Eigenvalues [n], ascending, in the unit of the matrix. */
  readonly values: Float64Array;
  /** Eigenvectors [n, n], of length 1: column j belongs to `values[j]`. */
  readonly vectors: Matrix;
  /** Largest ‖A·v − λ·v‖₂ of all pairs, divided by max |λ| = ‖A‖₂; dimensionless. */
  readonly residual: number;
  /** Largest entry of |VᵀV − I|; dimensionless. */
  readonly orthogonality: number;
}

/** Rotations that are recorded before they are applied: 256 KiB, which every strip finds in the cache. */
const ROTATIONS = 16384;
/** Matrices of fewer rows are not worth dividing; measured. */
const DIVIDE = 80;
/** Rows of VᵀV that are checked at a time. */
const PANEL = 64;

/**
 * All eigenvalues and eigenvectors of a symmetric matrix [n, n].
 *
 * Asymmetry as small as rounding makes it is averaged away. In every vector the entry of largest
 * magnitude is positive (of entries equal to within 2⁻³², the first). Vectors of equal eigenvalues
 * are one basis of many: compare the projectors they span, never the vectors. `residual` and
 * `orthogonality` are measured, not estimated, against the averaged matrix.
 *
 * Householder tridiagonalisation, then implicit QL, or divide and conquer where the matrix is large
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
  const n = a.rows, k = symmetricExponent(a), row = rowBytes(n);
  return withBlocks([n * row, n * row, n * row, n * 8], (exact, work, z, d) => {
    writeSymmetric(a, k, exact!, row);
    doubles(work!, n * row / 8).set(doubles(exact!, n * row / 8));
    withBlocks([n * 8, n * 8, n * 8], (e, tau, spare) => {
      kernels().tridiagonalise(n, work!, row, d!, e!, tau!, spare!);
      if (n < DIVIDE) {
        formBasis(n, work!, row, tau!, z!);
        diagonalise(n, d!, e!, z!, row);
      } else {
        divideAndConquer(n, d!, e!, z!, row, diagonalise);
        applyBasis(n, work!, row, tau!, z!);
      }
    });
    const errors = measure(n, exact!, z!, d!, work!, row);
    kernels().transpose_f64(n, n, z!, row, work!, n * 8);
    const vectors = { rows: n, columns: n, data: doubles(work!, n * n).slice() };
    return { values: unscale(doubles(d!, n), k, "eigenvalues"), vectors, ...errors };
  });
}

/** z ← z·Qᵀ, from the eigenvectors of the tridiagonal matrix to those of the whole one. */
function applyBasis(n: number, work: Address, row: number, tau: Address, z: Address): void {
  for (let first = 0; first < n; first += BLOCK) {
    const k = Math.min(BLOCK, n - first);
    applyBlock({
      ...{ k, n: first + k, tau: tau + 8 * first, m: n, matrix: z, row, reversed: false },
      ...{ vectors: work + first * row, vectorsRow: row, before: true },
    });
  }
  kernels().orientRows(n, n, z, row, 0, z, 0);
}

/** z = Qᵀ = H₁⋯H₍ₙ₋₁₎ from the reflectors in the rows of `work`; that of row 0 is none, as tau₀ = 0. */
function formBasis(n: number, work: Address, row: number, tau: Address, z: Address): void {
  writeIdentity(n, n, z, row);
  for (let first = 0; first < n; first += BLOCK) {
    const k = Math.min(BLOCK, n - first), length = first + k;
    applyBlock({
      ...{ k, n: length, tau: tau + 8 * first, m: length, matrix: z, row, reversed: false },
      ...{ vectors: work + first * row, vectorsRow: row, before: true },
    });
  }
}

/** QL on d and e; the rows of z become the eigenvectors, in the order of ascending d. */
export function diagonalise(n: number, d: Address, e: Address, z: Address, row: number): void {
  const capacity = Math.max(n, Math.min(ROTATIONS, n * n * 2));
  const strips = Math.ceil(n / 16) * (n + 3) * 128;
  withBlocks([strips, capacity * 8, capacity * 16, 16, n * 4], (s, sweeps, rotations, state, o) => {
    kernels().toStrips(n, n, z, row, s!);
    integers(state!, 3).fill(0);
    let status = 0;
    while (status === 0) {
      status = kernels().qlSweeps(n, d, e, state!, sweeps!, rotations!, capacity);
      kernels().applySweeps(n, n, s!, integers(state!, 3)[2]!, sweeps!, rotations!);
    }
    if (status < 0) {
      const [found, iterations] = integers(state!, 2);
      throw new ConvergenceError(
        `Cannot take eigenvalues: ${found} of ${n} found after ${iterations} sweeps of QL; please report the matrix`,
        iterations!,
      );
    }
    const values = doubles(d, n);
    const order = Int32Array.from(values.keys()).sort((i, j) => values[i]! - values[j]! || i - j);
    integers(o!, n).set(order);
    values.sort();
    kernels().fromStrips(n, n, s!, o!, z, row);
    kernels().orientRows(n, n, z, row, 0, z, 0);
  });
}

/** How far the rows of z and the values d are from eigenpairs of `exact`; p is room for a matrix. */
function measure(
  n: number,
  exact: Address,
  z: Address,
  d: Address,
  p: Address,
  row: number,
): Pick<Eigh, "residual" | "orthogonality"> {
  const common = { type: "f64", aRow: row, bRow: row, cRow: row, c: p } as const;
  product({ ...common, form: "NN", m: n, n, k: n, a: z, b: exact });
  const worst = kernels().worstResidual(n, n, p, z, row, d);
  const values = doubles(d, n);
  const norm = n === 0 ? 0 : Math.max(Math.abs(values[0]!), Math.abs(values[n - 1]!));
  let orthogonality = 0;
  // the upper triangle of VᵀV, panel by panel
  for (let i = 0; i < n; i += PANEL) {
    const [m, rest, rows] = [Math.min(PANEL, n - i), n - i, z + i * row];
    product({ ...common, form: "NT", m, n: rest, k: n, a: rows, b: rows });
    orthogonality = Math.max(orthogonality, kernels().worstDeviation(m, rest, p, row));
  }
  return { residual: worst === 0 ? 0 : worst / norm, orthogonality };
}
