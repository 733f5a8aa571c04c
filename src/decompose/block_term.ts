import { frobeniusNorm, matmul, type Matrix, matrix } from "../linalg/mod.ts";
import type { IterationOptions } from "../multilinear/mod.ts";
import { bestBlock, type Block, blockStarts, overlap } from "./blocks.ts";
import { joined, pairedSquares } from "./canonical_pairs.ts";
import { requireIteration } from "./cp.ts";
import { solvedReadout } from "./cp_sweep.ts";
import { type Components, FLOOR, relativeDistance } from "./distance.ts";
import { goalTest, type Rank, requireRank, smallest } from "./goal.ts";
import { inner } from "./grams.ts";
import type { Interactions } from "./interactions.ts";
import { type LayerApproximation, layerApproximation } from "./layer_approximation.ts";
import { oriented } from "./leading.ts";
import { requirePlan, SWEEPS } from "./plan.ts";
import { pointsDown } from "./rows.ts";
import { type Working, working } from "./working.ts";

/** Options of {@linkcode blockTerm}. */
export interface BlockTermOptions extends IterationOptions {
  /** How many blocks, or a goal. */
  readonly rank: Rank;
  /** Eigenvectors a block has at most; 2 unless said. */
  readonly blockRank?: number;
  /**
   * `definite` blocks have eigenvalues of one sign, as eigenspaces do; `indefinite` ones of any. `definite`
   * unless said.
   */
  readonly signature?: "definite" | "indefinite";
  /**
   * Eigenvalues closer than this share of the largest begin in one block; dimensionless, 1e-3 unless
   * said.
   */
  readonly degeneracy?: number;
  /** Covariance of the inputs [inputs, inputs] whose norm counts; the plain Frobenius norm unless said. */
  readonly weight?: Matrix;
  /** Bytes that the work may take; 2 GiB unless said. */
  readonly memoryLimit?: number;
}

/** One block: a form of low rank with the pattern in which the outputs use it. */
export interface BlockComponent {
  /** Pattern over the outputs, of length 1 [outputs]; the largest entry is positive. */
  readonly pattern: Float64Array;
  /** Eigenvalues of the form, the largest by |value| first. */
  readonly values: Float64Array;
  /** Their vectors as rows [blockRank, inputs], orthonormal unless weighted. */
  readonly vectors: Matrix;
}

/** The tensor as Σ_b pattern_b ⊗ form_b. */
export interface BlockTerm extends LayerApproximation {
  /** Blocks, the largest first. */
  readonly blocks: readonly BlockComponent[];
}

/**
 * Block-term decomposition in rank-(L, L, 1) terms: forms of few eigenvectors, each with one output
 * pattern, so that a degenerate eigenspace, whose vectors are arbitrary, stays one thing. Begun by the
 * clustered eigenvalues of the leading output directions; then each block in turn becomes the best of
 * its rank for what the others leave, and the patterns their least squares: the error never rises.
 *
 * Source: De Lathauwer 2008; modular addition is its case with L = 2.
 *
 * @throws {RangeError} for a rank or count out of range, a goal out of reach, or a plan above the memory
 * limit.
 * @example
 * ```ts
 * import { decompose, nn } from "@odot/odot";
 * const model = nn.sequential([nn.bilinear(6, 4, { bias: false }), nn.linear(4, 3)], { seed: 1 });
 * const { blocks } = decompose.blockTerm(decompose.interactions(model), { rank: 2, blockRank: 2 });
 * console.log(blocks.map(({ values }) => values.length).join()); // "2,2"
 * ```
 */
export function blockTerm(interactions: Interactions, options: BlockTermOptions): BlockTerm {
  const { rank, weight, memoryLimit, blockRank = 2, degeneracy = 1e-3 } = options;
  const { inputs, neurons, outputs } = interactions;
  const size = Math.min(inputs, 2 * neurons), most = outputs * size;
  const wanted = requireRank(rank, most, "blocks");
  if (rank === undefined) {
    throw new TypeError("Cannot run blockTerm without a rank: give a number or a goal");
  }
  if (!Number.isSafeInteger(blockRank) || blockRank < 1 || blockRank > size) {
    throw new RangeError(
      `Cannot make blocks of rank ${blockRank}: it is a whole number from 1 to ${size}`,
    );
  }
  if (!(degeneracy >= 0 && degeneracy < 1)) {
    throw new RangeError(
      `Cannot cluster eigenvalues within ${degeneracy}: give a share from 0 to below 1`,
    );
  }
  const { signature = "definite" } = options;
  if (signature !== "definite" && signature !== "indefinite") {
    throw new RangeError(`Cannot make ${signature} blocks: choose definite or indefinite`);
  }
  requirePlan(interactions, {
    ...{ method: "blockTerm", blockRank },
    ...(wanted && { rank: wanted }),
    ...(options.sweeps && { sweeps: options.sweeps }),
    ...(memoryLimit !== undefined && { memoryLimit }),
  });
  const work = working(interactions, { weight, compress: true });
  const make = (count: number): BlockTerm =>
    run(work, count, { ...options, blockRank, degeneracy });
  return wanted
    ? make(wanted)
    : smallest(most, make, goalTest(rank as Exclude<Rank, number>, interactions));
}

interface State {
  readonly blocks: readonly Block[];
  readonly relativeError: number;
}

type Settings = BlockTermOptions & { readonly blockRank: number; readonly degeneracy: number };

function run(work: Working, count: number, options: Settings): BlockTerm {
  const { sweeps = SWEEPS.blockTerm, tolerance = 1e-7, signal, progress } = options;
  const { signature = "definite" } = options;
  requireIteration({ sweeps });
  if (work.energy === 0) return concluded(work, { blocks: [], relativeError: 0 }, [0], true);
  let state = withPatterns(work, blockStarts(work, count, options));
  const trace = [state.relativeError];
  let converged = state.relativeError <= tolerance;
  for (let sweep = 1; sweep <= sweeps && !converged; sweep++) {
    signal?.throwIfAborted();
    const blocks = [...state.blocks];
    for (let b = 0; b < blocks.length; b++) {
      blocks[b] = bestBlock(work, blocks, b, options.blockRank, signature);
    }
    const next = withPatterns(work, blocks.filter(({ values }) => values.length > 0));
    // each step is the best of its kind; only rounding could raise the error
    const better = next.relativeError < state.relativeError;
    converged = !better || state.relativeError - next.relativeError <= tolerance;
    if (better) state = next;
    trace.push(state.relativeError);
    progress?.({ sweep, sweeps, relativeError: state.relativeError });
  }
  return concluded(work, state, trace, converged);
}

/** The best patterns for given forms, their length moved into the forms. */
function withPatterns(work: Working, blocks: readonly Block[]): State {
  const { readout, energy } = work, outputs = readout.rows, count = blocks.length;
  if (count === 0) return { blocks, relativeError: 1 };
  const gram = matrix(count, count),
    target = matrix(outputs, count),
    before = matrix(outputs, count);
  blocks.forEach((block, b) => {
    blocks.forEach((other, c) => gram.data[b * count + c] = overlap(block, other));
    const [l, r] = [
      matmul(work.left, block.vectors, "NT"),
      matmul(work.right, block.vectors, "NT"),
    ];
    const weights = matrix(work.left.rows, 1);
    l.data.forEach((value, i) => {
      const k = Math.floor(i / l.columns);
      weights.data[k] = weights.data[k]! + value * r.data[i]! * block.values[i % l.columns]!;
    });
    matmul(readout, weights).data.forEach((value, o) => target.data[o * count + b] = value);
    block.pattern.forEach((value, o) => before.data[o * count + b] = value);
  });
  const own = matrix(count, count, gram.data);
  const patterns = solvedReadout(gram, target, before);
  const square = inner(patterns, matmul(patterns, own));
  const loss = Math.max(0, (energy - 2 * inner(patterns, target) + square) / energy);
  return {
    relativeError: Math.max(FLOOR, Math.sqrt(loss)),
    blocks: blocks.map(({ values, vectors }, b) => {
      const pattern = Float64Array.from(
        { length: outputs },
        (_, o) => patterns.data[o * count + b]!,
      );
      const length = frobeniusNorm(matrix(1, outputs, pattern));
      const sign = pointsDown(pattern) ? -1 : 1, factor = length > 0 ? sign / length : 0;
      return {
        pattern: pattern.map((value) => value * factor),
        values: values.map((value) => value * length * sign),
        vectors,
      };
    }),
  };
}

function concluded(work: Working, state: State, trace: number[], converged: boolean): BlockTerm {
  const { interactions, scale } = work, { outputs, inputs } = interactions;
  const strength = ({ values }: Block): number => values.reduce((sum, x) => sum + x * x, 0);
  const blocks = state.blocks.filter((block) => strength(block) > 0)
    .sort((a, b) => strength(b) - strength(a));
  const parts = joined(
    blocks.map(({ pattern, values, vectors }): Components => {
      const pair = pairedSquares(values, vectors), readout = matrix(outputs, pair.left.rows);
      pattern.forEach((value, o) =>
        readout.data.fill(value, o * pair.left.rows, (o + 1) * pair.left.rows)
      );
      return { ...pair, readout };
    }),
    work.size,
    outputs,
  );
  const relativeError = relativeDistance(work, parts);
  trace[trace.length - 1] = Math.min(relativeError, trace.at(-2) ?? relativeError);
  return {
    ...layerApproximation(interactions, {
      neurons: {
        left: work.toInput(parts.left),
        right: work.toInput(parts.right),
        readout: matrix(outputs, parts.readout.columns, parts.readout.data.map((x) => x * scale)),
      },
      ...{ relativeError, trace, converged },
      parameterCount: blocks.reduce(
        (total, { values }) => total + outputs + values.length * (1 + inputs),
        0,
      ),
    }),
    blocks: blocks.map(({ pattern, values, vectors }) => ({
      pattern,
      values: values.map((value) => value * scale),
      vectors: oriented(work.toInput(vectors)),
    })),
  };
}
