import { doubles, product, withBlocks } from "../kernels/mod.ts";
import { eigh, matmul, type Matrix, qr, svd } from "../linalg/mod.ts";
import { type Around, gramAt, stored, unfolded } from "./modes.ts";

/** Left singular vectors of an unfolding. */
export interface Left {
  /** Orthonormal columns [size, k], each with its entry of largest magnitude positive. */
  readonly vectors: Matrix;
  /** Singular values, descending: all min(size, before·after) of them. */
  readonly values: Float64Array;
}

/**
 * Eigenvalues of a Gram matrix are trusted down to this share of the largest: above it, singular values and
 * vectors are as exact as half of f64's digits and more; below it, the unfolding itself is decomposed.
 */
const TRUSTED = 1e-6;

/**
 * The first `wanted` left singular vectors of the unfolding of entries along a mode, and its singular
 * values. By the smaller Gram matrix where that is exact enough for the wanted ones, else by svd.
 *
 * @param exact How many singular values must be exact.
 */
export function leftSingular(
  data: Float64Array,
  modes: Around,
  wanted: number,
  exact: number = wanted,
): Left {
  const [before, size, after] = modes, rest = before * after, most = Math.min(size, rest);
  const wide = size <= rest;
  const unfolding = (): Matrix => ({ rows: size, columns: rest, data: unfolded(data, modes) });
  const gram = wide
    ? { rows: size, columns: size, data: stored([data], (x) => gramAt(x, modes)) }
    : tallGram(unfolding());
  const { values: squares, vectors } = eigh(gram);
  const last = squares.length - 1;
  const needed = Math.min(most, Math.max(wanted, exact));
  const enough = squares[last]! > 0 &&
    squares[last - needed + 1]! >= TRUSTED * squares[last]! && wanted <= most;
  if (!enough) return bySvd(unfolding(), wanted);
  const values = Float64Array.from({ length: most }, (_, i) => {
    return Math.sqrt(Math.max(0, squares[last - i]!));
  });
  const leading = lastColumns(vectors, wanted);
  // U = Y·V/σ; QR takes out the σ and what is not orthogonal
  return { vectors: oriented(wide ? leading : qr(matmul(unfolding(), leading)).q), values };
}

function tallGram({ rows, columns, data }: Matrix): Matrix {
  return stored([data], (a) =>
    withBlocks([columns * columns * 8], (c) => {
      product({ type: "f64", form: "TN", m: columns, n: columns, k: rows, a, b: a, c: c! });
      return { rows: columns, columns, data: doubles(c!, columns * columns).slice() };
    }));
}

/** The same by svd; beyond the singular vectors there are, any that complete an orthonormal basis. */
function bySvd(unfolding: Matrix, wanted: number): Left {
  const { u, values } = svd(unfolding);
  if (wanted <= u.columns) return { vectors: oriented(firstColumns(u, wanted)), values };
  const data = new Float64Array(u.rows * (u.columns + u.rows));
  for (let i = 0; i < u.rows; i++) {
    data.set(u.data.subarray(i * u.columns, (i + 1) * u.columns), i * (u.columns + u.rows));
    data[i * (u.columns + u.rows) + u.columns + i] = 1;
  }
  const { q } = qr({ rows: u.rows, columns: u.columns + u.rows, data });
  return { vectors: oriented(firstColumns(q, wanted)), values };
}

/** The first k columns of a matrix. */
export function firstColumns({ rows, columns, data }: Matrix, k: number): Matrix {
  const result = new Float64Array(rows * k);
  for (let i = 0; i < rows; i++) {
    result.set(data.subarray(i * columns, i * columns + k), i * k);
  }
  return { rows, columns: k, data: result };
}

/** The last k columns, the last of them first. */
function lastColumns({ rows, columns, data }: Matrix, k: number): Matrix {
  const result = new Float64Array(rows * k);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < k; j++) result[i * k + j] = data[i * columns + columns - 1 - j]!;
  }
  return { rows, columns: k, data: result };
}

/** Sign that makes the entry of largest magnitude of a column positive, the first among equals; 1 for zeros. */
export function signOf({ rows, columns, data }: Matrix, column: number): number {
  let largest = 0;
  for (let i = 0; i < rows; i++) {
    const value = data[i * columns + column]!;
    if (Math.abs(value) > Math.abs(largest)) largest = value;
  }
  return largest < 0 ? -1 : 1;
}

/** The matrix with its columns turned so that their entries of largest magnitude are positive. */
export function oriented(matrix: Matrix): Matrix {
  const { rows, columns, data } = matrix;
  const signs = Array.from({ length: columns }, (_, j) => signOf(matrix, j));
  return { rows, columns, data: data.map((value, i) => value * signs[i % columns]!) };
}
