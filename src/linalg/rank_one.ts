import { type Address, doubles, integers, kernels, product, withBlocks } from "../kernels/mod.ts";
import type { Deflation } from "./deflation.ts";
import { ConvergenceError } from "./errors.ts";
import { rowBytes } from "./reflectors.ts";

/** diag(values) + ρ·w·wᵀ in terms of n rows, of which the first m are zero from column m on, the others before. */
export interface RankOne {
  /** The rows [n, n], `row` bytes apart. */
  readonly z: Address;
  readonly row: number;
  readonly m: number;
  readonly n: number;
  readonly rho: number;
  /** Values and weights [n], as deflate() left them. */
  readonly values: Float64Array;
  readonly weights: Float64Array;
  readonly deflation: Deflation;
}

/** Working memory for updates of up to n rows. */
export interface Space {
  /** The eigenvectors of the update, as rows. */
  readonly vectors: Address;
  /** Copies of the rows: [n, n], `rowBytes(n)` apart, and more. */
  readonly rows: Address;
  /** Vectors of f64 [n]. */
  readonly poles: Address;
  readonly grouped: Address;
  readonly weights: Address;
  readonly tau: Address;
  readonly room: Address;
  /** Vectors of i32 [n]. */
  readonly origin: Address;
  readonly place: Address;
  readonly order: Address;
}

/** Runs `body` with working memory for n rows. */
export function withSpace<T>(n: number, body: (space: Space) => T): T {
  // two halves and a whole have odd numbers of cache lines a row each
  const row = rowBytes(n), matrices = [n * row, n * (row + 256)];
  const sizes = [...matrices, ...Array(5).fill(8 * n), ...Array(3).fill(4 * n)];
  return withBlocks(sizes, (vectors, rows, poles, grouped, weights, tau, room, ...others) => {
    const [origin, place, order] = others;
    return body({
      ...{ vectors: vectors!, rows: rows!, poles: poles!, grouped: grouped!, weights: weights! },
      ...{ tau: tau!, room: room!, origin: origin!, place: place!, order: order! },
    });
  });
}

/**
 * Values and rows become eigenvalues and eigenvectors of the update: first those that it changes, by
 * ascending value, then those that are settled. Returns the number of the first kind.
 */
export function update(problem: RankOne, space: Space): number {
  const { z, row, n, values, deflation: { kept, settled, rotations } } = problem, k = kept.length;
  for (const { i, j, c, s } of rotations) kernels().rotateRows(n, z + i * row, z + j * row, c, s);
  const groups = groupRows(problem);
  if (k > 0) solveUpdate(problem, groups, space);
  multiply(problem, groups, space);
  const poles = doubles(space.poles, k), origin = integers(space.origin, k);
  const tau = doubles(space.tau, k);
  values.set(settled.map((i) => values[i]!), k);
  for (let i = 0; i < k; i++) values[i] = poles[origin[i]!]! + tau[i]!;
  return k;
}

/** The rows that an update changes, ordered by where they are not zero, so that products can skip the rest. */
interface Groups {
  /** Rows that are zero from column m on, then full ones, then those that are zero before column m. */
  readonly rows: number[];
  /** How many there are of the first kind, and of the second. */
  readonly left: number;
  readonly full: number;
}

function groupRows({ m, n, deflation: { kept, rotations } }: RankOne): Groups {
  const kind = new Uint8Array(n).fill(2, m);
  for (const { i, j } of rotations) if (kind[i] !== kind[j]) kind[j] = 1;
  const [left, full, right] = [0, 1, 2].map((wanted) => kept.filter((i) => kind[i] === wanted));
  return { rows: [...left!, ...full!, ...right!], left: left!.length, full: full!.length };
}

/** Roots and vectors of the update, the vectors as rows whose entries are in the order of the groups. */
function solveUpdate(
  { rho, values, weights, deflation: { kept } }: RankOne,
  groups: Groups,
  space: Space,
): void {
  const k = kept.length, { poles, grouped, tau, room, origin, place, vectors } = space;
  const position = new Int32Array(values.length);
  for (let i = 0; i < k; i++) position[groups.rows[i]!] = i;
  take(values, kept, poles);
  take(weights, kept, space.weights);
  const failed = kernels().secularRoots(k, poles, space.weights, rho, tau, origin);
  if (failed >= 0) {
    throw new ConvergenceError(
      `Cannot take eigenvalues: root ${failed} of ${k} of a secular equation was not found; please report the matrix`,
      failed,
    );
  }
  take(values, groups.rows, grouped);
  take(weights, groups.rows, space.weights);
  const places = integers(place, k);
  for (let i = 0; i < k; i++) places[i] = position[kept[i]!]!;
  kernels().secularWeights(k, grouped, place, tau, origin, space.weights, room);
  kernels().secularVectors(
    ...[k, grouped, place, tau, origin, space.weights, vectors, rowBytes(k)] as const,
  );
}

/** Entries of x, in that order, to working memory. */
function take(x: Float64Array, order: readonly number[], to: Address): void {
  const out = doubles(to, order.length);
  for (let i = 0; i < order.length; i++) out[i] = x[order[i]!]!;
}

/** The rows of z ← vectors · (rows of the groups), followed by those that are settled. */
function multiply(
  { z, row, m, n, deflation: { settled } }: RankOne,
  { rows, left, full }: Groups,
  { vectors, rows: copies, order }: Space,
): void {
  const k = rows.length, first = left + full, second = k - left;
  const firstRow = rowBytes(m), secondRow = rowBytes(n - m), wholeRow = rowBytes(n);
  const seconds = copies + first * firstRow, wholes = seconds + second * secondRow;
  integers(order, n).set([...rows, ...settled]);
  kernels().takeRows(first, m, z, row, order, copies, firstRow);
  kernels().takeRows(second, n - m, z + 8 * m, row, order + 4 * left, seconds, secondRow);
  kernels().takeRows(settled.length, n, z, row, order + 4 * k, wholes, wholeRow);
  const common = { type: "f64", form: "NN", m: k, aRow: rowBytes(k), cRow: row } as const;
  product({ ...common, n: m, k: first, a: vectors, b: copies, bRow: firstRow, c: z });
  product({
    ...{ ...common, n: n - m, k: second, a: vectors + 8 * left, b: seconds, bRow: secondRow },
    c: z + 8 * m,
  });
  integers(order, settled.length).set([...settled.keys()]);
  kernels().takeRows(settled.length, n, wholes, wholeRow, order, z + k * row, row);
}
