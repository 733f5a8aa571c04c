import {
  boundaryStep,
  type ClosestBoundary,
  closestBoundary,
  provenDistance,
} from "./closest_boundary.ts";
import type { Interactions } from "../decompose/mod.ts";
import type { Matrix } from "../linalg/mod.ts";
import { timesTransposed } from "./row_product.ts";
import type { Margin } from "./class_pairs.ts";
import { normAbove, SLACK, UNIT_F64 } from "./rounding.ts";

/** What one rival class allows, in the unit of the input. */
export interface RivalRadius {
  /** The rival. */
  readonly class: number;
  /** Distance to the boundary with it, exact but for rounding; Infinity where it never wins. */
  readonly radius: number;
  /** Proven: within it the network in f32 prefers the label. At most `radius`. */
  readonly lower: number;
  /** μ of the proof; Infinity where the radius is. See METHODS G2. */
  readonly multiplier: number;
}

/** The margin over a rival about one input, in eigen coordinates. */
export interface LocalMargin {
  /** Eigenvalues of the margin [rank]. */
  readonly values: Float64Array;
  /** Gradient at the input [rank]. */
  readonly gradient: Float64Array;
  /** Margin at the input, in f64. */
  readonly height: number;
  /** |exact margin − margin here| + f32 errors of both outputs, within a distance; at most. */
  readonly error: (distance: number) => number;
}

/** Eigenvalues of a margin, signed; computed once a pair and not once an input. */
export function signedValues({ form, sign }: Margin): Float64Array {
  return sign === 1 ? form.values : form.values.map((x) => -x);
}

/** Gradient of a margin at eigen coordinates that start in an array. */
export function gradientInto(
  { form: { values, linear }, sign }: Margin,
  z: Float64Array,
  start: number,
  target: Float64Array,
): void {
  for (let i = 0; i < target.length; i++) {
    target[i] = sign * (2 * values[i]! * z[start + i]! + linear[i]!);
  }
}

/** |margin in eigen coordinates − exact margin| at most, within a distance of an input this long. */
export function spectralError({ form }: Margin): (length: number, distance: number) => number {
  const { values, linear, errors } = form;
  const steepest = Math.max(0, -values[0]!, values.at(-1)!), constant = normAbove(linear);
  const rounding = errors.linear + 8 * UNIT_F64 * constant;
  const along = 2 * (steepest * (errors.coordinates + 8 * UNIT_F64) + errors.quadratic);
  return (length, distance) =>
    SLACK * (along * length + rounding + errors.quadratic * distance) * distance;
}

/** The exact distance to the boundary, and the part of it that is proven with all errors against it. */
export function rivalRadius(
  rival: number,
  { values, gradient, height, error }: LocalMargin,
): { found: RivalRadius; boundary: ClosestBoundary } {
  if (!(height > 0)) {
    const boundary = { distance: 0, multiplier: Infinity, shift: Infinity, filler: 0 };
    return { found: { class: rival, radius: 0, lower: 0, multiplier: 0 }, boundary };
  }
  const boundary = closestBoundary(values, gradient, height);
  const { distance, multiplier } = boundary;
  const lower = distance === Infinity
    ? provenFar(values, gradient, height, error)
    : Math.min(distance, proven(values, gradient, height - error(distance), boundary));
  return {
    found: { class: rival, radius: distance, lower, multiplier: 1 / multiplier },
    boundary,
  };
}

/** The best of the proofs with the multiplier found and, where errors cost much, with their own. */
function proven(
  values: Float64Array,
  gradient: Float64Array,
  rest: number,
  boundary: ClosestBoundary,
): number {
  if (!(rest > 0)) return 0;
  const first = provenDistance(values, gradient, rest, boundary);
  if (first > 0.99 * boundary.distance) return first;
  const own = closestBoundary(values, gradient, rest);
  return Math.max(first, provenDistance(values, gradient, rest, own));
}

/** The step of a boundary in eigen coordinates. */
export function rivalStep(
  { values, gradient }: Pick<LocalMargin, "values" | "gradient">,
  boundary: ClosestBoundary,
): Float64Array {
  return boundary.multiplier === Infinity
    ? new Float64Array(values.length)
    : boundaryStep(values, gradient, boundary);
}

/**
 * Where the exact margin stays above 0 for ever, the f32 error still grows with the distance: the
 * farthest power of two within which it is proven not to matter.
 */
function provenFar(
  values: Float64Array,
  gradient: Float64Array,
  height: number,
  error: (distance: number) => number,
): number {
  let best = 0;
  for (let distance = 2 ** -30; distance < 2 ** 60; distance *= 2) {
    const threshold = height - error(distance);
    if (!(threshold > 0)) break;
    // λ_min ≥ 0: a multiplier small enough that the ball costs half the margin at most
    const multiplier = threshold / (16 * distance * distance);
    if (provenDistance(values, gradient, threshold, { shift: multiplier, multiplier }) < distance) {
      break;
    }
    best = distance;
  }
  return best;
}

/** Outputs of rows of inputs [rows, inputs] in f64 [rows · outputs]. */
export function exactLogits(interactions: Interactions, rows: Matrix): Float64Array {
  const { left, right, leftBias, rightBias, readout, outputBias, neurons, outputs } = interactions;
  const hidden = timesTransposed(rows, left), other = timesTransposed(rows, right).data;
  for (let i = 0; i < hidden.data.length; i++) {
    const k = i % neurons;
    hidden.data[i] = (hidden.data[i]! + leftBias[k]!) * (other[i]! + rightBias[k]!);
  }
  const logits = timesTransposed(hidden, readout).data;
  for (let i = 0; i < logits.length; i++) logits[i]! += outputBias[i % outputs]!;
  return logits;
}
