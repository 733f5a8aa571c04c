import { gamma, UNIT_F64 } from "./rounding.ts";

/** Where a step may lie: no longer than the radius, or exactly as long. */
export type Domain = "ball" | "sphere";

/** The smallest value of Σ λᵢδᵢ² + Σ gᵢδᵢ over a ball or a sphere, and what proves it. */
export interface TrustRegionMinimum {
  /** Value at `step`; rounding apart the smallest there is. */
  readonly value: number;
  /** Proven: no step of the domain gives less. Rounded down. */
  readonly lower: number;
  /** Where it is attained [rank]. */
  readonly step: Float64Array;
  /** ν ≥ −λ_min with (Λ + νI)·step = −g/2; the certificate is −Σ g²/(4(λ + ν)) − ν·radius². */
  readonly multiplier: number;
  /** Whether the hard case occurred: the gradient does not point along the lowest eigenvectors. */
  readonly hard: boolean;
}

/**
 * The trust-region problem in eigen coordinates: minimises Σ λᵢδᵢ² + Σ gᵢδᵢ over ‖δ‖ ≤ radius or
 * ‖δ‖ = radius by the secular equation, hard case included. Newton's method on 1/‖δ(ν)‖ − 1/radius,
 * with ν counted from its pole so that near-hard cases lose no digits. Source: Moré and Sorensen,
 * Computing a Trust Region Step, 1983; METHODS G1.
 *
 * The lower bound is a dual value, valid for any ν whether or not the iteration converged: all its
 * terms have the same sign but one, so rounding costs a few units in the last place.
 */
export function minimize(
  values: Float64Array,
  gradient: Float64Array,
  radius: number,
  domain: Domain,
): TrustRegionMinimum {
  const n = values.length, lowest = values.reduce((low, x) => Math.min(low, x), Infinity);
  const pole = domain === "ball" || n === 0 ? Math.min(lowest, 0) : lowest;
  const gaps = values.map((value) => value - pole);
  const step = new Float64Array(n);
  if (radius === 0 || n === 0) {
    return { value: 0, lower: 0, step, multiplier: Math.max(0, -pole), hard: false };
  }
  const rest = radius * radius - squaredStep(gaps, gradient, 0);
  const inside = rest >= 0;
  const shift = inside ? 0 : secularRoot(gaps, gradient, radius);
  for (let i = 0; i < n; i++) step[i] = stepAt(gaps[i]!, gradient[i]!, shift);
  const hard = inside && rest > 0 && (domain === "sphere" || pole < 0);
  if (hard) {
    const along = gaps.indexOf(0);
    step[along] = Math.sqrt(rest);
  }
  fit(step, radius, domain === "sphere" || hard || !inside);
  let value = 0, spent = 0;
  for (let i = 0; i < n; i++) {
    value += (values[i]! * step[i]! + gradient[i]!) * step[i]!;
    const gap = gaps[i]! + shift, slope = gradient[i]!;
    if (slope !== 0) spent += (slope / gap) * slope / 4;
  }
  const multiplier = shift - pole, paid = multiplier * radius * radius;
  const rounding = gamma(n + 12) * (spent + Math.abs(paid)) + (n + 1) * 2 ** -1070;
  return { value, lower: -spent - paid - rounding, step, multiplier, hard };
}

/** The largest value of Σ λᵢδᵢ² + Σ gᵢδᵢ: see {@linkcode minimize}; `upper` is proven. */
export function maximize(
  values: Float64Array,
  gradient: Float64Array,
  radius: number,
  domain: Domain,
): Omit<TrustRegionMinimum, "lower"> & { readonly upper: number } {
  const negated = minimize(values.map((x) => -x), gradient.map((x) => -x), radius, domain);
  const { lower, value, step, multiplier, hard } = negated;
  return { value: -value, upper: -lower, step, multiplier, hard };
}

function stepAt(gap: number, slope: number, shift: number): number {
  return slope === 0 ? 0 : -slope / (2 * (gap + shift));
}

/** ‖δ‖² at a shift; Infinity on a pole. */
function squaredStep(gaps: Float64Array, gradient: Float64Array, shift: number): number {
  let sum = 0;
  for (let i = 0; i < gaps.length; i++) sum += stepAt(gaps[i]!, gradient[i]!, shift) ** 2;
  return sum;
}

/** The shift > 0 at which ‖δ‖ = radius, from the left, where Newton's method is monotone. */
function secularRoot(gaps: Float64Array, gradient: Float64Array, radius: number): number {
  let low = 0, length = 0;
  for (let i = 0; i < gaps.length; i++) {
    const reach = Math.abs(gradient[i]!) / (2 * radius);
    low = Math.max(low, reach - gaps[i]!);
    length = Math.hypot(length, reach);
  }
  let high = Math.max(length, low), shift = low;
  for (let round = 0; round < 100 && low < high; round++) {
    let square = 0, cube = 0;
    for (let i = 0; i < gaps.length; i++) {
      const part = stepAt(gaps[i]!, gradient[i]!, shift) ** 2;
      if (part === 0) continue;
      square += part;
      cube += part / (gaps[i]! + shift);
    }
    const excess = Math.sqrt(square) / radius - 1;
    if (Math.abs(excess) <= 2 * UNIT_F64) break;
    if (excess > 0) low = Math.max(low, shift);
    else high = Math.min(high, shift);
    const next = shift + excess * square / cube;
    const held = next > low && next < high ? next : low + (high - low) / 2;
    if (held === shift || held === low && round > 0) break;
    shift = held;
  }
  return shift;
}

/** Shortens a step to the radius where rounding made it longer, or stretches it onto the sphere. */
function fit(step: Float64Array, radius: number, exactly: boolean): void {
  const length = Math.hypot(...step);
  if (length > radius || (exactly && length > 0)) {
    step.forEach((x, i) => step[i] = x * (radius / length));
  }
}
