import { type Matrix, matrix } from "../linalg/mod.ts";
import type { Model } from "../nn/mod.ts";
import { type ClassPairs, inputRows, pairsOf } from "./class_pairs.ts";
import { boundaryStep, closestBoundary } from "./closest_boundary.ts";
import { liftRows, marginGroups } from "./margin_groups.ts";
import { radii, type RadiiOptions } from "./radii.ts";

/** The nearest boundary points of many inputs, and what they say about training for a larger radius. */
export interface BoundaryPoints {
  /** Nearest points at which the label and the rival tie [count, inputs]; the input where there are none. */
  readonly points: Float32Array<ArrayBuffer>;
  /** The class that is kept [count]. */
  readonly labels: Int32Array;
  /** The class across the boundary [count]. */
  readonly rival: Int32Array;
  /** Exact radius [count], 0 where the prediction is not the label. */
  readonly radius: Float64Array;
  /**
   * μ / (2·radius) [count]: ∂radius/∂θ = weight · ∂(output[label] − output[rival])(point; θ)/∂θ at the
   * point held fixed; 0 where there is no boundary point.
   */
  readonly weights: Float64Array;
}

/**
 * The nearest boundary point of every input [count, inputs]. By the envelope theorem the derivative of an
 * exact radius by the weights is that of the margin at this fixed point, times a weight: adding
 * −Σ weight · margin(point) to a loss trains for larger certified radii at the price of one more backward
 * pass. Source: METHODS G7 (Danskin 1967).
 *
 * @throws what {@linkcode radii} throws.
 * @example
 * ```ts
 * import { guarantee, nn } from "@odot/odot";
 * const model = nn.sequential([nn.bilinear(2, 1, { bias: false }), nn.linear(1, 2)]);
 * model.assign({ "0.weight": [1, -1, 1, -1], "1.weight": [1, 0], "1.bias": [0, 0.5] });
 * const { points, weights } = guarantee.boundaryPoints(model, [1, 0]);
 * console.log(points, weights); // (x − y)² = ½ nearest to (1, 0)
 * ```
 */
export function boundaryPoints(
  given: Model | ClassPairs,
  inputs: ArrayLike<number>,
  options: RadiiOptions = {},
): BoundaryPoints {
  const pairs = pairsOf(given), found = radii(pairs, inputs, options);
  const { labels, rival, radius, predicted, count } = found;
  const points = Float32Array.from(inputs), weights = new Float64Array(count);
  if (count === 0) return { points, labels, rival, radius, weights };
  const rows = inputRows("Cannot find boundary points", pairs.interactions, points);
  const wanted = (i: number, other: number): boolean =>
    other === rival[i] && predicted[i] === labels[i] && radius[i]! > 0 && radius[i]! < Infinity;
  for (const group of marginGroups(pairs, rows, labels, wanted)) {
    const { margin, members, values } = group, steps = matrix(members.length, values.length);
    members.forEach((i, at) => {
      const gradient = group.gradient(at);
      const boundary = closestBoundary(values, gradient, group.height(at));
      steps.data.set(boundaryStep(values, gradient, boundary), at * values.length);
      weights[i] = boundary.multiplier > 0 ? 1 / (2 * boundary.multiplier * radius[i]!) : 0;
    });
    addRows(points, members, liftRows(margin.form, steps));
  }
  return { points, labels, rival, radius, weights };
}

/** Adds changes [members, inputs] to their rows. */
function addRows(
  points: Float32Array,
  members: readonly number[],
  { data, columns }: Matrix,
): void {
  members.forEach((i, at) => {
    for (let j = 0; j < columns; j++) points[i * columns + j]! += data[at * columns + j]!;
  });
}
