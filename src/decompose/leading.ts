import { eigh, eighTop, type Matrix } from "../linalg/mod.ts";
import { FEW, LARGE } from "./plan.ts";
import { columnsAsRows, pointsDown, row } from "./rows.ts";

/** The largest eigenvalues of a positive semidefinite matrix, and what the others add up to. */
export interface Leading {
  /** Eigenvalues, descending, none below 0 [rank], or all of them where they were computed. */
  readonly values: Float64Array;
  /** Eigenvectors as rows [rank, size], the entry of largest magnitude positive. */
  readonly vectors: Matrix;
  /** Sum of the eigenvalues left out. */
  readonly rest: number;
}

/** The leading eigenvectors of a positive semidefinite matrix: by Lanczos where few of many are wanted. */
export function leading(gram: Matrix, rank: number): Leading {
  const size = gram.rows;
  let trace = 0;
  for (let i = 0; i < size; i++) trace += gram.data[i * size + i]!;
  if (size >= LARGE && rank <= size * FEW) {
    const top = eighTop(gram, rank, { which: "largest", tolerance: 1e-12 });
    if (top.converged) {
      const values = top.values.map((value) => Math.max(0, value));
      const kept = values.reduce((sum, value) => sum + value, 0);
      const vectors = oriented(columnsAsRows(top.vectors, [...values.keys()]));
      return { values, vectors, rest: Math.max(0, trace - kept) };
    }
  }
  const solved = eigh(gram);
  const order = [...solved.values.keys()].reverse();
  const values = Float64Array.from(order, (i) => Math.max(0, solved.values[i]!));
  return {
    values,
    vectors: oriented(columnsAsRows(solved.vectors, order.slice(0, rank))),
    rest: values.subarray(rank).reduce((sum, value) => sum + value, 0),
  };
}

/** Makes the entry of largest magnitude of every row positive, in place. */
export function oriented(vectors: Matrix): Matrix {
  for (let r = 0; r < vectors.rows; r++) {
    const own = row(vectors, r);
    if (pointsDown(own)) own.forEach((value, i) => own[i] = -value);
  }
  return vectors;
}
