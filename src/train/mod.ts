/**
 * Training: fit as a generator of events, checkpoints that resume to the bit, evaluation.
 *
 * @example
 * ```ts
 * import { dataset } from "@odot/odot/data";
 * import { bilinear, linear, sequential } from "@odot/odot/nn";
 * import { adamw } from "@odot/odot/optim";
 * import { evaluate, fit } from "@odot/odot/train";
 * const xor = dataset({ inputs: Float32Array.of(0, 0, 0, 1, 1, 0, 1, 1), labels: [0, 1, 1, 0] });
 * const model = sequential([bilinear(2, 4), linear(4, 2)], { seed: 1 });
 * const optimizer = adamw(model, { learningRate: 0.05 });
 * for (const { loss } of fit(model, xor, { optimizer, epochs: 300 })) if (loss < 0.01) break;
 * console.log(evaluate(model, xor).accuracy); // 1
 * ```
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
