import { interactions } from "../decompose/mod.ts";
import { type Matrix, matrix } from "../linalg/mod.ts";
import type { Model } from "../nn/mod.ts";
import { isQuadratic } from "./attack_gradient.ts";
import { boundsOf, lastSet } from "./composition_last.ts";
import { type Ball, jointSet, type ModelDifference, modelDifference } from "./difference.ts";
import { forwardErrors } from "./forward_error.ts";
import { argmax } from "./radius.ts";
import type { Verdict } from "./verdict.ts";

/** What a smaller model can change over a ball of inputs, proven. */
export interface Compression {
  /** The largest change of any output. */
  readonly difference: ModelDifference;
  /**
   * Proven: how much of the margin of class a over class b the smaller model can lose at most anywhere in
   * the ball [outputs, outputs].
   */
  readonly marginLoss: Matrix;
  /**
   * Whether the smaller model provably gives inputs [rows · inputs] of the ball the classes that the
   * original gives.
   *
   * @throws {TypeError} when the values are no whole number of rows; {RangeError} when one is not finite.
   */
  labelsKept(inputs: ArrayLike<number>): KeptLabels;
}

/** Which inputs provably keep their classes. */
export interface KeptLabels {
  /**
   * `certified`: proven from the weights and the original's margin. `refuted`: the two models in f32
   * differ. `unknown`: neither; also for an input outside the ball.
   */
  readonly verdicts: readonly Verdict[];
  /** Classes that the original gives [rows]. */
  readonly labels: Int32Array;
  /** Least margin of the original over a rival less what may be lost [rows]; NaN outside the ball. */
  readonly spare: Float64Array;
}

/**
 * The worst that compression can do: the largest change of any output over a ball when a model is replaced
 * by a truncated, re-ranked or quantised one, and the inputs whose class provably stays. Exact where both
 * are one bilinear layer between linear ones: a trust-region problem on the difference of the two forms;
 * composed bounds otherwise. The verdicts on labels account for the rounding of both models in f32 where
 * they are exact, and speak of real arithmetic otherwise. Source: METHODS G6.
 *
 * @throws what {@linkcode modelDifference} throws.
 * @example
 * ```ts
 * import { decompose, guarantee, nn } from "@odot/odot";
 * const model = nn.sequential([nn.bilinear(8, 16, { bias: false }), nn.linear(16, 2)], { seed: 1 });
 * const { model: smaller } = decompose.truncate(model, { rank: 6 });
 * const { difference, labelsKept } = guarantee.compression(model, smaller, { radius: 2 });
 * console.log(difference.bound, labelsKept([1, 0, 0, 1, 0, 0, 1, 0]).verdicts);
 * ```
 */
export function compression(original: Model, smaller: Model, ball: Ball): Compression {
  const { joint, center } = jointSet(original, smaller, ball), { outputs } = joint.form;
  const difference = modelDifference(original, smaller, ball);
  const marginLoss = matrix(outputs, outputs);
  for (let a = 0; a < outputs; a++) {
    for (let b = 0; b < a; b++) {
      const direction = new Float64Array(outputs);
      direction[a] = 1;
      direction[b] = -1;
      const { lower, upper } = boundsOf(joint, direction);
      marginLoss.data[a * outputs + b] = upper;
      marginLoss.data[b * outputs + a] = -lower;
    }
  }
  const margins = marginsOf(original, smaller, isQuadratic(original) && isQuadratic(smaller));
  const labelsKept = (inputs: ArrayLike<number>): KeptLabels => {
    const width = original.inputs,
      before = original.predict(inputs),
      after = smaller.predict(inputs);
    const rows = before.length / outputs, data = Float64Array.from(inputs, Math.fround);
    const labels = new Int32Array(rows), spare = new Float64Array(rows);
    const verdicts = Array.from({ length: rows }, (_, row): Verdict => {
      const own = (all: Float32Array): number =>
        argmax(all.subarray(row * outputs, (row + 1) * outputs));
      const x = data.subarray(row * width, (row + 1) * width), label = own(before);
      labels[row] = label;
      const distance = Math.hypot(...x.map((value, i) => value - center[i]!));
      const inside = distance * (1 + 1e-12) <= ball.radius;
      const of = margins(x, label);
      let least = inside ? Infinity : NaN;
      for (let rival = 0; rival < outputs && inside; rival++) {
        if (rival === label) continue;
        const left = of(rival) - marginLoss.data[label * outputs + rival]!;
        least = left >= least ? least : left;
      }
      spare[row] = least;
      if (own(after) !== label) return "refuted";
      return least > 0 ? "certified" : "unknown";
    });
    return { verdicts, labels, spare };
  };
  return { difference, marginLoss, labelsKept };
}

/** Lower bounds of the original's margins at an input, less the f32 rounding of both models where known. */
function marginsOf(
  original: Model,
  smaller: Model,
  quadratic: boolean,
): (x: Float64Array, label: number) => (rival: number) => number {
  if (!quadratic) {
    return (x, label) => {
      const point = lastSet(original, { center: x, radius: 0 });
      return (rival) => {
        const direction = new Float64Array(original.outputs);
        direction[label] = 1;
        direction[rival] = -1;
        return boundsOf(point, direction).lower;
      };
    };
  }
  const source = interactions(original);
  const errors = [forwardErrors(original), forwardErrors(smaller)];
  return (x, label) => {
    const logits = source.evaluate(x), row = matrix(1, x.length, x);
    const bounds = errors.map((each) => each.of(row));
    return (rival) =>
      bounds.reduce(
        (margin, each) => margin - each.at(0, label, 0) - each.at(0, rival, 0),
        logits[label]! - logits[rival]!,
      );
  };
}
