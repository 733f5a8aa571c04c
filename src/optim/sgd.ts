import { sgdUpdate } from "../tensor/mod.ts";
import {
  checkRange,
  type Optimizer,
  optimizer,
  type OptimizerOptions,
  type Trainable,
} from "./optimizer.ts";

/** Options of {@linkcode sgd}. */
export interface SgdOptions extends OptimizerOptions {
  /** Share of the velocity that is kept; 0 unless said. */
  readonly momentum?: number;
  /** `nesterov` looks ahead along the velocity (Sutskever et al. 2013); `heavy-ball` unless said. */
  readonly variant?: "heavy-ball" | "nesterov";
}

/**
 * Stochastic gradient descent with momentum, in PyTorch's form: velocity ← momentum · velocity + gradient;
 * weightDecay · weight is added to the gradient. learningRate is 1e-2, weightDecay 0 unless said.
 *
 * @throws {RangeError} for an option out of range, or Nesterov's variant without momentum.
 */
export function sgd(model: Trainable, options: SgdOptions = {}): Optimizer {
  const { momentum = 0, variant = "heavy-ball" } = options;
  checkRange("momentum", momentum, 1);
  if (variant === "nesterov" && momentum === 0) {
    throw new RangeError("Cannot use Nesterov's variant without momentum: give one above 0");
  }
  return optimizer(model, { learningRate: 1e-2, weightDecay: 0, ...options }, {
    name: "sgd",
    settings: { momentum, variant },
    slots: () => ["velocity"],
    update: ({ parameter, gradient, slot, rate, weightDecay }) =>
      sgdUpdate(parameter, gradient, slot("velocity"), {
        rate,
        decay: 1,
        coupled: weightDecay,
        momentum,
        nesterov: variant === "nesterov",
      }),
  });
}
