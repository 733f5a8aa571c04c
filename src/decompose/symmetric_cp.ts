import { type Matrix, matrix } from "../linalg/mod.ts";
import type { IterationOptions } from "../multilinear/mod.ts";
import { requireIteration } from "./cp.ts";
import { squareStarts } from "./cp_starts.ts";
import { type DegeneratePair, degeneratePairs } from "./degeneracy.ts";
import { type Components, relativeDistance } from "./distance.ts";
import { goalTest, type Rank, requireRank, smallest } from "./goal.ts";
import type { Interactions } from "./interactions.ts";
import { type LayerApproximation, layerApproximation } from "./layer_approximation.ts";
import { oriented } from "./leading.ts";
import { requirePlan, SWEEPS } from "./plan.ts";
import { pickRows, scaleColumns, stackColumns } from "./rows.ts";
import { beginSquares, type Penalty, type SquareState, sweepSquares } from "./symmetric_sweep.ts";
import { type Working, working } from "./working.ts";

/** Options of {@linkcode symmetricCp}. */
export interface SymmetricCpOptions extends IterationOptions {
  /** Squares in the dictionary that all outputs share, or a goal. */
  readonly rank: Rank;
  /** Weight of Σ|D|/‖B‖_F beside ½·(relative error)²: makes outputs use few squares; 0 unless said. */
  readonly sparsity?: number;
  /** Weight of Σ‖z‖₁ beside them: makes vectors of few inputs; 0 unless said. */
  readonly inputSparsity?: number;
  /** Further starts after squares of the largest neurons: of eigenvectors, then random; 2 unless said. */
  readonly restarts?: number;
  /** Covariance of the inputs [inputs, inputs] whose norm counts; the plain Frobenius norm unless said. */
  readonly weight?: Matrix;
  /** Bytes that the work may take; 2 GiB unless said. */
  readonly memoryLimit?: number;
}

/** Every output as Σ_r D_or·(z_r·x)²: one dictionary of squares, with a weight and sign for each output. */
export interface SymmetricCp extends LayerApproximation {
  /** Squares that some output uses. */
  readonly rank: number;
  /** Vectors z as rows [rank, inputs], of length 1 in the norm that counts; the largest entry is positive. */
  readonly atoms: Matrix;
  /** D [outputs, rank]: how much of each square an output takes, and with which sign. */
  readonly loadings: Matrix;
  /** Share of the loadings that are not 0. */
  readonly density: number;
  /** ½·(relative error)² plus the penalties after each sweep: never rises, while `trace` may where they weigh. */
  readonly objective: readonly number[];
  /** Pairs of squares that nearly cancel each other. */
  readonly degenerate: readonly DegeneratePair[];
}

/** Sweeps of every start before the best goes on. */
const TRIAL = 10;

/**
 * One dictionary of squares for all outputs (INDSCAL): symmetric canonical polyadic decomposition with
 * signs. The loadings are solved for exactly in every step, by least squares or, where they are to be
 * sparse, by coordinate descent with soft thresholds; the vectors follow preconditioned conjugate
 * gradients, and a step is taken only where it lowers the objective. A neuron is two squares, so twice
 * the neurons always suffice.
 *
 * Source: Carroll and Chang 1970 (INDSCAL); Tibshirani 1996 for the penalty.
 *
 * @throws {RangeError} for a rank, penalty or count out of range, a goal out of reach, or a plan above the
 * memory limit.
 * @example
 * ```ts
 * import { decompose, nn } from "@odot/odot";
 * const model = nn.sequential([nn.bilinear(6, 4, { bias: false }), nn.linear(4, 3)], { seed: 1 });
 * const { atoms, loadings, relativeError } = decompose.symmetricCp(decompose.interactions(model), {
 *   rank: 5,
 * });
 * console.log(atoms.rows, loadings.columns, relativeError < 0.5); // 5 5 true
 * ```
 */
export function symmetricCp(interactions: Interactions, options: SymmetricCpOptions): SymmetricCp {
  const { rank, weight, memoryLimit, sparsity = 0, inputSparsity = 0 } = options;
  const { inputs, neurons } = interactions;
  const most = Math.max(2 * neurons, inputs * (inputs + 1) / 2);
  const wanted = requireRank(rank, most, "squares");
  if (rank === undefined) {
    throw new TypeError("Cannot run symmetricCp without a rank: give a number or a goal");
  }
  for (const [name, value] of Object.entries({ sparsity, inputSparsity })) {
    if (value >= 0 && value < Infinity) continue;
    throw new RangeError(`Cannot penalise with ${name} ${value}: give a finite number ≥ 0`);
  }
  if (inputSparsity > 0 && weight) {
    throw new TypeError(
      "Cannot make inputs sparse in weighted coordinates: leave out weight or inputSparsity",
    );
  }
  requirePlan(interactions, {
    method: "symmetricCp",
    ...(wanted && { rank: wanted }),
    ...(options.sweeps && { sweeps: options.sweeps }),
    ...(memoryLimit !== undefined && { memoryLimit }),
  });
  // few inputs are few only in the coordinates of the inputs
  const work = working(interactions, { weight, compress: inputSparsity === 0 });
  const penalty = { loadings: sparsity, atoms: inputSparsity };
  const make = (count: number): SymmetricCp => run(work, count, penalty, options);
  return wanted
    ? make(wanted)
    : smallest(2 * neurons, make, goalTest(rank as Exclude<Rank, number>, interactions));
}

function run(
  work: Working,
  rank: number,
  penalty: Penalty,
  options: SymmetricCpOptions,
): SymmetricCp {
  const { sweeps = SWEEPS.symmetricCp, tolerance = 1e-7, seed = 0, restarts = 2 } = options;
  const { signal, progress } = options;
  requireIteration({ sweeps, starts: restarts + 1 });
  if (work.energy === 0) return concluded(work, undefined, [0], [0], true);
  const states = squareStarts(work, rank, restarts + 1, seed).map((start) => {
    let state = beginSquares(work, start, penalty);
    const path = [state];
    for (let i = 0; i < Math.min(TRIAL, sweeps) && restarts > 0; i++) {
      signal?.throwIfAborted();
      state = sweepSquares(work, state, penalty) ?? state;
      path.push(state);
    }
    return { state, path };
  });
  const best = states.reduce((a, b) => b.state.objective < a.state.objective ? b : a);
  const trace = best.path.map(({ relativeError }) => relativeError);
  const objective = best.path.map((state) => state.objective);
  let { state } = best, converged = false, still = 0;
  for (let i = trace.length; i <= sweeps && !converged; i++) {
    signal?.throwIfAborted();
    const next = sweepSquares(work, state, penalty);
    const gain = next ? Math.sqrt(2 * state.objective) - Math.sqrt(2 * next.objective) : 0;
    // conjugate gradients take a short step now and then
    still = gain <= tolerance ? still + 1 : 0;
    converged = next === undefined || still >= 3;
    state = next ?? state;
    trace.push(state.relativeError);
    objective.push(state.objective);
    progress?.({ sweep: i, sweeps, relativeError: state.relativeError });
  }
  return concluded(work, state, trace, objective, converged);
}

function concluded(
  work: Working,
  state: SquareState | undefined,
  trace: number[],
  objective: number[],
  converged: boolean,
): SymmetricCp {
  const { interactions, scale } = work, { outputs, inputs } = interactions;
  const found = state ?? { atoms: matrix(0, work.size), loadings: matrix(outputs, 0) };
  const sizes = Array.from({ length: found.atoms.rows }, (_, r) => {
    let total = 0;
    for (let o = 0; o < outputs; o++) total += found.loadings.data[o * found.atoms.rows + r]! ** 2;
    return total;
  });
  const order = [...sizes.keys()].filter((r) => sizes[r]! > 0)
    .sort((a, b) => sizes[b]! - sizes[a]! || a - b);
  const atoms = oriented(pickRows(found.atoms, order));
  const columns = order.map((r) =>
    matrix(
      outputs,
      1,
      Float64Array.from(
        { length: outputs },
        (_, o) => found.loadings.data[o * found.atoms.rows + r]!,
      ),
    )
  );
  const own = columns.length > 0 ? stackColumns(columns) : matrix(outputs, 0);
  const parts: Components = { left: atoms, right: atoms, readout: own };
  const relativeError = relativeDistance(work, parts);
  const previous = trace.at(-2) ?? relativeError;
  trace[trace.length - 1] = trace.at(-1)! <= previous
    ? Math.min(relativeError, previous)
    : relativeError;
  const rows = work.toInput(atoms), rank = order.length;
  const loadings = scaleColumns(
    matrix(outputs, rank, own.data),
    new Float64Array(rank).fill(scale),
  );
  const nonzero = loadings.data.reduce((count, value) => value === 0 ? count : count + 1, 0);
  return {
    ...layerApproximation(interactions, {
      neurons: { left: rows, right: rows, readout: loadings },
      ...{ relativeError, trace, converged },
      parameterCount: rank * inputs + nonzero,
    }),
    ...{ rank, atoms: rows, loadings, objective },
    density: loadings.data.length === 0 ? 0 : nonzero / loadings.data.length,
    degenerate: degeneratePairs(parts),
  };
}
