import { type Random, type RandomState, type Tensor, tensor } from "../../tensor/mod.ts";
import { checkFeatures, type Sampler, sampler, unit } from "../regression.ts";

/** Options of {@linkcode sparseFeatures}. */
export interface SparseFeaturesOptions {
  /** Features a row. */
  readonly features: number;
  /** S, the probability that a feature is 0; 0 to 1. */
  readonly sparsity: number;
  /**
   * Importance of each feature for the loss, dimensionless: one a feature, or r for 1, r, r², …; all 1
   * unless said.
   */
  readonly importance?: number | ArrayLike<number>;
  /**
   * Which features are active together, in pairs 01, 23, …: "none", the default, each on its own;
   * "pairs", both or none; "anticorrelated", never both, which takes a sparsity of at least ½.
   */
  readonly correlation?: "none" | "pairs" | "anticorrelated";
  /** Seed, or the state of a sampler to go on from; 0 unless said. */
  readonly seed?: number | RandomState;
}

/** A sampler of sparse features; the targets are the inputs. */
export interface SparseFeatures extends Sampler {
  /** Importance of each feature for the loss [features]. */
  readonly importance: Float32Array<ArrayBuffer>;
  /** S, the probability that a feature is 0. */
  readonly sparsity: number;
}

/**
 * Sparse features for toy models of superposition: each is 0 with probability S, else uniform in (0, 1).
 * The task is to give the features back, x̂ = x, with loss Σ importance_i (x_i − x̂_i)².
 *
 * Source: N. Elhage and others, "Toy Models of Superposition", 2022, sections 2 and 5.
 *
 * @throws {RangeError} when the features are no whole number ≥ 1, or odd where they go in pairs; when the
 * sparsity is not from 0 to 1, or below ½ for anticorrelated pairs; when an importance is negative or not
 * finite. {TypeError} when there is not one importance a feature.
 * @example
 * ```ts
 * import * as data from "@odot/odot/data";
 * import { scope } from "@odot/odot";
 * const features = data.sparseFeatures({ features: 5, sparsity: 0.97, importance: 0.9, seed: 1 });
 * scope(() => console.log(features.batch(1024).inputs.shape)); // [1024, 5]
 * ```
 */
export function sparseFeatures(
  { features, sparsity, importance = 1, correlation = "none", seed = 0 }: SparseFeaturesOptions,
): SparseFeatures {
  const name = "sparse features";
  checkFeatures(name, features);
  if (!(sparsity >= 0 && sparsity <= 1)) {
    throw new RangeError(`Cannot make ${name} of sparsity ${sparsity}: it must be from 0 to 1`);
  }
  if (!Object.hasOwn(ACTIVE, correlation)) {
    throw new RangeError(
      `Cannot make ${name} of correlation ${correlation}: it is one of ${
        Object.keys(ACTIVE).join(", ")
      }`,
    );
  }
  if (correlation !== "none" && features % 2 !== 0) {
    throw new RangeError(`Cannot make pairs of ${features} features: give an even number`);
  }
  if (correlation === "anticorrelated" && sparsity < 0.5) {
    throw new RangeError(
      `Cannot make anticorrelated pairs of sparsity ${sparsity}: of two features that are never active ` +
        "together each is 0 at least half the time; give at least 0.5",
    );
  }
  const batch = (count: number, from: Random): Tensor => {
    const density = 1 - sparsity, active = ACTIVE[correlation]!;
    // one word for the activity of a feature or pair, one for its value; those of one pair lie together
    const words = from.words(2 * count * features);
    const values = new Float32Array(count * features);
    for (let k = 0; k < values.length; k++) {
      const i = k % features, pair = 2 * (k - i % 2);
      const draw = (correlation === "none" ? words[2 * k]! : words[pair]!) / 2 ** 32;
      if (active(draw, density, i % 2)) values[k] = unit(words[2 * k + 1]!);
    }
    return tensor(values, [count, features]);
  };
  const parts = {
    name,
    features,
    outputs: features,
    sparsity,
    importance: importances(features, importance),
  };
  return sampler(parts, seed, (count, from) => {
    const inputs = batch(count, from);
    return { inputs, targets: inputs };
  });
}

/** Whether a feature is active, from one uniform number for it or its pair and its place in the pair. */
const ACTIVE: Readonly<
  Record<string, (draw: number, density: number, place: number) => boolean>
> = {
  none: (draw, density) => draw < density,
  pairs: (draw, density) => draw < density,
  anticorrelated: (draw, density, place) => draw >= place * density && draw < (place + 1) * density,
};

/** One importance a feature, from a list or the powers of one number. */
export function importances(
  features: number,
  given: number | ArrayLike<number>,
): Float32Array<ArrayBuffer> {
  let power = 1;
  const made = typeof given === "number"
    ? Float32Array.from({ length: features }, (_, i) => i === 0 ? 1 : power *= given)
    : Float32Array.from(given);
  if (made.length !== features) {
    throw new TypeError(
      `Cannot weigh ${features} features by ${made.length} importances: give one a feature`,
    );
  }
  const bad = made.findIndex((value) => !(value >= 0 && Number.isFinite(value)));
  if (bad >= 0) {
    throw new RangeError(
      `Cannot weigh feature ${bad} by ${made[bad]}: an importance is finite and at least 0`,
    );
  }
  return made;
}
