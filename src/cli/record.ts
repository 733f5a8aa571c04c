import type { OptimizerName, ScheduleName } from "./optimizers.ts";
import type { TrainingPoint } from "../report/mod.ts";

/** How a model was trained, as its file says: nothing in it depends on the clock. */
export interface TrainingRecord {
  readonly data: string;
  readonly seed: number;
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly noise: number;
  readonly optimizer?: OptimizerName;
  readonly schedule?: ScheduleName;
  /** Largest norm of the gradients. */
  readonly clip?: number;
  /** Label smoothing. */
  readonly smoothing?: number;
  /** Weight of the lack of certified radius in the loss, where there was one. */
  readonly certify?: number;
  /** Which weights were kept: those of the epoch best on the test data, or the last. */
  readonly keep?: "best" | "last";
  /** Which build of the kernels. */
  readonly kernels: string;
  /** Column of a CSV file that held the classes, where it was named. */
  readonly label?: string;
  /** What the classes are called, where they have names. */
  readonly classNames?: readonly string[];
  /** Present where training was cut off: `epoch 3 of 10, after step 609 of 2106`. */
  readonly stopped?: string;
  readonly history: readonly TrainingPoint[];
}

const KEY = "odot.training";

/** Metadata that carry a record. */
export function writeRecord(record: TrainingRecord): Record<string, string> {
  return { [KEY]: JSON.stringify(record) };
}

function areNames(found: unknown): boolean {
  return found === undefined ||
    Array.isArray(found) && found.every((name) => typeof name === "string");
}

/** The record in the metadata of a file; nothing where there is none or it makes no sense. */
export function readRecord(
  metadata: Readonly<Record<string, string>>,
): TrainingRecord | undefined {
  try {
    const found = JSON.parse(metadata[KEY] ?? "null");
    const isNumber = (value: unknown): boolean => typeof value === "number";
    const right = isNumber(found?.seed) && isNumber(found.epochs) &&
      typeof found.data === "string" && areNames(found.classNames) &&
      Array.isArray(found.history) &&
      found.history.every((point: Partial<TrainingPoint> | null) =>
        [point?.epoch, point?.loss, point?.accuracy, point?.trainingAccuracy].every(isNumber) &&
        ["number", "undefined"].includes(typeof point?.validationLoss)
      );
    return right ? found : undefined;
  } catch {
    return undefined;
  }
}
