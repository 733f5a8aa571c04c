import type { Box } from "./box.ts";
import type { NeuronSum } from "./box_sum.ts";

/** The factors of a sum with the numbers of one input side by side, as coordinate steps read them. */
export interface Columns {
  /** Left factors [inputs · neurons]. */
  readonly left: Float64Array;
  /** Right factors [inputs · neurons]. */
  readonly right: Float64Array;
  /** Weight times left factor [inputs · neurons]. */
  readonly weightedLeft: Float64Array;
  /** Weight times right factor [inputs · neurons]. */
  readonly weightedRight: Float64Array;
  /** Diagonal of the quadratic form [inputs]. */
  readonly diagonal: Float64Array;
}

/** The factors of a sum by columns. */
export function columnsOf({ inputs, neurons, weights, left, right }: NeuronSum): Columns {
  const size = inputs * neurons;
  const made = {
    left: new Float64Array(size),
    right: new Float64Array(size),
    weightedLeft: new Float64Array(size),
    weightedRight: new Float64Array(size),
    diagonal: new Float64Array(inputs),
  };
  for (let k = 0; k < neurons; k++) {
    for (let i = 0; i < inputs; i++) {
      const w = left[k * inputs + i]!, v = right[k * inputs + i]!, at = i * neurons + k;
      made.left[at] = w;
      made.right[at] = v;
      made.weightedLeft[at] = weights[k]! * w;
      made.weightedRight[at] = weights[k]! * v;
      made.diagonal[i] = made.diagonal[i]! + weights[k]! * w * v;
    }
  }
  return made;
}

/**
 * Coordinate descent on sum(x) + Σ shift_i·(x_i − lower_i)(x_i − upper_i) over a box, each coordinate to
 * its exact minimum in turn, from x [inputs], which it changes. Ends at a local minimum (the global one
 * when the function is convex) or after `sweeps` rounds. Nothing proven rests on it.
 */
export function descend(
  sum: NeuronSum,
  columns: Columns,
  { lower, upper }: Box,
  x: Float64Array,
  options: { readonly shift?: Float64Array; readonly sweeps: number; readonly tolerance: number },
): void {
  const { inputs, neurons } = sum, { left, right, weightedLeft, weightedRight } = columns;
  const l = sum.leftBias.slice(), r = sum.rightBias.slice();
  for (let i = 0; i < inputs; i++) {
    const value = x[i]!;
    if (value === 0) continue;
    for (let k = 0, at = i * neurons; k < neurons; k++, at++) {
      l[k] = l[k]! + left[at]! * value;
      r[k] = r[k]! + right[at]! * value;
    }
  }
  for (let sweep = 0; sweep < options.sweeps; sweep++) {
    let gained = 0;
    for (let i = 0; i < inputs; i++) {
      const low = lower[i]!, high = upper[i]!;
      if (low === high) continue;
      const start = i * neurons, shift = options.shift?.[i] ?? 0, value = x[i]!;
      let slope = shift * (2 * value - low - high);
      for (let k = 0, at = start; k < neurons; k++, at++) {
        slope += weightedLeft[at]! * r[k]! + weightedRight[at]! * l[k]!;
      }
      const curvature = columns.diagonal[i]! + shift;
      const step = bestStep(slope, curvature, low - value, high - value);
      if (step === 0) continue;
      gained -= slope * step + curvature * step * step;
      x[i] = Math.min(high, Math.max(low, value + step));
      const moved = x[i]! - value;
      for (let k = 0, at = start; k < neurons; k++, at++) {
        l[k] = l[k]! + left[at]! * moved;
        r[k] = r[k]! + right[at]! * moved;
      }
    }
    if (!(gained > options.tolerance)) return;
  }
}

/** The step in [least, most] that makes slope·step + curvature·step² smallest. */
function bestStep(slope: number, curvature: number, least: number, most: number): number {
  if (curvature > 0) return Math.min(most, Math.max(least, -slope / (2 * curvature)));
  const down = (slope + curvature * least) * least, up = (slope + curvature * most) * most;
  const best = Math.min(down, up);
  return best < 0 ? (down < up ? least : most) : 0;
}
