import type { Model } from "../nn/mod.ts";
import {
  adam,
  adamw,
  constant,
  cosine,
  muon,
  oneCycle,
  type Optimizer,
  type Schedule,
  sgd,
  warmUp,
} from "../optim/mod.ts";

/** Words of `--optimizer`. */
export const optimizerNames = ["adamw", "adam", "sgd", "muon"] as const;
/** Words of `--schedule`. */
export const scheduleNames = ["constant", "cosine", "warm-up", "one-cycle"] as const;

/** What `--optimizer` takes. */
export type OptimizerName = typeof optimizerNames[number];
/** What `--schedule` takes. */
export type ScheduleName = typeof scheduleNames[number];

/** Rate and decay of each optimizer, as multiples of those that suit AdamW. */
const SCALES: Readonly<Record<OptimizerName, { readonly rate: number; readonly decay: number }>> = {
  adamw: { rate: 1, decay: 1 },
  // their decay goes into the gradient, where AdamW's would drown it
  adam: { rate: 1, decay: 0 },
  sgd: { rate: 10, decay: 0 },
  muon: { rate: 10, decay: 0.1 },
};

/** Learning rate and weight decay of an optimizer, from those that suit AdamW. */
export function scaled(
  name: OptimizerName,
  { learningRate, weightDecay }: { readonly learningRate: number; readonly weightDecay: number },
): { learningRate: number; weightDecay: number } {
  const { rate, decay } = SCALES[name];
  return { learningRate: rate * learningRate, weightDecay: decay * weightDecay };
}

/** The optimizer of a name: SGD with momentum 0.9, Muon for all matrices but the last. */
export function makeOptimizer(
  model: Model,
  { optimizer, learningRate, weightDecay, clip }: {
    readonly optimizer: OptimizerName;
    readonly learningRate: number;
    readonly weightDecay: number;
    readonly clip?: number | undefined;
  },
): Optimizer {
  const common = {
    ...{ learningRate, weightDecay },
    ...(clip === undefined ? {} : { clip: { norm: clip } }),
  };
  switch (optimizer) {
    case "adamw":
      return adamw(model, common);
    case "adam":
      return adam(model, common);
    case "sgd":
      return sgd(model, { ...common, momentum: 0.9 });
    case "muon": {
      const last = `${model.layers.length - 1}.`;
      const others = [...model.parameters.keys()].filter((name) => name.startsWith(last));
      return muon(model, {
        ...common,
        others,
        adamw: { learningRate: learningRate / SCALES.muon.rate },
      });
    }
  }
}

/** The schedule of a name; `warm-up` rises over the first tenth and falls along a cosine. */
export function makeSchedule(
  name: ScheduleName,
  learningRate: number,
  { epochs, steps }: { readonly epochs: number; readonly steps: number },
): Schedule {
  switch (name) {
    case "constant":
      return constant(learningRate);
    case "cosine":
      return cosine(learningRate, { epochs });
    case "warm-up": {
      const rise = Math.max(1, Math.round(steps / 10));
      return warmUp(rise, cosine(learningRate, { steps: Math.max(1, steps - rise) }));
    }
    case "one-cycle":
      return oneCycle(learningRate, { steps });
  }
}
