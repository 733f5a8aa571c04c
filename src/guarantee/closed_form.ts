import { matrix } from "../linalg/mod.ts";
import type { Model } from "../nn/mod.ts";
import { checkLabel, type ClassPairs, inputRows, pairsOf } from "./class_pairs.ts";
import { liftRows, type MarginGroup, marginGroups } from "./margin_groups.ts";
import { argmax } from "./radius.ts";

/** Lower bounds on certified radii without solving for them, and their derivatives by the weights. */
export interface ClosedFormRadii {
  /** Number of inputs. */
  readonly count: number;
  /** The class that is kept [count]. */
  readonly labels: Int32Array;
  /** The class that gives the smallest bound [count]. */
  readonly rival: Int32Array;
  /** At most the exact radius [count]; equal where the margin is linear or its gradient lies along its lowest eigenvector. */
  readonly radius: Float64Array;
  /**
   * Five points for every input [count · 5, inputs]: the input, a unit step up and down the gradient of the
   * margin, and a unit step either way along its lowest eigenvector.
   */
  readonly points: Float32Array<ArrayBuffer>;
  /** ∂radius/∂θ = Σ weight · ∂margin(point; θ)/∂θ over the five points held fixed [count · 5]. */
  readonly weights: Float64Array;
}

/** Points of one input. */
const POINTS = 5;

/**
 * R = 2m / (‖g‖ + √(‖g‖² + 4am)) with the margin m, its gradient g and a = max(0, −λ_min), the smallest
 * over all rivals, for many inputs [count, inputs]: the root of aR² + ‖g‖R = m, at most the exact radius.
 * Margins are quadratic, so ‖g‖ and λ_min are differences of margins at a few points, and so are their
 * derivatives. {@linkcode boundaryPoints} differentiates the exact radius at one point instead of five.
 * Not a proof in floating point: `radii` are. Source: METHODS G7.
 *
 * @throws {TypeError} when the model has no exact form, or the inputs are no whole number of rows, or the
 * labels another number; {RangeError} when an input is not finite, or there is no such label.
 * @example
 * ```ts
 * import { guarantee, nn } from "@odot/odot";
 * const model = nn.sequential([nn.bilinear(4, 3), nn.linear(3, 3)], { seed: 1 });
 * const low = guarantee.closedFormRadii(model, [1, 0, 0, 1]).radius[0]!;
 * console.log(low <= guarantee.radius(model, [1, 0, 0, 1]).radius); // true
 * ```
 */
export function closedFormRadii(
  given: Model | ClassPairs,
  inputs: ArrayLike<number>,
  options: { readonly labels?: ArrayLike<number> } = {},
): ClosedFormRadii {
  const pairs = pairsOf(given), action = "Cannot bound radii", { classes } = pairs;
  const rows = inputRows(action, pairs.interactions, inputs), count = rows.rows;
  if (options.labels && options.labels.length !== count) {
    throw new TypeError(`${action} of ${count} inputs with ${options.labels.length} labels`);
  }
  const logits = pairs.model.predict(rows.data);
  const labels = Int32Array.from({ length: count }, (_, i) => {
    const label = options.labels?.[i] ?? argmax(logits.subarray(i * classes, (i + 1) * classes));
    checkLabel(action, label, classes);
    return label;
  });
  const radius = new Float64Array(count).fill(Infinity), rival = new Int32Array(count);
  for (const group of marginGroups(pairs, rows, labels, () => true)) {
    group.members.forEach((i, at) => {
      const { bound } = closedForm(group, at);
      if (bound >= radius[i]!) return;
      radius[i] = bound;
      rival[i] = group.rival;
    });
  }
  const points = new Float32Array(count * POINTS * rows.columns);
  const weights = new Float64Array(count * POINTS);
  for (let i = 0; i < count * POINTS; i++) {
    const row = Math.floor(i / POINTS) * rows.columns;
    points.set(rows.data.subarray(row, row + rows.columns), i * rows.columns);
  }
  const wanted = (i: number, other: number): boolean => rival[i] === other && radius[i]! > 0;
  for (const group of marginGroups(pairs, rows, labels, wanted)) spread(group, points, weights);
  return { count, labels, rival, radius, points, weights };
}

/** The bound and its parts for a member of a group. */
function closedForm(
  group: MarginGroup,
  at: number,
): { bound: number; slope: number; depth: number; root: number } {
  const { values } = group, height = group.height(at);
  let square = 0;
  for (const x of group.gradient(at)) square += x * x;
  const depth = values.reduce((most, value) => Math.max(most, -value), 0);
  const slope = Math.sqrt(square), root = Math.sqrt(square + 4 * depth * Math.max(0, height));
  return { bound: height > 0 ? 2 * height / (slope + root) : 0, slope, depth, root };
}

/** Writes the five points and weights of every member: dR·root = dm − R·d‖g‖ − R²·da. */
function spread(group: MarginGroup, points: Float32Array, weights: Float64Array): void {
  const { values, members, margin } = group, rank = values.length;
  const lowest = values.reduce((best, value, i) => value < values[best]! ? i : best, 0);
  const steps = matrix(2 * members.length, rank);
  members.forEach((i, at) => {
    const { bound, slope, depth, root } = closedForm(group, at);
    if (!(root > 0 && bound < Infinity)) return;
    const along = slope > 0 ? bound / (2 * root) : 0;
    const across = depth > 0 ? bound * bound / (2 * root) : 0;
    if (slope > 0) steps.data.set(group.gradient(at).map((x) => x / slope), 2 * at * rank);
    steps.data[(2 * at + 1) * rank + lowest] = 1;
    weights.set([1 / root - 2 * across, -along, along, across, across], i * POINTS);
  });
  const { data, columns } = liftRows(margin.form, steps);
  members.forEach((i, at) => {
    for (let j = 0; j < columns; j++) {
      const up = data[2 * at * columns + j]!, aside = data[(2 * at + 1) * columns + j]!;
      [0, up, -up, aside, -aside].forEach((step, p) =>
        points[(i * POINTS + p) * columns + j]! += step
      );
    }
  });
}
