/**
 * Guarantees: what a network can and cannot output. With one bilinear layer every output is an exact
 * quadratic polynomial, so ranges and certified radii are exact; what is said to be proven holds with
 * all rounding counted against it, that of the network in f32 included. Answers are `certified`,
 * `refuted` or `unknown`.
 *
 * @example
 * ```ts
 * import { nn } from "@odot/odot";
 * import { certify, radius } from "@odot/odot/guarantee";
 *
 * const model = nn.sequential([nn.bilinear(4, 3), nn.linear(3, 3)], { seed: 2 });
 * const image = [1, 0, 0, 1];
 * const exact = radius(model, image);
 * console.log(exact.radius, exact.lower, exact.rival); // no smaller change alters the class
 * console.log(model.predict(exact.change.map((step, i) => image[i]! + 1.001 * step))); // this one does
 *
 * const answer = certify(model, image, { radius: exact.radius / 2 });
 * if (answer.verdict === "certified") console.log(JSON.stringify(answer.certificate));
 * ```
 *
 * @module
 */
export type { Answer, Certified, Refuted, Unknown, Verdict } from "./verdict.ts";
export { range } from "./range.ts";
export type { Extreme, Range, RangeOptions } from "./range.ts";
export type { Domain } from "./trust_region.ts";
export { classPairs } from "./class_pairs.ts";
export type { ClassPairs, ProgressOptions } from "./class_pairs.ts";
export { radius } from "./radius.ts";
export type { CertifiedRadius, RadiusOptions } from "./radius.ts";
export type { RivalRadius } from "./rival.ts";
export { radii } from "./radii.ts";
export type { CertifiedRadii, RadiiOptions } from "./radii.ts";
export { certify } from "./certify.ts";
export type { CertifyOptions } from "./certify.ts";
export { check } from "./checker.ts";
export type { Checked } from "./checker.ts";
export { hashOfInput } from "./certificate_model.ts";
export type {
  BoxCertificate,
  Certificate,
  CertificateBase,
  ClassCertificate,
  LimitCertificate,
  RivalDual,
  RivalProof,
} from "./certificate.ts";
export { atLeast, atMost } from "./limit.ts";
export type { LimitOptions, LimitProof } from "./limit.ts";
export { boundaryPoints } from "./boundary_points.ts";
export type { BoundaryPoints } from "./boundary_points.ts";
export { closedFormRadii } from "./closed_form.ts";
export type { ClosedFormRadii } from "./closed_form.ts";
export { radiusPenalty } from "./radius_penalty.ts";
export type { RadiusPenaltyOptions } from "./radius_penalty.ts";
export { intervalRadii } from "./interval_radii.ts";
export { forwardErrors } from "./forward_error.ts";
export type { ErrorBounds, ForwardErrors } from "./forward_error.ts";
export type { Coordinates, SpectralErrors, SpectralForm } from "./spectral_form.ts";
export { boxAround } from "./box.ts";
export type { Box } from "./box.ts";
export { boxMinimum, boxSolver } from "./box_minimum.ts";
export type { BoxMinimum, BoxSolver } from "./box_minimum.ts";
export type { BoxMethod, BoxOptions } from "./box_options.ts";
export { l1Minimum, l1Solver } from "./l1.ts";
export type { L1Minimum, L1Options } from "./l1.ts";
export { formMoments, moments } from "./moments.ts";
export type { FormMoments, Moments, Noise } from "./moments.ts";
export { tailProbability } from "./moments_tail.ts";
export type { TailProbability } from "./moments_tail.ts";
export { smoothed } from "./moments_smoothed.ts";
export type { Smoothed } from "./moments_smoothed.ts";
export type { BoxDual } from "./box_file.ts";
export { boxPairs, certifyBox } from "./box_verdict.ts";
export type { BoxPairs, BoxProof, CertifyBoxOptions, RivalBound } from "./box_verdict.ts";
export { attack, minimalAttack } from "./attack.ts";
export type { Attack, AttackOptions, MinimalAttack } from "./attack.ts";
export { adversarialMasks, maskEffect } from "./attack_masks.ts";
export type { MaskEffect, Masks } from "./attack_masks.ts";
export { composedRange } from "./composition.ts";
export type { ComposedOptions, ComposedRange } from "./composition.ts";
export { equivalence, modelDifference } from "./difference.ts";
export type { Ball, ModelDifference } from "./difference.ts";
export { compression } from "./compression.ts";
export type { Compression, KeptLabels } from "./compression.ts";
