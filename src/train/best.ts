import type { Model } from "../nn/mod.ts";

/** Weights by parameter name. */
export type Weights = Readonly<Record<string, Float32Array>>;

/** Keeps the weights of the best moment of a training. */
export interface Best {
  /** The largest score so far; −∞ before the first. */
  readonly score: number;
  /** The weights that had it; none before the first score. */
  readonly weights: Weights | undefined;
  /** Keeps the weights if the score is the largest so far; says whether it was. */
  consider(score: number): boolean;
  /** Gives the model its best weights back. @throws {RangeError} when there was no score. */
  restore(): void;
  /**
   * Takes over what an earlier run found best.
   *
   * @throws {RangeError} when the score is not finite; {TypeError} when the weights do not fit the model.
   */
  resume(score: number, weights: Weights): void;
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
  let score = -Infinity, kept: Weights | undefined;
  return {
    get score(): number {
      return score;
    },
    get weights(): Weights | undefined {
      return kept;
    },
    consider: (next) => {
      if (!(next > score)) return false;
      score = next;
      kept = Object.fromEntries(
        [...model.parameters].map(([name, parameter]) => [name, parameter.toArray()]),
      );
      return true;
    },
    restore: () => {
      if (!kept) throw new RangeError("Cannot restore the best weights: no score was considered");
      model.assign(kept);
    },
    resume: (found, weights) => {
      if (!Number.isFinite(found)) {
        throw new RangeError(`Cannot go on from the best score ${found}: it must be finite`);
      }
      for (const [name, parameter] of model.parameters) {
        const values = weights[name];
        if (values?.length !== parameter.size) {
          throw new TypeError(
            `Cannot take over the best weights: "${name}" has ${
              values?.length ?? "no"
            } values, and ${parameter} takes ${parameter.size}`,
          );
        }
      }
      score = found;
      kept = { ...weights };
    },
  };
}
