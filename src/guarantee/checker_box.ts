import type { RivalDual } from "./certificate.ts";
import { cholesky, liftedFactor, norm, rounding, row } from "./checker_matrix.ts";
import type { Folded, Quantity } from "./checker_network.ts";

/** Where δ may lie, never too small. */
export interface Reachable {
  /** Least δᵢ, ≤ 0 [inputs]. */
  readonly lower: Float64Array;
  /** Greatest δᵢ, ≥ 0 [inputs]. */
  readonly upper: Float64Array;
  /** ‖δ‖ at most; NaN where the input itself is outside the domain. */
  readonly reach: number;
}

/** |δᵢ| ≤ radius with x + δ in the domain. */
export function boxOf(
  x: Float64Array,
  radius: number,
  [low, high]: readonly [number | null, number | null],
): Reachable {
  const room = (to: number): number => to >= 0 ? Math.min(radius, to * (1 + rounding(4))) : NaN;
  const lower = x.map((value) => low === null ? -radius : -room(value - low));
  const upper = x.map((value) => high === null ? radius : room(high - value));
  const most = x.map((_, i) => Math.max(-lower[i]!, upper[i]!));
  return { lower, upper, reach: norm(most) * (1 + rounding(x.length + 4)) };
}

/**
 * What a quantity is at least on a box, proven; −Infinity without a proof. With D the quantity plus
 * Σ Dᵢ(δᵢ − lowerᵢ)(δᵢ − upperᵢ), which is no larger inside the box, is convex, hence nowhere below its
 * tangent at z; and a tangent is smallest at a corner.
 */
export function leastOnBox(
  folded: Folded,
  { weights: alpha, constant }: Quantity,
  { lower, upper }: Reachable,
  { shift, step }: RivalDual,
): number {
  const { inputs, neurons, weight, sums } = folded;
  const moves = lower.map((low, i) => +(upper[i]! - low > 0));
  if (!isConvex(folded, alpha, shift.map((d, i) => moves[i]! > 0 ? d : Infinity))) return -Infinity;
  const z = lower.map((low, i) => Math.min(upper[i]!, Math.max(low, step[i]!))), length = norm(z);
  const slope = new Float64Array(inputs), slopeError = new Float64Array(inputs);
  const unit = rounding(2 * neurons + 16);
  let least = constant, size = Math.abs(constant), lost = 0;
  for (let k = 0; k < neurons; k++) {
    const one = row(weight, inputs, k), two = row(weight, inputs, k + neurons);
    const a = sums[k]!, b = sums[k + neurons]!, weightOf = alpha[k]!, strength = Math.abs(weightOf);
    let u = a, v = b;
    for (let i = 0; i < inputs; i++) {
      u += one[i]! * z[i]!;
      v += two[i]! * z[i]!;
    }
    const du = rounding(inputs + 4) * (Math.abs(a) + norm(one) * length);
    const dv = rounding(inputs + 4) * (Math.abs(b) + norm(two) * length);
    least += weightOf * u * v;
    size += strength * Math.abs(u * v);
    lost += strength * (Math.abs(u) * dv + (Math.abs(v) + dv) * du);
    const steep = strength * (dv + unit * Math.abs(v)), deep = strength * (du + unit * Math.abs(u));
    for (let i = 0; i < inputs; i++) {
      slope[i]! += weightOf * (v * one[i]! + u * two[i]!);
      slopeError[i]! += steep * Math.abs(one[i]!) + deep * Math.abs(two[i]!);
    }
  }
  for (let i = 0; i < inputs; i++) {
    if (!(moves[i]! > 0)) continue;
    const down = z[i]! - lower[i]!, up = upper[i]! - z[i]!, d = shift[i]!;
    const bow = d * down * up, total = slope[i]! + d * (down - up);
    const fall = Math.max(total * down, -total * up, 0);
    least -= bow + fall;
    size += bow + fall;
    lost += (slopeError[i]! + rounding(8) * d * (down + up)) * (down + up);
  }
  return least - 1.01 * lost - rounding(inputs + neurons + 16) * size;
}

/**
 * Whether CᵀSC + D ≽ 0 is proven, where Dᵢ = ∞ stands for a coordinate that does not move: with
 * Ĉ = C·D^−½ and a factor BBᵀ ≽ ĈĈᵀ it follows from BᵀSB + I ≽ 0.
 */
function isConvex(
  { inputs, neurons, weight }: Folded,
  alpha: Float64Array,
  shift: readonly number[],
): boolean {
  const roots = shift.map((d) => 1 / Math.sqrt(d));
  // an entry is off by a few units in the last place, as if its products had a few factors more
  const scaled = weight.map((value, i) => value * roots[i % inputs]!);
  const narrow = inputs <= 2 * neurons, width = narrow ? inputs : 2 * neurons;
  const b = narrow ? scaled : liftedFactor(scaled, inputs), n = new Float64Array(width * width);
  let weights = 0, trace = 0;
  for (let k = 0; k < neurons; k++) {
    const one = row(b, width, k), two = row(b, width, k + neurons), half = alpha[k]! / 2;
    weights += Math.abs(alpha[k]!) * norm(one) * norm(two);
    for (let i = 0; i < width; i++) {
      const left = half * one[i]!, right = half * two[i]!;
      if (left === 0 && right === 0) continue;
      for (let j = 0; j <= i; j++) n[i * width + j]! += left * two[j]! + right * one[j]!;
    }
  }
  for (let i = 0; i < width; i++) trace += Math.abs(n[i * width + i]! + 1);
  const margin = 4 * rounding(width + 4) * trace +
    rounding(2 * neurons + 16) * (weights + 1) + 2 ** -1000;
  for (let i = 0; i < width; i++) n[i * width + i]! += 1 - margin;
  return cholesky(n, width) !== undefined;
}
