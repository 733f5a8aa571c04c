/**
 * Optimizers and schedules of the learning rate.
 *
 * @example
 * ```ts
 * import { nn, optim } from "@odot/odot";
 * const model = nn.sequential([nn.linear(2, 1)]);
 * const optimizer = optim.adamw(model, { learningRate: 1e-3, weightDecay: 0.5 });
 * optimizer.learningRate = optim.cosine(1e-3, { epochs: 20 }).rate(10); // 5e-4
 * optimizer[Symbol.dispose]();
 * model[Symbol.dispose]();
 * ```
 *
 * @module
 */
export { adam, adamw } from "./adam.ts";
export type { AdamOptions } from "./adam.ts";
export { sgd } from "./sgd.ts";
export type { SgdOptions } from "./sgd.ts";
export { muon, orthogonalize } from "./muon.ts";
export type { MuonOptions } from "./muon.ts";
export type {
  Group,
  Match,
  Optimizer,
  OptimizerCounters,
  OptimizerOptions,
  Trainable,
} from "./optimizer.ts";
export { constant, cosine, oneCycle, warmUp } from "./schedules.ts";
export type { Length, Schedule } from "./schedules.ts";
