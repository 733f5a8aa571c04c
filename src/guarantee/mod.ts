/**
 * Guarantees: what a network with one bilinear layer can and cannot output, exactly, with rounding
 * accounted for.
 *
 * @module
 */
export type { Answer, Certified, Refuted, Unknown, Verdict } from "./verdict.ts";
export { boxAround } from "./box.ts";
export type { Box } from "./box.ts";
export { boxMinimum, boxSolver } from "./box_minimum.ts";
export type { BoxMethod, BoxMinimum, BoxOptions, BoxSolver } from "./box_minimum.ts";
export { l1Minimum } from "./l1.ts";
export type { L1Minimum } from "./l1.ts";
export { formMoments, moments } from "./moments.ts";
export type { FormMoments, Moments, Noise } from "./moments.ts";
export { tailProbability } from "./moments_tail.ts";
export type { TailProbability } from "./moments_tail.ts";
export { smoothed } from "./moments_smoothed.ts";
export type { Smoothed } from "./moments_smoothed.ts";
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
export { boxPairs, certifyBox } from "./box_verdict.ts";
export type { BoxCertificate, BoxPairs, CertifyBoxOptions, RivalBound } from "./box_verdict.ts";
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
