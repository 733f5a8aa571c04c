/** How many eigenvalues matter, by four definitions in use; all dimensionless, 0 for no energy at all. */
export interface EffectiveRank {
  /** (Σ|λ|)² / Σλ²: the participation ratio of the absolute values (Pearce et al. 2024, App. E). */
  readonly participation: number;
  /** exp of the entropy of |λ| / Σ|λ| (Roy & Vetterli 2007). */
  readonly entropy: number;
  /** exp of the entropy of λ² / Σλ². */
  readonly energyEntropy: number;
  /** ‖Q‖_F² / ‖Q‖₂² = Σλ² / max λ²: the stable rank. */
  readonly stable: number;
}

function exponentOfEntropy(weights: readonly number[]): number {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const entropy = weights.reduce(
    (sum, weight) => weight > 0 ? sum - (weight / total) * Math.log(weight / total) : sum,
    0,
  );
  return Math.exp(entropy);
}

/**
 * Effective rank of a spectrum of eigenvalues, by four definitions.
 *
 * @throws {RangeError} when a value is not finite.
 * @example
 * ```ts
 * import { decompose } from "@odot/odot";
 * console.log(decompose.effectiveRank([1, -1, 0]).participation); // 2
 * ```
 */
export function effectiveRank(values: ArrayLike<number>): EffectiveRank {
  const magnitudes = Array.from(values, Math.abs);
  const bad = magnitudes.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    throw new RangeError(`Cannot rank eigenvalues: number ${bad} is ${values[bad]}, not finite`);
  }
  const largest = magnitudes.reduce((top, value) => Math.max(top, value), 0);
  if (largest === 0) return { participation: 0, entropy: 0, energyEntropy: 0, stable: 0 };
  // relative to the largest, so that squares neither overflow nor vanish
  const relative = magnitudes.map((value) => value / largest);
  const squares = relative.map((value) => value * value);
  const sum = relative.reduce((total, value) => total + value, 0);
  const energy = squares.reduce((total, value) => total + value, 0);
  return {
    participation: sum * sum / energy,
    entropy: exponentOfEntropy(relative),
    energyEntropy: exponentOfEntropy(squares),
    stable: energy,
  };
}
