import { heapUsage } from "../kernels/mod.ts";
import type { Dataset } from "../data/mod.ts";
import { describe, type LayerConfig, type Model } from "../nn/mod.ts";
import { formatNumber } from "../report/mod.ts";
import { steps } from "../train/mod.ts";
import { makeOptimizer } from "./optimizers.ts";
import { clock } from "./progress.ts";
import { table } from "./tables.ts";
import type { Terminal } from "./terminal.ts";
import { stepsOf, type TrainingSettings } from "./training_settings.ts";

/** What a training would take. */
export interface Plan {
  readonly parameters: number;
  /** Memory, bytes. */
  readonly bytes: {
    readonly weights: number;
    readonly gradients: number;
    readonly optimizer: number;
    /** What one batch gives, layer by layer, its inputs included. */
    readonly activations: number;
  };
  /** What the steps that were tried needed at most beyond the weights, bytes; measured. */
  readonly peakBytes: number;
  readonly stepsPerEpoch: number;
  readonly steps: number;
  /** Products and sums of the matrix products: forward 2·rows·weights, backward twice that. */
  readonly flopsPerStep: number;
  readonly flops: number;
  /** Median time of a step that was tried, seconds. */
  readonly secondsPerStep: number;
  /** Time of all steps at that rate, validation left out, seconds. */
  readonly seconds: number;
  /** Steps that were tried. */
  readonly tried: number;
}

const F32 = 4;
/** Steps to warm up, most steps to measure, and time to do it in, seconds. */
const WARM = 3, MOST = 30, SECONDS = 2;

/** Numbers that a layer makes of each row: a bilinear layer both its sides and their product. */
function activationsOf(config: LayerConfig): number {
  if (config.type === "linear") return config.outputs;
  if (config.type === "bilinear") return (config.gate ? 4 : 3) * config.outputs;
  return 0;
}

/** Weights of the matrices. */
function matrixSizes(model: Model): number[] {
  return [...model.parameters.values()].filter(({ shape }) => shape.length === 2)
    .map(({ size }) => size);
}

/** Counts what a training would take, and tries some steps of it; the model changes. */
export function planTraining(model: Model, training: Dataset, settings: TrainingSettings): Plan {
  const { batchSize, noise, smoothing = 0, epochs, seed } = settings;
  const rows = Math.min(batchSize, training.count), stepsPerEpoch = stepsOf(training, batchSize);
  using optimizer = makeOptimizer(model, settings);
  const parameters = [...model.parameters.values()].reduce((sum, { size }) => sum + size, 0);
  const state = [...optimizer.state.values()].reduce((sum, { size }) => sum + size, 0);
  const activations = model.config.layers.map(activationsOf)
    .reduce((sum, count) => sum + count, training.features);
  const sizes = matrixSizes(model), all = sizes.reduce((sum, size) => sum + size, 0);
  // the gradient for the inputs of the first layer is not needed
  const flopsPerStep = 2 * rows * (3 * all - (sizes[0] ?? 0));
  const before = heapUsage(), times: number[] = [];
  const start = performance.now();
  let last = start;
  for (
    const event of steps(model, training, {
      ...{ optimizer, epochs: MOST + WARM, batchSize, noise, smoothing, seed },
    })
  ) {
    if (event.type !== "step") {
      last = performance.now();
      continue;
    }
    const now = performance.now();
    if (event.step > WARM) times.push((now - last) / 1000);
    last = performance.now();
    if (times.length >= MOST || (times.length > 0 && now - start > 1000 * SECONDS)) break;
  }
  const total = epochs * stepsPerEpoch;
  const secondsPerStep = times.sort((a, b) => a - b)[Math.floor(times.length / 2)]!;
  return {
    parameters,
    bytes: {
      weights: F32 * parameters,
      gradients: F32 * parameters,
      optimizer: F32 * state,
      activations: F32 * rows * activations,
    },
    peakBytes: Math.max(0, heapUsage().top - before.top),
    ...{ stepsPerEpoch, steps: total, flopsPerStep, flops: total * flopsPerStep },
    ...{ secondsPerStep, seconds: total * secondsPerStep, tried: times.length },
  };
}

/** Bytes, or flops, with a prefix. */
export function prefixed(value: number, unit: string): string {
  const power = Math.min(5, Math.max(0, Math.floor(Math.log10(Math.max(1, value)) / 3)));
  return `${formatNumber(value / 1000 ** power, 3)} ${["", "k", "M", "G", "T", "P"][power]}${unit}`;
}

/** Shows a plan. */
export function sayPlan(
  plan: Plan,
  model: Model,
  training: Dataset,
  { epochs, optimizer }: TrainingSettings,
  { say, style }: Terminal,
): void {
  const { bytes } = plan;
  say(
    `To train ${describe(model.config)} on ${
      formatNumber(training.count)
    } rows with ${optimizer} takes:`,
  );
  const rows = [
    ["parameters", formatNumber(plan.parameters)],
    ["weights", prefixed(bytes.weights, "B")],
    ["gradients", prefixed(bytes.gradients, "B")],
    ["optimizer state", prefixed(bytes.optimizer, "B")],
    ["activations of a batch", prefixed(bytes.activations, "B")],
    ["measured beyond weights and state", prefixed(plan.peakBytes, "B")],
    [
      "steps",
      `${formatNumber(plan.steps)} (${
        formatNumber(plan.stepsPerEpoch)
      } in each of ${epochs} epochs)`,
    ],
    ["matrix products a step", prefixed(plan.flopsPerStep, "flop")],
    ["matrix products in all", prefixed(plan.flops, "flop")],
    [
      "time",
      `about ${clock(plan.seconds)} and validation (${
        formatNumber(1000 * plan.secondsPerStep, 3)
      } ms a step, median of ${plan.tried} tried here)`,
    ],
  ];
  for (const line of table(["", ""], rows, style).slice(1)) say(line);
}
