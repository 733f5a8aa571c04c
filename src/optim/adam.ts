import { adamUpdate } from "../tensor/mod.ts";
import {
  checkRange,
  type Method,
  type Optimizer,
  optimizer,
  type OptimizerOptions,
  type Target,
  type Time,
  type Trainable,
} from "./optimizer.ts";

/** Options of {@linkcode adam} and {@linkcode adamw}; the defaults are PyTorch's. */
export interface AdamOptions extends OptimizerOptions {
  /** Decay rates of the two moments; [0.9, 0.999] unless said. */
  readonly betas?: readonly [number, number];
  /** Added to the root of the second moment; 1e-8 unless said. */
  readonly epsilon?: number;
  /** `largest` keeps the largest second moment so far (AMSGrad, Reddi et al. 2018); `current` unless said. */
  readonly secondMoment?: "current" | "largest";
}

/** The settings of Adam, complete. */
export interface AdamSettings {
  readonly betas: readonly [number, number];
  readonly epsilon: number;
  readonly secondMoment: "current" | "largest";
  /** Whether the decay stands beside the gradient (AdamW) or in it. */
  readonly decay: "decoupled" | "coupled";
}

/** One update of Adam or AdamW. */
export function updateAdam(
  { parameter, gradient, slot, rate, weightDecay }: Target,
  { power }: Time,
  { betas: [beta1, beta2], epsilon, secondMoment, decay }: AdamSettings,
): void {
  const maximum = secondMoment === "largest" ? slot("maximum") : undefined;
  adamUpdate(parameter, gradient, slot("first"), slot("second"), maximum, {
    rate: rate / (1 - power(beta1)),
    decay: decay === "decoupled" ? 1 - rate * weightDecay : 1,
    coupled: decay === "coupled" ? weightDecay : 0,
    beta1,
    beta2,
    epsilon,
    root: 1 / Math.sqrt(1 - power(beta2)),
  });
}

/** Checked settings of Adam. @throws {RangeError} for one out of range. */
export function adamSettings(
  options: AdamOptions,
  decay: AdamSettings["decay"],
): AdamSettings {
  const { betas = [0.9, 0.999], epsilon = 1e-8, secondMoment = "current" } = options;
  checkRange("epsilon", epsilon);
  checkRange("beta1", betas[0], 1);
  checkRange("beta2", betas[1], 1);
  return { betas, epsilon, secondMoment, decay };
}

/** Slots of a parameter under Adam. */
export function adamSlots({ secondMoment }: AdamSettings): string[] {
  return secondMoment === "largest" ? ["first", "second", "maximum"] : ["first", "second"];
}

function method(name: string, settings: AdamSettings): Method {
  return {
    name,
    settings: { ...settings },
    slots: () => adamSlots(settings),
    update: (target, time) => updateAdam(target, time, settings),
  };
}

/**
 * AdamW: Adam with decoupled decay, each update multiplying the weights by 1 − learningRate · weightDecay
 * (Loshchilov & Hutter 2019). learningRate is 1e-3, weightDecay 0.01 unless said.
 *
 * @throws {RangeError} for an option out of range.
 */
export function adamw(model: Trainable, options: AdamOptions = {}): Optimizer {
  const settings = adamSettings(options, "decoupled");
  const common = { learningRate: 1e-3, weightDecay: 0.01, ...options };
  return optimizer(model, common, method("adamw", settings));
}

/**
 * Adam (Kingma & Ba 2015); weightDecay · weight is added to the gradient. learningRate is 1e-3, weightDecay 0
 * unless said.
 *
 * @throws {RangeError} for an option out of range.
 */
export function adam(model: Trainable, options: AdamOptions = {}): Optimizer {
  const settings = adamSettings(options, "coupled");
  const common = { learningRate: 1e-3, weightDecay: 0, ...options };
  return optimizer(model, common, method("adam", settings));
}
