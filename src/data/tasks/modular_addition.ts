import { type Dataset, dataset } from "../dataset.ts";
import { split } from "../split.ts";

/** Options of {@linkcode modularAddition}. */
export interface ModularAdditionOptions {
  /** Share of the p² pairs that are for training, between 0 and 1; 0.3 unless said. */
  readonly trainShare?: number;
  /** Seed of the choice; 0 unless said. */
  readonly seed?: number;
}

/** What {@linkcode modularAddition} gives. */
export interface ModularAddition {
  /** All p² pairs, row a·p + b. */
  readonly whole: Dataset;
  /** The pairs that were drawn. */
  readonly training: Dataset;
  /** All others. */
  readonly test: Dataset;
}

/**
 * Addition modulo p: pairs (a, b) as two one-hot slots [2p] and the class (a + b) mod p.
 *
 * Three bilinear neurons solve it for any p, by Gauss's product of complex numbers with three
 * multiplications; networks that learn it from a part of the pairs do so suddenly, long after they know
 * that part by heart.
 *
 * Source: A. Power and others, "Grokking: generalization beyond overfitting on small algorithmic
 * datasets", 2022; share: N. Nanda and others, "Progress measures for grokking via mechanistic
 * interpretability", 2023, section 3.
 *
 * @throws {RangeError} when p is no whole number from 2 to 512, or the share is not between 0 and 1 or
 * leaves no pair for either part.
 * @example
 * ```ts
 * import * as data from "@odot/odot/data";
 * const { whole, training, test } = data.modularAddition(13, { trainShare: 0.5, seed: 1 });
 * console.log(whole.count, whole.features, training.count, test.count); // 169 26 84 85
 * ```
 */
export function modularAddition(
  p: number,
  { trainShare = 0.3, seed = 0 }: ModularAdditionOptions = {},
): ModularAddition {
  if (!Number.isSafeInteger(p) || p < 2 || p > 512) {
    throw new RangeError(`Cannot add modulo ${p}: give a whole number from 2 to 512`);
  }
  if (!(trainShare > 0 && trainShare < 1)) {
    throw new RangeError(
      `Cannot train on a share of ${trainShare} of the pairs: it must lie between 0 and 1`,
    );
  }
  const inputs = new Uint8Array(p * p * 2 * p), labels = new Int32Array(p * p);
  for (let a = 0; a < p; a++) {
    for (let b = 0; b < p; b++) {
      const row = a * p + b;
      inputs[row * 2 * p + a] = 1;
      inputs[row * 2 * p + p + b] = 1;
      labels[row] = (a + b) % p;
    }
  }
  const whole = dataset({ name: `addition modulo ${p}`, inputs, labels, classes: p });
  return { whole, ...split(whole, { testShare: 1 - trainShare, seed, by: "row" }) };
}
