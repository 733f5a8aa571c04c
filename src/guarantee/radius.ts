import type { Matrix } from "../linalg/mod.ts";
import type { Model } from "../nn/mod.ts";
import { checkLabel, type ClassPairs, inputRows, marginOf, pairsOf } from "./class_pairs.ts";
import { normAbove } from "./rounding.ts";
import {
  exactLogits,
  gradientInto,
  type LocalMargin,
  type RivalRadius,
  rivalRadius,
  rivalStep,
  signedValues,
  spectralError,
} from "./rival.ts";
import { lift, share, turn } from "./spectral_form.ts";

/** Options of {@linkcode radius}. */
export interface RadiusOptions {
  /** The class to be kept; what the model predicts unless said. */
  readonly label?: number;
}

/** The exact certified L2 radius of an input, in the unit of the input. */
export interface CertifiedRadius {
  /** The class that is kept. */
  readonly label: number;
  /** What the model predicts in f32; another one than the label makes the radius 0. */
  readonly predicted: number;
  /** Distance to the nearest input of another class: exact for the polynomial, but for rounding. */
  readonly radius: number;
  /** Proven: no f32 input closer than this makes the model in f32 prefer another class. */
  readonly lower: number;
  /** The class across the nearest boundary. */
  readonly rival: number;
  /** The smallest change that reaches the boundary [inputs]; no change where there is no boundary. */
  readonly change: Float64Array;
  /** The input plus the change [inputs]: on the boundary. */
  readonly point: Float64Array;
  /** Every rival, the nearest first. */
  readonly rivals: readonly RivalRadius[];
}

/**
 * The exact certified L2 radius of a classifier with one bilinear layer, biases and linear layers
 * included, against every rival class: no smaller change of the input alters the class, and `change`
 * does. `lower` is proven, with the rounding of this computation and the f32 error of the model itself
 * accounted for. Source: the S-lemma (Pólik and Terlaky 2007), METHODS G2.
 *
 * @throws {TypeError} when the model has no exact form, or the input another length; {RangeError} when
 * the input is not finite, or there is no such label.
 * @example
 * ```ts
 * import { guarantee, nn } from "@odot/odot";
 * const model = nn.sequential([nn.bilinear(2, 1, { bias: false }), nn.linear(1, 2)]);
 * model.assign({ "0.weight": [1, -1, 1, -1], "1.weight": [1, 0], "1.bias": [0, 0.5] });
 * const { radius, lower, change } = guarantee.radius(model, [1, 0]); // (x − y)² against ½
 * console.log(radius, lower, change); // (1 − 1/√2)/√2 = 0.2071…
 * ```
 */
export function radius(
  given: Model | ClassPairs,
  input: ArrayLike<number>,
  options: RadiusOptions = {},
): CertifiedRadius {
  const pairs = pairsOf(given), action = "Cannot take a radius";
  const rows = inputRows(action, pairs.interactions, input);
  if (rows.rows !== 1) {
    throw new TypeError(
      `${action} at ${rows.rows} inputs: give one of ${pairs.interactions.inputs} numbers, or use radii`,
    );
  }
  const predicted = argmax(pairs.model.predict(rows.data));
  const label = options.label ?? predicted;
  checkLabel(action, label, pairs.classes);
  const about = neighbourhood(pairs, rows);
  const found = Array.from({ length: pairs.classes }, (_, c) => c)
    .filter((c) => c !== label)
    .map((c) => {
      const local = about(label, c);
      return { local, ...rivalRadius(c, local) };
    })
    .sort((a, b) => a.found.radius - b.found.radius);
  const { local, boundary, found: { class: rival } } = found[0]!;
  const kept = predicted === label;
  const far = boundary.distance === Infinity || !kept;
  const change = far
    ? new Float64Array(rows.columns)
    : lift(marginOf(pairs, label, rival).form, rivalStep(local, boundary));
  const lower = found.reduce((least, { found }) => Math.min(least, found.lower), Infinity);
  return {
    label,
    predicted,
    radius: kept ? found[0]!.found.radius : 0,
    lower: kept ? lower : 0,
    rival: kept ? rival : predicted,
    change,
    point: change.map((x, i) => x + rows.data[i]!),
    rivals: found.map(({ found }) => found),
  };
}

/** Index of the largest value, the first of equals. */
export function argmax(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
  return best;
}

/** The margins of one class over another about one input. */
export function neighbourhood(
  pairs: ClassPairs,
  row: Matrix,
): (label: number, rival: number) => LocalMargin {
  const logits = exactLogits(pairs.interactions, row), bounds = pairs.errors.of(row);
  const length = normAbove(row.data), shared = share(pairs.forms[0]!.coordinates, row);
  return (label, rival) => {
    const margin = marginOf(pairs, label, rival);
    const gradient = new Float64Array(margin.form.values.length);
    gradientInto(margin, turn(margin.form, shared).data, 0, gradient);
    const off = spectralError(margin);
    return {
      values: signedValues(margin),
      gradient,
      height: logits[label]! - logits[rival]!,
      error: (distance) =>
        off(length, distance) + bounds.at(0, label, distance) + bounds.at(0, rival, distance),
    };
  };
}
