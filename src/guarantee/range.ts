import type { QuadraticForm } from "../decompose/mod.ts";
import { matmul, type Matrix, matrix } from "../linalg/mod.ts";
import { requireChoice } from "./choice.ts";
import { noScaling, type Scaling, scaling } from "./metric.ts";
import { gamma, normAbove, SLACK } from "./rounding.ts";
import {
  formError,
  gradientAt,
  lift,
  project,
  type SpectralForm,
  spectralForm,
} from "./spectral_form.ts";
import { type Domain, maximize, minimize } from "./trust_region.ts";

/** Options of {@linkcode range}. */
export interface RangeOptions {
  /** Centre [inputs]; the origin unless said. */
  readonly center?: ArrayLike<number>;
  /** Radius, in the unit of the input. */
  readonly radius: number;
  /** The ball, or its surface alone; the ball unless said. */
  readonly domain?: Domain;
  /**
   * M of the distance √(δᵀMδ): weights of the inputs [inputs], or a positive definite matrix
   * [inputs, inputs], which makes the ball an ellipsoid; the usual distance unless said.
   */
  readonly metric?: ArrayLike<number> | Matrix;
}

/** The exact range of a quadratic form over a ball, a sphere or an ellipsoid. */
export interface Range {
  /** Proven: nowhere in the domain is the form below. At most rounding below `least.value`. */
  readonly lower: number;
  /** Proven: nowhere in the domain is the form above. */
  readonly upper: number;
  /** Where the lower end is attained. */
  readonly least: Extreme;
  /** Where the upper end is attained. */
  readonly greatest: Extreme;
}

/** One end of a range. */
export interface Extreme {
  /** The form at the point, in f64. */
  readonly value: number;
  /** A point of the domain [inputs]. */
  readonly point: Float64Array;
  /** ν of the dual value that proves this end: see `minimize` in METHODS G1. */
  readonly multiplier: number;
  /** Whether the hard case of the trust-region problem occurred. */
  readonly hard: boolean;
}

/**
 * The exact range of an output, a difference of outputs or a direction over an L2 ball, a sphere or an
 * ellipsoid: the points that attain both ends, and proven bounds that enclose it in real arithmetic, all
 * rounding accounted for. Exact for the f64 factors of `form.interactions`. Source: Moré and Sorensen
 * 1983; METHODS G1.
 *
 * @throws {RangeError} for a radius that is negative or not finite, a centre that is not finite, or a domain
 * that is neither;
 * {TypeError} for a centre or a metric of another size.
 * @example
 * ```ts
 * import { decompose, guarantee, nn } from "@odot/odot";
 * const model = nn.sequential([nn.bilinear(2, 2, { bias: false })]);
 * model.assign({ "0.weight": [1, 0, 0, 1, 1, 0, 0, 1] }); // (x², y²)
 * const { lower, upper, greatest } = guarantee.range(
 *   decompose.interactions(model).difference(0, 1),
 *   { radius: 2 },
 * );
 * console.log(lower, upper, greatest.point); // −4 and 4, at (±2, 0)
 * ```
 */
export function range(form: QuadraticForm, options: RangeOptions): Range {
  const { inputs } = form.interactions, { radius, domain = "ball", metric } = options;
  const center = checkedCenter("Cannot take a range", options.center, inputs);
  if (!(radius >= 0 && radius < Infinity)) {
    throw new RangeError(
      `Cannot take a range within the radius ${radius}: it is a finite number ≥ 0`,
    );
  }
  requireChoice("Cannot take a range", "domain", domain, ["ball", "sphere"]);
  const change = metric ? scaling(form.interactions, metric) : noScaling(form.interactions);
  const moved = metric ? change.interactions.direction(form.direction) : form;
  const spectral = spectralForm(moved, change.coordinates);
  return spectralRange(spectral, form, change, { center, radius, domain });
}

/** The centre as f64, or the origin. @throws {TypeError} for another length; {RangeError} for NaN. */
export function checkedCenter(
  action: string,
  center: ArrayLike<number> | undefined,
  inputs: number,
): Float64Array {
  if (!center) return new Float64Array(inputs);
  if (center.length !== inputs) {
    throw new TypeError(`${action} about ${center.length} numbers: an input has ${inputs}`);
  }
  const values = Float64Array.from(center), bad = values.findIndex((x) => !Number.isFinite(x));
  if (bad >= 0) {
    throw new RangeError(
      `${action} about a point with ${values[bad]} at ${bad}: it must be finite`,
    );
  }
  return values;
}

function spectralRange(
  spectral: SpectralForm,
  form: QuadraticForm,
  change: Scaling,
  { center, radius, domain }: { center: Float64Array; radius: number; domain: Domain },
): Range {
  const { values, linear, constant, nullity } = spectral;
  const about = change.forward(center),
    z = project(spectral, about),
    slope = gradientAt(spectral, z);
  let height = constant, size = Math.abs(constant);
  z.forEach((y, i) => {
    height += (values[i]! * y + linear[i]!) * y;
    size += (Math.abs(values[i]! * y) + Math.abs(linear[i]!)) * Math.abs(y);
  });
  const length = normAbove(about) * (1 + 2 * change.centerError);
  const drift = SLACK *
    (spectral.errors.coordinates * length + change.centerError * length +
      change.radiusError * radius);
  const steepest = values.reduce((top, x) => Math.max(top, Math.abs(x)), 0);
  const slack = SLACK * (formError(spectral, length + radius + drift) +
    gamma(2 * z.length + 8) * size +
    gamma(4) * (normAbove(slope) + 2 * steepest * normAbove(z) + normAbove(linear)) * radius +
    drift * (normAbove(slope) + 2 * steepest * (radius + drift)));
  // a sphere of more dimensions than the form sees looks like a ball to it
  const seen: Domain = domain === "sphere" && nullity > 0 ? "ball" : domain;
  const low = minimize(values, slope, radius, seen), high = maximize(values, slope, radius, seen);
  const extreme = (step: Float64Array, multiplier: number, hard: boolean): Extreme => {
    const offset = lift(spectral, step);
    if (seen !== domain) fill(spectral, offset, radius);
    const point = change.back(offset).map((x, i) => x + center[i]!);
    return { value: form.evaluate(point), point, multiplier, hard };
  };
  return {
    lower: below(height + low.lower, slack),
    upper: -below(-height - high.upper, slack),
    least: extreme(low.step, low.multiplier, low.hard),
    greatest: extreme(high.step, high.multiplier, high.hard),
  };
}

/** value − slack, rounded down; −Infinity where NaN would be. */
function below(value: number, slack: number): number {
  const result = value - slack - gamma(4) * (Math.abs(value) + slack);
  return Number.isNaN(result) ? -Infinity : result;
}

/** Lengthens an offset to the radius in a direction that the form does not see. */
function fill(
  { coordinates: { basis }, inputs }: SpectralForm,
  offset: Float64Array,
  radius: number,
): void {
  const rest = radius * radius - offset.reduce((sum, x) => sum + x * x, 0);
  if (!(rest > 0)) return;
  const rows = basis.rows!, seen = new Float64Array(inputs);
  rows.data.forEach((x, i) => seen[i % inputs]! += x * x);
  const least = seen.reduce((best, x, i) => x < seen[best]! ? i : best, 0);
  const free = new Float64Array(inputs);
  free[least] = 1;
  for (let pass = 0; pass < 2; pass++) {
    const inside = matmul(rows, matmul(rows, matrix(inputs, 1, free)), "TN").data;
    inside.forEach((x, i) => free[i]! -= x);
  }
  const length = Math.hypot(...free);
  free.forEach((x, i) => offset[i]! += x * Math.sqrt(rest) / length);
}
