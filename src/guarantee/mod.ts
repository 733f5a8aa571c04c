/**
 * Guarantees: what a network with one bilinear layer can and cannot output, exactly, with rounding
 * accounted for.
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
export type { Certificate, RivalProof } from "./certificate.ts";
export { atLeast, atMost } from "./limit.ts";
export type { LimitOptions, LimitProof } from "./limit.ts";
export { boundaryPoints } from "./boundary_points.ts";
export type { BoundaryPoints } from "./boundary_points.ts";
export { closedFormRadius } from "./closed_form.ts";
export type { ClosedFormRadius } from "./closed_form.ts";
