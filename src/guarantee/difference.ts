import { fromFactors, type Interactions } from "../decompose/mod.ts";
import { type Matrix, matrix } from "../linalg/mod.ts";
import type { Model } from "../nn/mod.ts";
import { boundsOf, type LastSet, lastSet } from "./composition_last.ts";
import { isQuadratic } from "./attack_gradient.ts";
import { forwardErrors } from "./forward_error.ts";
import { checkedCenter } from "./range.ts";
import { normAbove } from "./rounding.ts";
import { type Answer, unknown } from "./verdict.ts";

/** A ball of inputs. */
export interface Ball {
  /** Center [inputs]; the origin unless said. */
  readonly center?: ArrayLike<number>;
  /** L2 radius, in the unit of the input. */
  readonly radius: number;
}

/** How far the outputs of two models can be apart over a ball. */
export interface ModelDifference {
  /** Proven: no output of the one is further from that of the other. */
  readonly bound: number;
  /** The largest difference found: the bound but for rounding where `exact`, else that of the models in f32. */
  readonly worst: number;
  /** bound − worst. */
  readonly gap: number;
  /** Which output it is. */
  readonly output: number;
  /** The input that separates the models most, as far as was found [inputs]. */
  readonly input: Float64Array;
  /** Whether both are one bilinear layer between linear ones: then the bound is attained. */
  readonly exact: boolean;
  /**
   * What the rounding of the two models in f32 may add to it, at most; Infinity where that is not known,
   * as for networks with other layers.
   */
  readonly rounding: number;
  /** Proven bounds of first minus second, output by output. */
  readonly outputs: readonly { readonly lower: number; readonly upper: number }[];
}

/**
 * The largest difference between two models anywhere in a ball, and the input where it occurs: one
 * trust-region problem an output, on the difference of the two quadratic forms, which stays factored since
 * their neurons are simply put side by side. For deeper networks the affine parts cancel and the rests add
 * up. In real arithmetic, with the rounding of the bounds accounted for. Source: METHODS G6.
 *
 * @throws {TypeError} when the models take or give different numbers, or have layers without bounds (see
 * {@linkcode composedRange}); {RangeError} for a radius that is negative or not finite.
 * @example
 * ```ts
 * import { decompose, guarantee, nn } from "@odot/odot";
 * const model = nn.sequential([nn.bilinear(8, 16, { bias: false }), nn.linear(16, 2)], { seed: 1 });
 * const { model: smaller } = decompose.truncate(model, { rank: 3 });
 * const { bound, worst, output, input } = guarantee.modelDifference(model, smaller, { radius: 1 });
 * console.log(bound, worst, output, input);
 * ```
 */
export function modelDifference(a: Model, b: Model, ball: Ball): ModelDifference {
  const { joint, center } = jointSet(a, b, ball), { outputs } = joint.form;
  const found = Array.from({ length: outputs }, (_, o) => {
    const direction = new Float64Array(outputs);
    direction[o] = 1;
    return boundsOf(joint, direction);
  });
  let bound = 0, worst = -1, output = 0, input = center;
  const still = { point: new Float64Array(center.length) };
  found.forEach(({ lower, upper, range }, o) => {
    bound = Math.max(bound, -lower, upper);
    for (const { point } of [still, range?.least ?? still, range?.greatest ?? still]) {
      const at = center.map((x, i) => x + point[i]!);
      // where f32 ends the models cannot be run
      if (!joint.exact && !at.every((x) => Math.abs(x) < 1e9)) continue;
      const value = joint.exact
        ? Math.abs(joint.form.evaluate(point)[o]!)
        : Math.abs(a.predict(at)[o]! - b.predict(at)[o]!);
      if (value > worst) [worst, output, input] = [value, o, at];
    }
  });
  return {
    bound,
    worst,
    gap: bound - worst,
    output,
    input,
    exact: joint.exact,
    rounding: forwardRounding([a, b], center, ball.radius),
    outputs: found.map(({ lower, upper }) => ({ lower, upper })),
  };
}

/**
 * Whether two models agree within a tolerance on a ball: `certified` with the proven difference, `refuted`
 * with an input at which the models in f32 differ by more, else `unknown` with the largest difference from
 * both sides. `certified` accounts for the rounding of both models in f32 where both are one bilinear layer
 * between linear ones, and speaks of real arithmetic otherwise.
 *
 * @throws {RangeError} for a tolerance that is negative or NaN, and what {@linkcode modelDifference} throws.
 * @example
 * ```ts
 * import { guarantee, nn } from "@odot/odot";
 * const model = nn.sequential([nn.bilinear(8, 16, { bias: false }), nn.linear(16, 2)], { seed: 1 });
 * const answer = guarantee.equivalence(model, model, { radius: 1, tolerance: 1e-3 });
 * console.log(answer.verdict); // certified
 * ```
 */
export function equivalence(
  a: Model,
  b: Model,
  options: Ball & { readonly tolerance: number },
): Answer<ModelDifference> {
  const { tolerance, radius } = options;
  if (!(tolerance >= 0)) {
    throw new RangeError(`Cannot compare models to a tolerance of ${tolerance}: give a number ≥ 0`);
  }
  const difference = modelDifference(a, b, options);
  const rounding = isQuadratic(a) && isQuadratic(b) ? difference.rounding : 0;
  const most = (difference.bound + rounding) * (1 + 2 ** -51);
  if (most <= tolerance) return { verdict: "certified", certificate: difference };
  const { center } = jointCenter(a, options);
  const change = difference.input.map((x, i) => x - center[i]!);
  const point = Float32Array.from(change, (x, i) => center[i]! + (1 - 1e-6) * x);
  const distance = Math.hypot(...point.map((x, i) => x - center[i]!));
  const first = a.predict(point), second = b.predict(point);
  const apart = first.reduce((top, y, o) => Math.max(top, Math.abs(y - second[o]!)), 0);
  if (apart > tolerance && distance <= radius) return { verdict: "refuted", point, distance };
  return unknown(
    `the models differ by between ${difference.worst} and ${most}, and ${tolerance} lies between`,
    difference.worst,
    most,
  );
}

/** |f32 − exact| of any output of the models together, over a ball. */
function forwardRounding(models: readonly Model[], center: Float64Array, radius: number): number {
  if (!models.every(isQuadratic)) return Infinity;
  const row = matrix(1, center.length, center.map(Math.fround));
  const reach = radius + normAbove(center.map((x, i) => x - row.data[i]!));
  const bounds = models.map((model) => forwardErrors(model).of(row));
  return Array.from(
    { length: models[0]!.outputs },
    (_, o) => bounds.reduce((sum, each) => sum + each.at(0, o, reach), 0),
  )
    .reduce((top, x) => Math.max(top, x), 0);
}

function jointCenter(a: Model, ball: Ball): { center: Float64Array } {
  return { center: checkedCenter("Cannot compare models", ball.center, a.inputs) };
}

/** First minus second over a ball, as a function of the change of the input. */
export function jointSet(
  a: Model,
  b: Model,
  ball: Ball,
): { readonly joint: LastSet; readonly center: Float64Array } {
  if (a.inputs !== b.inputs || a.outputs !== b.outputs) {
    throw new TypeError(
      `Cannot compare a model from ${a.inputs} inputs to ${a.outputs} outputs with one from ${b.inputs} to ${b.outputs}: both must be the same`,
    );
  }
  const { center } = jointCenter(a, ball), first = lastSet(a, ball), second = lastSet(b, ball);
  return {
    center,
    joint: {
      form: minus(first.form, second.form),
      slack: (direction) => (first.slack(direction) + second.slack(direction)) * (1 + 2 ** -40),
      radius: ball.radius,
      exact: first.exact && second.exact,
    },
  };
}

/** Neurons side by side, the second with minus signs in the readout. */
function minus(a: Interactions, b: Interactions): Interactions {
  const { outputs } = a, neurons = a.neurons + b.neurons, readout = matrix(outputs, neurons);
  for (let o = 0; o < outputs; o++) {
    for (let k = 0; k < neurons; k++) {
      readout.data[o * neurons + k] = k < a.neurons
        ? a.readout.data[o * a.neurons + k]!
        : -b.readout.data[o * b.neurons + k - a.neurons]!;
    }
  }
  return fromFactors({
    left: stacked(a.left, b.left),
    right: stacked(a.right, b.right),
    leftBias: joined(a.leftBias, b.leftBias),
    rightBias: joined(a.rightBias, b.rightBias),
    readout,
    outputBias: a.outputBias.map((x, o) => x - b.outputBias[o]!),
  });
}

function stacked(a: Matrix, b: Matrix): Matrix {
  return matrix(a.rows + b.rows, a.columns, joined(a.data, b.data));
}

function joined(a: Float64Array, b: Float64Array): Float64Array {
  const both = new Float64Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
