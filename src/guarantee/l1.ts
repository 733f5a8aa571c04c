import type { QuadraticForm } from "../decompose/mod.ts";
import type { Matrix } from "../linalg/mod.ts";
import { type Box, boxAround } from "./box.ts";
import { scaledForm } from "./box_convex.ts";
import { DENSE } from "./box_options.ts";
import { type NeuronSum, neuronSum, roundedUp, roundings, sumAt } from "./box_sum.ts";
import {
  formError,
  gradientAt,
  project,
  type SpectralForm,
  spectralForm,
} from "./spectral_form.ts";
import { minimize } from "./trust_region.ts";

/** Settings of {@linkcode l1Minimum}. */
export interface L1Options {
  /** What entries may be, [0, 1] for pixels; anything unless said. */
  readonly domain?: readonly [low: number, high: number];
}

/** The smallest value over an L1 ball, from both sides. */
export interface L1Minimum {
  /** Proven: no input of the ball has a smaller value. */
  readonly lower: number;
  /** Proven: the value at `point` is not above this. */
  readonly upper: number;
  /** upper − lower. */
  readonly gap: number;
  /** The input of the ball with the smallest value found [inputs]. */
  readonly point: Float64Array;
  /** Which bound was the better: over pairs of `vertices`, or over the L2 `ball` around. */
  readonly method: "vertices" | "ball";
}

/**
 * The smallest value of a quadratic form over ‖x − center‖₁ ≤ radius, inside a domain where one is given,
 * from both sides. The lower bound is the better of two: the ball is the convex hull of its vertices
 * ±radius·e_i, so a quadratic is a mean of what pairs of them contribute, and not below the smallest (its
 * coefficients in Bernstein form; vertices that the domain excludes are left out); and the ball lies in
 * the L2 ball of that radius, over which the minimum is known exactly. Source: METHODS G3, its L1 bound
 * with slope and curvature taken together.
 *
 * @throws {TypeError} for a center of another length; {RangeError} for a radius that is negative or not
 * finite, an entry that is not finite, or a center outside the domain.
 * @example
 * ```ts
 * import { decompose, guarantee, nn } from "@odot/odot";
 * const model = nn.sequential([nn.bilinear(2, 1, { bias: false })]);
 * model.assign({ "0.weight": [1, 0, 0, 1] }); // x·y
 * const form = decompose.interactions(model).output(0);
 * console.log(guarantee.l1Minimum(form, [0, 0], 1)); // at least −½, and ≈ −¼ found
 * ```
 */
export function l1Minimum(
  form: QuadraticForm,
  center: ArrayLike<number>,
  radius: number,
  options: L1Options = {},
): L1Minimum {
  return l1Solver(form)(center, radius, options);
}

/** {@linkcode l1Minimum} of one form, made ready for many balls. */
export function l1Solver(
  form: QuadraticForm,
): (center: ArrayLike<number>, radius: number, options?: L1Options) => L1Minimum {
  const sum = neuronSum(form), n = sum.inputs, spectral = spectralForm(form);
  // Q of more inputs would fill the memory; the bound over the L2 ball does without
  const dense = n <= DENSE ? scaledForm(sum, new Float64Array(n).fill(1)) : undefined;
  const pulls = dense ? steepestRows(dense.data, n) : [];
  return (center, radius, options = {}) => {
    if (center.length !== n) {
      throw new TypeError(
        `Cannot bound around a center of ${center.length} numbers: an input has ${n}`,
      );
    }
    const ends = boxAround(center, radius, options.domain), x = Float64Array.from(center);
    const vertices = dense ? vertexBound(sum, dense, x, radius, ends) : -Infinity;
    const ball = ballBound(sum, spectral, x, radius);
    const method = ball > vertices ? "ball" : "vertices";
    const best = search(sum, pulls, x, radius, ends);
    const found = { lower: Math.max(ball, vertices), upper: best.value };
    return { ...found, gap: found.upper - found.lower, point: best.point, method };
  };
}

function vertexBound(
  sum: NeuronSum,
  { data }: Matrix,
  x: Float64Array,
  radius: number,
  ends: Box,
): number {
  const n = sum.inputs, { value, error, gradient, gradientError } = sumAt(sum, x);
  // ways to go: 1 up, 2 down, 3 both
  const ways = x.map((at, i) => (ends.upper[i]! > at ? 1 : 0) + (ends.lower[i]! < at ? 2 : 0));
  const half = (i: number, sign: number): number => sign * gradient[i]! * radius / 2;
  let least = 0, size = 0, slope = 0;
  for (let i = 0; i < n; i++) {
    slope = Math.max(slope, gradientError[i]!);
    for (let way = 1; way <= 2; way++) {
      if ((ways[i]! & way) === 0) continue;
      const sign = way === 1 ? 1 : -1, own = half(i, sign);
      // with the centre itself, the vertex that is always there
      least = Math.min(least, own);
      size = Math.max(size, Math.abs(own));
      for (let j = 0; j <= i; j++) {
        const q = data[i * n + j]! * radius * radius;
        size = Math.max(size, Math.abs(q));
        if ((ways[j]! & 1) !== 0 && (i !== j || way === 1)) {
          least = Math.min(least, own + half(j, 1) + sign * q);
        }
        if ((ways[j]! & 2) !== 0 && (i !== j || way === 2)) {
          least = Math.min(least, own + half(j, -1) - sign * q);
        }
      }
    }
  }
  // |Q_ij| is off by at most rounding · Σ reach·max|w|·max|v|
  let reach = 0;
  for (let k = 0; k < sum.neurons; k++) {
    const most = (factor: Float64Array): number => {
      let top = 0;
      for (let i = 0; i < n; i++) top = Math.max(top, Math.abs(factor[k * n + i]!));
      return top;
    };
    reach += sum.reach[k]! * most(sum.left) * most(sum.right);
  }
  const slack = error + radius * slope + 2 * sum.rounding * reach * radius * radius +
    roundings(8) * (Math.abs(value) + 4 * size);
  return value + least - roundedUp(slack, n);
}

function ballBound(
  sum: NeuronSum,
  spectral: SpectralForm,
  x: Float64Array,
  radius: number,
): number {
  const z = project(spectral, x), { values, linear } = spectral;
  let length = 0;
  for (const entry of x) length += entry * entry;
  length = roundedUp(Math.sqrt(length), x.length);
  const { lower } = minimize(values, gradientAt(spectral, z), radius, "ball");
  const { value, error } = sumAt(sum, x);
  // form(x + δ) − form(x) differs from the spectral one by what both may be off, at x + δ and at x
  const reach = length + radius, size = values.reduce((top, v) => Math.max(top, Math.abs(v)), 0);
  const slopes = linear.reduce((total, l) => total + Math.abs(l), 0);
  const moved = spectral.errors.coordinates * reach * radius * (2 * size + slopes) * 4;
  const slack = error + 2 * formError(spectral, reach) + moved +
    roundings(4 * z.length) * (2 * size * reach * reach + slopes * reach + Math.abs(value));
  return value + lower - roundedUp(slack);
}

/** Frank–Wolfe with exact steps from a few starts; a linear function over the ball in the box is solved greedily. */
function search(
  sum: NeuronSum,
  pulls: readonly Float64Array[],
  center: Float64Array,
  radius: number,
  ends: Box,
): { value: number; point: Float64Array } {
  const inner = radius * (1 - 2 ** -40);
  const corner = (slope: ArrayLike<number>, budget: number): Float64Array => {
    const point = center.slice();
    const order = Array.from(center.keys()).sort((a, b) =>
      Math.abs(slope[b]!) - Math.abs(slope[a]!)
    );
    for (const i of order) {
      if (budget <= 0 || slope[i] === 0) break;
      const end = slope[i]! < 0 ? ends.upper[i]! : ends.lower[i]!;
      const step = Math.min(budget, Math.abs(end - center[i]!));
      point[i] = center[i]! - Math.sign(slope[i]!) * step;
      budget -= step;
    }
    return point;
  };
  const first = sumAt(sum, center);
  let best = { value: first.value + first.error, point: center };
  for (const start of [first.gradient, ...pulls]) {
    let point = corner(start, inner);
    for (let step = 0; step < 60; step++) {
      const { gradient } = sumAt(sum, point), toward = corner(gradient, inner);
      const move = toward.map((x, i) => x - point[i]!);
      const slope = move.reduce((total, d, i) => total + d * gradient[i]!, 0);
      if (!(slope < 0)) break;
      const bend = bendAlong(sum, move);
      const length = bend > 0 ? Math.min(1, -slope / (2 * bend)) : 1;
      point = point.map((x, i) => x + length * move[i]!);
      if (length * -slope < 1e-12 * (1 + Math.abs(first.value))) break;
    }
    const { value, error } = sumAt(sum, point);
    if (value + error < best.value) best = { value: value + error, point };
  }
  return best;
}

/** The two rows of Q with the most negative and the largest off-diagonal entry: where curvature pulls. */
function steepestRows(data: Float64Array, n: number): Float64Array[] {
  let low = 0, high = 0;
  for (let at = 0; at < data.length; at++) {
    if (data[at]! < data[low]!) low = at;
    if (data[at]! > data[high]!) high = at;
  }
  return [low, high].flatMap((at) => {
    const row = data.slice(Math.floor(at / n) * n, (Math.floor(at / n) + 1) * n);
    return [row, row.map((x) => -x)];
  });
}

/** dᵀQd. */
function bendAlong(
  { inputs: n, neurons, weights, left, right }: NeuronSum,
  d: Float64Array,
): number {
  let total = 0;
  for (let k = 0; k < neurons; k++) {
    let l = 0, r = 0;
    for (let i = 0; i < n; i++) {
      l += left[k * n + i]! * d[i]!;
      r += right[k * n + i]! * d[i]!;
    }
    total += weights[k]! * l * r;
  }
  return total;
}
