import { matmul, type Matrix } from "../linalg/mod.ts";
import { goalTest, type Rank, requireRank, smallest } from "./goal.ts";
import type { Interactions } from "./interactions.ts";
import { type LayerApproximation, layerApproximation } from "./layer_approximation.ts";
import { discarded, outputModes } from "./output_modes.ts";
import { requirePlan } from "./plan.ts";
import type { QuadraticForm } from "./quadratic_form.ts";
import { pickRows, row } from "./rows.ts";
import { working } from "./working.ts";

/** Options of {@linkcode hosvd}. */
export interface HosvdOptions {
  /** Directions to keep, from 1 to the outputs, or a goal; all unless said. */
  readonly rank?: Rank;
  /** Covariance of the inputs [inputs, inputs] whose norm counts; the plain Frobenius norm unless said. */
  readonly weight?: Matrix;
  /** Bytes that the work may take; 2 GiB unless said. */
  readonly memoryLimit?: number;
}

/** The tensor as Σᵢ directionᵢ ⊗ formᵢ, the forms orthogonal to each other. */
export interface Hosvd extends LayerApproximation {
  /** Directions kept. */
  readonly rank: number;
  /** ‖formᵢ‖_F of all directions, descending [outputs], in the norm of the weight where one is given. */
  readonly singularValues: Float64Array;
  /** Orthonormal directions in output space as rows [rank, outputs]; the largest entry is positive. */
  readonly directions: Matrix;
  /** For each direction its quadratic form, with its linear and constant part. */
  readonly forms: readonly QuadraticForm[];
}

/**
 * Which combinations of outputs matter: the singular value decomposition of the interaction tensor
 * unfolded by outputs, from inner products of neurons, so that neither the tensor nor one of its forms
 * is made. No tensor of that output rank is closer: the error is its own bound (Eckart and Young).
 * Where singular values are equal, their directions are one basis of many.
 *
 * Source: Pearce et al. 2024 (2410.08417), section 4; De Lathauwer et al. 2000.
 *
 * @throws {RangeError} for a rank out of range, a goal out of reach, or a plan above the memory limit.
 * @example
 * ```ts
 * import { decompose, nn } from "@odot/odot";
 * const model = nn.sequential([nn.bilinear(8, 16, { bias: false }), nn.linear(16, 4)], { seed: 1 });
 * const { rank, relativeError, forms } = decompose.hosvd(decompose.interactions(model), {
 *   rank: { energy: 0.9 },
 * });
 * console.log(rank, relativeError); // the fewest directions with 90 % of the energy
 * console.log(decompose.eigen(forms[0]!, { rank: 3 }).values);
 * ```
 */
export function hosvd(interactions: Interactions, options: HosvdOptions = {}): Hosvd {
  const { outputs, neurons, inputs, left, right, readout } = interactions;
  const { rank, weight, memoryLimit } = options;
  const wanted = requireRank(rank, outputs, "output directions");
  requirePlan(interactions, { method: "hosvd", ...(memoryLimit !== undefined && { memoryLimit }) });
  const work = working(interactions, { weight, compress: false });
  const modes = outputModes(work);
  const singularValues = modes.values.map((value) => value * work.scale);
  const make = (count: number): Hosvd => {
    const directions = pickRows(modes.directions, [...Array(count).keys()]);
    const relativeError = discarded(modes.values, count);
    // all directions together are the identity, which needs no rounding
    const projected = count === outputs
      ? readout
      : matmul(directions, matmul(directions, readout), "TN");
    return {
      ...layerApproximation(interactions, {
        neurons: { left, right, readout: projected },
        ...{ relativeError, errorBound: relativeError, trace: [relativeError], converged: true },
        parameterCount: count * (outputs + neurons) + 2 * neurons * inputs,
      }),
      ...{ rank: count, singularValues, directions },
      forms: Array.from({ length: count }, (_, i) => interactions.direction(row(directions, i))),
    };
  };
  return rank === undefined || wanted
    ? make(wanted ?? outputs)
    : smallest(outputs, make, goalTest(rank as Exclude<Rank, number>, interactions));
}
