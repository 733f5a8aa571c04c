import { doubles, product, withBlocks } from "../kernels/mod.ts";
import { exponent, powerOfTwo } from "./scale.ts";

/** A matrix of f64 [rows, columns], row by row: a plain object. */
export interface Matrix {
  /** Number of rows, a count. */
  readonly rows: number;
  /** Number of columns, a count. */
  readonly columns: number;
  /** Entries, row by row: entry (i, j) is `data[i * columns + j]`. */
  readonly data: Float64Array;
}

/**
 * A matrix [rows, columns] with a copy of `data`, row by row, or zeros.
 *
 * @throws {RangeError} when a size is no whole number ≥ 0, or `data` has another length.
 * @example
 * ```ts
 * import { matrix } from "@odot/odot/linalg";
 * const a = matrix(2, 3, [1, 2, 3, 4, 5, 6]);
 * console.log(a.data[1 * a.columns + 2]); // 6
 * ```
 */
export function matrix(rows: number, columns: number, data?: ArrayLike<number>): Matrix {
  for (const [name, size] of [["rows", rows], ["columns", columns]] as const) {
    if (!Number.isSafeInteger(size) || size < 0) {
      throw new RangeError(`Cannot make a matrix with ${size} ${name}: give a whole number ≥ 0`);
    }
  }
  if (data && data.length !== rows * columns) {
    throw new RangeError(
      `Cannot make a matrix [${rows}, ${columns}] from ${data.length} numbers: it takes ${
        rows * columns
      }`,
    );
  }
  return { rows, columns, data: data ? Float64Array.from(data) : new Float64Array(rows * columns) };
}

/**
 * The matrix with these rows; none make the matrix [0, 0].
 *
 * @throws {RangeError} when the rows differ in length.
 * @example
 * ```ts
 * import { fromRows } from "@odot/odot/linalg";
 * console.log(fromRows([[2, 1], [1, 2]]).data.join()); // "2,1,1,2"
 * ```
 */
export function fromRows(rows: readonly ArrayLike<number>[]): Matrix {
  const columns = rows[0]?.length ?? 0;
  const result = matrix(rows.length, columns);
  rows.forEach((row, i) => {
    if (row.length !== columns) {
      throw new RangeError(
        `Cannot make a matrix from rows of different length: row 0 has ${columns} entries, row ${i} has ${row.length}`,
      );
    }
    result.data.set(row, i * columns);
  });
  return result;
}

/**
 * The identity [n, n].
 *
 * @throws {RangeError} when n is no whole number ≥ 0.
 */
export function identity(n: number): Matrix {
  const result = matrix(n, n);
  for (let i = 0; i < n; i++) result.data[i * n + i] = 1;
  return result;
}

/** The transpose [columns, rows]. */
export function transpose(a: Matrix): Matrix {
  const { rows, columns, data } = a;
  const result = matrix(columns, rows);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) result.data[j * rows + i] = data[i * columns + j]!;
  }
  return result;
}

/**
 * The product of two matrices: A·B by default, A·Bᵀ for the form "NT", Aᵀ·B for "TN".
 *
 * @throws {TypeError} when the inner sizes differ.
 * @example
 * ```ts
 * import { fromRows, matmul } from "@odot/odot/linalg";
 * const a = fromRows([[1, 2], [3, 4]]);
 * console.log(matmul(a, a, "NT").data.join()); // "5,11,11,25"
 * ```
 */
export function matmul(a: Matrix, b: Matrix, form: "NN" | "NT" | "TN" = "NN"): Matrix {
  const [m, inner] = form === "TN" ? [a.columns, a.rows] : [a.rows, a.columns];
  const [k, n] = form === "NT" ? [b.columns, b.rows] : [b.rows, b.columns];
  if (inner !== k) {
    throw new TypeError(
      `Cannot multiply [${a.rows}, ${a.columns}] by [${b.rows}, ${b.columns}] in the form ${form}: inner sizes ${inner} and ${k} differ`,
    );
  }
  const sizes = [a.data.byteLength, b.data.byteLength, m * n * 8];
  return withBlocks(sizes, (pa, pb, pc) => {
    doubles(pa!, a.data.length).set(a.data);
    doubles(pb!, b.data.length).set(b.data);
    product({ type: "f64", form, m, n, k, a: pa!, b: pb!, c: pc! });
    return { rows: m, columns: n, data: doubles(pc!, m * n).slice() };
  });
}

/** ‖A‖_F = √Σ aᵢⱼ², without overflow or underflow on the way. */
export function frobeniusNorm(a: Matrix): number {
  const largest = largestMagnitude(a.data);
  if (largest === 0 || !Number.isFinite(largest)) return largest;
  const k = exponent(largest);
  const [down1, down2] = powerOfTwo(-k), [up1, up2] = powerOfTwo(k);
  let sum = 0;
  const { data } = a;
  for (let i = 0; i < data.length; i++) {
    const y = data[i]! * down1 * down2;
    sum += y * y;
  }
  return Math.sqrt(sum) * up1 * up2;
}

/** max |xᵢ|; NaN if one is NaN. */
export function largestMagnitude(x: Float64Array): number {
  let largest = 0;
  for (let i = 0; i < x.length; i++) {
    const size = Math.abs(x[i]!);
    if (!(size <= largest)) largest = size;
    if (size !== size) return NaN;
  }
  return largest;
}

/** The largest magnitude in A, all of whose entries must be finite; `action` begins the message. */
export function requireFinite({ rows, columns, data }: Matrix, action: string): number {
  if (data.length !== rows * columns) {
    throw new RangeError(
      `${action} [${rows}, ${columns}] with ${data.length} entries: it takes ${
        rows * columns
      }; make it with matrix()`,
    );
  }
  const largest = largestMagnitude(data);
  if (Number.isFinite(largest)) return largest;
  const bad = data.findIndex((x) => !Number.isFinite(x));
  throw new RangeError(
    `${action} [${rows}, ${columns}]: entry (${Math.floor(bad / columns)}, ${bad % columns}) is ${
      data[bad]
    }, all entries must be finite`,
  );
}
