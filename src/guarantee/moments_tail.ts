import { eigen, type QuadraticForm } from "../decompose/mod.ts";
import { formMoments, type Noise, standardised } from "./moments.ts";

/** The probability that a form is above 0 under noise, from several sides. */
export interface TailProbability {
  /** Mean of the form. */
  readonly mean: number;
  /** Variance of the form. */
  readonly variance: number;
  /** P(form > 0), by inversion of the characteristic function. */
  readonly probability: number;
  /** |probability − exact| at most, up to rounding: what discretisation and truncation may have cost. */
  readonly error: number;
  /** P(form > 0) is at least this by mean and variance alone: E²/(E² + Var) where E > 0 (Cantelli). */
  readonly cantelli: number;
  /** P(form > 0) is at least this by its moment-generating function, up to rounding (Chernoff). */
  readonly chernoff: number;
}

/** c + Σ λ_j z_j² + Σ b_j z_j + s·z for independent standard normal z. */
interface NormalForm {
  readonly values: Float64Array;
  readonly slopes: Float64Array;
  /** Standard deviation of the part that is linear and outside the eigenvectors. */
  readonly rest: number;
  readonly constant: number;
}

/** Most terms of the sum that inverts the characteristic function. */
const TERMS = 50_000;

/**
 * The probability that a quadratic form, a margin for example, stays above 0 when Gaussian noise is added
 * to the input: exact by numerical inversion (Davies 1973, whose error is bounded here by Chernoff's bound
 * outside the period and by the decay of the characteristic function beyond the last term), and two lower
 * bounds that need no inversion. Source: METHODS G4.
 *
 * @throws {TypeError} for an input or a covariance of another size; {RangeError} for noise that is none,
 * an entry that is not finite, or moments beyond f64.
 * @example
 * ```ts
 * import { decompose, guarantee, nn } from "@odot/odot";
 * const model = nn.sequential([nn.bilinear(1, 1)]);
 * model.assign({ "0.weight": [1, 1], "0.bias": [1, -1] }); // x² − 1
 * const form = decompose.interactions(model).output(0);
 * const { probability, error } = guarantee.tailProbability(form, [0], { deviation: 1 });
 * console.log(probability, error); // P(|z| > 1) = 0.3173
 * ```
 */
export function tailProbability(
  form: QuadraticForm,
  input: ArrayLike<number>,
  noise: Noise,
): TailProbability {
  const { mean, variance, meanError, varianceError } = formMoments(form, input, noise);
  if (!(Math.abs(mean) < 2 ** 500 && variance < 2 ** 500)) {
    throw new RangeError(
      `Cannot take a probability: the mean ${mean} and variance ${variance} are too large for f64; scale the form or the noise down`,
    );
  }
  const normal = normalForm(form, input, noise);
  const sure = Math.max(0, mean - meanError) ** 2;
  const cantelli = sure === 0 ? 0 : sure / (sure + variance + varianceError);
  if (variance <= varianceError) {
    const [probability, error] = mean > meanError
      ? [1, 0]
      : mean < -meanError
      ? [0, 0]
      : [0.5, 0.5];
    return { mean, variance, probability, error, cantelli, chernoff: cantelli };
  }
  const chernoff = Math.max(0, 1 - lowerTail(normal, 0));
  return { mean, variance, ...inverted(normal, mean, Math.sqrt(variance)), cantelli, chernoff };
}

function normalForm(form: QuadraticForm, input: ArrayLike<number>, noise: Noise): NormalForm {
  const moved = standardised(form.interactions, input, noise).direction(form.direction);
  const { values, vectors, linear, constant } = eigen(moved), { columns, data } = vectors;
  const slopes = new Float64Array(values.length), left = linear.slice();
  values.forEach((_, j) => {
    for (let i = 0; i < columns; i++) {
      slopes[j] = slopes[j]! + data[j * columns + i]! * linear[i]!;
    }
    for (let i = 0; i < columns; i++) left[i] = left[i]! - slopes[j]! * data[j * columns + i]!;
  });
  return { values, slopes, rest: Math.hypot(...left), constant };
}

/** log E e^{θm}; Infinity where it does not exist. */
function cumulant({ values, slopes, rest, constant }: NormalForm, theta: number): number {
  let total = theta * constant + theta * theta * rest * rest / 2;
  for (let j = 0; j < values.length; j++) {
    const gap = 1 - 2 * theta * values[j]!;
    if (!(gap > 0)) return Infinity;
    total += -Math.log(gap) / 2 + theta * theta * slopes[j]! ** 2 / (2 * gap);
  }
  return total;
}

/** P(m ≤ level) at most: inf over s ≥ 0 of e^{s·level}·E e^{−s·m}, by golden sections. */
function lowerTail(normal: NormalForm, level: number): number {
  const exponent = (s: number): number => s * level + cumulant(normal, -s);
  const steepest = normal.values.reduce((low, value) => Math.min(low, value), 0);
  let end = steepest < 0 ? -1 / (2 * steepest) : 1;
  if (steepest === 0) {
    while (exponent(2 * end) < exponent(end) && end < 1e150) end *= 2;
    end *= 2;
  }
  const golden = (Math.sqrt(5) - 1) / 2;
  let low = 0, high = end, best = 0;
  let a = high - golden * (high - low), b = low + golden * (high - low);
  let atA = exponent(a), atB = exponent(b);
  for (let i = 0; i < 120; i++) {
    best = Math.min(best, atA, atB);
    if (atA <= atB) {
      [high, b, atB] = [b, a, atA];
      a = high - golden * (high - low);
      atA = exponent(a);
    } else {
      [low, a, atA] = [a, b, atB];
      b = low + golden * (high - low);
      atB = exponent(b);
    }
  }
  return Math.min(1, Math.exp(best + 1e-12 * (1 + Math.abs(best))));
}

function negated({ values, slopes, rest, constant }: NormalForm): NormalForm {
  return { values: values.map((x) => -x), slopes, rest, constant: -constant };
}

/** ½ + Σ Im φ(t_k)/(π(k + ½)), t_k = (k + ½)Δ: P(m > 0) but for P(|m| > 2π/Δ) and the terms left out. */
function inverted(
  normal: NormalForm,
  mean: number,
  deviation: number,
): { probability: number; error: number } {
  const wanted = 1e-10, other = negated(normal);
  let period = Math.abs(mean) + 8 * deviation, outside = 1;
  for (let doubling = 0; doubling < 12; doubling++, period *= 1.5) {
    outside = Math.max(lowerTail(normal, -period), lowerTail(other, -period));
    if (outside <= wanted) break;
  }
  const step = 2 * Math.PI / period;
  let total = 0, left = Infinity, k = 0;
  for (; k < TERMS; k++) {
    const { size, phase, decay } = characteristic(normal, (k + 0.5) * step);
    total += size * Math.sin(phase) / (k + 0.5);
    left = size === 0 ? 0 : size / (Math.PI * decay);
    if (left <= wanted) break;
  }
  const probability = Math.min(1, Math.max(0, 0.5 + total / Math.PI));
  return { probability, error: Math.min(1, outside + left + 1e-14 * Math.sqrt(k + 1) * 10) };
}

/**
 * |φ(t)|, its argument, and an exponent with |φ(u)| ≤ |φ(t)|·(t/u)^decay for u ≥ t, by
 * 1 − a + a·q ≥ q^a (arithmetic and geometric mean).
 */
function characteristic(
  { values, slopes, rest, constant }: NormalForm,
  t: number,
): { size: number; phase: number; decay: number } {
  let log = -((t * rest) ** 2) / 2, phase = t * constant, decay = (t * rest) ** 2;
  for (let j = 0; j < values.length; j++) {
    const turn = 2 * t * values[j]!, square = 1 + turn * turn, along = (t * slopes[j]!) ** 2;
    log -= Math.log(square) / 4 + along / (2 * square);
    phase += Math.atan(turn) / 2 - along * turn / (2 * square);
    // a slope without curvature decays like a normal number; beside curvature it may stop doing so
    decay += turn === 0 ? along : turn * turn / square / 2;
  }
  return { size: Math.exp(log), phase, decay };
}
