// A small training with everything that a checkpoint must carry, and its parts to choose from.
import * as data from "../../src/data/mod.ts";
import * as nn from "../../src/nn/mod.ts";
import * as optim from "../../src/optim/mod.ts";
import type * as train from "../../src/train/mod.ts";
import { random, scope } from "../../src/tensor/mod.ts";

/** Points of a plane, labelled by the sign of their product. */
export function quadrants(count: number, seed: number): data.Dataset {
  const inputs = scope(() => random(seed).normal([count, 2]).toArray());
  const labels = Uint8Array.from(
    { length: count },
    (_, i) => inputs[2 * i]! * inputs[2 * i + 1]! > 0 ? 1 : 0,
  );
  return data.dataset({ name: "quadrants", inputs, labels });
}

export const rows: data.Dataset = quadrants(34, 3);

/** Three epochs of four steps: noise, smoothing, and rows that are left over. */
export const settings = { epochs: 3, batchSize: 8, noise: 0.1, smoothing: 0.05, seed: 7 } as const;

const steps = 12;

export const optimizers: Readonly<Record<string, (model: nn.Model) => optim.Optimizer>> = {
  adamw: (model) => optim.adamw(model, { weightDecay: 0.1 }),
  adamClipped: (model) => optim.adam(model, { clip: { norm: 0.5 }, secondMoment: "largest" }),
  sgd: (model) => optim.sgd(model, { momentum: 0.9, variant: "nesterov" }),
  muon: (model) => optim.muon(model, { others: ["1.weight"] }),
  accumulating: (model) => optim.adamw(model, { accumulate: 3 }),
};

export const schedules: Readonly<Record<string, optim.Schedule | undefined>> = {
  none: undefined,
  constant: optim.constant(0.02),
  cosine: optim.cosine(0.02, { epochs: settings.epochs }),
  cosineBySteps: optim.cosine(0.02, { steps }, 1e-3),
  warmUp: optim.warmUp(3, optim.cosine(0.02, { steps: steps - 3 })),
  oneCycle: optim.oneCycle(0.02, { steps }),
};

export type Gate = NonNullable<nn.BilinearOptions["gate"]>;

/** A model, its optimizer and its schedule; the caller frees them. */
export interface Run {
  readonly model: nn.Model;
  readonly optimizer: optim.Optimizer;
  readonly schedule?: optim.Schedule;
  free(): void;
}

/** The start of a training. */
export function begin(
  { optimizer = "adamw", schedule = "none", gate = "none", seed = 1, hidden = 4 }: {
    optimizer?: string;
    schedule?: string;
    gate?: Gate;
    seed?: number;
    hidden?: number;
  } = {},
): Run {
  const model = nn.sequential([nn.bilinear(2, hidden, { gate }), nn.linear(hidden, 2)], { seed });
  const made = optimizers[optimizer]!(model), plan = schedules[schedule];
  return {
    model,
    optimizer: made,
    ...(plan ? { schedule: plan } : {}),
    free: () => {
      model[Symbol.dispose]();
      made[Symbol.dispose]();
    },
  };
}

/** Options of a training that goes on with a run. */
export function options(run: Run, from?: train.Position): train.FitOptions {
  const { optimizer, schedule } = run;
  return {
    ...settings,
    optimizer,
    ...(schedule ? { schedule } : {}),
    ...(from ? { from } : {}),
  };
}

/** All that a training changes: weights, moments and counters. */
export function everything({ model, optimizer }: Run): unknown {
  const numbers = (tensors: ReadonlyMap<string, { toArray(): ArrayLike<number> }>): unknown =>
    [...tensors].map(([name, tensor]) => [name, Array.from(tensor.toArray())]);
  return [numbers(model.parameters), numbers(optimizer.state), optimizer.counters];
}
