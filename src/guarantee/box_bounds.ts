import type { Matrix } from "../linalg/mod.ts";
import { type Box, middleOf } from "./box.ts";
import { type NeuronSum, roundedUp, roundings, spans, sumAt } from "./box_sum.ts";

/** A form around the middle of a box: value, slopes and half-widths, with what rounding may take. */
export interface Centered {
  /** Middle of the box [inputs]. */
  readonly middle: Float64Array;
  /** Half-widths of the box [inputs]. */
  readonly half: Float64Array;
  /** Gradient in the middle [inputs]. */
  readonly gradient: Float64Array;
  /** The form in the middle, rounding of value and slopes over the box taken off. */
  readonly value: number;
  /** What all roundings are relative to: a sum of absolute values over the box. */
  readonly size: number;
}

/** A form around the middle of a box. */
export function centered(sum: NeuronSum, box: Box): Centered {
  const { middle, half } = middleOf(box),
    { value, error, gradient, gradientError } = sumAt(sum, middle);
  let slack = error, size = Math.abs(value);
  for (let i = 0; i < half.length; i++) {
    slack += gradientError[i]! * half[i]!;
    size += Math.abs(gradient[i]!) * half[i]!;
  }
  return { middle, half, gradient, value: value - roundedUp(slack, half.length), size };
}

/**
 * Interval arithmetic on the squared-out form: value − Σ|g_i|e_i − Σ_{i≠j}|Q_ij|e_i e_j, each coordinate's
 * own slope and curvature taken together. Proven; the weakest, and the fastest once Q [inputs, inputs] is
 * formed (METHODS G3).
 */
export function intervalBound(sum: NeuronSum, form: Matrix, at: Centered): number {
  const n = sum.inputs, { half, gradient } = at;
  let fall = 0;
  for (let i = 0; i < n; i++) {
    let beside = 0;
    const row = i * n;
    for (let j = 0; j < n; j++) beside += Math.abs(form.data[row + j]!) * half[j]!;
    beside -= Math.abs(form.data[row + i]!) * half[i]!;
    fall += Math.max(0, beside) * half[i]! + ownFall(gradient[i]!, form.data[row + i]!, half[i]!);
  }
  return at.value - fall - roundingOver(sum, at, fall);
}

/** −min over |t| ≤ e of slope·t + curvature·t². */
function ownFall(slope: number, curvature: number, e: number): number {
  const steep = Math.abs(slope);
  if (curvature > 0 && steep < 2 * curvature * e) return steep * steep / (4 * curvature);
  return (steep - curvature * e) * e;
}

/**
 * Neuron by neuron, without Q: the slopes together, and for each product the least it can be when its two
 * factors run through their intervals (McCormick 1976), or when it is written as a difference of squares,
 * whichever is closer. Proven; O(neurons · inputs).
 */
export function neuronBound(sum: NeuronSum, at: Centered): number {
  const { half, gradient } = at, { left, right, weights, neurons } = sum;
  const single = spans(sum, half);
  const mixed = spans({
    ...sum,
    left: left.map((w, i) => w - right[i]!),
    right: left.map((w, i) => w + right[i]!),
  }, half);
  let fall = gradient.reduce((total, slope, i) => total + Math.abs(slope) * half[i]!, 0);
  for (let k = 0; k < neurons; k++) {
    const square = (weights[k]! > 0 ? mixed.left[k]! : mixed.right[k]!) ** 2 / 4;
    fall += Math.abs(weights[k]!) * Math.min(single.left[k]! * single.right[k]!, square);
  }
  return at.value - fall - roundingOver(sum, at, fall);
}

/**
 * value − Σ|g_i|e_i − shift·Σe_i² for a shift with Q + shift·I proven positive semidefinite.
 */
export function eigenvalueBound(sum: NeuronSum, at: Centered, shift: number): number {
  const { half, gradient } = at;
  let fall = 0;
  for (let i = 0; i < sum.inputs; i++) {
    fall += (Math.abs(gradient[i]!) + shift * half[i]!) * half[i]!;
  }
  return at.value - fall - roundingOver(sum, at, fall);
}

/** What rounding of the form, and of the sums that made the bound, may come to over the box. */
function roundingOver(sum: NeuronSum, { half, value, size }: Centered, fall: number): number {
  const { left, right } = spans(sum, half);
  let reach = 0;
  for (let k = 0; k < sum.neurons; k++) reach += sum.reach[k]! * left[k]! * right[k]!;
  return 2 * sum.rounding * reach +
    roundings(2 * sum.inputs + sum.neurons) * (Math.abs(value) + size + Math.abs(fall));
}
