import type { LayerConfig, ModelConfig } from "../nn/mod.ts";
import { type Fact, formatNumber } from "../report/mod.ts";
import type { TrainingRecord } from "./record.ts";
import { taskNamed } from "./tasks.ts";
import { version } from "./version.ts";

/** Optimizers as people write them. */
const NAMES: Readonly<Record<string, string>> = {
  adamw: "AdamW",
  adam: "Adam",
  sgd: "SGD",
  muon: "Muon",
};

/** What a report says of how a model was trained. */
export function reportFacts(record: TrainingRecord | undefined): Fact[] {
  if (!record) return [];
  return [
    { label: "Seed", value: String(record.seed) },
    ...(record.stopped ? [{ label: "Stopped in", value: record.stopped }] : []),
  ];
}

/** The last lines of a report: how to make the same model again, and that the page is harmless. */
export function reportFooter(record: TrainingRecord | undefined, config: ModelConfig): string {
  const made = `Made with odot ${version}; this page loads nothing and runs nothing.`;
  if (!record) return made;
  const { data, epochs, batchSize, learningRate, weightDecay, noise, seed, kernels } = record;
  const optimizer = NAMES[record.optimizer ?? "adamw"] ?? record.optimizer;
  const best = record.keep === "best" ? " The weights are those of the epoch best on them." : "";
  const began = record.stopped
    ? `Stopped in ${record.stopped}, on ${data}`
    : `Trained on ${data} for ${epochs} ${epochs === 1 ? "epoch" : "epochs"}`;
  const settings = [
    `noise ${formatNumber(noise)}`,
    ...unusual(record),
    ...config.layers.flatMap(sizes),
    `seed ${seed}`,
    `${kernels} kernels`,
  ];
  return `${began} in batches of ${batchSize} with ${optimizer} (learning rate ${
    formatNumber(learningRate)
  }, weight decay ${formatNumber(weightDecay)}), ${
    settings.join(", ")
  }. The validation data are the ${isGate(data) ? "training" : "test"} data.${best} ${made}`;
}

/** Whether data are a gate, which has no other rows than those it is learned from. */
function isGate(data: string): boolean {
  return !data.startsWith("modular-addition") && taskNamed(data)?.kind === "gate";
}

/** Settings that are not what they are unless told. */
function unusual(
  { schedule = "cosine", clip, smoothing = 0, certify, label }: TrainingRecord,
): string[] {
  return [
    ...(schedule === "cosine" ? [] : [`schedule ${schedule}`]),
    ...(clip === undefined ? [] : [`gradients clipped at norm ${formatNumber(clip)}`]),
    ...(smoothing === 0 ? [] : [`label smoothing ${formatNumber(smoothing)}`]),
    ...(certify === undefined ? [] : [`certified radii weighed ${formatNumber(certify)}`]),
    ...(label === undefined ? [] : [`classes from column ${label}`]),
  ];
}

/** What the flags of `odot train` say of a layer. */
function sizes(layer: LayerConfig, index: number): string[] {
  if (layer.type === "bilinear") {
    return [
      `${layer.outputs} products`,
      ...(layer.gate ? [`gate ${layer.gate}`] : []),
      ...(layer.bias ? ["biases"] : []),
    ];
  }
  return layer.type === "linear" && index === 0 ? [`an embedding of ${layer.outputs}`] : [];
}
