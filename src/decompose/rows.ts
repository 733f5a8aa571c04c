import { frobeniusNorm, type Matrix, matrix, transpose } from "../linalg/mod.ts";

/** Row r of a matrix, a view. */
export function row({ columns, data }: Matrix, r: number): Float64Array {
  return data.subarray(r * columns, (r + 1) * columns);
}

/** Some rows of a matrix, copied. */
export function pickRows(source: Matrix, indices: readonly number[]): Matrix {
  const result = matrix(indices.length, source.columns);
  indices.forEach((index, r) => result.data.set(row(source, index), r * source.columns));
  return result;
}

/** Some columns of a matrix as rows. */
export function columnsAsRows(source: Matrix, indices: readonly number[]): Matrix {
  return pickRows(transpose(source), indices);
}

/** Matrices of the same width one below the other. */
export function stackRows(parts: readonly Matrix[]): Matrix {
  const rows = parts.reduce((total, part) => total + part.rows, 0);
  const result = matrix(rows, parts[0]?.columns ?? 0);
  let offset = 0;
  for (const { data } of parts) {
    result.data.set(data, offset);
    offset += data.length;
  }
  return result;
}

/** Matrices of the same height beside each other. */
export function stackColumns(parts: readonly Matrix[]): Matrix {
  return transpose(stackRows(parts.map(transpose)));
}

/** ‖row‖₂ of every row, free of overflow. */
export function rowNorms(source: Matrix): Float64Array {
  const { rows, columns } = source;
  return Float64Array.from(
    { length: rows },
    (_, r) => frobeniusNorm({ rows: 1, columns, data: row(source, r) }),
  );
}

/** Multiplies every row by its factor, in place. */
export function scaleRows(source: Matrix, factors: ArrayLike<number>): Matrix {
  for (let r = 0; r < source.rows; r++) {
    const own = row(source, r), factor = factors[r]!;
    for (let i = 0; i < own.length; i++) own[i] = own[i]! * factor;
  }
  return source;
}

/** diag(factors) · A, a new matrix. */
export function scaledRows(source: Matrix, factors: ArrayLike<number>): Matrix {
  return scaleRows(matrix(source.rows, source.columns, source.data), factors);
}

/** Multiplies every column by its factor, in place. */
export function scaleColumns(source: Matrix, factors: ArrayLike<number>): Matrix {
  const { columns, data } = source;
  for (let i = 0; i < data.length; i++) data[i] = data[i]! * factors[i % columns]!;
  return source;
}

/**
 * Whether the entry of largest magnitude is negative, the first of entries that are equal to within
 * rounding deciding: the sign that makes a vector unique.
 */
export function pointsDown(vector: Float64Array): boolean {
  let top = 0;
  for (const value of vector) if (Math.abs(value) > Math.abs(top) * (1 + 1e-9)) top = value;
  return top < 0;
}
