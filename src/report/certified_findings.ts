/**
 * What was certified about a model, as plain data, and the numbers that sum it up.
 *
 * @module
 */

import type { Counterfactual } from "./counterfactuals.ts";
import type { ImageSize } from "./raster.ts";

/** Accuracy that an attack leaves. */
export interface AttackedAccuracy {
  /** How far inputs may move, L2, in their unit. */
  readonly radius: number;
  /** Share of the inputs that stay right, 0 to 1. */
  readonly accuracy: number;
}

/** Certified radii of some inputs, and what attacks found, as plain data. */
export interface CertifiedFindings {
  /** What the inputs are: `500 rows of MNIST (test)`. */
  readonly name: string;
  /** Their classes [count]. */
  readonly labels: ArrayLike<number>;
  /** What the model predicts [count]. */
  readonly predicted: ArrayLike<number>;
  /** Exact radius [count], 0 where the prediction is wrong; may be Infinity. */
  readonly radius: ArrayLike<number>;
  /** Proven radius of the model in f32 [count], at most the exact one. */
  readonly lower: ArrayLike<number>;
  /** The class across the nearest boundary [count]. */
  readonly rival: ArrayLike<number>;
  /** Radii that interval propagation proves for the first of them [≤ count]; none unless told. */
  readonly intervals?: ArrayLike<number>;
  /** What attacks left of all inputs, by radius. */
  readonly attacked?: readonly AttackedAccuracy[];
  /** Some inputs with the smallest changes that reach another class. */
  readonly examples?: readonly Counterfactual[];
  /** Size of the inputs where they are images. */
  readonly image?: ImageSize;
  /** Names of the classes; their numbers unless told. */
  readonly classes?: readonly string[];
}

/** Share of inputs that are right and proven to stay so within a radius. */
export function certifiedAccuracy(
  { labels, predicted, lower }: Pick<CertifiedFindings, "labels" | "predicted" | "lower">,
  radius: number,
): number {
  let kept = 0;
  for (let i = 0; i < labels.length; i++) {
    if (predicted[i] === labels[i] && lower[i]! >= radius) kept++;
  }
  return labels.length === 0 ? NaN : kept / labels.length;
}

/** Median of the exact radius over the inputs that are right; NaN where none is. */
export function medianRadius(
  { labels, predicted, radius }: Pick<CertifiedFindings, "labels" | "predicted" | "radius">,
): number {
  return middle(Array.from(radius).filter((_, i) => predicted[i] === labels[i]));
}

/** Median of exact radius over interval radius, where both are; undefined where there are none. */
export function intervalFactor(
  { radius, intervals = [] }: Pick<CertifiedFindings, "radius" | "intervals">,
): number | undefined {
  const factors = Array.from(intervals, (value, i) => radius[i]! / value)
    .filter((value, i) => intervals[i]! > 0 && Number.isFinite(value));
  return factors.length === 0 ? undefined : middle(factors);
}

/**
 * Some six round radii from 0 on that show how accuracy falls, up to where about a twentieth of the radii
 * is left.
 */
export function tellingRadii(lower: ArrayLike<number>): number[] {
  const last = quantile(lower, 0.95), power = 10 ** Math.floor(Math.log10(last / 6));
  if (!(last > 0)) return [0];
  const off = (step: number): number => Math.abs(Math.log(step * power * 6 / last));
  const step = [1, 2, 3, 5, 10].reduce((best, one) => off(one) < off(best) ? one : best) * power;
  return Array.from(
    { length: Math.floor(last / step + 1e-9) + 1 },
    (_, i) => Number((i * step).toPrecision(6)),
  );
}

/** A quantile of what is above 0 and finite; 0 where nothing is. */
export function quantile(values: ArrayLike<number>, share: number): number {
  const sorted = Array.from(values).filter((x) => x > 0 && x < Infinity).sort((a, b) => a - b);
  return sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
}

/** The middle value; NaN where there are none. */
export function middle(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b), half = sorted.length / 2;
  if (sorted.length === 0) return NaN;
  const [low, high] = [sorted[Math.ceil(half) - 1]!, sorted[Math.floor(half)]!];
  return low === high ? low : (low + high) / 2;
}
