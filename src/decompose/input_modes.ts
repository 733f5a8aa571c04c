import type { Matrix } from "../linalg/mod.ts";
import { requireRank } from "./goal.ts";
import { inputGram } from "./grams.ts";
import type { Interactions } from "./interactions.ts";
import { leading } from "./leading.ts";
import { requirePlan } from "./plan.ts";
import { working } from "./working.ts";

/** Options of {@linkcode inputModes}. */
export interface InputModesOptions {
  /** Directions to keep; all unless said. */
  readonly rank?: number;
  /** Covariance of the inputs [inputs, inputs] whose norm counts; the plain Frobenius norm unless said. */
  readonly weight?: Matrix;
  /** Bytes that the work may take; 2 GiB unless said. */
  readonly memoryLimit?: number;
}

/** Which directions of the input all outputs together look at. */
export interface InputModes {
  /** Singular values of the tensor unfolded by inputs, descending: all, or those computed. */
  readonly singularValues: Float64Array;
  /** Directions as rows [rank, inputs], orthonormal unless weighted; the largest entry is positive. */
  readonly vectors: Matrix;
  /** √(Σ σ² left out / Σ σ²): a layer that sees only these directions is off by at most √2 of it. */
  readonly relativeError: number;
}

/**
 * Directions of the input that matter to all outputs together: the eigenvectors of Σ Q², where Q runs over
 * the outputs' forms, from factors. Source: De Lathauwer, De Moor and Vandewalle 2000.
 *
 * @throws {RangeError} for a rank out of range, or a plan above the memory limit.
 * @example
 * ```ts
 * import { decompose, nn } from "@odot/odot";
 * const model = nn.sequential([nn.bilinear(6, 2, { bias: false }), nn.linear(2, 3)], { seed: 1 });
 * const { singularValues } = decompose.inputModes(decompose.interactions(model));
 * console.log(singularValues.length); // 4: two neurons look at four directions
 * ```
 */
export function inputModes(
  interactions: Interactions,
  { rank, weight, memoryLimit }: InputModesOptions = {},
): InputModes {
  const most = Math.min(interactions.inputs, 2 * interactions.neurons);
  const wanted = requireRank(rank, most, "directions of inputs");
  requirePlan(interactions, {
    method: "tensorTrain",
    ...(wanted && { rank: wanted }),
    ...(memoryLimit !== undefined && { memoryLimit }),
  });
  const work = working(interactions, { weight, compress: true });
  const found = leading(inputGram(work.readout, work), wanted ?? work.size);
  const kept = found.values.subarray(0, found.vectors.rows).reduce((sum, x) => sum + x, 0);
  const total = kept + found.rest;
  return {
    singularValues: found.values.map((value) => Math.sqrt(value) * work.scale),
    vectors: work.toInput(found.vectors),
    relativeError: total > 0 ? Math.sqrt(found.rest / total) : 0,
  };
}
