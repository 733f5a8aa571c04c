import { type Address, integers, kernels, product, withBlocks } from "../kernels/mod.ts";
import { ConvergenceError } from "./errors.ts";
import { rowBytes } from "./reflectors.ts";

/** What an update is given; poles and weights by value, and in the order of the rows; roots; room. */
const NUMBERS = [
  "values",
  "weights",
  "poles",
  "byValue",
  "grouped",
  "squares",
  "byRow",
  "tau",
  "room",
] as const;
const LISTS = ["order", "rows", "place", "kind", "origin"] as const;

/** Rows [n, columns] that an update turns, of which the first m are zero from column m on, the others before. */
export interface Rows {
  readonly z: Address;
  readonly row: number;
  readonly m: number;
  readonly n: number;
  readonly columns: number;
}

/** Working memory for updates of up to n rows: vectors of f64 [n], and of i32 [n]. */
export type Space =
  & Readonly<Record<typeof NUMBERS[number] | typeof LISTS[number], Address>>
  & {
    /** The eigenvectors of the update, as rows. */
    readonly vectors: Address;
    /** Copies of the rows: [n, n], `rowBytes(n)` apart, and more. */
    readonly copies: Address;
    /** Three i32. */
    readonly counts: Address;
  };

/** Runs `body` with working memory for n rows of so many columns. */
export function withSpace<T>(n: number, columns: number, body: (space: Space) => T): T {
  const row = rowBytes(columns), numbers = 8 * (n + 1), lists = 4 * (n + 4);
  const vectors = NUMBERS.length * numbers + LISTS.length * lists;
  // two halves and a whole have odd numbers of cache lines a row each
  return withBlocks(
    [n * rowBytes(n), n * (row + 256), vectors, 16],
    (vectors, copies, at, counts) => {
      let next = at!;
      const place = <Name extends string>(names: readonly Name[], bytes: number) =>
        names.map((name) => [name, (next += bytes) - bytes] as const);
      const vectorsOf = Object.fromEntries([...place(NUMBERS, numbers), ...place(LISTS, lists)]);
      return body({ ...vectorsOf as Space, vectors: vectors!, copies: copies!, counts: counts! });
    },
  );
}

/** The roots for the poles and weights by value. */
export function findRoots(
  k: number,
  rho: number,
  { poles, byValue, tau, origin, copies }: Space,
  what: string,
): void {
  const failed = kernels().secularRoots(k, poles, byValue, rho, tau, origin, copies);
  if (failed < 0) return;
  throw new ConvergenceError(
    `Cannot take ${what}: root ${failed} of ${k} of a secular equation was not found; please report the matrix`,
    failed,
  );
}

/**
 * The rows of z ← vectors · (rows that change), followed by those that are settled. Of the k that change, `left`
 * are of the first kind, and then `full` are zero nowhere. Uses up `order`.
 */
export function multiply(
  { z, row, m, n, columns }: Rows,
  k: number,
  left: number,
  full: number,
  { vectors, copies, rows, order }: Space,
): void {
  const first = left + full, second = k - left, settled = n - k;
  const firstRow = rowBytes(m), secondRow = rowBytes(columns - m), wholeRow = rowBytes(columns);
  const seconds = copies + first * firstRow, wholes = seconds + second * secondRow;
  kernels().takeRows(first, m, z, row, rows, copies, firstRow);
  kernels().takeRows(second, columns - m, z + 8 * m, row, rows + 4 * left, seconds, secondRow);
  kernels().takeRows(settled, columns, z, row, rows + 4 * k, wholes, wholeRow);
  const common = { type: "f64", form: "NN", m: k, aRow: rowBytes(k), cRow: row } as const;
  product({ ...common, n: m, k: first, a: vectors, b: copies, bRow: firstRow, c: z });
  product({
    ...{ ...common, n: columns - m, k: second, a: vectors + 8 * left, b: seconds, bRow: secondRow },
    c: z + 8 * m,
  });
  if (settled === 0) return;
  const list = integers(order, settled);
  for (let i = 0; i < settled; i++) list[i] = i;
  kernels().takeRows(settled, columns, wholes, wholeRow, order, z + k * row, row);
}

/** 0, 1, …, n − 1 */
export function ascending(n: number): Int32Array {
  const order = new Int32Array(n);
  for (let i = 0; i < n; i++) order[i] = i;
  return order;
}

/** The order that sorts values of which the first k ascend. */
export function orderOf(values: Float64Array, k: number): Int32Array {
  const all = ascending(values.length);
  const settled = all.subarray(k).sort((i, j) => values[i]! - values[j]!);
  return interleave(values, all.subarray(0, k), settled, new Int32Array(values.length));
}

/** Two orders by value made one. */
export function interleave(
  values: Float64Array,
  left: Int32Array,
  right: Int32Array,
  order: Int32Array,
): Int32Array {
  for (let i = 0, j = 0, q = 0; q < order.length; q++) {
    const takeLeft = j === right.length ||
      i < left.length && values[left[i]!]! <= values[right[j]!]!;
    order[q] = takeLeft ? left[i++]! : right[j++]!;
  }
  return order;
}
