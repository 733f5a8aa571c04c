import { matmul, type Matrix, matrix } from "../linalg/mod.ts";
import { bilinear, type Layer, linear, type Model, sequential } from "../nn/mod.ts";
import type { Interactions } from "./interactions.ts";
import { row, stackRows } from "./rows.ts";

/**
 * A network that computes an interaction tensor with its linear and constant parts: bilinear and linear,
 * after a linear embedding where the tensor has one of fewer numbers than it saves.
 *
 * @throws {RangeError} when a weight exceeds the largest f32.
 */
export function network(source: Interactions): Model {
  const { inputs, outputs, neurons, embedding, readout, leftBias, rightBias, outputBias } = source;
  const width = embedding?.matrix.rows ?? 0;
  const embedded = embedding && width * (inputs + 2 * neurons) < 2 * neurons * inputs;
  const { left, right } = embedded ? embedding : source;
  const hidden = [...leftBias, ...rightBias];
  const hasBias = hidden.some((value) => value !== 0);
  const layers: Layer[] = [], values: Record<string, ArrayLike<number>> = {};
  const push = (layer: Layer, weight: Matrix, bias?: ArrayLike<number>): void => {
    const at = layers.push(layer) - 1;
    values[`${at}.weight`] = weight.data;
    if (bias) values[`${at}.bias`] = bias;
  };
  if (embedded) push(linear(inputs, width, { bias: false }), embedding.matrix);
  push(
    bilinear(embedded ? width : inputs, neurons, { bias: hasBias }),
    stackRows([left, right]),
    hasBias ? hidden : undefined,
  );
  const shifts = outputBias.some((value) => value !== 0);
  push(linear(neurons, outputs, { bias: shifts }), readout, shifts ? outputBias : undefined);
  for (const data of Object.values(values)) {
    if (Array.from(data, Math.fround).every(Number.isFinite)) continue;
    throw new RangeError(
      "Cannot make a network: its weights exceed the largest f32; scale those of the source down",
    );
  }
  const model = sequential(layers);
  model.assign(values);
  return model;
}

/** Neurons in input coordinates, without biases. */
export interface Neurons {
  /** [neurons, inputs]. */
  readonly left: Matrix;
  /** [neurons, inputs]. */
  readonly right: Matrix;
  /** [outputs, neurons]. */
  readonly readout: Matrix;
}

/** The same neurons with left, right and readout of about one size each, so that f32 holds them. */
export function balanced({ left, right, readout }: Neurons): Neurons {
  const columns = readout.columns;
  const sides = { left: matrix(left.rows, left.columns), right: matrix(right.rows, right.columns) };
  const out = matrix(readout.rows, columns);
  const largest = (values: Float64Array): number => {
    let top = 0;
    for (const value of values) if (Math.abs(value) > top) top = Math.abs(value);
    return top;
  };
  const put = (target: Float64Array, source: Float64Array, factor: number): void => {
    for (let i = 0; i < source.length; i++) target[i] = source[i]! * factor;
  };
  for (let k = 0; k < columns; k++) {
    const [l, r] = [row(left, k), row(right, k)];
    const own = Float64Array.from(
      { length: readout.rows },
      (_, o) => readout.data[o * columns + k]!,
    );
    const sizes = [largest(l), largest(r), largest(own)] as const;
    if (sizes.some((size) => size === 0)) continue;
    const mean = Math.exp(sizes.reduce((sum, size) => sum + Math.log(size), 0) / 3);
    put(row(sides.left, k), l, mean / sizes[0]);
    put(row(sides.right, k), r, mean / sizes[1]);
    own.forEach((value, o) => out.data[o * columns + k] = value / sizes[2] * mean);
  }
  return { ...sides, readout: out };
}

/** Linear parts [outputs, inputs] and constant parts [outputs] of all outputs: U(diag(c)W + diag(b)V). */
export function affineParts(source: Interactions): { linear: Matrix; constant: Float64Array } {
  const { left, right, leftBias, rightBias, readout, outputBias, neurons, outputs } = source;
  if ([...leftBias, ...rightBias].every((value) => value === 0)) {
    return { linear: matrix(outputs, source.inputs), constant: outputBias.slice() };
  }
  const weighted = (bias: Float64Array): Matrix =>
    matrix(outputs, neurons, readout.data.map((value, i) => value * bias[i % neurons]!));
  const fromLeft = matmul(weighted(rightBias), left), fromRight = matmul(weighted(leftBias), right);
  const constant = outputBias.map((value, o) => {
    let total = value;
    for (let k = 0; k < neurons; k++) {
      total += readout.data[o * neurons + k]! * leftBias[k]! * rightBias[k]!;
    }
    return total;
  });
  fromLeft.data.forEach((value, i) => fromLeft.data[i] = value + fromRight.data[i]!);
  return { linear: fromLeft, constant };
}
