import { interactions } from "../decompose/mod.ts";
import { matmul } from "../linalg/mod.ts";
import { fromConfig, linear, type Model, sequential } from "../nn/mod.ts";
import { type Noise, standardised } from "./moments.ts";

/** A network that computes the mean of another over Gaussian noise on its input. */
export interface Smoothed {
  /** Runs, saves and loads like any other; the caller disposes of it. */
  readonly model: Model;
  /** What is added to every output, tr(Q_o C) [outputs]. */
  readonly shift: Float64Array;
  /** Largest rounding of the shift to f32, in the unit of the outputs. */
  readonly errorBound: number;
}

/**
 * The exactly smoothed network: f_σ(x) = E f(x + z) for Gaussian z is f(x) + tr(Q C), the same network
 * with another output bias. Where a ReLU network is smoothed by averaging thousands of runs, a bilinear
 * one is by adding one number an output. Source: METHODS G4.
 *
 * @throws {TypeError} when the model has not one bilinear layer; {RangeError} for noise that is none, or
 * a shift beyond f32.
 * @example
 * ```ts
 * import { guarantee, nn } from "@odot/odot";
 * const model = nn.sequential([nn.bilinear(1, 1, { bias: false })]);
 * model.assign({ "0.weight": [1, 1] }); // x²
 * const { model: smooth } = guarantee.smoothed(model, { deviation: 2 });
 * console.log(smooth.predict([3])); // 9 + 4
 * ```
 */
export function smoothed(model: Model, noise: Noise): Smoothed {
  const source = interactions(model);
  const { left, right, readout, neurons } = standardised(
    source,
    new Float64Array(source.inputs),
    noise,
  );
  const { data } = matmul(left, right, "NT");
  const shift = new Float64Array(source.outputs);
  for (let o = 0; o < source.outputs; o++) {
    for (let k = 0; k < neurons; k++) {
      shift[o] = shift[o]! + readout.data[o * neurons + k]! * data[k * neurons + k]!;
    }
  }
  const last = model.layers.at(-1)!.config, index = model.layers.length - 1;
  const values: Record<string, ArrayLike<number>> = {};
  for (const [name, parameter] of model.parameters) values[name] = parameter.toArray();
  const before = values[`${index}.bias`] ?? new Float32Array(source.outputs);
  const affine = last.type === "linear";
  const at = affine ? index : index + 1;
  const wanted = shift.map((value, o) => affine ? value + before[o]! : value);
  const bias = Float32Array.from(wanted);
  if (!bias.every(Number.isFinite)) {
    throw new RangeError(
      "Cannot smooth: the shift of an output exceeds the largest f32; take a smaller deviation",
    );
  }
  const layers = model.layers.map(({ config }, i) =>
    fromConfig(i === index && config.type === "linear" ? { ...config, bias: true } : config)
  );
  if (!affine) {
    layers.push(linear(source.outputs, source.outputs));
    values[`${at}.weight`] = Float32Array.from(
      { length: source.outputs ** 2 },
      (_, i) => i % (source.outputs + 1) === 0 ? 1 : 0,
    );
  }
  values[`${at}.bias`] = bias;
  const smooth = sequential(layers);
  smooth.assign(values);
  const errorBound = wanted.reduce((top, value, o) => Math.max(top, Math.abs(value - bias[o]!)), 0);
  return { model: smooth, shift, errorBound };
}
