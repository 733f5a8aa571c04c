import type { Model } from "../nn/mod.ts";

/** Keeps the weights of the best moment of a training. */
export interface Best {
  /** The largest score so far; −∞ before the first. */
  readonly score: number;
  /** Keeps the weights if the score is the largest so far; says whether it was. */
  consider(score: number): boolean;
  /** Gives the model its best weights back. @throws {RangeError} when there was no score. */
  restore(): void;
}

/**
 * Remembers a model's best weights, on the side of plain JavaScript memory.
 *
 * @example
 * ```ts
 * import { data, nn, optim, train } from "@odot/odot";
 * const xor = data.dataset({ inputs: Float32Array.of(0, 0, 0, 1, 1, 0, 1, 1), labels: [0, 1, 1, 0] });
 * const model = nn.sequential([nn.bilinear(2, 4), nn.linear(4, 2)], { seed: 1 });
 * const optimizer = optim.adamw(model, { learningRate: 0.05 });
 * const best = train.keepBest(model);
 * for (const { accuracy } of train.fit(model, xor, { optimizer, epochs: 50 })) best.consider(accuracy);
 * best.restore();
 * ```
 */
export function keepBest(model: Model): Best {
  let score = -Infinity;
  let weights: Record<string, Float32Array> | undefined;
  return {
    get score(): number {
      return score;
    },
    consider: (next) => {
      if (!(next > score)) return false;
      score = next;
      weights = Object.fromEntries(
        [...model.parameters].map(([name, parameter]) => [name, parameter.toArray()]),
      );
      return true;
    },
    restore: () => {
      if (!weights) {
        throw new RangeError("Cannot restore the best weights: no score was considered");
      }
      model.assign(weights);
    },
  };
}
