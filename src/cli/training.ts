import type { Dataset } from "../data/mod.ts";
import { save } from "../io/mod.ts";
import { info } from "../kernels/mod.ts";
import type { Model } from "../nn/mod.ts";
import { adamw, cosine } from "../optim/mod.ts";
import { formatNumber, formatPercent } from "../report/mod.ts";
import { type EpochEvent, type StepEvent, steps } from "../train/mod.ts";
import { writeWhole } from "./files.ts";
import { watchInterrupt } from "./interrupt.ts";
import { clock, progressOf } from "./progress.ts";
import { type TrainingRecord, writeRecord } from "./record.ts";
import type { Terminal } from "./terminal.ts";

/** How to train. */
export type TrainingSettings = Omit<TrainingRecord, "history" | "kernels" | "interrupted">;

/** What training gave. */
export interface TrainingResult {
  readonly record: TrainingRecord;
  readonly events: readonly EpochEvent[];
  /** Time of training and validation, seconds. */
  readonly seconds: number;
  /** The step after which it was interrupted. */
  readonly interruptedAt?: StepEvent;
}

/** Time between two looks at the keyboard, milliseconds. */
const PAUSE = 50;

/**
 * Trains with AdamW and a cosine schedule by epoch, shows how it goes, and stops early on Ctrl-C.
 *
 * @throws {DivergenceError} when the loss stops being finite.
 */
export async function trainOnTerminal(
  model: Model,
  { training, test }: { readonly training: Dataset; readonly test: Dataset },
  settings: TrainingSettings,
  terminal: Terminal,
): Promise<TrainingResult> {
  const { epochs, batchSize, learningRate, weightDecay, noise, seed } = settings;
  const optimizer = adamw(model, { learningRate, weightDecay });
  const schedule = cosine(learningRate, { epochs });
  const progress = progressOf(terminal), interrupt = watchInterrupt();
  const events: EpochEvent[] = [], start = performance.now();
  const options = { optimizer, epochs, batchSize, noise, schedule, validation: test, seed };
  let breath = start, interruptedAt: StepEvent | undefined;
  try {
    for (const event of steps(model, training, options)) {
      const now = performance.now();
      if (event.type === "epoch") {
        events.push(event);
        terminal.say(epochLine(event, epochs));
        terminal.emit(event);
      } else if (event.type === "step") {
        progress.show(() => barState(event, epochs, training.count, (now - start) / 1000));
      }
      if (now - breath > PAUSE) {
        await interrupt.breathe();
        breath = performance.now();
      }
      if (interrupt.requested && event.type === "step") {
        interruptedAt = event;
        break;
      }
    }
  } finally {
    progress.clear();
    interrupt.release();
    optimizer[Symbol.dispose]();
  }
  const record: TrainingRecord = {
    ...settings,
    kernels: info().kernels,
    ...(interruptedAt ? { interrupted: `epoch ${interruptedAt.epoch} of ${epochs}` } : {}),
    history: events.map((event) => ({
      epoch: event.epoch,
      loss: event.loss,
      trainingAccuracy: event.trainingAccuracy,
      accuracy: event.accuracy,
      ...(event.validationLoss === undefined ? {} : { validationLoss: event.validationLoss }),
    })),
  };
  const seconds = (performance.now() - start) / 1000;
  return { record, events, seconds, ...(interruptedAt ? { interruptedAt } : {}) };
}

function barState(
  { epoch, step, steps, loss }: StepEvent,
  epochs: number,
  rows: number,
  seconds: number,
): { label: string; share: number; details: string[] } {
  const share = step / steps;
  return {
    label: `epoch ${epoch}/${epochs}`,
    share,
    details: [
      `loss ${loss.toFixed(3)}`,
      `${clock(seconds / share - seconds)} left`,
      `${formatNumber(Math.round(share * epochs * rows / seconds))} rows/s`,
    ],
  };
}

/** What one epoch gave, as a line. */
function epochLine(event: EpochEvent, epochs: number): string {
  const { epoch, loss, trainingAccuracy, accuracy, seconds, rowsPerSecond } = event;
  return [
    `  epoch ${String(epoch).padStart(String(epochs).length)}/${epochs}`,
    `loss ${loss.toFixed(4)}`,
    `training ${formatPercent(trainingAccuracy, 2)}`,
    `test ${formatPercent(accuracy, 2)}`,
    `${seconds.toFixed(1)} s`,
    `${formatNumber(Math.round(rowsPerSecond))} rows/s`,
  ].join("   ");
}

/** `digits.safetensors` → `digits-interrupted.safetensors`: a finished model is never replaced by half of one. */
export function interruptedName(path: string): string {
  return path.replace(/(\.[^./\\]*)?$/, (end) => `-interrupted${end}`);
}

/**
 * Saves a trained model, or, under a name of its own, one whose training was interrupted; says so.
 *
 * @returns the name of the file
 * @throws {CommandError} when it cannot be written.
 */
export async function saveTrained(
  model: Model,
  { record, interruptedAt }: TrainingResult,
  path: string,
  terminal: Terminal,
): Promise<string> {
  const target = interruptedAt ? interruptedName(path) : path;
  await writeWhole(target, save(model, writeRecord(record)));
  if (interruptedAt) {
    const { epoch, step, steps } = interruptedAt;
    terminal.say(
      `Interrupted in epoch ${epoch} of ${record.epochs}, after step ${step} of ${steps}. The model as it is now was saved to ${target}.`,
    );
    terminal.emit({ type: "interrupted", epoch, step, steps, model: target });
  }
  return target;
}
