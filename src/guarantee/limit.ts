import { interactions } from "../decompose/mod.ts";
import { matrix } from "../linalg/mod.ts";
import type { Model } from "../nn/mod.ts";
import { fingerprint } from "./certificate.ts";
import { plainLayers } from "./certify.ts";
import { forwardErrors } from "./forward_error.ts";
import { checkedCenter, range } from "./range.ts";
import { normAbove } from "./rounding.ts";
import { type Answer, unknown } from "./verdict.ts";

/** Options of {@linkcode atMost} and {@linkcode atLeast}. */
export interface LimitOptions {
  /** Which output. */
  readonly output: number;
  /** What the output must not pass. */
  readonly limit: number;
  /** L2 radius, in the unit of the input. */
  readonly radius: number;
  /** Centre of the ball [inputs]; the origin unless said: then this is about every ‖x‖ ≤ radius. */
  readonly center?: ArrayLike<number>;
}

/** What proves that an output stays within a limit, as plain data. */
export interface LimitProof {
  /** SHA-256 of the architecture and the weights, as in a certificate of a class. */
  readonly model: string;
  /** Which output. */
  readonly output: number;
  /** The L2 radius. */
  readonly radius: number;
  /** Proven end of the exact range on the side of the limit, rounding included. */
  readonly end: number;
  /** |f32 output − exact output| at most on the ball; end and error together keep the limit. */
  readonly error: number;
  /** ν of the dual value that proves the end: METHODS G1. */
  readonly multiplier: number;
}

/**
 * Does an output never exceed a limit on an L2 ball, for every f32 input and as the network runs in
 * f32? With the origin as centre this is a statement about all inputs of a length.
 *
 * @throws {TypeError} when the model has no exact form, or the centre another length; {RangeError} for
 * a radius that is negative or not finite, a limit that is NaN, or an output that is not there.
 * @example
 * ```ts
 * import { guarantee, nn } from "@odot/odot";
 * const model = nn.sequential([nn.bilinear(2, 1, { bias: false })]);
 * model.assign({ "0.weight": [1, 0, 0, 1] }); // x·y
 * const answer = guarantee.atMost(model, { output: 0, limit: 0.51, radius: 1 });
 * console.log(answer.verdict); // "certified": x·y ≤ ½ where ‖(x, y)‖ ≤ 1
 * ```
 */
export function atMost(model: Model, options: LimitOptions): Answer<LimitProof> {
  return limited(model, options, 1);
}

/** Does an output never fall below a limit on an L2 ball? See {@linkcode atMost}. */
export function atLeast(model: Model, options: LimitOptions): Answer<LimitProof> {
  return limited(model, options, -1);
}

function limited(
  model: Model,
  { output, limit, radius, center: given }: LimitOptions,
  side: 1 | -1,
): Answer<LimitProof> {
  if (Number.isNaN(limit)) {
    throw new RangeError("Cannot compare an output with the limit NaN: give a number");
  }
  for (const [name, parameter] of model.parameters) {
    if (parameter.toArray().some((value) => !Number.isFinite(value))) {
      return unknown(`parameter ${name} of the model has values that are not finite`);
    }
  }
  const all = interactions(model), form = all.output(output);
  const center = checkedCenter("Cannot bound an output", given, all.inputs);
  const found = range(form, { center, radius });
  const error = forwardErrors(model).of(matrix(1, all.inputs, center)).at(0, output, radius);
  // on one side: side · output ≤ side · limit
  const [end, extreme] = side === 1 ? [found.upper, found.greatest] : [found.lower, found.least];
  const reach = side * end + error;
  if (reach + 2 ** -50 * Math.abs(reach) <= side * limit) {
    return {
      verdict: "certified",
      certificate: {
        model: fingerprint(plainLayers(model)),
        output,
        radius,
        end,
        error,
        multiplier: extreme.multiplier,
      },
    };
  }
  for (const inward of [0, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3]) {
    const point = Float32Array.from(
      extreme.point,
      (value, i) => center[i]! + (value - center[i]!) * (1 - inward),
    );
    const distance = normAbove(Float64Array.from(point, (value, i) => value - center[i]!));
    if (distance > radius || point.some((value) => !Number.isFinite(value))) continue;
    if (side * model.predict(point)[output]! > side * limit) {
      return { verdict: "refuted", point, distance };
    }
  }
  const bounds = [extreme.value, end + side * error].sort((a, b) => a - b) as [number, number];
  return unknown(
    `the extreme value ${extreme.value} is within the rounding of the model in f32 of the limit ${limit}`,
    ...bounds,
  );
}
