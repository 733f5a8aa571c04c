import {
  cholesky,
  dot,
  liftedFactor,
  multiply,
  norm,
  rounding,
  row,
  solve,
} from "./checker_matrix.ts";
import type { Folded, Quantity } from "./checker_network.ts";

/** t = Bs up to `off`: the length of the error in every row, over that of s. */
export interface Factor {
  readonly b: Float64Array;
  readonly width: number;
  readonly off: Float64Array;
}

/** The narrowest of C itself, the factor of CCᵀ, and [W; V] times the factor of what comes before. */
export function factorOf({ inputs, neurons, weight, own, before }: Folded): Factor {
  const size = 2 * neurons, exact = new Float64Array(size), middle = own.length / size;
  if (before && middle < Math.min(inputs, size)) {
    const k = liftedFactor(before, inputs), most = rounding(middle + 2) * norm(k);
    const off = exact.map((_, i) => most * norm(row(own, middle, i)));
    return { b: multiply(own, k, middle, middle), width: middle, off };
  }
  if (inputs <= size) return { b: weight, width: inputs, off: exact };
  return { b: liftedFactor(weight, inputs), width: size, off: exact };
}

/** What a quantity is at least on the ball, proven; −Infinity without a proof. */
export function leastOnBall(
  { neurons, sums }: Folded,
  { b, width, off }: Factor,
  { weights: alpha, constant }: Quantity,
  { multiplier: nu, radius }: { multiplier: number; radius: number },
): number {
  let height = constant, weights = 0, missed = 0;
  const n = new Float64Array(width * width),
    p = new Float64Array(width),
    q = new Float64Array(2 * neurons);
  for (let k = 0; k < neurons; k++) {
    const one = row(b, width, k), two = row(b, width, k + neurons), half = alpha[k]! / 2;
    height += alpha[k]! * sums[k]! * sums[k + neurons]!;
    const size = Math.abs(alpha[k]!), here = off[k]!, there = off[k + neurons]!;
    weights += size * norm(one) * norm(two);
    q[k] = alpha[k]! * sums[k + neurons]!;
    q[k + neurons] = alpha[k]! * sums[k]!;
    missed += (Math.abs(q[k]!) * here + Math.abs(q[k + neurons]!) * there) * radius +
      size * (here * norm(two) + norm(one) * there + here * there) * radius * radius;
    for (let i = 0; i < width; i++) {
      const left = half * one[i]!, right = half * two[i]!;
      // a Cholesky factor has zeros on the right
      if (left === 0 && right === 0) continue;
      p[i]! += q[k]! * one[i]! + q[k + neurons]! * two[i]!;
      for (let j = 0; j <= i; j++) n[i * width + j]! += left * two[j]! + right * one[j]!;
    }
  }
  let trace = 0;
  for (let i = 0; i < width; i++) {
    n[i * width + i]! += nu;
    trace += Math.abs(n[i * width + i]!);
    for (let j = 0; j < i; j++) n[j * width + i] = n[i * width + j]!;
  }
  const theta = 2 * rounding(width + 4) * trace + 2 ** -1000, lowered = n.slice();
  for (let i = 0; i < width; i++) lowered[i * width + i]! -= 2 * theta;
  const l = cholesky(lowered, width);
  if (!l) return -Infinity;
  const s = solve(l, p.map((x) => -x / 2), width), size = norm(s), whole = norm(n);
  const rest = multiply(n, s, width, 1).map((x, i) => x + p[i]! / 2);
  const residual = norm(rest) + rounding(width + 4) * (whole * size + norm(p));
  const lost = missed + rounding(2 * neurons + 8) * (weights + nu) * radius * radius +
    rounding(2 * neurons + 8) * norm(q) * norm(b) * radius +
    residual * size + residual * residual / theta + rounding(width + 4) * norm(p) * size;
  const least = height + dot(p, s) / 2 - nu * radius * radius;
  return least - 1.01 * lost -
    rounding(neurons + 8) * Math.abs(constant) -
    rounding(8) * (Math.abs(height) + nu * radius * radius + size * norm(p));
}
