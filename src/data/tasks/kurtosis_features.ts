import { logOf } from "../../kernels/mod.ts";
import { type Random, type RandomState, scope, tensor } from "../../tensor/mod.ts";
import { checkFeatures, type Sampler, sampler, unit } from "../regression.ts";
import { importances } from "./sparse_features.ts";

/** Distribution of a feature while it is active; its kurtosis is 1, 9/5, 3 or 6. */
export type FeatureDistribution = "bernoulli" | "uniform" | "gaussian" | "laplace";

/** Options of {@linkcode kurtosisFeatures}: a kurtosis, or a probability. */
export interface KurtosisFeaturesOptions {
  /** Features a row. */
  readonly features: number;
  /** Distribution while active; "bernoulli" (±, with equal chances) unless said. */
  readonly distribution?: FeatureDistribution;
  /** κ = E x⁴ that is wanted, dimensionless, at least that of the distribution. */
  readonly kurtosis?: number;
  /** p, the probability that a feature is active, in place of a kurtosis; above 0, at most 1. */
  readonly probability?: number;
  /** v_i, the weight of x_i² in the target: one a feature, or r for 1, r, r², …; all 1 unless said. */
  readonly importance?: number | ArrayLike<number>;
  /** Seed, or the state of a sampler to go on from; 0 unless said. */
  readonly seed?: number | RandomState;
}

/** A sampler of features of known kurtosis. */
export interface KurtosisFeatures extends Sampler {
  /** κ = E x⁴, dimensionless. */
  readonly kurtosis: number;
  /** Probability that a feature is active. */
  readonly probability: number;
  /** v_i [features]. */
  readonly importance: Float32Array<ArrayBuffer>;
}

/** Kurtosis while active, and one number of variance 1 from a random word. */
const DISTRIBUTIONS: Readonly<
  Record<FeatureDistribution, { kurtosis: number; value?: (word: number) => number }>
> = {
  bernoulli: { kurtosis: 1, value: (word) => word < 2 ** 31 ? -1 : 1 },
  uniform: { kurtosis: 9 / 5, value: (word) => Math.sqrt(3) * (2 * unit(word) - 1) },
  gaussian: { kurtosis: 3 }, // drawn by the kernels
  // the sign from the lowest bit, which unit() does not use
  laplace: {
    kurtosis: 6,
    value: (word) => (word % 2 === 0 ? -1 : 1) * Math.SQRT1_2 * -logOf(unit(word)),
  },
};

/**
 * Independent features of mean 0, variance 1 and a given kurtosis, and the target Σ v_i x_i²: the task
 * that shows when a quadratic layer gives features a dimension each, and when they share. A feature is
 * 0 unless active, and scaled by 1/√p, so κ = κ₀ / p with κ₀ that of its distribution while active.
 *
 * Source: A. Scherlis and others, "Polysemanticity and Capacity in Neural Networks", 2022, section 3.
 *
 * @throws {RangeError} when the features are no whole number ≥ 1, the probability is not above 0 and at
 * most 1, or the kurtosis below that of the distribution. {TypeError} when both are given, or there is not
 * one importance a feature.
 * @example
 * ```ts
 * import * as data from "@odot/odot/data";
 * import { scope } from "@odot/odot";
 * const features = data.kurtosisFeatures({ features: 4, kurtosis: 9, importance: [1.5, 1, 0.8, 0.5] });
 * console.log(features.probability); // 1/9
 * scope(() => console.log(features.batch(256).targets.shape)); // [256, 1]
 * ```
 */
export function kurtosisFeatures(options: KurtosisFeaturesOptions): KurtosisFeatures {
  const { features, distribution = "bernoulli", importance = 1, seed = 0 } = options;
  const name = "features of known kurtosis";
  checkFeatures(name, features);
  if (!Object.hasOwn(DISTRIBUTIONS, distribution)) {
    throw new RangeError(
      `Cannot make ${name} of the distribution ${distribution}: it is one of ${
        Object.keys(DISTRIBUTIONS).join(", ")
      }`,
    );
  }
  const { kurtosis: own, value } = DISTRIBUTIONS[distribution];
  const probability = probabilityOf(options, own, distribution);
  const weights = importances(features, importance), scale = 1 / Math.sqrt(probability);
  const draw = (count: number, from: Random): Float32Array<ArrayBuffer> => {
    const activity = from.words(count);
    const normal = value ? undefined : scope(() => from.normal([count]).toArray());
    const words = value ? from.words(count) : undefined;
    return Float32Array.from(activity, (word, k) => {
      if (word / 2 ** 32 >= probability) return 0;
      return scale * (value && words ? value(words[k]!) : normal![k]!);
    });
  };
  const parts = {
    name,
    features,
    outputs: 1,
    kurtosis: own / probability,
    probability,
    importance: weights,
  };
  return sampler(parts, seed, (count, from) => {
    const inputs = draw(count * features, from);
    const targets = Float32Array.from({ length: count }, (_, row) => {
      let total = 0;
      for (let i = 0; i < features; i++) {
        const x = inputs[row * features + i]!;
        total += weights[i]! * (x * x);
      }
      return total;
    });
    return { inputs: tensor(inputs, [count, features]), targets: tensor(targets, [count, 1]) };
  });
}

function probabilityOf(
  { kurtosis, probability }: KurtosisFeaturesOptions,
  own: number,
  distribution: string,
): number {
  if (kurtosis === undefined) {
    const chance = probability ?? 1;
    if (chance > 0 && chance <= 1) return chance;
    throw new RangeError(
      `Cannot make features active with probability ${chance}: it must be above 0 and at most 1`,
    );
  }
  if (probability !== undefined) {
    throw new TypeError(
      `Cannot make features of kurtosis ${kurtosis} and probability ${probability}: one follows from ` +
        "the other; give one",
    );
  }
  if (kurtosis >= own && Number.isFinite(kurtosis)) return own / kurtosis;
  throw new RangeError(
    `Cannot make ${distribution} features of kurtosis ${kurtosis}: it must be finite and at least ` +
      `${own}, theirs while always active; bernoulli has the smallest, 1`,
  );
}
