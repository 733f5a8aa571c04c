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
