import type { Dataset } from "../data/mod.ts";
import type { HistoryRow } from "../train/mod.ts";
import type { OptimizerName, ScheduleName } from "./optimizers.ts";
import type { TrainingRecord } from "./record.ts";

/** How to train: what the model's file says of it. */
export interface TrainingSettings extends Omit<TrainingRecord, "history" | "kernels" | "stopped"> {
  readonly optimizer: OptimizerName;
  readonly schedule: ScheduleName;
  readonly keep: "best" | "last";
}

/** Where training leaves what it makes. */
export interface Saving {
  /** File of the model. */
  readonly out: string;
  readonly checkpoint: string;
  /** Time between two checkpoints, seconds. */
  readonly every: number;
  /** Whether to go on from the checkpoint. */
  readonly resume: boolean;
  /** Time that training may take, seconds. */
  readonly seconds?: number | undefined;
  /** File of the epochs, as CSV where its name ends so, else as JSON lines. */
  readonly history?: string | undefined;
}

/** What training gave. */
export interface TrainingResult {
  readonly record: TrainingRecord;
  readonly history: readonly HistoryRow[];
  /** Time of training and validation, seconds. */
  readonly seconds: number;
  /** Why it ended before its last epoch; the model is not saved where it was interrupted. */
  readonly stopped?: "time" | "interrupted";
}

/** Steps of an epoch; a smaller rest of the rows is left out. */
export function stepsOf({ count }: Dataset, batchSize: number): number {
  return Math.floor(count / Math.min(batchSize, count));
}

/** Number of rows and the beginning of a SHA-256 of them: a training goes on with the same data only. */
export async function fingerprint({ inputs, labels, count }: Dataset): Promise<string> {
  const parts = [inputs, labels].map((part) =>
    crypto.subtle.digest("SHA-256", part as Uint8Array<ArrayBuffer>)
  );
  const hex = (await Promise.all(parts)).map((digest) =>
    Array.from(new Uint8Array(digest, 0, 4), (byte) => byte.toString(16).padStart(2, "0")).join("")
  );
  return `${count} rows, ${hex.join("")}`;
}
