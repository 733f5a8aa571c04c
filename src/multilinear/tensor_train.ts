import { matmul, type Matrix } from "../linalg/mod.ts";
import type { Approximation } from "./approximation.ts";
import { requireRoom, requireTensor, text } from "./checks.ts";
import type { DenseTensor } from "./dense_tensor.ts";
import { count } from "./modes.ts";
import { boundOf, fewest, type Goal, goalOf, type RankChoice, tail } from "./rank.ts";
import { relativeDistance, scale } from "./scaled.ts";
import { firstColumns, leftSingular } from "./singular.ts";
import { ranksOf, type TensorTrain, ttToTensor } from "./train.ts";

/** Settings of {@linkcode tensorTrain} and {@linkcode round}. */
export interface TensorTrainOptions {
  /**
   * What the bonds keep: one number for all, one number a bond (without the 1 at both ends), or the error
   * that may be made; everything unless said.
   */
  readonly rank?: RankChoice;
}

/** A tensor train with its error. */
export interface TensorTrainResult extends TensorTrain, Approximation {
  /** Ranks of the bonds between neighbouring cores. */
  readonly ranks: readonly number[];
  /** √Σ of the squares of all that was discarded, over ‖X‖, and 1e-13 for rounding; dimensionless. */
  readonly errorBound: number;
  /** Singular values of every bond before it was cut, descending, in the unit of the tensor. */
  readonly singularValues: readonly Float64Array[];
}

/**
 * The tensor train of a tensor of two or more modes: X̂[i, j, …, k] = G₀[i]·G₁[j]⋯G[k], a product of
 * matrices. All cores but the last have orthonormal columns, each with its entry of largest magnitude
 * positive. For `{ relativeError }` the promise is kept; for ranks the error is at most √(N−1) times that of
 * the best approximation.
 *
 * Source: Oseledets (2011), Tensor-train decomposition, algorithm 1 and theorem 2.2.
 *
 * @throws {TypeError} when the entries do not fill the shape.
 * @throws {RangeError} when an entry is not finite, a mode is empty, or a rank is not possible.
 * @example
 * ```ts
 * import { denseTensor, tensorTrain } from "@odot/odot/multilinear";
 * const x = denseTensor([2, 2, 2], [1, 2, 2, 4, 3, 6, 6, 12]);
 * const { ranks, relativeError } = tensorTrain(x, { rank: { relativeError: 1e-9 } });
 * console.log(ranks, relativeError < 1e-9); // [1, 1] true
 * ```
 */
export function tensorTrain(x: DenseTensor, { rank }: TensorTrainOptions = {}): TensorTrainResult {
  const action = "Cannot take the tensor train of", { shape } = x;
  requireTensor(x, 2, action);
  const bonds = shape.slice(1).map((_, i) =>
    Math.min(count(shape.slice(0, i + 1)), count(shape.slice(i + 1)))
  );
  const goal = rank === undefined ? { ranks: bonds } : goalOf(rank, bonds, action);
  requireRoom(
    2 * x.data.length + 4 * Math.max(...bonds) ** 2,
    `${action} ${text(shape)}`,
    "decompose parts of it",
  );
  const scaled = scale(x, action), cut = cutter(goal, scaled.norm, bonds.length);
  const cores: DenseTensor[] = [];
  let rest: Matrix = { rows: 1, columns: scaled.data.length, data: scaled.data };
  shape.slice(0, -1).forEach((size) => {
    const rows = rest.rows * size;
    const tall = { rows, columns: rest.data.length / rows, data: rest.data };
    const left = cut.next(tall);
    cores.push({ shape: [rest.rows, size, left.columns], data: left.data });
    rest = matmul(left, tall, "TN");
  });
  const last = { shape: [rest.rows, shape.at(-1)!, 1], data: rest.data };
  const relativeError = relativeDistance(
    scaled.data,
    ttToTensor({ cores: [...cores, last] }).data,
    scaled.norm,
  );
  return concluded(
    [...cores, { ...last, data: scaled.restore(last.data) }],
    relativeError,
    cut.errorBound(),
    cut.singularValues.map(scaled.restore),
  );
}

/** Cuts one bond after the other, and remembers what was discarded. */
export interface Cutter {
  /** The left singular vectors that are kept of an unfolding at the next bond. */
  readonly next: (unfolding: Matrix) => Matrix;
  readonly errorBound: () => number;
  readonly singularValues: Float64Array[];
}

/** Keeps given ranks, or shares out what may be lost: what one bond leaves, the others may take. */
export function cutter(goal: Goal, norm: number, bonds: number): Cutter {
  const singularValues: Float64Array[] = [];
  let discarded = 0;
  return {
    singularValues,
    next: (unfolding) => {
      const { rows, columns, data } = unfolding, bond = singularValues.length;
      const most = Math.min(rows, columns);
      const wanted = "ranks" in goal ? Math.min(goal.ranks[bond]!, most) : most;
      const { vectors, values } = leftSingular(data, [1, rows, columns], wanted, most);
      const budget = "ranks" in goal ? 0 : (goal.relativeError * norm) ** 2 - discarded;
      const rank = "ranks" in goal ? wanted : fewest(values, budget / (bonds - bond));
      discarded += tail(values, rank);
      singularValues.push(values);
      return firstColumns(vectors, rank);
    },
    errorBound: () => boundOf(discarded, norm),
  };
}

/** A train with what is known of its error. */
export function concluded(
  cores: readonly DenseTensor[],
  relativeError: number,
  errorBound: number,
  singularValues: readonly Float64Array[],
): TensorTrainResult {
  return {
    cores,
    ranks: ranksOf({ cores }),
    ...{ relativeError, errorBound, singularValues, trace: [relativeError], converged: true },
    parameterCount: cores.reduce((sum, { data }) => sum + data.length, 0),
    toDense: () => ttToTensor({ cores }),
  };
}
