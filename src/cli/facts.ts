import { type Fact, formatNumber } from "../report/mod.ts";
import type { TrainingRecord } from "./record.ts";
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
    ...(record.interrupted ? [{ label: "Interrupted in", value: record.interrupted }] : []),
  ];
}

/** The last lines of a report: how to make the same model again, and that the page is harmless. */
export function reportFooter(record: TrainingRecord | undefined): string {
  const made = `Made with odot ${version}; this page loads nothing and runs nothing.`;
  if (!record) return made;
  const { data, epochs, batchSize, learningRate, weightDecay, noise, seed, kernels } = record;
  const optimizer = NAMES[record.optimizer ?? "adamw"] ?? record.optimizer;
  const best = record.keep === "best" ? " The weights are those of the epoch best on them." : "";
  return `Trained on ${data} for ${epochs} epochs in batches of ${batchSize} with ${optimizer} (learning ` +
    `rate ${formatNumber(learningRate)}, weight decay ${formatNumber(weightDecay)}), noise ${
      formatNumber(noise)
    }, seed ${seed}, ${kernels} kernels. The validation data are the test data.${best} ${made}`;
}
