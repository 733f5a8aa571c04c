import { requireChoice } from "./choice.ts";

/**
 * How a lower bound over a box was proven: `interval` arithmetic, `neurons` one by one (McCormick), the
 * lowest `eigenvalue`, the `convex` function that one shift of all eigenvalues gives, the dual of the
 * `semidefinite` relaxation, or `branch` and bound.
 */
export type BoxMethod =
  | "interval"
  | "neurons"
  | "eigenvalue"
  | "convex"
  | "semidefinite"
  | "branch";

/** Settings of `boxMinimum`. */
export interface BoxOptions {
  /**
   * Which bounds to take, in this order; all but `branch` unless said, and `neurons` alone where the
   * others would need more than 128 MB for Q, beyond 4096 inputs.
   */
  readonly methods?: readonly BoxMethod[];
  /** Time for `branch`, in seconds; 1 unless said. */
  readonly seconds?: number;
  /** Done when upper − lower is at most this; 1e-9 of the larger of the two unless said. */
  readonly tolerance?: number;
  /** Done when the lower bound is above this, or the upper below it. */
  readonly goal?: number;
  /**
   * What `branch` cuts across: `coordinates` of the input, or `directions` of negative eigenvalues, the
   * better where there are at most three of them and many inputs, and then the default.
   */
  readonly cuts?: "coordinates" | "directions";
  /** Starts of the search for the upper bound, a whole number ≥ 1; 4 unless said. */
  readonly restarts?: number;
  /** Seed of the starts; 0 unless said. */
  readonly seed?: number;
}

/** Inputs up to which Q is formed unless asked for. */
export const DENSE = 4096;

/** All methods but branch and bound, the cheapest first. */
const ALL: readonly BoxMethod[] = ["neurons", "interval", "eigenvalue", "convex", "semidefinite"];

/** Options with what is taken where nothing was said. */
export type Settings =
  & BoxOptions
  & Required<Pick<BoxOptions, "methods" | "seconds" | "restarts" | "seed">>;

/** Options, checked. @throws {RangeError} for one that is none. */
export function checked(options: BoxOptions, inputs: number): Settings {
  const { seconds = 1, restarts = 4, seed = 0, tolerance, goal } = options;
  const { methods = inputs > DENSE ? ALL.slice(0, 1) : ALL } = options;
  if (!(seconds >= 0)) {
    throw new RangeError(`Cannot bound over a box for ${seconds} seconds: give a number ≥ 0`);
  }
  if (!(Number.isSafeInteger(restarts) && restarts >= 1)) {
    throw new RangeError(
      `Cannot search a box from ${restarts} starts: give a whole number ≥ 1`,
    );
  }
  if (tolerance !== undefined && !(tolerance >= 0)) {
    throw new RangeError(`Cannot bound to a tolerance of ${tolerance}: give a number ≥ 0`);
  }
  if (goal !== undefined && Number.isNaN(goal)) {
    throw new RangeError("Cannot bound with NaN as the goal: give a number, or none");
  }
  if (methods.length === 0) {
    throw new RangeError("Cannot bound over a box by no method: give one, or leave methods out");
  }
  const action = "Cannot bound over a box";
  for (const method of methods) requireChoice(action, "method", method, [...ALL, "branch"]);
  requireChoice(action, "cuts", options.cuts ?? "coordinates", ["coordinates", "directions"]);
  return { ...options, methods, seconds, restarts, seed };
}
