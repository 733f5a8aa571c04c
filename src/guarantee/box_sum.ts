import type { QuadraticForm } from "../decompose/mod.ts";
import { gamma, SLACK } from "./rounding.ts";

/**
 * Σ weights_k · (left_k·x + leftBias_k)(right_k·x + rightBias_k) + constant, with what is needed to bound
 * its rounding: a quadratic form as the network computes it, never squared out.
 */
export interface NeuronSum {
  /** Numbers in one input. */
  readonly inputs: number;
  /** Number of products. */
  readonly neurons: number;
  /** Weight of each product [neurons]. */
  readonly weights: Float64Array;
  /** At least |weight| of each product, before any cancellation [neurons]: rounding is relative to it. */
  readonly reach: Float64Array;
  /** Left factors [neurons · inputs], row by row. */
  readonly left: Float64Array;
  /** Right factors [neurons · inputs], row by row. */
  readonly right: Float64Array;
  /** Added to the left factors [neurons]. */
  readonly leftBias: Float64Array;
  /** Added to the right factors [neurons]. */
  readonly rightBias: Float64Array;
  /** Added to the sum. */
  readonly constant: number;
  /** Sum of the absolute values that the constant is the sum of. */
  readonly constantReach: number;
  /** Relative rounding of any result of this sum, in terms of the same sum of absolute values. */
  readonly rounding: number;
}

/** A sum at a point: value and gradient, each with a proven bound on its rounding error. */
export interface SumPoint {
  /** The value. */
  readonly value: number;
  /** |value − exact value| is at most this. */
  readonly error: number;
  /** The gradient [inputs]. */
  readonly gradient: Float64Array;
  /** |gradient − exact gradient| of every entry is at most this [inputs]. */
  readonly gradientError: Float64Array;
}

/**
 * γ_n = n·u/(1 − n·u) for n roundings of f64, u = 2⁻⁵³, with a hundredth to spare for the rounding of the
 * bound it goes into. Source: Higham, Accuracy and Stability of Numerical Algorithms, 3.1.
 */
export function roundings(count: number): number {
  return SLACK * gamma(count + 16);
}

/** A number that is surely not below the exact sum of `count` positive terms that was computed as x. */
export function roundedUp(x: number, count = 1): number {
  return x + Math.abs(x) * roundings(count) + 2 ** -1000;
}

/** The sum behind a quadratic form. Its factors are taken as exact numbers. */
export function neuronSum({ interactions, direction, neuronWeights }: QuadraticForm): NeuronSum {
  const { inputs, neurons, outputs, left, right, leftBias, rightBias, readout, outputBias } =
    interactions;
  const reach = new Float64Array(neurons);
  let constant = 0, constantReach = 0;
  direction.forEach((weight, o) => {
    if (weight === 0) return;
    for (let k = 0; k < neurons; k++) {
      reach[k] = reach[k]! + Math.abs(weight * readout.data[o * neurons + k]!);
    }
    constant += weight * outputBias[o]!;
    constantReach += Math.abs(weight * outputBias[o]!);
  });
  return {
    inputs,
    neurons,
    weights: neuronWeights,
    reach,
    left: left.data,
    right: right.data,
    leftBias,
    rightBias,
    constant,
    constantReach,
    rounding: roundings(2 * (inputs + neurons) + outputs),
  };
}

/** Value and gradient at a point [inputs], with their rounding errors. */
export function sumAt(sum: NeuronSum, x: ArrayLike<number>): SumPoint {
  const { inputs, neurons, weights, reach, left, right, leftBias, rightBias } = sum;
  const gradient = new Float64Array(inputs), gradientError = new Float64Array(inputs);
  let value = sum.constant, error = sum.constantReach;
  for (let k = 0; k < neurons; k++) {
    const at = k * inputs, weight = weights[k]!, most = reach[k]!;
    if (most === 0) continue;
    let l = leftBias[k]!, r = rightBias[k]!, lReach = Math.abs(l), rReach = Math.abs(r);
    for (let i = 0; i < inputs; i++) {
      const onLeft = left[at + i]! * x[i]!, onRight = right[at + i]! * x[i]!;
      l += onLeft;
      r += onRight;
      lReach += Math.abs(onLeft);
      rReach += Math.abs(onRight);
    }
    value += weight * l * r;
    error += most * lReach * rReach;
    const byRight = weight * r, byLeft = weight * l;
    const reachByRight = most * rReach, reachByLeft = most * lReach;
    for (let i = 0; i < inputs; i++) {
      const w = left[at + i]!, v = right[at + i]!;
      gradient[i] = gradient[i]! + byRight * w + byLeft * v;
      gradientError[i] = gradientError[i]! + reachByRight * Math.abs(w) +
        reachByLeft * Math.abs(v);
    }
  }
  for (let i = 0; i < inputs; i++) gradientError[i] = gradientError[i]! * sum.rounding;
  return { value, error: error * sum.rounding, gradient, gradientError };
}

/** For every neuron Σ|factor_i|·size_i of its left and its right factor, rounded up. */
export function spans(
  sum: NeuronSum,
  sizes: ArrayLike<number>,
): { readonly left: Float64Array; readonly right: Float64Array } {
  const { inputs, neurons } = sum;
  const total = (factor: Float64Array): Float64Array =>
    Float64Array.from({ length: neurons }, (_, k) => {
      let reach = 0;
      for (let i = 0; i < inputs; i++) reach += Math.abs(factor[k * inputs + i]!) * sizes[i]!;
      return roundedUp(reach, inputs);
    });
  return { left: total(sum.left), right: total(sum.right) };
}
