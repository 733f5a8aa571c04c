import { matmul, type Matrix, matrix } from "../linalg/mod.ts";
import type { Model } from "../nn/mod.ts";
import { type ClassPairs, inputRows, marginOf, pairsOf } from "./class_pairs.ts";
import { boundaryStep, closestBoundary } from "./closest_boundary.ts";
import { radii, type RadiiOptions } from "./radii.ts";
import { exactLogits, gradientInto, signedValues } from "./rival.ts";
import { share, type SpectralForm, turn } from "./spectral_form.ts";

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
  const width = pairs.interactions.inputs, points = Float32Array.from(inputs);
  const weights = new Float64Array(count), groups = new Map<number, number[]>();
  for (let i = 0; i < count; i++) {
    if (predicted[i] !== labels[i] || !(radius[i]! > 0 && radius[i]! < Infinity)) continue;
    const key = labels[i]! * pairs.classes + rival[i]!;
    groups.set(key, [...groups.get(key) ?? [], i]);
  }
  for (const [key, members] of groups) {
    const label = Math.floor(key / pairs.classes), other = key % pairs.classes;
    const own = new Float32Array(members.length * width);
    members.forEach((i, at) => own.set(points.subarray(i * width, (i + 1) * width), at * width));
    const rows = inputRows("Cannot find boundary points", pairs.interactions, own);
    const margin = marginOf(pairs, label, other), values = signedValues(margin);
    const logits = exactLogits(pairs.interactions, rows);
    const z = turn(margin.form, share(margin.form.coordinates, rows)), rank = z.columns;
    const steps = matrix(members.length, rank), gradient = new Float64Array(rank);
    members.forEach((i, at) => {
      gradientInto(margin, z.data, at * rank, gradient);
      const start = at * pairs.classes;
      const boundary = closestBoundary(
        values,
        gradient,
        logits[start + label]! - logits[start + other]!,
      );
      steps.data.set(boundaryStep(values, gradient, boundary), at * rank);
      weights[i] = boundary.multiplier > 0 ? 1 / (2 * boundary.multiplier * radius[i]!) : 0;
    });
    const changes = liftRows(margin.form, steps);
    members.forEach((i, at) => {
      for (let j = 0; j < width; j++) {
        points[i * width + j] = rows.data[at * width + j]! + changes.data[at * width + j]!;
      }
    });
  }
  return { points, labels, rival, radius, weights };
}

/** Inputs [rows, inputs] of eigen coordinates [rows, rank]. */
function liftRows({ rotation, coordinates: { basis } }: SpectralForm, steps: Matrix): Matrix {
  const small = matmul(steps, rotation, "NT");
  return basis.rows ? matmul(small, basis.rows) : small;
}
