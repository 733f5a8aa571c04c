/**
 * Training: fit as a generator of events, evaluation.
 *
 * @module
 */
export { evaluate } from "./evaluate.ts";
export type { Evaluation } from "./evaluate.ts";
export { DivergenceError, fit, steps } from "./fit.ts";
export type { EpochEvent, FitOptions, StepEvent } from "./fit.ts";
