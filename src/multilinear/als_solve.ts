import { cholesky, eigh, matmul, type Matrix } from "../linalg/mod.ts";

/** F with F·G = M for a Gram matrix G [R, R] and a target M [n, R]. */
export type Solve = (gram: Matrix, target: Matrix) => Matrix;

/** By Cholesky, or of least norm where G is singular. */
export function solveNormal(gram: Matrix, target: Matrix): Matrix {
  try {
    return substituted(cholesky(gram).l, target);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return solveSingular(gram, target);
  }
}

/** F with F·L·Lᵀ = M, row by row. */
function substituted({ data: l, columns: n }: Matrix, { rows, columns, data: m }: Matrix): Matrix {
  const data = m.slice();
  for (let from = 0; from < data.length; from += n) {
    for (let i = 0; i < n; i++) {
      let sum = data[from + i]!;
      for (let j = 0, at = i * n; j < i; j++, at++) sum -= l[at]! * data[from + j]!;
      data[from + i] = sum / l[i * n + i]!;
    }
    for (let i = n - 1; i >= 0; i--) {
      const value = data[from + i]! / l[i * n + i]!;
      data[from + i] = value;
      for (let j = 0, at = i * n; j < i; j++, at++) data[from + j]! -= l[at]! * value;
    }
  }
  return { rows, columns, data };
}

/** The F of least norm, without the directions in which G is zero to within rounding. */
export function solveSingular(gram: Matrix, target: Matrix): Matrix {
  const { values, vectors } = eigh(gram), n = gram.rows;
  const least = n * Number.EPSILON * Math.abs(values[n - 1]!);
  const inverse = values.map((value) => value > least ? 1 / value : 0);
  const parts = matmul(target, vectors);
  const data = parts.data.map((value, i) => value * inverse[i % n]!);
  return matmul({ ...parts, data }, vectors, "NT");
}

/** The same where columns of a block are equal: its columns of M and its block of G add up. */
export function solveBlocks(
  gram: Matrix,
  target: Matrix,
  blocks: readonly number[],
  solve: Solve,
): Matrix {
  const size = Math.max(...blocks) + 1, { rows, columns } = target;
  const small = new Float64Array(size * size), sums = new Float64Array(rows * size);
  blocks.forEach((to, r) => {
    blocks.forEach((other, s) => small[to * size + other]! += gram.data[r * columns + s]!);
    for (let i = 0; i < rows; i++) sums[i * size + to]! += target.data[i * columns + r]!;
  });
  const found = solve(
    { rows: size, columns: size, data: small },
    { rows, columns: size, data: sums },
  ).data;
  const data = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    blocks.forEach((from, r) => data[i * columns + r] = found[i * size + from]!);
  }
  return { rows, columns, data };
}

/**
 * Two passes of hierarchical alternating least squares: every column in turn takes its best value ≥ 0
 * (Cichocki & Phan 2009, Fast local algorithms for large scale nonnegative matrix and tensor
 * factorizations).
 */
export function solvePositive(gram: Matrix, target: Matrix, from: Matrix): Matrix {
  const { rows, columns } = target, data = from.data.slice();
  for (let pass = 0; pass < 2; pass++) {
    for (let r = 0; r < columns; r++) {
      const own = gram.data[r * columns + r]!;
      if (!(own > 0)) continue;
      for (let i = 0; i < rows; i++) {
        let rest = target.data[i * columns + r]!;
        for (let s = 0; s < columns; s++) {
          rest -= data[i * columns + s]! * gram.data[s * columns + r]!;
        }
        data[i * columns + r] = positive(data[i * columns + r]! + rest / own);
      }
    }
  }
  return { rows, columns, data };
}

/** The value, or 0 for a negative one. */
export function positive(value: number): number {
  return value > 0 ? value : 0;
}
