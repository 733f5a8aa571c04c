import type { Matrix } from "../linalg/mod.ts";
import type { Model } from "../nn/mod.ts";
import {
  checkLabel,
  type ClassPairs,
  inputRows,
  pairsOf,
  type ProgressOptions,
} from "./class_pairs.ts";
import { argmax } from "./radius.ts";
import { marginGroups } from "./margin_groups.ts";
import { rivalRadius, spectralError } from "./rival.ts";
import { normAbove } from "./rounding.ts";

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
  const bounds = pairs.errors.of(rows), size = rows.rows;
  const lengths = Float64Array.from(
    { length: size },
    (_, i) => normAbove(rows.data.subarray(i * rows.columns, (i + 1) * rows.columns)),
  );
  for (let i = start; i < start + size; i++) {
    if (predicted[i] === labels[i]) continue;
    radius[i] = lower[i] = 0;
    rival[i] = predicted[i]!;
  }
  const own = labels.subarray(start, start + size);
  const kept = (i: number): boolean => predicted[start + i] === own[i];
  for (const group of marginGroups(pairs, rows, own, kept)) {
    const off = spectralError(group.margin), { label, values } = group;
    group.members.forEach((i, at) => {
      const { found } = rivalRadius(group.rival, {
        values,
        gradient: group.gradient(at),
        height: group.height(at),
        error: (distance) =>
          off(lengths[i]!, distance) + bounds.at(i, label, distance) +
          bounds.at(i, group.rival, distance),
      });
      const place = start + i;
      if (found.radius < radius[place]! || radius[place] === Infinity) rival[place] = group.rival;
      radius[place] = Math.min(radius[place]!, found.radius);
      lower[place] = Math.min(lower[place]!, found.lower);
    });
  }
}
