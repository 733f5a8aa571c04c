import { bilinear, linear, type Model, sequential } from "../nn/mod.ts";
import { type Eigen, eigen } from "./eigen.ts";
import { type Interactions, interactions } from "./interactions.ts";

/** A smaller network that computes the leading eigenpairs of every output. */
export interface Truncation {
  /** Runs, saves and loads like any other; the caller disposes of it. */
  readonly model: Model;
  /** Hidden neurons of the model. */
  readonly neurons: number;
  /** Parameters of the model. */
  readonly parameters: number;
  /** ‖B − B̂‖_F / ‖B‖_F over all outputs, dimensionless; linear and constant parts are kept whole. */
  readonly relativeError: number;
}

/**
 * The network made of the `rank` largest eigenpairs of every output, runnable. A form with p positive
 * and q negative eigenvalues takes max(p, q) neurons, the fewest possible: a positive and a negative
 * eigenpair share one, √λ⁺v⁺ ∓ √|λ⁻|v⁻ (METHODS T2).
 *
 * @throws {RangeError} when the rank is no whole number ≥ 1 or the weights exceed the largest f32;
 * {TypeError} when the model has not one bilinear layer.
 * @example
 * ```ts
 * import { decompose, nn } from "@odot/odot";
 * const model = nn.sequential([nn.bilinear(8, 16, { bias: false }), nn.linear(16, 2)], { seed: 1 });
 * const { model: smaller, neurons, relativeError } = decompose.truncate(model, { rank: 2 });
 * console.log(neurons, relativeError, smaller.predict(new Float32Array(8)));
 * ```
 */
export function truncate(
  source: Model | Interactions,
  { rank }: { readonly rank: number },
): Truncation {
  const whole = "neurons" in source ? source : interactions(source);
  const parts = Array.from({ length: whole.outputs }, (_, o) => eigen(whole.output(o), { rank }));
  const hasBias = parts.some((part) => part.constant !== 0 || part.linear.some((l) => l !== 0));
  const neurons = parts.flatMap((part, output) => [
    ...canonicalNeurons(part, output),
    ...(hasBias ? [affineNeuron(part, output)] : []),
  ]);
  // a network has at least one neuron, be its outputs 0
  if (neurons.length === 0) neurons.push(affineNeuron(parts[0]!, 0));
  const { inputs, outputs } = whole, count = neurons.length;
  const weight = new Float32Array(2 * count * inputs), bias = new Float32Array(2 * count);
  const readout = new Float32Array(outputs * count);
  neurons.forEach((neuron, k) => {
    weight.set(neuron.left, k * inputs);
    weight.set(neuron.right, (count + k) * inputs);
    bias[k] = neuron.leftBias;
    bias[count + k] = neuron.rightBias;
    readout[neuron.output * count + k] = 1;
  });
  if (!weight.every(Number.isFinite) || !bias.every(Number.isFinite)) {
    throw new RangeError(
      "Cannot truncate: the weights of the smaller network exceed the largest f32; scale those of the larger one down",
    );
  }
  const model = sequential([
    bilinear(inputs, count, { bias: hasBias }),
    linear(count, outputs, { bias: false }),
  ]);
  model.assign({ "0.weight": weight, "1.weight": readout, ...(hasBias && { "0.bias": bias }) });
  return {
    model,
    neurons: count,
    parameters: weight.length + readout.length + (hasBias ? bias.length : 0),
    relativeError: jointError(parts),
  };
}

interface Neuron {
  readonly output: number;
  readonly left: Float64Array;
  readonly right: Float64Array;
  readonly leftBias: number;
  readonly rightBias: number;
}

/** max(p, q) neurons for p positive and q negative eigenpairs. */
function canonicalNeurons({ values, vectors }: Eigen, output: number): Neuron[] {
  const { columns, data } = vectors;
  const scaled = (index: number | undefined): Float64Array =>
    index === undefined
      ? new Float64Array(columns)
      : data.slice(index * columns, (index + 1) * columns)
        .map((value) => value * Math.sqrt(Math.abs(values[index]!)));
  const order = [...values.keys()];
  const positive = order.filter((i) => values[i]! > 0),
    negative = order.filter((i) => values[i]! < 0);
  return Array.from({ length: Math.max(positive.length, negative.length) }, (_, i) => {
    const plus = scaled(positive[i]), minus = scaled(negative[i]);
    return {
      output,
      left: plus.map((value, j) => value - minus[j]!),
      right: plus.map((value, j) => value + minus[j]!),
      leftBias: 0,
      rightBias: 0,
    };
  });
}

/** (linear·x + constant) · 1 as a neuron. */
function affineNeuron({ linear, constant }: Eigen, output: number): Neuron {
  const right = new Float64Array(linear.length);
  return { output, left: linear, right, leftBias: constant, rightBias: 1 };
}

function jointError(parts: readonly Eigen[]): number {
  const largest = parts.reduce((top, { values }) => Math.max(top, Math.abs(values[0]!)), 0);
  let dropped = 0, total = 0;
  for (const { spectrum, relativeError } of parts) {
    // relative to the largest, so that squares neither overflow nor vanish
    const energy = spectrum.reduce((sum, value) => sum + (value / (largest || 1)) ** 2, 0);
    total += energy;
    dropped += energy * relativeError * relativeError;
  }
  return total === 0 ? 0 : Math.sqrt(dropped / total);
}
