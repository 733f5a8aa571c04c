/**
 * Training: fit as a generator of events, checkpoints that resume to the bit, evaluation.
 *
 * @module
 */
export { evaluate } from "./evaluate.ts";
export type { Evaluation } from "./evaluate.ts";
export { calibration } from "./metrics.ts";
export type { Calibration, CalibrationBin } from "./metrics.ts";
export { DivergenceError, fit, steps } from "./fit.ts";
export type { Batch, EpochEvent, FitOptions, Penalty, StepEvent, StopEvent } from "./fit_types.ts";
export type { Position } from "./position.ts";
export { checkpoint, restore } from "./checkpoint.ts";
export type { TrainingState } from "./checkpoint.ts";
export { keepBest } from "./best.ts";
export type { Best, Weights } from "./best.ts";
export { historyCsv, historyJsonLines } from "./history.ts";
export type { HistoryRow } from "./history.ts";
