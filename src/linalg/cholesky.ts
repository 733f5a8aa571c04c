import { type Address, doubles, kernels, product, withBlocks } from "../kernels/mod.ts";
import { NotPositiveDefiniteError } from "./errors.ts";
import { type Matrix, matrix, requireFinite } from "./matrix.ts";
import { rowBytes } from "./reflectors.ts";
import { exponent, powerOfTwo } from "./scale.ts";
import { requireSymmetric } from "./symmetric.ts";

/** The Cholesky factor of a symmetric positive definite matrix [n, n], and how far it is from exact. */
export interface Cholesky {
  /** L [n, n], zero above its diagonal, which is positive: A = L·Lᵀ. */
  readonly l: Matrix;
  /** Largest |aᵢⱼ − (L·Lᵀ)ᵢⱼ| / √(aᵢᵢ·aⱼⱼ); dimensionless. */
  readonly residual: number;
}

/** Columns that are factorised before a matrix product takes them from the rest. */
const BLOCK = 48;

/**
 * A = L·Lᵀ for a symmetric positive definite matrix [n, n].
 *
 * Asymmetry as small as rounding makes it is averaged away. Rows and columns are scaled by powers of two
 * to a diagonal of about 1 first, so they may differ by any factor. `residual` is measured, not estimated.
 *
 * Golub and Van Loan, Matrix Computations, 4.2, in blocks.
 *
 * @throws {TypeError} when the matrix is not square.
 * @throws {RangeError} when an entry is not finite, or the matrix is not symmetric beyond rounding.
 * @throws {NotPositiveDefiniteError} when it is not positive definite, to within rounding.
 * @example
 * ```ts
 * import { cholesky, fromRows } from "@odot/odot/linalg";
 * const { l } = cholesky(fromRows([[4, 2], [2, 5]]));
 * console.log(l.data.join()); // "2,0,1,2"
 * ```
 */
export function cholesky(a: Matrix): Cholesky {
  const n = a.rows, row = rowBytes(n), action = "Cannot take the Cholesky factor";
  requireFinite(a, `${action} of`);
  const halves = halfExponents(a);
  requireSymmetric(a, action, halves);
  return withBlocks([n * row, n * row], (exact, l) => {
    writeScaled(a, halves, exact!, row);
    doubles(l!, n * row / 8).set(doubles(exact!, n * row / 8));
    factorise(n, l!, row);
    clearUpper(n, l!, row);
    return { l: readFactor(n, halves, l!, row), residual: measure(n, exact!, l!, row) };
  });
}

/** Exponents k for which aᵢᵢ·2^(−2·kᵢ) lies in [1, 4). */
function halfExponents({ rows: n, columns, data }: Matrix): Int32Array {
  const halves = new Int32Array(n);
  for (let i = 0; i < Math.min(n, columns); i++) {
    const pivot = data[i * columns + i]!;
    if (!(pivot > 0)) refuse(n, i, pivot);
    halves[i] = Math.floor(exponent(pivot) / 2);
  }
  return halves;
}

function refuse(n: number, pivot: number, value: number): never {
  throw new NotPositiveDefiniteError(
    `Cannot take the Cholesky factor of [${n}, ${n}]: the matrix is not positive definite, pivot ${pivot} is ${value}, not above 0; add a multiple of the identity, or use eigh()`,
    pivot,
  );
}

/** The lower triangle of the averaged, scaled A. */
function writeScaled(
  { rows: n, data }: Matrix,
  halves: Int32Array,
  at: Address,
  row: number,
): void {
  const factors = Array.from(halves, (k) => powerOfTwo(-k)), stride = row / 8;
  const to = doubles(at, n * stride).fill(0);
  for (let i = 0; i < n; i++) {
    const [f1, f2] = factors[i]!;
    for (let j = 0; j <= i; j++) {
      const [g1, g2] = factors[j]!;
      const x = data[i * n + j]!, y = data[j * n + i]!;
      to[i * stride + j] = (x * f1 * g1 * f2 * g2 + y * f1 * g1 * f2 * g2) / 2;
    }
  }
}

/** The lower triangle of A, rows `row` bytes apart, becomes L. */
function factorise(n: number, a: Address, row: number): void {
  for (let first = 0; first < n; first += BLOCK) {
    const k = Math.min(BLOCK, n - first),
      rest = n - first - k,
      corner = a + first * row + first * 8;
    const failed = kernels().choleskyPanel(rest + k, k, corner, row);
    if (failed >= 0) {
      const pivot = first + failed, entries = doubles(a + pivot * row + first * 8, failed + 1);
      const sum = entries.subarray(0, failed).reduce((total, x) => total + x * x, 0);
      refuse(n, pivot, entries[failed]! - sum);
    }
    if (rest > 0) reduce(rest, k, corner + k * row, row);
  }
}

/** The lower triangle to the right of the panel P [m, k] −= P·Pᵀ, a block of rows at a time. */
function reduce(m: number, k: number, panel: Address, row: number): void {
  withBlocks([m * k * 8], (negative) => {
    const to = doubles(negative!, m * k);
    for (let i = 0; i < m; i++) {
      const from = doubles(panel + i * row, k);
      for (let j = 0; j < k; j++) to[i * k + j] = -from[j]!;
    }
    for (let i = 0; i < m; i += BLOCK) {
      const size = Math.min(BLOCK, m - i), rows = panel + i * row;
      product({
        ...{ type: "f64", form: "NT", m: size, n: i + size, k, accumulate: true },
        ...{ a: negative! + i * k * 8, b: panel, bRow: row, c: rows + k * 8, cRow: row },
      });
    }
  });
}

/** What lies above the diagonal of L becomes zero: blocks have reached over it. */
function clearUpper(n: number, l: Address, row: number): void {
  for (let i = 0; i < n; i++) doubles(l + i * row, row / 8).fill(0, i + 1);
}

function readFactor(n: number, halves: Int32Array, at: Address, row: number): Matrix {
  const l = matrix(n, n);
  for (let i = 0; i < n; i++) {
    const from = doubles(at + i * row, i + 1), [f1, f2] = powerOfTwo(halves[i]!);
    for (let j = 0; j <= i; j++) l.data[i * n + j] = from[j]! * f1 * f2;
  }
  return l;
}

/** Largest error of an entry, for scaled A and L. */
function measure(n: number, exact: Address, l: Address, row: number): number {
  return withBlocks([BLOCK * row], (p) => {
    const diagonal = Float64Array.from({ length: n }, (_, i) => doubles(exact + i * row, n)[i]!);
    const roots = diagonal.map(Math.sqrt);
    let worst = 0;
    for (let first = 0; first < n; first += BLOCK) {
      const m = Math.min(BLOCK, n - first), width = first + m;
      product({
        ...{ type: "f64", form: "NT", m, n: width, k: width },
        ...{ a: l + first * row, aRow: row, b: l, bRow: row, c: p!, cRow: row },
      });
      for (let i = 0; i < m; i++) {
        const found = doubles(p! + i * row, width),
          wanted = doubles(exact + (first + i) * row, width);
        for (let j = 0; j <= first + i; j++) {
          const error = Math.abs(found[j]! - wanted[j]!) / (roots[first + i]! * roots[j]!);
          if (!(error <= worst)) worst = error;
        }
      }
    }
    return worst;
  });
}
