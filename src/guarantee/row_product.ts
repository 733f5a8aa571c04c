import { matmul, type Matrix, matrix } from "../linalg/mod.ts";

/**
 * rows · weightsᵀ. A single row is multiplied where it lies, without its zeros: copying the weights to
 * the kernels would take longer, and most pixels are 0.
 */
export function timesTransposed(rows: Matrix, weights: Matrix): Matrix {
  if (rows.rows !== 1) return matmul(rows, weights, "NT");
  const { columns, data } = weights, present: number[] = [];
  rows.data.forEach((x, i) => x !== 0 && present.push(i));
  const places = Int32Array.from(present),
    factors = Float64Array.from(places, (i) => rows.data[i]!);
  const result = new Float64Array(weights.rows);
  for (let r = 0; r < weights.rows; r++) {
    let sum = 0;
    const start = r * columns;
    for (let k = 0; k < places.length; k++) sum += data[start + places[k]!]! * factors[k]!;
    result[r] = sum;
  }
  return matrix(1, weights.rows, result);
}

/** rows · weights; a single row where it lies. */
export function times(rows: Matrix, weights: Matrix): Matrix {
  if (rows.rows !== 1) return matmul(rows, weights);
  const { columns, data } = weights, result = new Float64Array(columns);
  for (let r = 0; r < weights.rows; r++) {
    const factor = rows.data[r]!, start = r * columns;
    if (factor === 0) continue;
    for (let c = 0; c < columns; c++) result[c]! += factor * data[start + c]!;
  }
  return matrix(1, columns, result);
}
