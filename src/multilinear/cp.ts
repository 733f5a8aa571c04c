import type { Matrix } from "../linalg/mod.ts";
import { als, type AlsResult, type AlsSettings } from "./als.ts";
import type { Approximation, IterationOptions } from "./approximation.ts";
import { requireRoom, requireTensor, requireWhole, text } from "./checks.ts";
import { degeneratePairs } from "./congruence.ts";
import { givenFactors, randomFactors, singularFactors } from "./cp_start.ts";
import { cpCount, type CpTensor, cpToTensor, normalForm, splitOf } from "./cp_tensor.ts";
import type { DenseTensor } from "./dense_tensor.ts";
import { iteration } from "./iteration.ts";
import { count } from "./modes.ts";
import { requireShare } from "./rank.ts";
import { relativeDistance, scale, type Scaled } from "./scaled.ts";

/** Settings of {@linkcode cp}: 500 sweeps and a tolerance of 1e-8 unless said. */
export interface CpOptions extends IterationOptions {
  /**
   * Number of components R; or what the approximation must reach, for which ranks are tried: twice as
   * many until it is reached, then those between. No rank below is known to fail from other starts.
   */
  readonly rank: number | { readonly energy: number } | { readonly relativeError: number };
  /**
   * Where the first run starts: at leading singular vectors of the unfoldings ("hosvd", unless said), at
   * random numbers, or at factors [Iₙ, R].
   */
  readonly start?: "hosvd" | "random" | readonly Matrix[];
  /**
   * Further runs from random numbers, of which the best counts; 2 unless a start is given, then 0. None
   * follows one that reaches 1e-6; progress counts the sweeps of each run anew.
   */
  readonly restarts?: number;
  /** Goes further the way a sweep went where that helps; true unless said. */
  readonly lineSearch?: boolean;
  /**
   * Weight of Σ‖Aₙ‖² beside ‖X − X̂‖², for X at norm 1; 0 unless said. It keeps degenerate components
   * bounded. The trace then is that of √(‖X − X̂‖² + ridge·Σ‖Aₙ‖²)/‖X‖, which is what does not rise.
   */
  readonly ridge?: number;
  /** Keeps every entry of the factors ≥ 0; false unless said. */
  readonly nonNegative?: boolean;
}

/** A canonical polyadic decomposition. */
export interface Cp extends CpTensor, Approximation {
  /**
   * Pairs of components that nearly cancel (cosine of their rank-one tensors below −0.95), a sign that no
   * best approximation of this rank exists: their weights grow without bound. A ridge, or another rank, helps.
   */
  readonly degenerate: readonly (readonly [number, number])[];
  /** Relative error of each run, the one from `start` first; dimensionless. */
  readonly runs: readonly number[];
}

/**
 * The canonical polyadic decomposition (CANDECOMP/PARAFAC) of a tensor of three or more modes by
 * alternating least squares: X ≈ Σ weightᵣ · a⁰ᵣ ∘ a¹ᵣ ∘ ⋯. Columns have length 1, weights are ≥ 0 and
 * descending, and the entry of largest magnitude is positive in all factors but the first, which takes
 * the signs. No sweep is worse than the one before; `converged` is false when the sweeps ran out.
 *
 * Source: Kolda & Bader (2009), Tensor decompositions and applications, section 3.4.
 *
 * @throws {TypeError} for fewer than three modes, or factors that do not fit.
 * @throws {RangeError} when an entry is not finite, a mode is empty, or the rank is not possible.
 * @example
 * ```ts
 * import { cp, denseTensor } from "@odot/odot/multilinear";
 * const x = denseTensor([2, 2, 2], [3, 0, 0, 0, 0, 0, 0, 1]);
 * const { weights, relativeError } = cp(x, { rank: 2 });
 * console.log(weights.map(Math.round), relativeError < 1e-6); // 3, 1 true
 * ```
 */
export function cp(x: DenseTensor, options: CpOptions): Cp {
  const action = "Cannot take the CP decomposition of";
  requireTensor(x, 3, action);
  const most = highestRank(x.shape), { rank } = options;
  if (typeof rank !== "number") {
    return smallest(x, options, requireShare(rank, action), most);
  }
  if (!Number.isSafeInteger(rank) || rank < 1 || rank > most) {
    throw new RangeError(
      `${action} ${
        text(x.shape)
      } of rank ${rank}: ranks are whole numbers, 1 to ${most}, which every tensor of this shape has at most`,
    );
  }
  requireRoom(workOf(x.shape, rank), `${action} ${text(x.shape)}`, "ask for a lower rank");
  const exact = scale(x, action), scaled = options.ridge ? normalised(exact) : exact;
  const settings = settingsOf(options, action);
  const starts = startsOf(scaled, rank, options, settings.seed, action);
  let best: Run | undefined;
  const runs: number[] = [];
  for (const start of starts) {
    const run = runFrom(scaled, start(), settings);
    runs.push(run.relativeError);
    if (!best || run.objective < best.objective) best = run;
    if (best.relativeError < SOLVED) break;
  }
  return conclude(scaled, best!, runs);
}

/** No further start is tried below this relative error. */
const SOLVED = 1e-6;

/** Product of all sizes but the largest: no tensor of the shape needs more components. */
function highestRank(shape: readonly number[]): number {
  const sizes = [...shape].sort((a, b) => a - b).slice(0, -1);
  return sizes.reduce((product, size) => product * size, 1);
}

/** Numbers that a run holds at a time: the tensor, its difference, both halves and what they contract to. */
function workOf(shape: readonly number[], rank: number): number {
  const split = splitOf(shape), sides = count(shape.slice(0, split)) + count(shape.slice(split));
  return 2 * count(shape) + 2 * rank * sides;
}

/** The tensor at norm 1, so that a ridge weighs the same for every tensor. */
function normalised(scaled: Scaled): Scaled {
  const { norm, data, restore } = scaled;
  if (norm === 0) return scaled;
  return {
    ...scaled,
    data: data.map((value) => value / norm),
    norm: 1,
    restore: (values) => restore(values.map((value) => value * norm)),
  };
}

function settingsOf(options: CpOptions, action: string): AlsSettings {
  const { ridge = 0, nonNegative = false, lineSearch = true } = options;
  if (!(ridge >= 0 && ridge < Infinity)) {
    throw new RangeError(`${action}: the ridge is ${ridge}, it must be a number ≥ 0`);
  }
  return {
    ...iteration(options, { sweeps: 500, tolerance: 1e-8 }, action),
    ...{ ridge, nonNegative, lineSearch },
  };
}

function startsOf(
  scaled: Scaled,
  rank: number,
  { start = "hosvd", restarts = typeof start === "string" ? 2 : 0, nonNegative = false }: CpOptions,
  seed: number,
  action: string,
): (() => Matrix[])[] {
  requireWhole(restarts, 0, "the number of restarts", action);
  if (typeof start === "string" && start !== "hosvd" && start !== "random") {
    throw new RangeError(`${action} a tensor from "${start}": start from hosvd, random or factors`);
  }
  const allowed = (factors: Matrix[]): Matrix[] =>
    nonNegative
      ? factors.map((factor) => ({ ...factor, data: factor.data.map(Math.abs) }))
      : factors;
  const { shape } = scaled;
  const first = typeof start !== "string"
    ? givenFactors(start, shape, rank, nonNegative, action)
    : undefined;
  return Array.from({ length: restarts + 1 }, (_, attempt) => () => {
    if (attempt === 0 && first) return first;
    if (attempt === 0 && start === "hosvd") return allowed(singularFactors(scaled, rank, seed));
    return allowed(randomFactors(shape, rank, seed, attempt));
  });
}

interface Run extends AlsResult {
  readonly relativeError: number;
  readonly objective: number;
}

function runFrom(scaled: Scaled, start: readonly Matrix[], settings: AlsSettings): Run {
  if (scaled.norm === 0) {
    const factors = start.map((factor) => ({ ...factor, data: factor.data.map(() => 0) }));
    return { factors, trace: [0], converged: true, relativeError: 0, objective: 0 };
  }
  const found = als(scaled, start, settings);
  const weights = new Float64Array(found.factors[0]!.columns).fill(1);
  const formed = cpToTensor({ weights, factors: found.factors });
  const relativeError = relativeDistance(scaled.data, formed.data, scaled.norm);
  return { ...found, relativeError, objective: found.trace.at(-1)! };
}

function conclude(scaled: Scaled, best: Run, runs: readonly number[]): Cp {
  const { weights, factors } = normalForm(best.factors);
  const result = { weights: scaled.restore(weights), factors };
  return {
    ...result,
    relativeError: best.relativeError,
    trace: best.trace,
    converged: best.converged,
    parameterCount: cpCount(result),
    degenerate: degeneratePairs(result),
    runs,
    toDense: () => cpToTensor(result),
  };
}

/** The smallest of the ranks tried that reaches an error: doubled until it does, then halved between. */
function smallest(x: DenseTensor, options: CpOptions, goal: number, most: number): Cp {
  const attempt = (rank: number): Cp => cp(x, { ...options, rank });
  let low = 0, high = 1, found = attempt(1);
  while (found.relativeError > goal && high < most) {
    low = high;
    high = Math.min(most, 2 * high);
    found = attempt(high);
  }
  while (found.relativeError <= goal && high - low > 1) {
    const middle = (low + high) >> 1, between = attempt(middle);
    if (between.relativeError <= goal) [high, found] = [middle, between];
    else low = middle;
  }
  return found;
}
