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
