import { type Matrix, matrix } from "../linalg/mod.ts";
import type { IterationOptions } from "../multilinear/mod.ts";
import { type Components, relativeDistance } from "./distance.ts";
import { type DegeneratePair, degeneratePairs } from "./degeneracy.ts";
import { pairStarts } from "./cp_starts.ts";
import { begin, refined, sweep } from "./cp_sweep.ts";
import { goalTest, type Rank, requireRank, smallest } from "./goal.ts";
import type { Interactions } from "./interactions.ts";
import { type LayerApproximation, layerApproximation } from "./layer_approximation.ts";
import { requirePlan, SWEEPS } from "./plan.ts";
import { pointsDown, row, rowNorms } from "./rows.ts";
import { type Working, working } from "./working.ts";

/** Options of {@linkcode cp}. */
export interface CpOptions extends IterationOptions {
  /** Components, which become the neurons of the smaller layer, or a goal. */
  readonly rank: Rank;
  /** Further starts after the largest neurons: eigenvectors, then random ones; 2 unless said. */
  readonly restarts?: number;
  /** Covariance of the inputs [inputs, inputs] whose norm counts; the plain Frobenius norm unless said. */
  readonly weight?: Matrix;
  /** Bytes that the work may take; 2 GiB unless said. */
  readonly memoryLimit?: number;
}

/** The tensor as Σ_r weight_r · output_r ⊗ sym(left_r ⊗ right_r): a bilinear layer of so many neurons. */
export interface Cp extends LayerApproximation {
  /** Components. */
  readonly rank: number;
  /** Size of every component, descending [rank]: the norms of its three vectors multiplied. */
  readonly weights: Float64Array;
  /** Output patterns of length 1 as rows [rank, outputs]; the largest entry is positive. */
  readonly outputFactors: Matrix;
  /** Left vectors [rank, inputs], of length 1 in the norm that counts; the largest entry is positive. */
  readonly leftFactors: Matrix;
  /** Right vectors [rank, inputs], of length 1 in the norm that counts. */
  readonly rightFactors: Matrix;
  /**
   * Pairs of components that nearly cancel each other, which ALS makes where no best approximation
   * exists; their weights mean nothing on their own.
   */
  readonly degenerate: readonly DegeneratePair[];
}

/** Sweeps of every start before the best goes on. */
const TRIAL = 8;

/**
 * The layer with fewer neurons that is closest to it: canonical polyadic decomposition whose two input
 * vectors are symmetrised as a bilinear layer does it, by alternating least squares on inner products of
 * neurons. Each step solves its least-squares problem with a proximal term, so the error never rises;
 * extrapolated steps are taken only where they lower it.
 *
 * `converged` is false where the sweeps ran out; the result then still says its error. Source: Carroll and
 * Chang 1970; Harshman 1970; for the symmetrised steps, Kolda and Bader 2009, section 3.4.
 *
 * @throws {RangeError} for a rank out of range, a goal out of reach, or a plan above the memory limit.
 * @example
 * ```ts
 * import { decompose, nn } from "@odot/odot";
 * const model = nn.sequential([nn.bilinear(8, 12, { bias: false }), nn.linear(12, 3)], { seed: 1 });
 * const smaller = decompose.cp(decompose.interactions(model), { rank: 6 });
 * console.log(smaller.interactions.neurons, smaller.relativeError < 1); // 6 true
 * console.log(smaller.trace.every((e, i) => i === 0 || e <= smaller.trace[i - 1]!)); // true
 * ```
 */
export function cp(interactions: Interactions, options: CpOptions): Cp {
  const { rank, weight, memoryLimit } = options;
  const { inputs, neurons } = interactions;
  const most = Math.max(
    neurons,
    Math.min(interactions.outputs * inputs, inputs * (inputs + 1) / 2),
  );
  const wanted = requireRank(rank, most, "components");
  if (rank === undefined) {
    throw new TypeError("Cannot run cp without a rank: give a number or a goal");
  }
  requirePlan(interactions, {
    method: "cp",
    ...(wanted && { rank: wanted }),
    ...(options.sweeps && { sweeps: options.sweeps }),
    ...(memoryLimit !== undefined && { memoryLimit }),
  });
  const work = working(interactions, { weight, compress: true });
  const make = (count: number): Cp => run(work, count, options);
  return wanted
    ? make(wanted)
    : smallest(neurons, make, goalTest(rank as Exclude<Rank, number>, interactions));
}

function run(work: Working, rank: number, options: CpOptions): Cp {
  const { sweeps = SWEEPS.cp, tolerance = 1e-7, seed = 0, restarts = 2, signal, progress } =
    options;
  requireIteration({ sweeps, starts: restarts + 1 });
  if (work.energy === 0) return zero(work, rank);
  const states = pairStarts(work, rank, restarts + 1, seed).map((start) => {
    let state = begin(work, start);
    const trace = [state.relativeError];
    for (let i = 0; i < Math.min(TRIAL, sweeps) && restarts > 0; i++) {
      signal?.throwIfAborted();
      state = sweep(work, state);
      trace.push(state.relativeError);
    }
    return { state, trace };
  });
  const { trace, ...best } = states.reduce((a, b) =>
    b.state.relativeError < a.state.relativeError ? b : a
  );
  let { state } = best, converged = state.relativeError <= tolerance;
  for (let i = trace.length; i <= sweeps && !converged; i++) {
    signal?.throwIfAborted();
    const next = refined(work, sweep(work, state), state);
    converged = state.relativeError - next.relativeError <= tolerance;
    state = next;
    trace.push(state.relativeError);
    progress?.({ sweep: i, sweeps, relativeError: state.relativeError });
  }
  return concluded(work, state, trace, converged);
}

/** @throws {RangeError} for counts that are none. */
export function requireIteration(counts: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(counts)) {
    if (Number.isSafeInteger(value) && value >= 1) continue;
    throw new RangeError(`Cannot iterate with ${name} ${value}: give a whole number ≥ 1`);
  }
}

function zero(work: Working, rank: number): Cp {
  const { outputs } = work.interactions;
  const empty = matrix(rank, work.size);
  return concluded(
    work,
    { left: empty, right: empty, readout: matrix(outputs, rank) },
    [0],
    true,
  );
}

function concluded(
  work: Working,
  found: Components,
  trace: number[],
  converged: boolean,
): Cp {
  const { interactions, scale } = work, { outputs, inputs } = interactions;
  const { parts, weights } = normalised(found), rank = weights.length;
  const relativeError = relativeDistance(work, parts);
  // the sweeps cannot tell errors below 2e-8 from 0
  trace[trace.length - 1] = Math.min(relativeError, trace.at(-2) ?? relativeError);
  const readout = matrix(outputs, rank, parts.readout.data.map((value) => value * scale));
  const leftFactors = work.toInput(parts.left), rightFactors = work.toInput(parts.right);
  const outputFactors = matrix(rank, outputs);
  parts.readout.data.forEach((value, i) => {
    const r = i % rank, o = Math.floor(i / rank);
    outputFactors.data[r * outputs + o] = weights[r] === 0 ? 0 : value / weights[r]!;
  });
  return {
    ...layerApproximation(interactions, {
      neurons: { left: leftFactors, right: rightFactors, readout },
      ...{ relativeError, trace, converged },
      parameterCount: rank * (outputs + 2 * inputs),
    }),
    ...{ rank, outputFactors, leftFactors, rightFactors },
    weights: weights.map((value) => value * scale),
    degenerate: degeneratePairs(parts),
  };
}

/** Vectors of length 1 with a sign of their own, sizes in the readout, the largest component first. */
function normalised(found: Components): { parts: Components; weights: Float64Array } {
  const { left, right, readout } = found, rank = left.rows, outputs = readout.rows;
  const [l, r] = [rowNorms(left), rowNorms(right)];
  const sizes = Float64Array.from({ length: rank }, (_, k) => {
    let total = 0;
    for (let o = 0; o < outputs; o++) total += readout.data[o * rank + k]! ** 2;
    return Math.sqrt(total) * l[k]! * r[k]!;
  });
  const order = [...sizes.keys()].sort((a, b) => sizes[b]! - sizes[a]! || a - b);
  const parts = {
    left: matrix(rank, left.columns),
    right: matrix(rank, right.columns),
    readout: matrix(outputs, rank),
  };
  order.forEach((from, k) => {
    const own = Float64Array.from({ length: outputs }, (_, o) => readout.data[o * rank + from]!);
    const [turnLeft, turnOwn] = [pointsDown(row(left, from)) ? -1 : 1, pointsDown(own) ? -1 : 1];
    const put = (target: Matrix, source: Matrix, norm: number, sign: number): void =>
      row(source, from).forEach((value, i) =>
        row(target, k)[i] = norm > 0 ? sign * value / norm : 0
      );
    put(parts.left, left, l[from]!, turnLeft);
    put(parts.right, right, r[from]!, turnLeft * turnOwn);
    own.forEach((value, o) =>
      parts.readout.data[o * rank + k] = turnOwn * value * l[from]! * r[from]!
    );
  });
  return { parts, weights: Float64Array.from(order, (from) => sizes[from]!) };
}
