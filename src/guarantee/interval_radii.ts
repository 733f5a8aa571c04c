import { matmul, type Matrix } from "../linalg/mod.ts";
import type { Interactions } from "../decompose/mod.ts";
import type { Model } from "../nn/mod.ts";
import { checkLabel, type ClassPairs, inputRows, pairsOf } from "./class_pairs.ts";
import { argmax } from "./radius.ts";

/** Halvings of the search. */
const HALVINGS = 40;

/**
 * L2 radii that interval propagation proves for many inputs [count, inputs]: every sum of the bilinear
 * layer within ± length of its row times the radius, products and margins by interval arithmetic, against
 * the rival that each margin is smallest for. What general verifiers start from, and what
 * {@linkcode radii} are to be compared with. Rounding is in its favour: a comparison, no proof.
 *
 * @returns radii [count] in the unit of the input, 0 where the prediction is not the label.
 * @throws {TypeError} when the model has no exact form, or the inputs are no whole number of rows;
 * {RangeError} when an input is not finite, or there is no such label.
 * @example
 * ```ts
 * import { guarantee, nn } from "@odot/odot";
 * const model = nn.sequential([nn.bilinear(4, 3), nn.linear(3, 3)], { seed: 2 });
 * const [interval] = guarantee.intervalRadii(model, [1, 0, 0, 1]);
 * console.log(guarantee.radius(model, [1, 0, 0, 1]).radius / interval!); // never below 1
 * ```
 */
export function intervalRadii(
  given: Model | ClassPairs,
  inputs: ArrayLike<number>,
  options: { readonly labels?: ArrayLike<number> } = {},
): Float64Array {
  const pairs = pairsOf(given), { interactions, model, classes } = pairs;
  const action = "Cannot propagate intervals", rows = inputRows(action, interactions, inputs);
  if (options.labels && options.labels.length !== rows.rows) {
    throw new TypeError(`${action} for ${rows.rows} inputs with ${options.labels.length} labels`);
  }
  const { left, right, leftBias, rightBias, neurons } = interactions;
  const sides = [[left, leftBias], [right, rightBias]] as const;
  const sums = sides.map(([factor]) => matmul(rows, factor, "NT").data);
  const slopes = sides.map(([factor]) => lengths(factor)), logits = model.predict(rows.data);
  return Float64Array.from({ length: rows.rows }, (_, i) => {
    const predicted = argmax(logits.subarray(i * classes, (i + 1) * classes));
    const label = options.labels?.[i] ?? predicted;
    checkLabel(action, label, classes);
    if (label !== predicted) return 0;
    const at = sides.map(([, bias], s) =>
      bias.map((value, k) => value + sums[s]![i * neurons + k]!)
    );
    return largest((radius) => keeps(interactions, at, slopes, label, radius));
  });
}

/** Length of every row. */
function lengths({ data, rows, columns }: Matrix): Float64Array {
  return Float64Array.from({ length: rows }, (_, k) => {
    let square = 0;
    for (let i = k * columns; i < (k + 1) * columns; i++) square += data[i]! * data[i]!;
    return Math.sqrt(square);
  });
}

/** Whether interval arithmetic keeps the label ahead of every rival. */
function keeps(
  { readout, neurons, outputs, outputBias }: Interactions,
  [a, b]: readonly Float64Array[],
  [up, across]: readonly Float64Array[],
  label: number,
  radius: number,
): boolean {
  const low = new Float64Array(neurons), high = new Float64Array(neurons);
  for (let k = 0; k < neurons; k++) {
    const s = radius * up![k]!, t = radius * across![k]!;
    const corners = [
      (a![k]! - s) * (b![k]! - t),
      (a![k]! - s) * (b![k]! + t),
      (a![k]! + s) * (b![k]! - t),
      (a![k]! + s) * (b![k]! + t),
    ];
    low[k] = Math.min(...corners);
    high[k] = Math.max(...corners);
  }
  for (let c = 0; c < outputs; c++) {
    if (c === label) continue;
    let margin = outputBias[label]! - outputBias[c]!;
    for (let k = 0; k < neurons; k++) {
      const weight = readout.data[label * neurons + k]! - readout.data[c * neurons + k]!;
      margin += weight * (weight > 0 ? low[k]! : high[k]!);
    }
    if (!(margin > 0)) return false;
  }
  return true;
}

/** The largest radius that has a property which smaller ones have too. */
function largest(holds: (radius: number) => boolean): number {
  let high = 1;
  while (holds(high)) {
    high *= 2;
    if (high > 2 ** 60) return Infinity;
  }
  let low = 0;
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (low + high) / 2;
    if (holds(middle)) low = middle;
    else high = middle;
  }
  return low;
}
