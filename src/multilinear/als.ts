import { matmul, type Matrix } from "../linalg/mod.ts";
import {
  positive,
  type Solve,
  solveBlocks,
  solveNormal,
  solvePositive,
  solveSingular,
} from "./als_solve.ts";
import { joined, splitOf, spread } from "./cp_tensor.ts";
import type { Iteration } from "./iteration.ts";
import { stored } from "./modes.ts";
import { contractHalf, contractOthers, type Half, type Halves } from "./mttkrp.ts";
import { relativeDistance, type Scaled } from "./scaled.ts";

/** How alternating least squares treats its factors. */
export interface AlsSettings extends Iteration {
  /** Weight of Σ‖Aₙ‖² beside ‖X − X̂‖², for a tensor of norm 1. */
  readonly ridge: number;
  readonly nonNegative: boolean;
  readonly lineSearch: boolean;
  /** Columns of the first factor that are equal: block[column], for rank-(L, L, 1) terms. */
  readonly blocks?: readonly number[];
}

/** Factors that were found, and how. */
export interface AlsResult {
  readonly factors: readonly Matrix[];
  /** √(‖X − X̂‖² + ridge) / ‖X‖ after each sweep. */
  readonly trace: readonly number[];
  readonly converged: boolean;
}

/** A point of the search, and what is known there. */
interface Point {
  readonly factors: readonly Matrix[];
  /** FᵀF of every factor. */
  readonly grams: readonly Matrix[];
  readonly objective: number;
  /** The tensor contracted with the factors of the second half, where it is known. */
  readonly half?: Half;
}

/** Below this squared error, ‖X‖² − 2⟨X, X̂⟩ + ‖X̂‖² has lost too many digits: the difference is formed. */
const CANCELLED = 1e-8;

/**
 * Alternating least squares from given factors. Every sweep updates the modes in order from normal
 * equations; the tensor is multiplied twice a sweep, since the modes of each half share a product. A sweep
 * that is worse than the one before is dropped and ends the work.
 */
export function als(scaled: Scaled, start: readonly Matrix[], settings: AlsSettings): AlsResult {
  return stored([scaled.data], (x) => {
    const halves = { x, shape: scaled.shape, split: splitOf(scaled.shape) };
    const search: Search = { halves, scaled, settings };
    return iterate(search, evaluate(search, start));
  });
}

interface Search {
  readonly halves: Halves;
  readonly scaled: Scaled;
  readonly settings: AlsSettings;
}

function iterate(search: Search, start: Point): AlsResult {
  const { settings } = search, trace: number[] = [];
  const extrapolate = extrapolation(search);
  // the start itself does not count: a first sweep replaces it
  let point: Point = { ...start, objective: Infinity };
  let solve = solveNormal, converged = false;
  for (let sweep = 1; sweep <= settings.sweeps && !converged; sweep++) {
    settings.check();
    let next = sweepOnce(search, point, solve);
    if (!(next.objective <= point.objective) && solve === solveNormal) {
      solve = solveSingular;
      next = sweepOnce(search, point, solve);
    }
    if (!(next.objective <= point.objective)) {
      if (trace.length === 0) break;
      next = point;
    } else if (settings.lineSearch && sweep > 2) next = extrapolate(point, next);
    converged = !(point.objective - next.objective > settings.tolerance);
    point = next;
    trace.push(point.objective);
    settings.report(sweep, point.objective);
  }
  return { factors: point.factors, trace, converged };
}

/** Goes further the way a sweep went, as long as that helps: twice as far again, or half. */
function extrapolation(search: Search): (before: Point, after: Point) => Point {
  let step = 1, wait = 0;
  return (before, after) => {
    if (wait-- > 0) return after;
    const factors = after.factors.map((factor, mode) => {
      const old = before.factors[mode]!.data;
      const data = factor.data.map((value, i) => value + step * (value - old[i]!));
      return { ...factor, data: search.settings.nonNegative ? data.map(positive) : data };
    });
    const further = evaluate(search, factors);
    if (further.objective < after.objective) {
      step = Math.min(64, 1.5 * step);
      wait = 0;
      return further;
    }
    step = Math.max(0.5, step / 2);
    wait = 3;
    return after;
  };
}

/** What is known of factors that no sweep has left behind. */
function evaluate(search: Search, factors: readonly Matrix[]): Point {
  const grams = factors.map((factor) => matmul(factor, factor, "TN"));
  const half = contractHalf(search.halves, 0, factors);
  const objective = objectiveOf(search, factors, grams, contractOthers(half, 0, factors), 0);
  return { factors, grams, objective, half };
}

/** One update of every factor. */
function sweepOnce(search: Search, point: Point, solve: Solve): Point {
  const { halves, settings } = search, { ridge, nonNegative, blocks } = settings;
  const factors = [...point.factors], grams = [...point.grams];
  let half = point.half, target: Matrix | undefined;
  factors.forEach((factor, mode) => {
    if (mode === 0 ? !half : mode === halves.split) half = contractHalf(halves, mode, factors);
    target = contractOthers(half!, mode, factors);
    const gram = hadamard(grams.filter((_, i) => i !== mode));
    for (let r = 0; r < gram.rows; r++) gram.data[r * gram.rows + r]! += ridge;
    factors[mode] = blocks && mode === 0
      ? solveBlocks(gram, target, blocks, solve)
      : nonNegative
      ? solvePositive(gram, target, factor)
      : solve(gram, target);
    grams[mode] = matmul(factors[mode]!, factors[mode]!, "TN");
  });
  const objective = objectiveOf(search, factors, grams, target!, factors.length - 1);
  return { factors, grams, objective };
}

/** √(‖X − X̂‖² + ridge·Σ‖Aₙ‖²) / ‖X‖, from the last mttkrp. */
function objectiveOf(
  { halves, scaled, settings }: Search,
  factors: readonly Matrix[],
  grams: readonly Matrix[],
  target: Matrix,
  mode: number,
): number {
  const last = factors[mode]!.data;
  let inner = 0;
  for (let i = 0; i < last.length; i++) inner += last[i]! * target.data[i]!;
  const model = hadamard(grams).data.reduce((sum, value) => sum + value, 0);
  const total = scaled.norm ** 2;
  let square = (total - 2 * inner + model) / total;
  if (!(square > CANCELLED * Math.max(1, model / total))) {
    square = formedError(halves, scaled, factors) ** 2;
  }
  if (settings.ridge === 0) return Math.sqrt(square);
  const size = grams.reduce((sum, { rows, data }) => {
    for (let r = 0; r < rows; r++) sum += data[r * rows + r]!;
    return sum;
  }, 0);
  return Math.sqrt(square + settings.ridge * size / total);
}

/** ‖X − X̂‖ / ‖X‖ with X̂ formed. */
function formedError({ split }: Halves, scaled: Scaled, factors: readonly Matrix[]): number {
  const formed = spread(joined(factors.slice(0, split)), joined(factors.slice(split)));
  return relativeDistance(scaled.data, formed, scaled.norm);
}

/** The elementwise product of matrices of one size. */
function hadamard(matrices: readonly Matrix[]): Matrix {
  const [first, ...others] = matrices, data = first!.data.slice();
  for (const other of others) {
    for (let i = 0; i < data.length; i++) data[i]! *= other.data[i]!;
  }
  return { ...first!, data };
}
