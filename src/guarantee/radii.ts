import { type Matrix, matrix } from "../linalg/mod.ts";
import type { Model } from "../nn/mod.ts";
import {
  checkLabel,
  type ClassPairs,
  inputRows,
  marginOf,
  pairsOf,
  type ProgressOptions,
} from "./class_pairs.ts";
import { argmax } from "./radius.ts";
import { exactLogits, gradientInto, rivalRadius, signedValues, spectralError } from "./rival.ts";
import { normAbove } from "./rounding.ts";
import { share, turn } from "./spectral_form.ts";

/** Options of {@linkcode radii}. */
export interface RadiiOptions extends ProgressOptions {
  /** The class of every input [count]; what the model predicts unless said. */
  readonly labels?: ArrayLike<number>;
}

/** Certified radii of many inputs: see {@linkcode CertifiedRadius}. */
export interface CertifiedRadii {
  /** Number of inputs. */
  readonly count: number;
  /** The class that is kept [count]. */
  readonly labels: Int32Array;
  /** What the model predicts in f32 [count]. */
  readonly predicted: Int32Array;
  /** Exact radius but for rounding [count], 0 where the prediction is not the label; may be Infinity. */
  readonly radius: Float64Array;
  /** Proven radius [count], f32 error of the model included. */
  readonly lower: Float64Array;
  /** The class across the nearest boundary [count]. */
  readonly rival: Int32Array;
}

/** Inputs that are worked on at a time. */
const CHUNK = 1024;

/**
 * Exact certified radii of many inputs [count, inputs] against every rival. Projections are matrix
 * products over many inputs; the rest is a Newton iteration of a few microseconds an input and rival.
 *
 * @throws {TypeError} when the model has no exact form, or the inputs are no whole number of rows, or
 * the labels another number; {RangeError} when an input is not finite, or there is no such label.
 * @example
 * ```ts
 * import { guarantee, nn } from "@odot/odot";
 * const model = nn.sequential([nn.bilinear(2, 3, { bias: false }), nn.linear(3, 3)], { seed: 1 });
 * const { radius, lower } = guarantee.radii(model, [1, 0, 0, 1, 1, 1]);
 * console.log(radius, lower); // three inputs
 * ```
 */
export function radii(
  given: Model | ClassPairs,
  inputs: ArrayLike<number>,
  options: RadiiOptions = {},
): CertifiedRadii {
  const pairs = pairsOf(given), action = "Cannot take radii";
  const { interactions: { inputs: width }, classes } = pairs;
  if (inputs.length % width !== 0) {
    throw new TypeError(`${action} of ${inputs.length} numbers: an input has ${width}`);
  }
  const count = inputs.length / width, labels = options.labels;
  if (labels && labels.length !== count) {
    throw new TypeError(`${action} of ${count} inputs with ${labels.length} labels`);
  }
  const result: CertifiedRadii = {
    count,
    labels: new Int32Array(count),
    predicted: new Int32Array(count),
    radius: new Float64Array(count).fill(Infinity),
    lower: new Float64Array(count).fill(Infinity),
    rival: new Int32Array(count),
  };
  const numbers = ArrayBuffer.isView(inputs) ? inputs as Float32Array : Float64Array.from(inputs);
  for (let start = 0; start < count; start += CHUNK) {
    options.signal?.throwIfAborted();
    const size = Math.min(CHUNK, count - start);
    const rows = inputRows(
      action,
      pairs.interactions,
      numbers.subarray(start * width, (start + size) * width),
    );
    const logits = pairs.model.predict(rows.data);
    for (let i = 0; i < size; i++) {
      const best = argmax(logits.subarray(i * classes, (i + 1) * classes));
      const label = labels?.[start + i] ?? best;
      checkLabel(action, label, classes);
      result.predicted[start + i] = best;
      result.labels[start + i] = label;
    }
    certifyRows(pairs, rows, start, result);
    options.progress?.(start + size, count);
  }
  return result;
}

function certifyRows(
  pairs: ClassPairs,
  rows: Matrix,
  start: number,
  { labels, predicted, radius, lower, rival }: CertifiedRadii,
): void {
  const { classes, forms } = pairs;
  const logits = exactLogits(pairs.interactions, rows), bounds = pairs.errors.of(rows);
  const shared = share(forms[0]!.coordinates, rows), rank = shared.columns;
  const lengths = Float64Array.from(
    { length: rows.rows },
    (_, i) => normAbove(rows.data.subarray(i * rows.columns, (i + 1) * rows.columns)),
  );
  const gradient = new Float64Array(rank);
  for (let label = 0; label < classes; label++) {
    const members = [...lengths.keys()].filter((i) => labels[start + i] === label);
    const right = members.filter((i) => predicted[start + i] === label);
    for (const i of members) {
      if (predicted[start + i] === label) continue;
      radius[start + i] = lower[start + i] = 0;
      rival[start + i] = predicted[start + i]!;
    }
    if (right.length === 0) continue;
    const own = matrix(right.length, rank);
    right.forEach((i, at) =>
      own.data.set(shared.data.subarray(i * rank, (i + 1) * rank), at * rank)
    );
    for (let other = 0; other < classes; other++) {
      if (other === label) continue;
      const margin = marginOf(pairs, label, other), off = spectralError(margin);
      const values = signedValues(margin), z = turn(margin.form, own).data;
      right.forEach((i, at) => {
        gradientInto(margin, z, at * rank, gradient);
        const { found } = rivalRadius(other, {
          values,
          gradient,
          height: logits[i * classes + label]! - logits[i * classes + other]!,
          error: (distance) =>
            off(lengths[i]!, distance) + bounds.at(i, label, distance) +
            bounds.at(i, other, distance),
        });
        const place = start + i;
        if (found.radius < radius[place]! || radius[place] === Infinity) rival[place] = other;
        radius[place] = Math.min(radius[place]!, found.radius);
        lower[place] = Math.min(lower[place]!, found.lower);
      });
    }
  }
}
