import { gamma, UNIT_F64 } from "./rounding.ts";

/** The shortest step onto a quadratic boundary, in eigen coordinates. */
export interface ClosestBoundary {
  /** Its length; Infinity where there is no boundary. */
  readonly distance: number;
  /** ν = 1/μ, with (Λ + νI)·step = −g/2; the certificate is (margin − Σ g²/(4(λ + ν))) / ν ≤ distance². */
  readonly multiplier: number;
  /** ν above its pole, exactly where ν itself has lost the digits: ν = shift + max(0, −λ_min). */
  readonly shift: number;
  /** Length of the part of the step along the lowest eigenvector that the gradient does not tell. */
  readonly filler: number;
}

/** A least margin of so small a part of the margin at the input counts as 0. */
const TOUCH = 2 ** -45;

/**
 * The smallest ‖δ‖ with margin + Σ gᵢδᵢ + Σ λᵢδᵢ² ≤ 0, by the S-lemma without a gap: the root in ν of
 * F(ν) = Σ gᵢ²(λᵢ + 2ν) / (4(λᵢ + ν)²) = margin. Newton's method on F^{−½}, which is nearly linear both
 * at the pole and far from it, safeguarded; ν is counted from its pole. Source: METHODS G2, with μ = 1/ν.
 */
export function closestBoundary(
  values: Float64Array,
  gradient: Float64Array,
  margin: number,
): ClosestBoundary {
  const n = values.length;
  let lowest = 0, square = 0, atPole = 0;
  for (let i = 0; i < n; i++) {
    if (values[i]! < lowest) lowest = values[i]!;
    square += gradient[i]! * gradient[i]!;
  }
  const depth = -lowest;
  for (let i = 0; i < n; i++) {
    const gap = values[i]! + depth, slope = gradient[i]!;
    if (slope === 0) continue;
    atPole += gap === 0 ? Infinity : slope * slope * (gap + depth) / (4 * gap * gap);
  }
  // a margin that falls to 0 without changing sign: where exactly, rounding would decide
  if (depth === 0 && Math.abs(margin - atPole) <= TOUCH * margin) {
    const distance = stepLength(values, gradient, 0, 0);
    return { distance, multiplier: 0, shift: 0, filler: 0 };
  }
  if (atPole <= margin) {
    if (depth === 0) return { distance: Infinity, multiplier: 0, shift: 0, filler: 0 };
    const filler = Math.sqrt((margin - atPole) / depth);
    const within = stepLength(values, gradient, depth, 0);
    return { distance: Math.hypot(within, filler), multiplier: depth, shift: 0, filler };
  }
  const shift = boundaryRoot(values, gradient, { margin, depth, square });
  const distance = stepLength(values, gradient, depth, shift);
  return { distance, multiplier: shift + depth, shift, filler: 0 };
}

/** The step itself [rank]. */
export function boundaryStep(
  values: Float64Array,
  gradient: Float64Array,
  { shift, filler }: ClosestBoundary,
): Float64Array {
  const lowest = values.reduce((low, x) => Math.min(low, x), 0);
  const step = gradient.map((slope, i) =>
    slope === 0 ? 0 : -slope / (2 * (values[i]! - lowest + shift))
  );
  if (filler > 0) step[values.indexOf(lowest)] = filler;
  return step;
}

/**
 * The certificate: no step shorter than the result, which is rounded down, makes
 * margin + Σ gᵢδᵢ + Σ λᵢδᵢ² fall to 0. Weak duality holds for every multiplier.
 */
export function provenDistance(
  values: Float64Array,
  gradient: Float64Array,
  margin: number,
  { shift, multiplier }: Pick<ClosestBoundary, "shift" | "multiplier">,
): number {
  let lowest = 0, spent = 0;
  for (let i = 0; i < values.length; i++) if (values[i]! < lowest) lowest = values[i]!;
  for (let i = 0; i < values.length; i++) {
    const slope = gradient[i]!;
    if (slope !== 0) spent += (slope / (values[i]! - lowest + shift)) * slope / 4;
  }
  const rest = margin - spent - gamma(values.length + 12) * (Math.abs(margin) + spent) - 2 ** -1000;
  return rest > 0 && multiplier > 0 ? Math.sqrt(rest / multiplier) * (1 - 8 * UNIT_F64) : 0;
}

function stepLength(
  values: Float64Array,
  gradient: Float64Array,
  depth: number,
  shift: number,
): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    const slope = gradient[i]!;
    if (slope === 0) continue;
    const part = slope / (2 * (values[i]! + depth + shift));
    sum += part * part;
  }
  return Math.sqrt(sum);
}

function boundaryRoot(
  values: Float64Array,
  gradient: Float64Array,
  { margin, depth, square }: { margin: number; depth: number; square: number },
): number {
  // with all of the gradient at the pole: R·‖g‖ + depth·R² = margin, METHODS G7
  let low = 0, high = (square + Math.sqrt(square * (square + 4 * margin * depth))) / (4 * margin);
  high *= 1 + 8 * UNIT_F64;
  let shift = high;
  for (let round = 0; round < 200; round++) {
    let sum = 0, slopes = 0;
    const twice = 2 * shift + depth;
    for (let i = 0; i < values.length; i++) {
      const slope = gradient[i]!, gap = values[i]! + depth, at = gap + shift;
      const part = slope * slope / (at * at);
      // λ + 2ν is gap + 2·shift + depth
      sum += part * (gap + twice);
      slopes += part / at;
    }
    sum /= 4;
    const derivative = slopes * (shift + depth) / 2;
    const ratio = Math.sqrt(sum / margin);
    if (sum > margin) low = shift;
    else high = shift;
    if (Math.abs(ratio - 1) <= 4 * UNIT_F64) break;
    const next = shift + 2 * (ratio - 1) * sum / derivative;
    const held = next > low && next < high
      ? next
      : low > 0 && high > 4 * low
      ? Math.sqrt(low * high)
      : low + (high - low) / 2;
    if (held === shift || held <= low || held >= high) break;
    shift = held;
  }
  return shift;
}
