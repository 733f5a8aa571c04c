import type { Doubles, Floats } from "./arrays.ts";

/** One operand of a product: a matrix row by row. */
export interface Operand {
  /** The numbers. */
  readonly values: ArrayLike<number>;
  /** Elements from the start of one row to that of the next. */
  readonly row: number;
  /** Whether the transpose is meant: element (i, j) is then stored in row j. */
  readonly transposed?: boolean;
}

/** Element (i, j) of an operand. */
function element({ values, row, transposed }: Operand, i: number, j: number): number {
  return values[transposed ? j * row + i : i * row + j]!;
}

/**
 * A·B + start, row by row [m, n], of A [m, k] and B [k, n]: cᵢⱼ = startᵢⱼ + Σₚ aᵢₚ·bₚⱼ, summed in f64.
 * The kernels sum in the type of their operands, in an order that the sizes alone decide.
 */
export function matmul(
  m: number,
  n: number,
  k: number,
  a: Operand,
  b: Operand,
  start?: ArrayLike<number>,
): Doubles {
  const c = new Float64Array(m * n);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let total = start ? start[i * n + j]! : 0;
      for (let p = 0; p < k; p++) total += element(a, i, p) * element(b, p, j);
      c[i * n + j] = total;
    }
  }
  return c;
}

/** Twin of the kernel of this name: {@linkcode matmul} rounded to f32. */
export function matmul_f32(...parameters: Parameters<typeof matmul>): Floats {
  return Float32Array.from(matmul(...parameters));
}

/** Twin of the kernel of this name: {@linkcode matmul} as it is. */
export function matmul_f64(...parameters: Parameters<typeof matmul>): Doubles {
  return matmul(...parameters);
}

/** W·x [n] for W [n, k], `row` elements from row to row, and x [k], summed in f64. */
export function matvec_f32(
  n: number,
  k: number,
  w: ArrayLike<number>,
  row: number,
  x: ArrayLike<number>,
): Doubles {
  return matmul(n, 1, k, { values: w, row }, { values: x, row: 1 });
}

/** x·B [n] for x [k] and B [k, n], `row` elements from row to row, summed in f64. */
export function vecmat_f32(
  n: number,
  k: number,
  x: ArrayLike<number>,
  b: ArrayLike<number>,
  row: number,
): Doubles {
  return matmul(1, n, k, { values: x, row: k }, { values: b, row });
}
