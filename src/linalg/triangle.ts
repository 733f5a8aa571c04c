import { type Address, info, kernels, product, withBlocks } from "../kernels/mod.ts";

/** Rows of a symmetric product that are computed at a time: whole strips of both builds. */
const PANEL = 30;
/** The same where threads share a panel, or B is too large to be packed whole. */
const LARGE_PANEL = 240;
/** Largest B that is packed whole. */
const PACKED = 1024;
/** Columns of a packed panel of B, and steps of the inner dimension that are packed together. */
const COLUMNS = 4, DEPTH = 16;

/** A·B [n, n], known to be symmetric, from A [n, k] and B [k, n], or B stored transposed [n, k] in the form NT. */
export interface SymmetricProduct {
  readonly form: "NN" | "NT";
  readonly n: number;
  readonly k: number;
  readonly a: Address;
  readonly aRow: number;
  readonly b: Address;
  readonly bRow: number;
}

/**
 * Computes the upper triangle of a symmetric product, half the work of the whole, a few rows at a time:
 * `place` says where row `first` goes from its column `column` on (and whether it is added), and `visit`
 * sees the rows [count, n − first], which begin on the diagonal, when they are there.
 */
function upperRows(
  { form, n, k, a, aRow, b, bRow }: SymmetricProduct,
  place: (first: number, column: number) => Address,
  cRow: number,
  accumulate: boolean,
  visit: (first: number, count: number, at: Address) => void,
): void {
  const size = n <= PACKED && info().threads === 1 ? PANEL : LARGE_PANEL;
  const panels = Math.ceil(n / COLUMNS), depth = Math.ceil(k / DEPTH) * DEPTH;
  const bytes = size === PANEL ? panels * COLUMNS * depth * 8 : 0;
  const transposed = form === "NT" ? 1 : 0;
  withBlocks([bytes], (packed) => {
    if (size === PANEL) kernels().pack_f64(0, panels, n, k, b, bRow, transposed, packed!);
    for (let first = 0; first < n; first += size) {
      const count = Math.min(size, n - first), column = first - first % COLUMNS;
      const rows = a + first * aRow, c = place(first, column), width = n - column;
      if (size === PANEL) {
        const from = packed! + column * depth * 8;
        kernels().sweep_f64(
          ...[0, count, width, k, rows, aRow, 0, from, c, cRow, accumulate ? 1 : 0] as const,
        );
      } else {
        product({
          ...{ type: "f64", form, m: count, n: width, k, a: rows, aRow, bRow, c, cRow, accumulate },
          b: b + column * (transposed ? bRow : 8),
        });
      }
      visit(first, count, c + 8 * (first - column));
    }
  });
}

/** How far V·Vᵀ is from the identity: the largest entry of the difference, and its Frobenius norm. */
export interface Deviation {
  readonly largest: number;
  readonly norm: number;
}

/** How far the n rows of v [n, k] are from orthonormal. */
export function deviation(n: number, k: number, v: Address, row: number): Deviation {
  let largest = 0, squares = 0;
  const stride = 8 * n + 64, rows = Math.min(n, LARGE_PANEL);
  withBlocks([rows * stride], (p) => {
    const gram = { form: "NT", n, k, a: v, aRow: row, b: v, bRow: row } as const;
    upperRows(gram, () => p!, stride, false, (first, count, at) => {
      largest = Math.max(largest, kernels().worstDeviation(count, n - first, at, stride));
      squares += kernels().upperSquares(count, n - first, at, stride, 1);
    });
  });
  return { largest, norm: Math.sqrt(squares) };
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
  let squares = 0;
  kernels().scaleRows(n, n, -1, z, row, d);
  const change = { form: "NN", n, k: n, a: v, aRow: vRow, b: z, bRow: row } as const;
  upperRows(change, (i, j) => a + i * row + 8 * j, row, true, (first, count, at) => {
    squares += kernels().upperSquares(count, n - first, at, row, 0);
  });
  return Math.sqrt(squares);
}
