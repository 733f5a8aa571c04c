import { fromFactors, type Interactions, type QuadraticForm } from "../decompose/mod.ts";
import { eigh, matmul, type Matrix, matrix } from "../linalg/mod.ts";
import { neuronSum, sumAt } from "./box_sum.ts";

/** Gaussian noise that is added to an input: N(0, deviation²·I), or N(0, covariance) [inputs, inputs]. */
export type Noise =
  | { readonly deviation: number }
  | { readonly covariance: Matrix };

/** Mean and covariance of outputs under noise, exact but for rounding. */
export interface Moments {
  /** Mean of every output [outputs]. */
  readonly mean: Float64Array;
  /** Covariance of the outputs [outputs, outputs]. */
  readonly covariance: Matrix;
  /** Rounding of the means, at most [outputs]; without that of a covariance's factor. */
  readonly meanError: Float64Array;
  /** Rounding of the variances, at most [outputs]. */
  readonly varianceError: Float64Array;
}

/** Mean and variance of one form under noise, exact but for rounding. */
export interface FormMoments {
  /** Mean. */
  readonly mean: number;
  /** Variance. */
  readonly variance: number;
  /** Rounding of the mean, at most. */
  readonly meanError: number;
  /** Rounding of the variance, at most. */
  readonly varianceError: number;
}

/**
 * Mean and covariance of all outputs when Gaussian noise is added to an input, in closed form: no sampling
 * and no eigenvectors, only Gram matrices of the factors. With z ~ N(0, C) around x:
 * E y_o = y_o(x) + tr(Q_o C) and Cov(y_a, y_b) = g_a·C g_b + 2 tr(Q_a C Q_b C), where
 * tr(Q_a Q_b) = ½ αᵀ(WWᵀ ⊙ VVᵀ + WVᵀ ⊙ VWᵀ)β. Source: METHODS G4.
 *
 * @throws {TypeError} for an input or a covariance of another size; {RangeError} for a deviation that is
 * negative or not finite, an entry that is not finite, or a covariance that is not symmetric positive
 * semidefinite.
 * @example
 * ```ts
 * import { decompose, guarantee, nn } from "@odot/odot";
 * const model = nn.sequential([nn.bilinear(1, 1, { bias: false })]);
 * model.assign({ "0.weight": [1, 1] }); // x²
 * const { mean, covariance } = guarantee.moments(decompose.interactions(model), [3], { deviation: 2 });
 * console.log(mean[0], covariance.data[0]); // 9 + 4, 36·4 + 2·16
 * ```
 */
export function moments(
  interactions: Interactions,
  input: ArrayLike<number>,
  noise: Noise,
): Moments {
  const standard = standardised(interactions, input, noise);
  const { outputs, left, readout } = standard;
  const pairs = pairProducts(standard);
  const twice = matmul(matmul(readout, pairs), readout, "NT");
  const inputs = left.columns, slopes = matrix(outputs, inputs);
  const mean = new Float64Array(outputs), meanError = new Float64Array(outputs);
  const varianceError = new Float64Array(outputs);
  for (let o = 0; o < outputs; o++) {
    const form = standard.output(o), found = formMean(form);
    mean[o] = found.mean;
    meanError[o] = found.error;
    slopes.data.set(form.linear, o * inputs);
    varianceError[o] = found.varianceError;
  }
  const linear = matmul(slopes, slopes, "NT");
  const covariance = matrix(outputs, outputs, linear.data.map((x, i) => x + twice.data[i]!));
  return { mean, covariance, meanError, varianceError };
}

/**
 * Mean and variance of one quadratic form, a margin for example, under Gaussian noise: see
 * {@linkcode moments}.
 *
 * @throws what {@linkcode moments} throws.
 * @example
 * ```ts
 * import { decompose, guarantee, nn } from "@odot/odot";
 * const model = nn.sequential([nn.bilinear(4, 3), nn.linear(3, 2)], { seed: 1 });
 * const margin = decompose.interactions(model).difference(0, 1);
 * const { mean, variance } = guarantee.formMoments(margin, [1, 0, 0, 1], { deviation: 0.1 });
 * console.log(mean, Math.sqrt(variance));
 * ```
 */
export function formMoments(
  form: QuadraticForm,
  input: ArrayLike<number>,
  noise: Noise,
): FormMoments {
  const standard = standardised(form.interactions, input, noise);
  const moved = standard.direction(form.direction),
    { mean, error, varianceError } = formMean(moved);
  const pairs = pairProducts(standard), { neurons } = standard;
  const weights = matrix(1, neurons, moved.neuronWeights);
  const quadratic = matmul(matmul(weights, pairs), weights, "NT").data[0]!;
  const slope = moved.linear.reduce((total, g) => total + g * g, 0);
  // rounding can take a variance of 0 below 0
  const variance = Math.max(0, slope + quadratic);
  return { mean, variance, meanError: error, varianceError };
}

/**
 * The interactions as a function of z ~ N(0, I) for input x + Sz with SSᵀ the covariance of the noise:
 * the noise in the factors, the input in the biases.
 */
export function standardised(
  interactions: Interactions,
  input: ArrayLike<number>,
  noise: Noise,
): Interactions {
  const { inputs, neurons, left, right, leftBias, rightBias } = interactions;
  if (input.length !== inputs) {
    throw new TypeError(
      `Cannot take moments at ${input.length} numbers: an input has ${inputs}`,
    );
  }
  const x = matrix(inputs, 1, input), bad = x.data.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    throw new RangeError(
      `Cannot take moments: entry ${bad} of the input is ${x.data[bad]}, and must be finite`,
    );
  }
  const root = rootOf(noise, inputs);
  const spread = (factor: Matrix): Matrix =>
    typeof root === "number"
      ? matrix(neurons, inputs, factor.data.map((value) => value * root))
      : matmul(factor, root);
  const at = (factor: Matrix, bias: Float64Array): Float64Array => {
    const moved = matmul(factor, x).data;
    return bias.map((b, k) => b + moved[k]!);
  };
  return fromFactors({
    left: spread(left),
    right: spread(right),
    leftBias: at(left, leftBias),
    rightBias: at(right, rightBias),
    readout: interactions.readout,
    outputBias: interactions.outputBias,
  });
}

/** S with SSᵀ the covariance [inputs, inputs], or a number for a multiple of I. */
export function rootOf(noise: Noise, inputs: number): number | Matrix {
  if ("deviation" in noise) {
    if (!(noise.deviation >= 0 && Number.isFinite(noise.deviation))) {
      throw new RangeError(
        `Cannot take noise of deviation ${noise.deviation}: give a finite number ≥ 0`,
      );
    }
    return noise.deviation;
  }
  const { rows, columns } = noise.covariance;
  if (rows !== inputs || columns !== inputs) {
    throw new TypeError(
      `Cannot take noise of covariance [${rows}, ${columns}]: the inputs need [${inputs}, ${inputs}]`,
    );
  }
  const { values, vectors } = eigh(noise.covariance);
  const largest = Math.max(Math.abs(values[0]!), Math.abs(values.at(-1)!));
  if (values[0]! < -1e-10 * largest) {
    throw new RangeError(
      `Cannot take noise of that covariance: its eigenvalue ${
        values[0]
      } is negative, and must be ≥ 0`,
    );
  }
  const roots = values.map((value) => Math.sqrt(Math.max(0, value)));
  return matrix(inputs, inputs, vectors.data.map((value, i) => value * roots[i % inputs]!));
}

/** WWᵀ ⊙ VVᵀ + WVᵀ ⊙ VWᵀ [neurons, neurons]. */
function pairProducts({ neurons, left, right }: Interactions): Matrix {
  const ll = matmul(left, left, "NT"), rr = matmul(right, right, "NT");
  const lr = matmul(left, right, "NT");
  const result = matrix(neurons, neurons);
  for (let k = 0; k < neurons; k++) {
    for (let j = 0; j < neurons; j++) {
      const at = k * neurons + j;
      result.data[at] = ll.data[at]! * rr.data[at]! + lr.data[at]! * lr.data[j * neurons + k]!;
    }
  }
  return result;
}

/** Mean of a standardised form, its rounding, and that of the variance. */
function formMean(
  form: QuadraticForm,
): { mean: number; error: number; varianceError: number } {
  const sum = neuronSum(form), { inputs: n, neurons, left, right, weights, reach } = sum;
  const { value, error } = sumAt(sum, new Float64Array(n));
  let trace = 0, traceReach = 0, norm = 0, slope = 0;
  for (let k = 0; k < neurons; k++) {
    let inner = 0, size = 0, l = 0, r = 0;
    for (let i = 0; i < n; i++) {
      const w = left[k * n + i]!, v = right[k * n + i]!;
      inner += w * v;
      size += Math.abs(w * v);
      l += w * w;
      r += v * v;
    }
    trace += weights[k]! * inner;
    traceReach += reach[k]! * size;
    norm += reach[k]! * Math.sqrt(l * r);
    slope += reach[k]! *
      (Math.abs(sum.rightBias[k]!) * Math.sqrt(l) + Math.abs(sum.leftBias[k]!) * Math.sqrt(r));
  }
  return {
    mean: value + trace,
    // the standardised factors and biases were rounded once more each
    error: 3 * (error + sum.rounding * traceReach),
    varianceError: 8 * sum.rounding * (norm * norm + slope * slope),
  };
}
