import { type Address, doubles, kernels, product, withBlocks } from "../kernels/mod.ts";
import { decompose } from "./bidiagonal.ts";
import { applyReflectors, factorise, type Reflectors, withReflectors } from "./householder.ts";
import { type Matrix, requireFinite } from "./matrix.ts";
import { rowBytes } from "./reflectors.ts";
import { exponent, powerOfTwo, unscale } from "./scale.ts";
import { deviation } from "./triangle.ts";

/** The thin singular value decomposition of a matrix [m, n], k = min(m, n), and how far it is from exact. */
export interface Svd {
  /** Left singular vectors [m, k], of length 1: column j belongs to `values[j]`. */
  readonly u: Matrix;
  /** Singular values [k], descending, none negative, in the unit of the matrix. */
  readonly values: Float64Array;
  /** Right singular vectors [n, k], of length 1: column j belongs to `values[j]`. */
  readonly v: Matrix;
  /** Largest ‖A·v − σ·u‖₂ (‖Aᵀ·u − σ·v‖₂ if m < n) of all triplets, divided by ‖A‖₂; dimensionless. */
  readonly residual: number;
  /** Largest entry of |UᵀU − I| and |VᵀV − I|; dimensionless. */
  readonly orthogonality: number;
}

/** From this ratio of sides on, QR first saves time (Chan, 1982). */
const TALL = 1.5;

/**
 * A = U·diag(σ)·Vᵀ for a matrix [m, n] of any shape and rank.
 *
 * In every column of U the entry of largest magnitude is positive (of entries equal to within 2⁻³², the
 * first). Singular vectors of equal values are one basis of many. Singular values are wrong by a few
 * roundings of the largest one: nothing is squared. `residual` and `orthogonality` are measured, not
 * estimated.
 *
 * QR first where A is long, Householder bidiagonalisation, then divide and conquer down to a few rows, which
 * implicit QR solves (Golub and Van Loan, Matrix Computations, 8.6; Gu and Eisenstat, 1995; Demmel and Kahan,
 * 1990).
 *
 * @throws {RangeError} when an entry is not finite, or a singular value exceeds the largest f64.
 * @throws {ConvergenceError} when the iteration does not end, which no finite matrix is known to cause.
 * @example
 * ```ts
 * import { fromRows, svd } from "@odot/odot/linalg";
 * const { values, residual } = svd(fromRows([[3, 0], [4, 0], [0, 2]]));
 * console.log(values.map((x) => Math.round(x)).join()); // "5,2"
 * console.log(residual < 1e-15); // true
 * ```
 */
export function svd(a: Matrix): Svd {
  const wide = a.rows < a.columns;
  const [m, n] = wide ? [a.columns, a.rows] : [a.rows, a.columns];
  const mRow = rowBytes(m), nRow = rowBytes(n);
  return withBlocks([n * mRow, n * mRow, n * nRow, n * 8], (columns, p, w, d) => {
    const k = writeColumns(a, wide, columns!, mRow);
    if (n > 0) {
      if (m >= TALL * n) decomposeTall(m, n, columns!, p!, mRow, w!, nRow, d!);
      else decomposeShort(m, n, columns!, p!, mRow, w!, nRow, d!);
    }
    if (wide) kernels().orientRows(n, n, w!, nRow, m, p!, mRow);
    else kernels().orientRows(n, m, p!, mRow, n, w!, nRow);
    const errors = measure(m, n, columns!, p!, mRow, w!, nRow, d!);
    const long = readColumns(n, m, p!, mRow), short = readColumns(n, n, w!, nRow);
    const [u, v] = wide ? [short, long] : [long, short];
    return { u, values: unscale(doubles(d!, n), k, "singular values"), v, ...errors };
  });
}

/**
 * A·2ᵏ, or its transpose if it is wide, column by column: rows [n, m] with m ≥ n. Returns k, with which the
 * largest entry lies in [1, 2).
 */
function writeColumns(a: Matrix, wide: boolean, at: Address, row: number): number {
  const { rows, columns, data } = a, action = "Cannot take singular values of";
  if (data.length !== rows * columns) requireFinite(a, action);
  const [n, m] = wide ? [rows, columns] : [columns, rows];
  return withBlocks([data.byteLength, 8 * n], (plain, factors) => {
    doubles(plain!, data.length).set(data);
    let largest = kernels().largestMagnitude(data.length, plain!);
    if (!(largest < Infinity)) largest = requireFinite(a, action);
    const k = -exponent(largest);
    if (wide) {
      for (let i = 0; i < n; i++) doubles(at + i * row, m).set(doubles(plain! + 8 * i * m, m));
    } else kernels().transpose_f64(rows, columns, plain!, columns * 8, at, row);
    // one after the other: their product may not be a number
    for (const factor of powerOfTwo(k)) {
      if (factor === 1) continue;
      doubles(factors!, n).fill(factor);
      kernels().scaleRows(n, m, 1, at, row, factors!);
    }
    return k;
  });
}

/** Triplets of a matrix that is not much longer than wide. */
function decomposeShort(
  m: number,
  n: number,
  columns: Address,
  u: Address,
  uRow: number,
  v: Address,
  vRow: number,
  d: Address,
): void {
  withBlocks([m * vRow], (a) => {
    kernels().transpose_f64(n, m, columns, uRow, a!, vRow);
    decompose({ m, n, a: a!, row: vRow, u, uRow, v, vRow, d });
  });
}

/** Triplets of Q·R from those of R: the left vectors are multiplied by Q. */
function decomposeTall(
  m: number,
  n: number,
  columns: Address,
  u: Address,
  uRow: number,
  v: Address,
  vRow: number,
  d: Address,
): void {
  withReflectors(n, m, (reflectors) => {
    withBlocks([n * vRow], (r) => {
      triangularise(m, n, columns, uRow, r!, vRow, reflectors);
      decompose({ m: n, n, a: r!, row: vRow, u, uRow, v, vRow, d });
    });
    applyReflectors(reflectors, { m: n, at: u, row: uRow, filled: n });
  });
}

/** R [n, n] of the columns, and the reflectors of Q. */
function triangularise(
  m: number,
  n: number,
  columns: Address,
  uRow: number,
  r: Address,
  vRow: number,
  reflectors: Reflectors,
): void {
  withBlocks([n * uRow, n * 8], (w, diagonal) => {
    doubles(w!, n * uRow / 8).set(doubles(columns, n * uRow / 8));
    factorise(n, w!, uRow, diagonal!, reflectors);
    kernels().transpose_f64(n, n, w!, uRow, r, vRow);
    const stride = vRow / 8, entries = doubles(r, n * stride), pivots = doubles(diagonal!, n);
    for (let i = 0; i < n; i++) {
      entries.fill(0, i * stride, i * stride + i);
      entries[i * stride + i] = pivots[i]!;
    }
  });
}

/** How far the rows of u and v and the values d are from singular triplets of the columns. */
function measure(
  m: number,
  n: number,
  columns: Address,
  u: Address,
  uRow: number,
  v: Address,
  vRow: number,
  d: Address,
): Pick<Svd, "residual" | "orthogonality"> {
  return withBlocks([n * uRow], (p) => {
    product({
      ...{ type: "f64", form: "NN", m: n, n: m, k: n },
      ...{ a: v, aRow: vRow, b: columns, bRow: uRow, c: p!, cRow: uRow },
    });
    const worst = kernels().worstResidual(n, m, p!, u, uRow, d);
    return {
      residual: worst === 0 ? 0 : worst / doubles(d, n)[0]!,
      orthogonality: Math.max(
        deviation(n, m, u, uRow).largest,
        deviation(n, n, v, vRow).largest,
      ),
    };
  });
}

/** The matrix [m, n] whose columns are the rows [n, m] at an address. */
function readColumns(n: number, m: number, at: Address, row: number): Matrix {
  return withBlocks([m * n * 8], (out) => {
    kernels().transpose_f64(n, m, at, row, out!, n * 8);
    return { rows: m, columns: n, data: doubles(out!, m * n).slice() };
  });
}
