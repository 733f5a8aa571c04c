import type { Address } from "../kernels/mod.ts";
import { type Matrix, qr } from "../linalg/mod.ts";
import type { Approximation, IterationOptions } from "./approximation.ts";
import { requireFactors } from "./checks.ts";
import type { DenseTensor } from "./dense_tensor.ts";
import { prepared, truncate, tuckerError } from "./hosvd.ts";
import { type Iteration, iteration } from "./iteration.ts";
import { around, stored } from "./modes.ts";
import { modeProductsAt } from "./products.ts";
import { boundOf, type RankChoice } from "./rank.ts";
import type { Scaled } from "./scaled.ts";
import { leftSingular } from "./singular.ts";
import { tuckerCount, type TuckerTensor, tuckerToTensor } from "./tucker_tensor.ts";

/** Settings of {@linkcode tucker}: 100 sweeps and a tolerance of 1e-10 unless said. */
export interface TuckerOptions extends IterationOptions {
  /** Ranks of the modes, or the error that the start, and so the result, must stay within. */
  readonly rank: RankChoice;
  /** Factors [Iₙ, Rₙ] to start from, made orthonormal first; those of sthosvd unless given. */
  readonly start?: readonly Matrix[];
}

/** A Tucker decomposition with orthonormal factors. */
export interface Tucker extends TuckerTensor, Approximation {}

/**
 * The Tucker decomposition by higher-order orthogonal iteration: factors with orthonormal columns, each
 * with its entry of largest magnitude positive, by descending singular value, that make the core's norm
 * largest. It starts from {@linkcode sthosvd}, whose error is the bound, and no sweep is worse than the
 * one before.
 *
 * Source: De Lathauwer, De Moor & Vandewalle (2000), On the best rank-1 and rank-(R₁, …, R_N)
 * approximation of higher-order tensors.
 *
 * @throws {TypeError} when the entries do not fill the shape, or a start has another shape.
 * @throws {RangeError} when an entry is not finite, a mode is empty, or a rank is not possible.
 * @example
 * ```ts
 * import { denseTensor, tucker } from "@odot/odot/multilinear";
 * const x = denseTensor([2, 3, 2], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13]);
 * const { core, factors, relativeError, converged } = tucker(x, { rank: [1, 2, 2] });
 * console.log(core.shape, factors[1]!.columns, relativeError, converged);
 * ```
 */
export function tucker(x: DenseTensor, options: TuckerOptions): Tucker {
  const action = "Cannot take the Tucker decomposition of";
  const settings = iteration(options, { sweeps: 100, tolerance: 1e-10 }, action);
  const { rank } = options;
  const [scaled, goal] = prepared(x, rank, action);
  const first = options.start
    ? given(options.start, x.shape, "ranks" in goal ? goal.ranks : undefined, action)
    : truncate(scaled, goal);
  const bound = "discarded" in first ? { errorBound: boundOf(first.discarded, scaled.norm) } : {};
  const { core, factors, trace, converged } = stored(
    [scaled.data],
    (at) => iterate(at, scaled, first.factors, settings),
  );
  const result = { core: { shape: core.shape, data: scaled.restore(core.data) }, factors };
  return {
    ...result,
    ...bound,
    relativeError: tuckerError(scaled, { core, factors }),
    trace,
    converged,
    parameterCount: tuckerCount(result),
    toDense: () => tuckerToTensor(result),
  };
}

function given(
  start: readonly Matrix[],
  shape: readonly number[],
  ranks: readonly number[] | undefined,
  action: string,
): { factors: readonly Matrix[] } {
  if (!ranks) {
    throw new TypeError(`${action} from given factors to a given error: give the ranks as well`);
  }
  if (start.length !== shape.length) requireFactors(start, shape, 0, action);
  shape.forEach((_, mode) => {
    requireFactors([start[mode]!], [shape[mode]!], ranks[mode]!, action);
  });
  return { factors: start.map((factor) => qr(factor).q) };
}

interface Iterated extends TuckerTensor {
  readonly trace: readonly number[];
  readonly converged: boolean;
}

/** Sweeps until nothing improves. */
function iterate(
  x: Address,
  scaled: Scaled,
  start: readonly Matrix[],
  { sweeps, tolerance, check, report }: Iteration,
): Iterated {
  const { shape } = scaled, trace: number[] = [];
  let best: TuckerTensor = {
    core: modeProductsAt(x, shape, start, "transposed"),
    factors: start,
  };
  let error = errorOf(scaled, best), converged = false;
  for (let sweep = 1; sweep <= sweeps && !converged; sweep++) {
    check();
    const next = sweepOnce(x, shape, best.factors);
    const found = errorOf(scaled, next), gain = error - found;
    // rounding alone makes a sweep worse: it is dropped
    if (gain >= 0) [best, error] = [next, found];
    converged = !(gain > tolerance);
    trace.push(error);
    report(sweep, error);
  }
  return { ...best, trace, converged };
}

/** Every factor in turn takes the leading singular vectors of the tensor projected onto the others. */
function sweepOnce(
  x: Address,
  shape: readonly number[],
  factors: readonly Matrix[],
): TuckerTensor {
  const current = [...factors];
  let core: DenseTensor | undefined;
  shape.forEach((_, mode) => {
    const others = current.map((factor, i) => i === mode ? undefined : factor);
    const projected = modeProductsAt(x, shape, others, "transposed");
    const modes = around(projected.shape, mode);
    current[mode] = leftSingular(projected.data, modes, factors[mode]!.columns).vectors;
    if (mode < shape.length - 1) return;
    const last = current.map((factor, i) => i === mode ? factor : undefined);
    core = stored(
      [projected.data],
      (at) => modeProductsAt(at, projected.shape, last, "transposed"),
    );
  });
  return { core: core!, factors: current };
}

/** Below this squared error, ‖X‖² − ‖G‖² has lost too many digits: the difference is formed. */
const CANCELLED = 1e-8;

/** ‖X − X̂‖ / ‖X‖ of orthonormal factors and their core. */
function errorOf(scaled: Scaled, tucker: TuckerTensor): number {
  if (scaled.norm === 0) return 0;
  const kept = tucker.core.data.reduce((sum, value) => sum + value * value, 0);
  const square = 1 - kept / scaled.norm ** 2;
  return square > CANCELLED ? Math.sqrt(square) : tuckerError(scaled, tucker);
}
