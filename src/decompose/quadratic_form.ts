import { matmul, type Matrix, matrix } from "../linalg/mod.ts";
import type { Basis, Interactions } from "./interactions.ts";

/**
 * One output, or a combination of outputs, as an exact polynomial of degree two:
 * x·Q·x + linear·x + constant, with Q symmetric [inputs, inputs] and kept factored.
 */
export interface QuadraticForm {
  /** Where it comes from. */
  readonly interactions: Interactions;
  /** Weights of the outputs [outputs]. */
  readonly direction: Float64Array;
  /** Weight of each neuron, Uᵀ·direction [neurons]. */
  readonly neuronWeights: Float64Array;
  /** Linear part [inputs]: Wᵀ(α ⊙ c) + Vᵀ(α ⊙ b) for neuron weights α and biases b of W, c of V. */
  readonly linear: Float64Array;
  /** Constant part. */
  readonly constant: number;
  /** Value at one input [inputs]. */
  evaluate(input: ArrayLike<number>): number;
  /** Q [inputs, inputs], formed: 8 · inputs² bytes. */
  dense(): Matrix;
}

/** The quadratic form of a direction in output space. */
export function quadraticForm(
  interactions: Interactions,
  direction: Float64Array,
): QuadraticForm {
  const { outputs, neurons, inputs, readout, outputBias, left, right, leftBias, rightBias } =
    interactions;
  if (direction.length !== outputs) {
    throw new TypeError(
      `Cannot take a direction of ${direction.length} weights: there are ${outputs} outputs`,
    );
  }
  const bad = direction.findIndex((weight) => !Number.isFinite(weight));
  if (bad >= 0) {
    throw new RangeError(
      `Cannot take a direction: weight ${bad} is ${direction[bad]}, and must be finite`,
    );
  }
  const neuronWeights = matmul(matrix(1, outputs, direction), readout).data;
  const onLeft = neuronWeights.map((weight, k) => weight * rightBias[k]!);
  const onRight = neuronWeights.map((weight, k) => weight * leftBias[k]!);
  const fromLeft = matmul(matrix(1, neurons, onLeft), left).data;
  const fromRight = matmul(matrix(1, neurons, onRight), right).data;
  let constant = 0;
  direction.forEach((weight, o) => constant += weight * outputBias[o]!);
  onLeft.forEach((weight, k) => constant += weight * leftBias[k]!);
  return {
    interactions,
    direction,
    neuronWeights,
    linear: fromLeft.map((value, i) => value + fromRight[i]!),
    constant,
    evaluate: (input) =>
      interactions.evaluate(input).reduce((total, value, o) => total + direction[o]! * value, 0),
    dense: () => symmetricForm(neuronWeights, { left, right }, inputs),
  };
}

/** ½(Wᵀ diag(α) V + Vᵀ diag(α) W) [size, size] in the coordinates of a basis. */
export function symmetricForm(
  neuronWeights: Float64Array,
  { left, right }: Pick<Basis, "left" | "right">,
  size: number,
): Matrix {
  const weighted = matrix(left.rows, size, right.data);
  for (let k = 0; k < left.rows; k++) {
    const weight = neuronWeights[k]!;
    for (let i = k * size; i < (k + 1) * size; i++) weighted.data[i] = weighted.data[i]! * weight;
  }
  const result = matmul(left, weighted, "TN"), { data } = result;
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < i; j++) {
      const mean = (data[i * size + j]! + data[j * size + i]!) / 2;
      data[i * size + j] = mean;
      data[j * size + i] = mean;
    }
  }
  return result;
}
