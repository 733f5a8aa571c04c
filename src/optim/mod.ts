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
export { adamw } from "./adamw.ts";
export type { AdamwOptions, Optimizer, Trainable } from "./adamw.ts";
export { constant, cosine } from "./schedules.ts";
export type { Schedule } from "./schedules.ts";
