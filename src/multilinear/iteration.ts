import type { IterationOptions } from "./approximation.ts";
import { requireWhole } from "./checks.ts";

/** Settings of a method that sweeps, checked. */
export interface Iteration {
  readonly sweeps: number;
  readonly tolerance: number;
  readonly seed: number;
  /** Before each sweep: ends the work when it was called off. */
  readonly check: () => void;
  /** After each sweep. */
  readonly report: (sweep: number, relativeError: number) => void;
}

/**
 * Iteration options with a method's own defaults.
 *
 * @throws {RangeError} for sweeps or a seed that are no whole numbers, or a negative tolerance.
 */
export function iteration(
  options: IterationOptions,
  defaults: { readonly sweeps: number; readonly tolerance: number },
  action: string,
): Iteration {
  const { sweeps = defaults.sweeps, tolerance = defaults.tolerance, seed = 0 } = options;
  requireWhole(sweeps, 1, "the number of sweeps", action);
  requireWhole(seed, 0, "the seed", action);
  if (!(tolerance >= 0)) {
    throw new RangeError(`${action}: the tolerance is ${tolerance}, it must be a number ≥ 0`);
  }
  return {
    ...{ sweeps, tolerance, seed },
    check: () => options.signal?.throwIfAborted(),
    report: (sweep, relativeError) => options.progress?.({ sweep, sweeps, relativeError }),
  };
}
