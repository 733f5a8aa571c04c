import { type Matrix, svd } from "../linalg/mod.ts";
import { columnLengths, type CpTensor, takeColumns } from "./cp_tensor.ts";

/** Whether Kruskal's condition proves a CP decomposition unique. */
export interface Kruskal {
  /** The k-rank of each factor: so many of its columns, whichever, are independent. */
  readonly ranks: readonly number[];
  /** Whether each k-rank is exact; otherwise it is at least that. */
  readonly exact: readonly boolean[];
  /** Σ of the k-ranks. */
  readonly sum: number;
  /** What the sum must reach: 2R + N − 1 for R components of N modes. */
  readonly needed: number;
  /**
   * "unique": no other decomposition of as few components gives this tensor, but for order and scale;
   * "unknown": the condition does not hold, which proves nothing.
   */
  readonly verdict: "unique" | "unknown";
}

/** Settings of {@linkcode kruskal}. */
export interface KruskalOptions {
  /**
   * Columns of length 1 count as dependent below this smallest singular value; dimensionless, 1e-9 unless
   * said. For a decomposition of noisy numbers, take one above the noise: columns that are independent
   * because of it alone prove nothing.
   */
  readonly tolerance?: number;
}

/** Sets of columns that are tried for one factor before a bound must do. */
const MOST = 5000;

/**
 * Kruskal's condition: a CP decomposition in R components is unique if the k-ranks of its factors sum up to
 * at least 2R + N − 1.
 *
 * Source: Kruskal (1977), Three-way arrays, theorem 4a; Sidiropoulos & Bro (2000), On the uniqueness of
 * multilinear decomposition of N-way arrays, for N > 3.
 *
 * @throws {RangeError} when the tolerance does not lie between 0 and 1.
 * @example
 * ```ts
 * import { cp, denseTensor, kruskal } from "@odot/odot/multilinear";
 * const x = denseTensor([2, 2, 2], [3, 0, 0, 0, 0, 0, 0, 1]);
 * console.log(kruskal(cp(x, { rank: 2 })).verdict); // "unique"
 * ```
 */
export function kruskal(
  { factors, weights }: CpTensor,
  { tolerance = 1e-9 }: KruskalOptions = {},
): Kruskal {
  if (!(tolerance > 0 && tolerance < 1)) {
    throw new RangeError(
      `Cannot check for uniqueness with the tolerance ${tolerance}: it must lie between 0 and 1`,
    );
  }
  const found = factors.map((factor) => kRank(unit(factor), tolerance));
  const ranks = found.map(({ rank }) => rank), sum = ranks.reduce((a, b) => a + b, 0);
  const needed = 2 * weights.length + factors.length - 1;
  // a component of weight 0 can be anything
  const whole = weights.every((weight) => weight !== 0);
  return {
    ...{ ranks, exact: found.map(({ exact }) => exact), sum, needed },
    verdict: whole && factors.length > 2 && sum >= needed ? "unique" : "unknown",
  };
}

function unit(factor: Matrix): Matrix {
  const lengths = columnLengths(factor), { columns } = factor;
  return {
    ...factor,
    data: factor.data.map((value, i) => value === 0 ? 0 : value / lengths[i % columns]!),
  };
}

function independent(matrix: Matrix, tolerance: number): boolean {
  return matrix.columns <= matrix.rows && svd(matrix).values.at(-1)! > tolerance;
}

function kRank(factor: Matrix, tolerance: number): { rank: number; exact: boolean } {
  const { columns } = factor;
  if (columns === 0 || independent(factor, tolerance)) return { rank: columns, exact: true };
  const most = Math.min(columns, factor.rows);
  let tried = 0;
  for (let size = 1; size <= most; size++) {
    const set = Array.from({ length: size }, (_, i) => i);
    do {
      if (++tried > MOST) return { rank: size - 1, exact: false };
      if (!independent(takeColumns(factor, set), tolerance)) return { rank: size - 1, exact: true };
    } while (advance(set, columns));
  }
  return { rank: most, exact: true };
}

/** The next set of whole numbers below `limit` in lexical order; false after the last. */
function advance(set: number[], limit: number): boolean {
  let at = set.length - 1;
  while (at >= 0 && set[at] === limit - set.length + at) at--;
  if (at < 0) return false;
  const next = set[at]! + 1;
  for (let i = at; i < set.length; i++) set[i] = next + i - at;
  return true;
}
