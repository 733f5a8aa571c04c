import { batches, type Dataset, gather } from "../data/mod.ts";
import { matmul, type Matrix, matrix } from "../linalg/mod.ts";
import { scope } from "../tensor/mod.ts";
import { hadamard } from "./grams.ts";
import type { QuadraticForm } from "./quadratic_form.ts";

/** Mean and covariance of inputs. */
export interface Moments {
  /** [inputs]. */
  readonly mean: Float64Array;
  /** E (x − mean)(x − mean)ᵀ [inputs, inputs]. */
  readonly covariance: Matrix;
  /** E x·xᵀ [inputs, inputs]: weighs how large inputs are where the covariance weighs how they vary. */
  readonly secondMoment: Matrix;
}

/** Rows that are summed at a time. */
const ROWS = 1000;

/**
 * Mean, covariance and second moment of a dataset: `weight: moments(data).covariance` makes a
 * decomposition count errors as the data would see them, ‖Σ^½·ΔQ·Σ^½‖_F, which is the standard deviation
 * of the error over √2 for Gaussian inputs of mean 0. These are moments of inputs; `guarantee.moments` has
 * those of outputs under noise. Forms are approximated where there is
 * data: directions that no input has are left out.
 *
 * @example
 * ```ts
 * import { data, decompose, nn } from "@odot/odot";
 * const points = data.dataset({ inputs: Float32Array.of(0, 0, 2, 0, 0, 1, 2, 1), labels: [0, 1, 1, 0] });
 * const { mean, covariance } = decompose.moments(points);
 * console.log(mean.join(), covariance.data.join()); // "1,0.5" "1,0,0,0.25"
 * const whole = decompose.interactions(nn.sequential([nn.bilinear(2, 3), nn.linear(3, 2)], { seed: 1 }));
 * console.log(decompose.eigen(whole.output(0), { weight: covariance, rank: 1 }).relativeError < 1);
 * ```
 */
export function moments(source: Dataset): Moments {
  const { features: n, count } = source;
  const mean = new Float64Array(n), second = matrix(n, n);
  for (const rows of batches(source, { size: ROWS })) {
    const values = Float64Array.from(scope(() => gather(source, rows).inputs.toArray()));
    const block = matrix(rows.length, n, values);
    values.forEach((value, i) => mean[i % n] = mean[i % n]! + value / count);
    matmul(block, block, "TN").data.forEach((value, i) =>
      second.data[i] = second.data[i]! + value / count
    );
  }
  const covariance = matrix(n, n);
  second.data.forEach((value, i) =>
    covariance.data[i] = value - mean[Math.floor(i / n)]! * mean[i % n]!
  );
  return { mean, covariance, secondMoment: second };
}

/** Mean and variance of a form over Gaussian inputs. */
export interface FormMoments {
  /** E q(x), in the unit of the output. */
  readonly mean: number;
  /** E (q(x) − mean)², in its square. */
  readonly variance: number;
  /** Part of the variance that the quadratic part has by itself: 2·‖Σ^½·Q·Σ^½‖_F². */
  readonly quadratic: number;
}

/**
 * Exact mean and variance of x·Q·x + l·x + c for x ~ N(mean, Σ): E = tr(QΣ) + q(mean) and
 * Var = 2·‖Σ^½QΣ^½‖_F² + (2Q·mean + l)·Σ·(2Q·mean + l), from factors. `guarantee.formMoments` bounds its
 * rounding, too.
 *
 * @throws {TypeError} when the sizes do not fit.
 * @example
 * ```ts
 * import { decompose, linalg, nn } from "@odot/odot";
 * const model = nn.sequential([nn.bilinear(2, 1, { bias: false })]);
 * model.assign({ "0.weight": [1, 0, 1, 0] }); // x², which has mean 1 and variance 2
 * const form = decompose.interactions(model).output(0);
 * const { mean, variance } = decompose.gaussianMoments(form, { covariance: linalg.identity(2) });
 * console.log(mean, variance); // 1 2
 * ```
 */
export function gaussianMoments(
  form: QuadraticForm,
  { covariance, mean }: { readonly covariance: Matrix; readonly mean?: ArrayLike<number> },
): FormMoments {
  const { interactions: { left, right, inputs, neurons }, neuronWeights, linear } = form;
  if (covariance.rows !== inputs || covariance.columns !== inputs) {
    throw new TypeError(
      `Cannot take moments under a covariance [${covariance.rows}, ${covariance.columns}]: inputs need [${inputs}, ${inputs}]`,
    );
  }
  const centre = Float64Array.from(mean ?? new Float64Array(inputs));
  if (centre.length !== inputs) {
    throw new TypeError(`Cannot take moments around ${centre.length} numbers: give ${inputs}`);
  }
  const [spreadLeft, spreadRight] = [matmul(left, covariance), matmul(right, covariance)];
  const mixed = matmul(spreadLeft, right, "NT");
  const straight = hadamard(
    matmul(spreadLeft, left, "NT"),
    matmul(spreadRight, right, "NT"),
  );
  const crossed = hadamard(matmul(spreadRight, left, "NT"), mixed);
  let trace = 0, quadratic = 0;
  for (let k = 0; k < neurons; k++) {
    trace += neuronWeights[k]! * mixed.data[k * neurons + k]!;
    for (let j = 0; j < neurons; j++) {
      quadratic += neuronWeights[k]! * neuronWeights[j]! *
        (straight.data[k * neurons + j]! + crossed.data[k * neurons + j]!);
    }
  }
  const slope = gradient(form, centre);
  linear.forEach((value, i) => slope[i] = slope[i]! + value);
  const vector = matrix(1, inputs, slope);
  const sideways = matmul(matmul(vector, covariance), vector, "NT").data[0]!;
  return {
    mean: trace + form.evaluate(centre),
    variance: Math.max(0, quadratic) + Math.max(0, sideways),
    quadratic: Math.max(0, quadratic),
  };
}

/** 2·Q·x = Wᵀ(α∘Vx) + Vᵀ(α∘Wx). */
function gradient({ interactions, neuronWeights }: QuadraticForm, x: Float64Array): Float64Array {
  const { left, right, neurons } = interactions, column = matrix(x.length, 1, x);
  const weighted = (side: Matrix): Matrix => {
    const { data } = matmul(side, column);
    return matrix(1, neurons, data.map((value, k) => value * neuronWeights[k]!));
  };
  const fromLeft = matmul(weighted(right), left).data,
    fromRight = matmul(weighted(left), right).data;
  return fromLeft.map((value, i) => value + fromRight[i]!);
}
