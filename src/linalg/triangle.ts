import { type Address, kernels, product, withBlocks } from "../kernels/mod.ts";
import { rowBytes } from "./reflectors.ts";

/** How far V·Vᵀ is from the identity: the largest entry of the difference, and its Frobenius norm. */
export interface Deviation {
  readonly largest: number;
  readonly norm: number;
}

/** How far the n rows of v [n, k] are from orthonormal. */
export function deviation(n: number, k: number, v: Address, row: number): Deviation {
  const gRow = rowBytes(n);
  return withBlocks([n * gRow], (g) => {
    const rows = { type: "f64", form: "NT", a: v, aRow: row, b: v, bRow: row } as const;
    product({ ...rows, m: n, n, k, c: g!, cRow: gRow, upper: true });
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
  product({
    ...{ type: "f64", form: "NN", m: n, n, k: n, a: v, aRow: vRow, b: z, bRow: row },
    ...{ c: a, cRow: row, accumulate: true, upper: true },
  });
  return Math.sqrt(kernels().upperSquares(n, n, a, row, 0));
}
