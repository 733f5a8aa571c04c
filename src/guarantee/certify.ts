import { normAbove } from "./rounding.ts";
import type { Model } from "../nn/mod.ts";
import { type ClassCertificate, sealed } from "./certificate.ts";
import { fingerprint, hashOfInput, type PlainLayer } from "./certificate_model.ts";
import { checkLayers } from "./checker.ts";
import { checkLabel, type ClassPairs, inputRows, marginOf, pairsOf } from "./class_pairs.ts";
import { argmax, neighbourhood, radius as certifiedRadius } from "./radius.ts";
import type { LocalMargin } from "./rival.ts";
import { lift } from "./spectral_form.ts";
import { minimize } from "./trust_region.ts";
import { type Answer, type Refuted, unknown } from "./verdict.ts";

/** Options of {@linkcode certify}. */
export interface CertifyOptions {
  /** L2 radius within which the class must not change, in the unit of the input. */
  readonly radius: number;
  /** The class to be kept; what the model predicts unless said. */
  readonly label?: number;
}

/**
 * Does the class stay the same on a whole L2 ball? `certified` comes with a certificate that its
 * independent checker has accepted; `refuted` with an f32 input within the radius for which
 * `model.predict` gives another class; `unknown` with the bounds on the radius: for radii within
 * rounding of the exact one, and for weights or inputs that are not finite.
 *
 * @throws {TypeError} when the model has no exact form, or the input another length; {RangeError} when
 * the radius is negative or not finite, or there is no such label.
 * @example
 * ```ts
 * import { guarantee, nn } from "@odot/odot";
 * const model = nn.sequential([nn.bilinear(2, 1, { bias: false }), nn.linear(1, 2)]);
 * model.assign({ "0.weight": [1, -1, 1, -1], "1.weight": [1, 0], "1.bias": [0, 0.5] });
 * console.log(guarantee.certify(model, [1, 0], { radius: 0.2 }).verdict); // "certified"
 * console.log(guarantee.certify(model, [1, 0], { radius: 0.21 })); // "refuted", and where
 * ```
 */
export function certify(
  given: Model | ClassPairs,
  input: ArrayLike<number>,
  options: CertifyOptions,
): Answer<ClassCertificate> {
  const { radius } = options, action = "Cannot certify";
  if (!(radius >= 0 && radius < Infinity)) {
    throw new RangeError(`${action} the radius ${radius}: it is a finite number ≥ 0`);
  }
  const bad = notFinite(given, input);
  if (bad) return unknown(bad);
  const pairs = pairsOf(given), rows = inputRows(action, pairs.interactions, input);
  if (rows.rows !== 1) throw new TypeError(`${action} ${rows.rows} inputs: give one`);
  const x = Float32Array.from(rows.data), predicted = argmax(pairs.model.predict(x));
  const label = options.label ?? predicted;
  checkLabel(action, label, pairs.classes);
  if (predicted !== label) return { verdict: "refuted", point: x, distance: 0 };

  const about = neighbourhood(pairs, rows);
  const rivals = Array.from({ length: pairs.classes }, (_, c) => c).filter((c) => c !== label);
  const ends = rivals.map((c) => {
    const local = about(label, c);
    // within no distance every multiplier is too small
    const end = minimize(local.values, local.gradient, Math.max(radius, SMALLEST), "ball");
    return { class: c, local, end, proven: local.height + end.lower - local.error(radius) };
  });
  if (ends.every(({ proven }) => proven > 0)) {
    const certificate = accepted(pairs.model, x, { label, radius }, ends);
    if (certificate) return { verdict: "certified", certificate };
  }
  const found = certifiedRadius(pairs, x, { label });
  const steps = [found.change].concat(
    ends.filter(({ local, end }) => local.height + end.value <= 0)
      .map(({ class: c, end }) => lift(marginOf(pairs, label, c).form, end.step)),
  );
  const refuted = misclassified(pairs.model, x, steps, { label, radius });
  if (refuted) return refuted;
  const reason = radius <= found.lower
    ? `the radius ${radius} is proven here, but not with the room that the checker of certificates needs`
    : `the radius ${radius} is within the rounding of the model in f32 of the exact one, ${found.radius}`;
  return unknown(reason, found.lower, found.radius);
}

/** The layers of a model with one bilinear layer as plain arrays. */
export function plainLayers(model: Model): PlainLayer[] {
  return model.layers.map(({ config, parameters }) => {
    const weight = parameters.get("weight")!;
    return {
      type: config.type as PlainLayer["type"],
      inputs: weight.shape[1]!,
      rows: weight.shape[0]!,
      weight: weight.toArray() as Float32Array,
      bias: parameters.get("bias")?.toArray() as Float32Array | undefined,
    };
  });
}

interface BallEnd {
  readonly class: number;
  readonly local: LocalMargin;
  readonly end: { readonly multiplier: number };
}

/** A certificate that the checker accepts, or undefined. */
function accepted(
  model: Model,
  x: Float32Array,
  { label, radius }: { label: number; radius: number },
  ends: readonly BallEnd[],
): ClassCertificate | undefined {
  const layers = plainLayers(model);
  const parts = {
    kind: "class" as const,
    model: fingerprint(layers),
    input: hashOfInput(x),
    label,
    radius,
  };
  // at its pole a multiplier proves nothing: the checker must see a positive definite matrix
  for (const lifted of LIFTS) {
    const certificate = sealed({
      ...parts,
      rivals: ends.map(({ class: c, local, end }) => ({
        class: c,
        multiplier: end.multiplier +
          lifted * local.values.reduce((top, value) => Math.max(top, Math.abs(value)), 2 ** -100),
      })),
    });
    if (checkLayers(certificate, layers, x).verdict === "certified") return certificate;
  }
  return undefined;
}

/** How far above its pole to take a multiplier, in terms of the form. */
export const LIFTS: readonly number[] = [1e-9, 1e-7, 1e-5, 1e-3];

/** A radius whose multiplier serves for all smaller ones. */
export const SMALLEST: number = 2 ** -40;

/** How far beyond a boundary to look for a point that f32 puts on the other side. */
const BEYOND = [1, 1 + 1e-7, 1 + 1e-6, 1 + 1e-5, 1 + 1e-4, 1 + 1e-3, 1.01, 1.1];

/** An f32 point within the radius of which the model itself says another class, or undefined. */
function misclassified(
  model: Model,
  x: Float32Array,
  steps: readonly Float64Array[],
  { label, radius }: { label: number; radius: number },
): Refuted | undefined {
  for (const step of steps) {
    const length = Math.hypot(...step);
    if (!(length > 0)) continue;
    const most = radius / length;
    const reaches = [...BEYOND.filter((reach) => reach < most), most, most * (1 - 1e-7)];
    for (const reach of reaches.filter((reach) => reach <= most)) {
      const point = Float32Array.from(x, (value, i) => value + reach * step[i]!);
      const offset = Float64Array.from(point, (value, i) => value - x[i]!);
      const distance = normAbove(offset);
      if (distance > radius || argmax(model.predict(point)) === label) continue;
      return { verdict: "refuted", point, distance };
    }
  }
  return undefined;
}

/** What is not finite, as a reason; NaN never proves anything. */
function notFinite(given: Model | ClassPairs, input: ArrayLike<number>): string | undefined {
  const model = "forms" in given ? given.model : given;
  for (let i = 0; i < input.length; i++) {
    if (!Number.isFinite(Math.fround(input[i]!))) {
      return `number ${i} of the input is ${input[i]}, which f32 cannot hold`;
    }
  }
  for (const [name, parameter] of model.parameters) {
    if (parameter.toArray().some((value) => !Number.isFinite(value))) {
      return `parameter ${name} of the model has values that are not finite`;
    }
  }
  return undefined;
}
