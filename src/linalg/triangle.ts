import { type Address, doubles, kernels, product, withBlocks } from "../kernels/mod.ts";
import { rowBytes } from "./reflectors.ts";

/** Blocks on the diagonal of at most so many rows are computed whole; measured. */
const WHOLE = 49;

/** C [n, n] (+)= A·B, known to be symmetric, from A [n, k] and B [k, n], or B stored transposed [n, k]. */
interface SymmetricProduct {
  readonly form: "NN" | "NT";
  readonly k: number;
  readonly a: Address;
  readonly aRow: number;
  readonly b: Address;
  readonly bRow: number;
  readonly c: Address;
  readonly cRow: number;
  readonly accumulate: boolean;
}

/** The upper triangle of rows and columns [first, end): a square beside two triangles of half the size. */
function upperProduct(whole: SymmetricProduct, first: number, end: number): void {
  const { form, k, a, aRow, b, bRow, c, cRow, accumulate } = whole;
  const block = (top: number, bottom: number, left: number, right: number): void =>
    product({
      ...{ type: "f64", form, m: bottom - top, n: right - left, k, aRow, bRow, cRow, accumulate },
      ...{ a: a + top * aRow, b: b + left * (form === "NT" ? bRow : 8) },
      c: c + top * cRow + 8 * left,
    });
  if (end - first <= WHOLE) {
    block(first, end, first, end);
    return;
  }
  const middle = (first + end) >> 1;
  upperProduct(whole, first, middle);
  block(first, middle, middle, end);
  upperProduct(whole, middle, end);
}

/** How far V·Vᵀ is from the identity: the largest entry of the difference, and its Frobenius norm. */
export interface Deviation {
  readonly largest: number;
  readonly norm: number;
}

/** How far the n rows of v [n, k] are from orthonormal. */
export function deviation(n: number, k: number, v: Address, row: number): Deviation {
  const gRow = rowBytes(n);
  return withBlocks([n * gRow], (g) => {
    doubles(g!, n * gRow / 8).fill(0); // what is below the diagonal is not computed
    upperProduct(
      { form: "NT", k, a: v, aRow: row, b: v, bRow: row, c: g!, cRow: gRow, accumulate: false },
      0,
      n,
    );
    return {
      largest: kernels().worstDeviation(n, n, g!, gRow),
      norm: Math.sqrt(kernels().upperSquares(n, n, g!, gRow, 1)),
    };
  });
}

/**
 * ‖A − V·diag(d)·Vᵀ‖_F for the symmetric A [n, n], which is lost, V [n, n] and the rows [n, n] of z, the
 * columns of V, which come out multiplied by −d.
 */
export function reconstructionError(
  n: number,
  a: Address,
  row: number,
  v: Address,
  vRow: number,
  z: Address,
  d: Address,
): number {
  kernels().scaleRows(n, n, -1, z, row, d);
  upperProduct(
    { form: "NN", k: n, a: v, aRow: vRow, b: z, bRow: row, c: a, cRow: row, accumulate: true },
    0,
    n,
  );
  return Math.sqrt(kernels().upperSquares(n, n, a, row, 0));
}
