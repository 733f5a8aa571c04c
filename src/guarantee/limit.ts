import { interactions, type QuadraticForm } from "../decompose/mod.ts";
import { matrix } from "../linalg/mod.ts";
import type { Model } from "../nn/mod.ts";
import { type LimitCertificate, sealed } from "./certificate.ts";
import { fingerprint, hashOfInput } from "./certificate_model.ts";
import { LIFTS, plainLayers, SMALLEST } from "./certify.ts";
import { checkLayers } from "./checker.ts";
import { forwardErrors } from "./forward_error.ts";
import { checkedCenter, range } from "./range.ts";
import { normAbove } from "./rounding.ts";
import { spectralForm } from "./spectral_form.ts";
import { type Answer, unknown } from "./verdict.ts";

/** Options of {@linkcode atMost} and {@linkcode atLeast}. */
export interface LimitOptions {
  /** Which output. */
  readonly output: number;
  /** What the output must not pass. */
  readonly limit: number;
  /** L2 radius, in the unit of the input. */
  readonly radius: number;
  /** Centre of the ball [inputs], taken in f32; the origin unless said: then this is about every ‖x‖ ≤ radius. */
  readonly center?: ArrayLike<number>;
}

/** What proves that an output stays within a limit. */
export interface LimitProof {
  /** Proven end of the exact range on the side of the limit, rounding included. */
  readonly end: number;
  /** |f32 output − exact output| at most on the ball; end and error together keep the limit. */
  readonly error: number;
  /** The proof as plain data for JSON; its independent checker has accepted it. */
  readonly file: LimitCertificate;
}

/**
 * Does an output never exceed a limit on an L2 ball, for every f32 input and as the network runs in
 * f32? With the origin as centre this is a statement about all inputs of a length. `certified` comes with
 * a certificate, `file`, that its independent checker has accepted.
 *
 * @throws {TypeError} when the model has no exact form, or the centre another length; {RangeError} for
 * a radius that is negative or not finite, a limit that is not finite, or an output that is not there.
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
  if (!Number.isFinite(limit)) {
    throw new RangeError(`Cannot compare an output with the limit ${limit}: give a finite number`);
  }
  for (const [name, parameter] of model.parameters) {
    if (parameter.toArray().some((value) => !Number.isFinite(value))) {
      return unknown(`parameter ${name} of the model has values that are not finite`);
    }
  }
  const all = interactions(model), form = all.output(output);
  const center = checkedCenter(
    "Cannot bound an output",
    given && Float32Array.from(given),
    all.inputs,
  );
  const found = range(form, { center, radius });
  const error = forwardErrors(model).of(matrix(1, all.inputs, center)).at(0, output, radius);
  // on one side: side · output ≤ side · limit
  const [end, extreme] = side === 1 ? [found.upper, found.greatest] : [found.lower, found.least];
  const reach = side * end + error;
  if (reach + 2 ** -50 * Math.abs(reach) <= side * limit) {
    // within no distance every multiplier is too small
    const least = radius < SMALLEST ? range(form, { center, radius: SMALLEST }) : found;
    const { multiplier } = side === 1 ? least.greatest : least.least;
    const file = accepted(form, model, Float32Array.from(center), {
      ...{ output, limit, radius, multiplier },
      side: side === 1 ? "atMost" : "atLeast",
    });
    if (file) return { verdict: "certified", certificate: { end, error, file } };
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
  const reason = reach <= side * limit
    ? `the limit ${limit} is proven here, but not with the room that the checker of certificates needs`
    : `the extreme value ${extreme.value} is within the rounding of the model in f32 of the limit ${limit}`;
  return unknown(reason, ...bounds);
}

/** A certificate that the checker accepts, or undefined. */
function accepted(
  form: QuadraticForm,
  model: Model,
  center: Float32Array,
  claim: Pick<LimitCertificate, "output" | "limit" | "radius" | "side" | "multiplier">,
): LimitCertificate | undefined {
  const layers = plainLayers(model),
    about = { model: fingerprint(layers), input: hashOfInput(center) };
  const { values } = spectralForm(form);
  const steepest = values.reduce((top, value) => Math.max(top, Math.abs(value)), 2 ** -100);
  // at its pole a multiplier proves nothing: the checker must see a positive definite matrix
  for (const lift of LIFTS) {
    const multiplier = claim.multiplier + lift * steepest;
    const file = sealed({ kind: "limit", ...about, ...claim, multiplier });
    if (checkLayers(file, layers, center).verdict === "certified") return file;
  }
  return undefined;
}
