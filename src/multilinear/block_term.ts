import { matmul, type Matrix, qr, svd } from "../linalg/mod.ts";
import { als, type AlsResult } from "./als.ts";
import type { Approximation, IterationOptions } from "./approximation.ts";
import { requireMode, requireTensor, requireWhole, text } from "./checks.ts";
import { columnLengths, cpToTensor, takeColumns } from "./cp_tensor.ts";
import { randomFactors } from "./cp_start.ts";
import type { DenseTensor } from "./dense_tensor.ts";
import { iteration } from "./iteration.ts";
import { relativeDistance, scale, type Scaled } from "./scaled.ts";
import { firstColumns, signOf } from "./singular.ts";
import { fold, unfold } from "./unfold.ts";

/** Settings of {@linkcode blockTerm}: 500 sweeps and a tolerance of 1e-8 unless said. */
export interface BlockTermOptions extends IterationOptions {
  /** Number of blocks R. */
  readonly blocks: number;
  /** Rank L of the blocks' matrices: one for all, or one each. */
  readonly rank: number | readonly number[];
  /** The mode that the blocks' vectors belong to; 0 unless said. */
  readonly mode?: number;
  /** Runs from random numbers beside the first, of which the best counts; 4 unless said. */
  readonly restarts?: number;
}

/** One block: vector ∘ (left·diag(values)·rightᵀ). */
export interface Block {
  /** Vector [I] of length 1, its entry of largest magnitude positive. */
  readonly vector: Float64Array;
  /** Orthonormal columns [J, L], each with its entry of largest magnitude positive. */
  readonly left: Matrix;
  /** Singular values [L] of the block's matrix, descending, in the unit of the tensor. */
  readonly values: Float64Array;
  /** Orthonormal columns [K, L]. */
  readonly right: Matrix;
}

/** A block-term decomposition in rank-(L, L, 1) terms. */
export interface BlockTerm extends Approximation {
  /** Blocks by descending norm. */
  readonly blocks: readonly Block[];
  /** Relative error of each run; dimensionless. */
  readonly runs: readonly number[];
}

/**
 * The block-term decomposition of a tensor of three modes: X ≈ Σᵣ cᵣ ∘ (Aᵣ·Bᵣᵀ) with matrices of rank L,
 * by alternating least squares. A vector of the chosen mode tells how much of each matrix every slice holds;
 * the matrices are given by their singular values, so planes and other eigenspaces stay whole where CP would
 * split them in ways that mean nothing. `converged` is false when the sweeps ran out.
 *
 * Source: De Lathauwer (2008), Decompositions of a higher-order tensor in block terms, part II.
 *
 * @throws {TypeError} unless the tensor has three modes and the ranks are one a block.
 * @throws {RangeError} when an entry is not finite, a mode is empty, or a number is not possible.
 * @example
 * ```ts
 * import { blockTerm, denseTensor } from "@odot/odot/multilinear";
 * const x = denseTensor([2, 2, 2], [1, 0, 0, 1, 2, 0, 0, 2]);
 * const { blocks, relativeError } = blockTerm(x, { blocks: 1, rank: 2 });
 * console.log(blocks[0]!.values.length, relativeError < 1e-7); // 2 true
 * ```
 */
export function blockTerm(x: DenseTensor, options: BlockTermOptions): BlockTerm {
  const action = "Cannot take the block terms of", { mode = 0, restarts = 4 } = options;
  requireTensor(x, 3, action);
  if (x.shape.length > 3) {
    throw new TypeError(`${action} ${text(x.shape)}: it must have three modes`);
  }
  requireMode(x.shape, mode, action);
  requireWhole(restarts, 0, "the number of restarts", action);
  const settings = {
    ...iteration(options, { sweeps: 500, tolerance: 1e-8 }, action),
    ...{ ridge: 0, nonNegative: false, lineSearch: true },
  };
  const { rows, data } = unfold(x, mode);
  const shape = [rows, ...x.shape.filter((_, i) => i !== mode)];
  const ranks = ranksOf(options, shape, action);
  const scaled = scale({ shape, data }, action);
  const blocks = ranks.flatMap((rank, block) => new Array<number>(rank).fill(block));
  let best: { found: AlsResult; relativeError: number } | undefined;
  const runs: number[] = [];
  for (let attempt = 0; attempt <= restarts && !((best?.relativeError ?? 1) < 1e-6); attempt++) {
    const start = randomFactors(shape, blocks.length, settings.seed, attempt);
    const equal = blocks.map((block) => blocks.indexOf(block));
    start[0] = takeColumns(start[0]!, equal);
    const found = scaled.norm === 0 ? nothing(start) : als(scaled, start, { ...settings, blocks });
    const relativeError = errorOf(scaled, found.factors);
    runs.push(relativeError);
    if (!best || relativeError < best.relativeError) best = { found, relativeError };
  }
  return conclude(x.shape, mode, scaled, blocks, best!, runs);
}

function ranksOf(
  { blocks, rank }: BlockTermOptions,
  shape: readonly number[],
  action: string,
): number[] {
  requireWhole(blocks, 1, "the number of blocks", action);
  const ranks = typeof rank === "number" ? new Array<number>(blocks).fill(rank) : [...rank];
  if (ranks.length !== blocks) {
    throw new TypeError(`${action} ${text(shape)}: ${ranks.length} ranks for ${blocks} blocks`);
  }
  const most = Math.min(shape[1]!, shape[2]!), all = shape[0]! * most;
  const bad = ranks.find((value) => !Number.isSafeInteger(value) || value < 1 || value > most);
  if (bad !== undefined) {
    throw new RangeError(
      `${action} ${text(shape)} with rank ${bad}: ranks are whole numbers, 1 to ${most}`,
    );
  }
  const sum = ranks.reduce((a, b) => a + b, 0);
  if (sum > all) {
    throw new RangeError(
      `${action} ${text(shape)} with ranks that sum up to ${sum}: ${all} hold every such tensor`,
    );
  }
  return ranks;
}

function nothing(start: readonly Matrix[]): AlsResult {
  const factors = start.map((factor) => ({ ...factor, data: factor.data.map(() => 0) }));
  return { factors, trace: [0], converged: true };
}

function errorOf(scaled: Scaled, factors: readonly Matrix[]): number {
  return relativeDistance(scaled.data, formed(factors), scaled.norm);
}

function formed(factors: readonly Matrix[]): Float64Array {
  return cpToTensor({ weights: new Float64Array(factors[0]!.columns).fill(1), factors }).data;
}

function conclude(
  shape: readonly number[],
  mode: number,
  scaled: Scaled,
  columns: readonly number[],
  { found, relativeError }: { found: AlsResult; relativeError: number },
  runs: readonly number[],
): BlockTerm {
  const [c, a, b] = found.factors as readonly [Matrix, Matrix, Matrix];
  const blocks = [...new Set(columns)].map((block): Block => {
    const own = columns.flatMap((of, r) => of === block ? [r] : []);
    const { vector, left, values, right } = blockOf(
      takeColumns(c, own.slice(0, 1)),
      takeColumns(a, own),
      takeColumns(b, own),
    );
    return { vector, left, values: scaled.restore(values), right };
  }).sort((x, y) => columnLength(y.values) - columnLength(x.values));
  return {
    ...{ blocks, relativeError, runs, trace: found.trace, converged: found.converged },
    parameterCount: blocks.reduce(
      (sum, { vector, left, values, right }) =>
        sum + vector.length + left.data.length + values.length + right.data.length,
      0,
    ),
    toDense: () => toDense(blocks, shape, mode),
  };
}

function columnLength(values: Float64Array): number {
  return columnLengths({ rows: values.length, columns: 1, data: values })[0]!;
}

/** The normal form of c ∘ (A·Bᵀ), by the singular values of R_A·R_Bᵀ. */
function blockOf(c: Matrix, a: Matrix, b: Matrix): Block {
  const left = qr(a), right = qr(b), length = columnLengths(c)[0]!, rank = a.columns;
  const { u, values, v } = svd(matmul(left.r, right.r, "NT"));
  const sign = signOf(c, 0), l = firstColumns(matmul(left.q, u), rank);
  const signs = Array.from({ length: rank }, (_, j) => signOf(l, j));
  const turn = (m: Matrix, by: number): Matrix => ({
    ...m,
    data: m.data.map((value, i) => value * signs[i % rank]! * by),
  });
  return {
    vector: c.data.map((value) => length > 0 ? sign * value / length : 0),
    left: turn(l, 1),
    values: values.map((value) => value * length),
    right: turn(firstColumns(matmul(right.q, v), rank), sign),
  };
}

function toDense(blocks: readonly Block[], shape: readonly number[], mode: number): DenseTensor {
  const repeat = (vector: Float64Array, times: number): Matrix => ({
    ...{ rows: vector.length, columns: times },
    data: Float64Array.from({ length: vector.length * times }, (_, i) => {
      return vector[Math.floor(i / times)]!;
    }),
  });
  const parts = blocks.map(({ vector, left, values, right }) =>
    cpToTensor({ weights: values, factors: [repeat(vector, values.length), left, right] })
  );
  const data = parts[0]!.data;
  for (const part of parts.slice(1)) part.data.forEach((value, i) => data[i]! += value);
  const rows = shape[mode]!;
  return fold({ rows, columns: data.length / rows, data }, mode, shape);
}
