import { formatNumber, formatPercent, type TrainingPoint } from "../report/mod.ts";
import type { EpochEvent, HistoryRow, StepEvent, StopEvent } from "../train/mod.ts";
import { type BarState, clock } from "./progress.ts";

/** The bar after a step: time left is measured by the steps of this run, not of one it goes on from. */
export function barState(
  { epoch, step, steps, loss }: StepEvent,
  { epochs, began, seconds, batchSize }: {
    readonly epochs: number;
    /** Steps made before this run. */
    readonly began: number;
    /** Time of this run, seconds. */
    readonly seconds: number;
    readonly batchSize: number;
  },
): BarState {
  const made = step - began;
  return {
    label: `epoch ${epoch}/${epochs}`,
    share: step / steps,
    details: [
      `loss ${loss.toFixed(3)}`,
      `${clock(seconds * (steps - step) / made)} left`,
      `${formatNumber(Math.round(made * batchSize / seconds))} rows/s`,
    ],
  };
}

/** Lines about epochs that one training shows, about. */
const LINES = 20;

/** Whether an epoch gets a line: all of a few, some of many, the last in any case. */
export function isShown(epoch: number, epochs: number): boolean {
  return epochs <= 1.5 * LINES || epoch === epochs || epoch % Math.ceil(epochs / LINES) === 0;
}

/** What one epoch gave, as a line. */
export function epochLine(event: HistoryRow, epochs: number): string {
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

/** An event as `--json` writes it: without the random state, which only checkpoints need. */
export function publicEvent(event: StepEvent | EpochEvent | StopEvent): object {
  const { position, ...rest } = event;
  return event.type === "stop" ? { ...rest, epoch: position.epoch, step: position.step } : rest;
}

/** What a model's file remembers of an epoch: nothing of the clock. */
export function pointOf(
  { epoch, loss, trainingAccuracy, accuracy, validationLoss }: HistoryRow,
): TrainingPoint {
  return {
    ...{ epoch, loss, trainingAccuracy, accuracy },
    ...(validationLoss === undefined ? {} : { validationLoss }),
  };
}
