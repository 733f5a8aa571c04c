import { batches, type Dataset, gather } from "../data/mod.ts";
import { scope } from "../tensor/mod.ts";
import type { Interactions } from "./interactions.ts";
import { logitErrorBound } from "./logit_error.ts";
import { network } from "./network.ts";

/** How much of the layer is to be kept, instead of a number. */
export type Goal =
  /** At least this share of ‖B‖_F², above 0 and at most 1. */
  | { readonly energy: number }
  /** At most this ‖B − B̂‖_F / ‖B‖_F, from 0 to below 1. */
  | { readonly relativeError: number }
  /** Accuracy on a dataset may fall by at most this share of its rows, 0 to 1. */
  | { readonly accuracyDrop: number; readonly on: Dataset }
  /** No output may change by more than `logitError` for any input of length ≤ `radius`: proved. */
  | { readonly logitError: number; readonly radius: number };

/** How many components to keep: a number, or the fewest that reach a goal. */
export type Rank = number | Goal;

/** A result that can be held against a goal. */
export interface Candidate {
  readonly relativeError: number;
  readonly interactions: Interactions;
  /** A bound of the outputs' errors on the unit ball [outputs], where the method knows a better one. */
  readonly spectralError?: () => ArrayLike<number>;
}

/** Rounding that a share of energy or accuracy may miss its goal by. */
const ROUNDING = 1e-12;
/** Rows that are computed at a time. */
const ROWS = 1000;

/** The number, checked, or nothing for a goal. @throws {RangeError} for what is no possible rank. */
export function requireRank(
  rank: Rank | undefined,
  most: number,
  what: string,
): number | undefined {
  if (rank === undefined) return undefined;
  if (typeof rank !== "number") {
    requireGoal(rank);
    return undefined;
  }
  if (!Number.isSafeInteger(rank) || rank < 1 || rank > most) {
    throw new RangeError(
      `Cannot keep ${rank} ${what}: the rank is a whole number from 1 to ${most}, or a goal such as { energy: 0.99 }`,
    );
  }
  return rank;
}

function requireGoal(goal: Goal): void {
  const refuse = (text: string): never => {
    throw new RangeError(`Cannot choose a rank: ${text}`);
  };
  const unclear = (): never => {
    throw new TypeError(
      "Cannot choose a rank: give a number, { energy }, { relativeError }, { accuracyDrop, on } or { logitError, radius }",
    );
  };
  if (typeof goal !== "object" || goal === null) unclear();
  if ("energy" in goal) {
    if (!(goal.energy > 0 && goal.energy <= 1)) {
      refuse(`the energy is ${goal.energy}, a share above 0 and at most 1`);
    }
  } else if ("relativeError" in goal) {
    if (!(goal.relativeError >= 0 && goal.relativeError < 1)) {
      refuse(`the relative error is ${goal.relativeError}, from 0 to below 1`);
    }
  } else if ("accuracyDrop" in goal) {
    if (!(goal.accuracyDrop >= 0 && goal.accuracyDrop <= 1)) {
      refuse(`the drop of accuracy is ${goal.accuracyDrop}, a share from 0 to 1`);
    }
  } else if ("logitError" in goal) {
    const { logitError, radius } = goal;
    if (!(logitError >= 0 && logitError < Infinity && radius > 0 && radius < Infinity)) {
      refuse(
        `a logit error of ${logitError} within the radius ${radius}: both must be finite, the radius above 0`,
      );
    }
  } else unclear();
}

/** Whether a candidate reaches the goal. */
export function goalTest(goal: Goal, original: Interactions): (candidate: Candidate) => boolean {
  requireGoal(goal);
  if ("energy" in goal) {
    return ({ relativeError }) => 1 - relativeError ** 2 >= goal.energy - ROUNDING;
  }
  if ("relativeError" in goal) {
    return ({ relativeError }) => relativeError <= goal.relativeError + ROUNDING;
  }
  if ("logitError" in goal) {
    const { logitError, radius } = goal;
    return ({ interactions, spectralError }) => {
      const bound = spectralError
        ? Math.max(0, ...Array.from(spectralError())) * radius * radius
        : Math.max(...logitErrorBound(original, interactions, { radius, enough: logitError }));
      return bound <= logitError;
    };
  }
  const { accuracyDrop, on } = goal;
  const whole = accuracyOf(original, on);
  return ({ interactions }) => accuracyOf(interactions, on) >= whole - accuracyDrop - ROUNDING;
}

/**
 * The candidate of the smallest rank that passes, by bisection: exact where every larger rank passes too,
 * and otherwise one that passes while the next smaller that was tried does not.
 *
 * @throws {RangeError} when not even the largest rank passes.
 */
export function smallest<T>(
  most: number,
  make: (rank: number) => T,
  passes: (candidate: T) => boolean,
): T {
  let low = 0, high = 0, best: T | undefined;
  // small ranks are cheap, so the first steps double
  while (best === undefined) {
    high = Math.min(most, Math.max(1, 2 * high));
    const candidate = make(high);
    if (passes(candidate)) best = candidate;
    else if (high < most) low = high;
    else {
      throw new RangeError(
        `Cannot reach the goal with any rank up to ${most}: ask for less, or allow more sweeps`,
      );
    }
  }
  while (high - low > 1) {
    const middle = (low + high) >> 1, candidate = make(middle);
    if (passes(candidate)) [high, best] = [middle, candidate];
    else low = middle;
  }
  return best;
}

/** Share of rows whose largest output is the label, in f32. */
export function accuracyOf(interactions: Interactions, source: Dataset): number {
  const { inputs, outputs } = interactions;
  if (source.features !== inputs || source.classes > outputs) {
    throw new TypeError(
      `Cannot measure accuracy on ${source.name}: rows of ${source.features} in ${source.classes} classes, but the interactions take ${inputs} and give ${outputs}`,
    );
  }
  const model = network(interactions);
  let right = 0;
  for (const rows of batches(source, { size: ROWS })) {
    scope(() => {
      const values = model(gather(source, rows).inputs).toArray();
      rows.forEach((index, i) => {
        const own = values.subarray(i * outputs, (i + 1) * outputs);
        if (own.indexOf(Math.max(...own)) === source.labels[index]) right++;
      });
    });
  }
  model[Symbol.dispose]();
  return right / source.count;
}
