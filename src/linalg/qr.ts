import { type Address, doubles, kernels, product, withBlocks } from "../kernels/mod.ts";
import { factorise, formBasis, withReflectors } from "./householder.ts";
import { type Matrix, matrix, requireFinite } from "./matrix.ts";
import { rowBytes, writeIdentity } from "./reflectors.ts";
import { exponent, powerOfTwo } from "./scale.ts";
import { deviation } from "./triangle.ts";

/** The thin QR factorisation of a matrix [m, n], k = min(m, n), and how far it is from exact. */
export interface Qr {
  /** Q [m, k], orthonormal columns. */
  readonly q: Matrix;
  /** R [k, n], zero below its diagonal, which is not negative. */
  readonly r: Matrix;
  /** Largest ‖a − Q·r‖₂ / ‖a‖₂ of all columns a of A that are not zero; dimensionless. */
  readonly residual: number;
  /** Largest entry of |QᵀQ − I|; dimensionless. */
  readonly orthogonality: number;
}

/**
 * A = Q·R for a matrix [m, n] of any shape and rank, by Householder reflections.
 *
 * Every column is scaled by a power of two first, so columns may differ by any factor. Where A lacks
 * rank, Q is orthonormal all the same, and R has a (nearly) zero diagonal entry.
 *
 * Golub and Van Loan, Matrix Computations, 5.2, in blocks (Schreiber and Van Loan, 1989).
 *
 * @throws {RangeError} when an entry is not finite, or one of R exceeds the largest f64.
 * @example
 * ```ts
 * import { fromRows, qr } from "@odot/odot/linalg";
 * const { r, orthogonality } = qr(fromRows([[3, 1], [4, 2]]));
 * console.log(Math.round(r.data[0]!)); // 5
 * console.log(orthogonality < 1e-15); // true
 * ```
 */
export function qr(a: Matrix): Qr {
  requireFinite(a, "Cannot factorise");
  const { rows: m, columns: n } = a, k = Math.min(m, n), row = rowBytes(m);
  const exponents = columnExponents(a);
  return withBlocks([n * row, n * row, k * row, k * 8], (w, exact, q, diagonal) => {
    writeColumns(a, exponents, exact!, row);
    doubles(w!, n * row / 8).set(doubles(exact!, n * row / 8));
    writeIdentity(k, m, q!, row);
    withReflectors(k, m, (reflectors) => {
      factorise(n, w!, row, diagonal!, reflectors);
      formBasis(reflectors, q!, row);
    });
    const scaled = readFactor(n, k, w!, row, diagonal!);
    makeDiagonalPositive(m, scaled, q!, row);
    const errors = measure(m, scaled, exact!, q!, row);
    return { q: readBasis(m, k, q!, row), r: unscale(scaled, exponents), ...errors };
  });
}

/** Exponent of two of the largest entry of every column. */
function columnExponents({ rows: m, columns: n, data }: Matrix): Int32Array {
  const largest = new Float64Array(n);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) largest[j] = Math.max(largest[j]!, Math.abs(data[i * n + j]!));
  }
  return Int32Array.from(largest, exponent);
}

/** Writes the scaled columns of A as rows of w. */
function writeColumns(a: Matrix, exponents: Int32Array, w: Address, row: number): void {
  const { rows: m, columns: n, data } = a, factors = Array.from(exponents, (k) => powerOfTwo(-k));
  withBlocks([data.byteLength, 8 * n], (plain, factor) => {
    doubles(plain!, data.length).set(data);
    kernels().transpose_f64(m, n, plain!, 8 * n, w, row);
    for (const half of [0, 1] as const) {
      doubles(factor!, n).set(factors.map((pair) => pair[half]));
      kernels().scaleRows(n, m, 1, w, row, factor!);
    }
  });
}

/** R [k, n] of the scaled columns. */
function readFactor(n: number, k: number, w: Address, row: number, diagonal: Address): Matrix {
  const r = matrix(k, n), stride = row / 8;
  const columns = doubles(w, n * stride), pivots = doubles(diagonal, k);
  for (let j = 0; j < n; j++) {
    for (let i = 0; i < Math.min(j, k); i++) r.data[i * n + j] = columns[j * stride + i]!;
    if (j < k) r.data[j * n + j] = pivots[j]!;
  }
  return r;
}

/** Negates rows of R and Qᵀ together. */
function makeDiagonalPositive(
  m: number,
  { rows: k, columns: n, data }: Matrix,
  q: Address,
  row: number,
): void {
  for (let i = 0; i < k; i++) {
    if (data[i * n + i]! >= 0) continue;
    for (const part of [data.subarray(i * n + i, (i + 1) * n), doubles(q + i * row, m)]) {
      for (let j = 0; j < part.length; j++) part[j] = -part[j]!;
    }
  }
}

/** Errors of the factorisation of the scaled columns in w. */
function measure(
  m: number,
  r: Matrix,
  w: Address,
  q: Address,
  row: number,
): Pick<Qr, "residual" | "orthogonality"> {
  const { rows: k, columns: n } = r;
  return withBlocks([r.data.byteLength, n * row], (rr, p) => {
    doubles(rr!, r.data.length).set(r.data);
    product({ type: "f64", form: "TN", m: n, n: m, k, a: rr!, b: q, bRow: row, c: p!, cRow: row });
    let worst = 0;
    for (let j = 0; j < n; j++) {
      const exact = doubles(w + j * row, m), found = doubles(p! + j * row, m);
      let error = 0, norm = 0;
      for (let i = 0; i < m; i++) {
        const x = exact[i]!, y = x - found[i]!;
        error += y * y;
        norm += x * x;
      }
      if (norm > 0) worst = Math.max(worst, error / norm);
    }
    return { residual: Math.sqrt(worst), orthogonality: deviation(k, m, q, row).largest };
  });
}

/** Q [m, k] from Qᵀ. */
function readBasis(m: number, k: number, q: Address, row: number): Matrix {
  return withBlocks([m * k * 8], (out) => {
    kernels().transpose_f64(k, m, q, row, out!, k * 8);
    return { rows: m, columns: k, data: doubles(out!, m * k).slice() };
  });
}

/** R with its columns in the unit of A. */
function unscale({ rows: k, columns: n, data }: Matrix, exponents: Int32Array): Matrix {
  const factors = Array.from(exponents, (e) => powerOfTwo(e));
  const r = matrix(k, n);
  for (let i = 0; i < k; i++) {
    for (let j = i; j < n; j++) {
      const [f1, f2] = factors[j]!, x = data[i * n + j]! * f1 * f2;
      if (!Number.isFinite(x)) {
        throw new RangeError(
          `Cannot factorise [·, ${n}]: entry (${i}, ${j}) of R exceeds the largest f64; divide the matrix by a power of two`,
        );
      }
      r.data[i * n + j] = x;
    }
  }
  return r;
}
