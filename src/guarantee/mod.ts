/**
 * Guarantees: what a network with one bilinear layer can and cannot output, exactly, with rounding
 * accounted for.
 *
 * @module
 */
export type { Answer, Certified, Refuted, Unknown, Verdict } from "./verdict.ts";
