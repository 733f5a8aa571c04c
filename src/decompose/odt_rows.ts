import { frobeniusNorm, type Matrix, matrix, transpose } from "../linalg/mod.ts";

/** ‖row‖ of every row. */
export function rowLengths({ rows, columns, data }: Matrix): Float64Array {
  return Float64Array.from(
    { length: rows },
    (_, i) =>
      frobeniusNorm({ rows: 1, columns, data: data.subarray(i * columns, (i + 1) * columns) }),
  );
}

/** diag(factors) · A. */
export function scaledRows({ rows, columns, data }: Matrix, factors: ArrayLike<number>): Matrix {
  return matrix(rows, columns, data.map((value, i) => value * factors[Math.floor(i / columns)]!));
}

/** [a; b]. */
export function stacked(a: Matrix, b: Matrix): Matrix {
  const result = matrix(a.rows + b.rows, a.columns);
  result.data.set(a.data);
  result.data.set(b.data, a.data.length);
  return result;
}

/** ½(A + Aᵀ). */
export function symmetric(a: Matrix): Matrix {
  const other = transpose(a);
  return matrix(a.rows, a.rows, a.data.map((value, i) => (value + other.data[i]!) / 2));
}
