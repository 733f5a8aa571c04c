import type { Dataset } from "../data/mod.ts";
import { radiusPenalty } from "../guarantee/mod.ts";
import { save } from "../io/mod.ts";
import { info } from "../kernels/mod.ts";
import type { Model } from "../nn/mod.ts";
import {
  checkpoint,
  DivergenceError,
  historyCsv,
  historyJsonLines,
  type HistoryRow,
  keepBest,
  type Position,
  steps,
} from "../train/mod.ts";
import { type Checkpoints, historyMetadata, openCheckpoints, resumeFrom } from "./checkpoints.ts";
import { CommandError, messageOf } from "./errors.ts";
import { removeLeftovers, writeWhole } from "./files.ts";
import { watchInterrupt } from "./interrupt.ts";
import { makeOptimizer, makeSchedule } from "./optimizers.ts";
import { progressOf } from "./progress.ts";
import { type TrainingRecord, writeRecord } from "./record.ts";
import type { Terminal } from "./terminal.ts";
import {
  barState,
  epochLine,
  isShown,
  measuredOn,
  pointOf,
  publicEvent,
} from "./training_events.ts";
import {
  fingerprint,
  type Saving,
  stepsOf,
  type TrainingResult,
  type TrainingSettings,
} from "./training_settings.ts";

/** Time between two looks at the keyboard, milliseconds. */
const PAUSE = 50;

/**
 * Trains, shows how it goes, writes checkpoints and at the end the model. Ctrl-C writes a checkpoint and
 * ends it; the checkpoint is removed once the model of all epochs is saved.
 *
 * @throws {CommandError} when the loss or a weight stops being finite, or the model cannot be written;
 * {FormatError} when the checkpoint is of another training.
 */
export async function trainOnTerminal(
  model: Model,
  { training, test }: { readonly training: Dataset; readonly test: Dataset },
  settings: TrainingSettings,
  saving: Saving,
  terminal: Terminal,
): Promise<TrainingResult> {
  const { data, epochs, batchSize, noise, smoothing = 0, seed, keep, learningRate, certify } =
    settings;
  const { kernels } = info(), total = epochs * stepsOf(training, batchSize);
  using optimizer = makeOptimizer(model, settings);
  const schedule = makeSchedule(settings.schedule, learningRate, { epochs, steps: total });
  const best = keep === "best" ? keepBest(model) : undefined;
  const rows = await fingerprint(training), measured = measuredOn(training, test);
  const state = {
    ...{ model, optimizer, schedule, ...(best ? { best } : {}) },
    settings: {
      ...{ data, rows, batchSize, noise, smoothing, seed, keep, kernels },
      ...(certify === undefined ? {} : { certify }),
    },
  };
  const resumed = saving.resume ? await resumeFrom(saving.checkpoint, state) : undefined;
  const began = resumed?.from.step ?? 0;
  terminal.say(saving.heading);
  if (resumed) {
    terminal.say(`Going on from ${saving.checkpoint}, after step ${began} of ${total}.`);
  }
  const history: HistoryRow[] = [...resumed?.history ?? []];
  const record = (at?: Position): TrainingRecord => ({
    ...settings,
    kernels,
    ...(at && at.epoch <= epochs
      ? { stopped: `epoch ${at.epoch} of ${epochs}, after step ${at.step} of ${total}` }
      : {}),
    history: history.map(pointOf),
  });
  const checkpoints = await openCheckpoints(saving.checkpoint, {
    every: saving.every,
    resumedAt: resumed?.from.step,
    terminal,
  });
  const bytesAt = (position: Position): Uint8Array => {
    try {
      const metadata = { ...writeRecord(record(position)), ...historyMetadata(history) };
      return checkpoint({ ...state, position }, metadata);
    } catch (error) {
      throw diverged(`Training diverged: ${messageOf(error)}`, checkpoints);
    }
  };

  const progress = progressOf(terminal), interrupt = watchInterrupt(), start = performance.now();
  const elapsed = (): number => (performance.now() - start) / 1000;
  let breath = start, position = resumed?.from, stopped: TrainingResult["stopped"];
  try {
    const options = {
      ...{ optimizer, schedule, epochs, batchSize, noise, smoothing, validation: test, seed },
      ...{ signal: interrupt.signal, seconds: saving.seconds ?? Infinity },
      ...(position ? { from: position } : {}),
      ...(certify === undefined ? {} : { penalty: radiusPenalty({ strength: certify }) }),
    };
    for (const event of steps(model, training, options)) {
      position = event.position;
      if (event.type === "epoch") {
        best?.consider(event.accuracy);
        history.push(event);
        if (isShown(event.epoch, epochs)) terminal.say(epochLine(event, epochs, measured));
      } else if (event.type === "step") {
        progress.show(() => barState(event, { epochs, began, seconds: elapsed(), batchSize }));
      } else stopped = event.reason === "time" ? "time" : "interrupted";
      terminal.emit(publicEvent(event));
      if (event.type !== "stop" && checkpoints.due(event.type)) {
        await checkpoints.write(event.position.step, () => bytesAt(event.position));
      }
      if (performance.now() - breath > PAUSE) {
        await interrupt.breathe();
        breath = performance.now();
      }
    }
  } catch (error) {
    if (error instanceof DivergenceError) throw diverged(error.message, checkpoints);
    throw error;
  } finally {
    progress.clear();
    interrupt.release();
  }

  const result = {
    ...{ record: record(stopped && position), history, seconds: elapsed() },
    ...(stopped && { stopped }),
  };
  const last = position && bytesAt(position), at = position?.step ?? 0;
  if (stopped && last) await checkpoints.write(at, () => last);
  if (stopped === "interrupted") sayInterrupted(position!, total, result, checkpoints, terminal);
  else {
    if (best?.weights) best.restore();
    await saveModel(model, result.record, saving.out).catch(async (error) => {
      const kept = last && (stopped || await checkpoints.write(at, () => last));
      throw kept
        ? new CommandError(
          `${messageOf(error)}. Nothing is lost: ${checkpoints.path} with --resume`,
        )
        : error;
    });
    if (!stopped) await checkpoints.remove();
    else sayTime(position!, total, checkpoints, terminal);
  }
  if (saving.history !== undefined) await saveHistory(history, saving.history);
  return result;
}

async function saveModel(model: Model, record: TrainingRecord, path: string): Promise<void> {
  await removeLeftovers(path);
  await writeWhole(path, save(model, writeRecord(record)));
}

async function saveHistory(history: readonly HistoryRow[], path: string): Promise<void> {
  const text = /\.csv$/i.test(path) ? historyCsv(history) : historyJsonLines(history);
  await writeWhole(path, text, "choose another place with --history");
}

/** What to do about a loss or weights that are no numbers. */
function diverged(what: string, { step, path }: Checkpoints): CommandError {
  return new CommandError(
    `${what}; or cut gradients with --clip 1. ${
      step === undefined
        ? "No checkpoint was written before"
        : `The last good checkpoint, of step ${step}, is ${path}`
    }`,
  );
}

function sayInterrupted(
  { epoch, step }: Position,
  steps: number,
  { record }: TrainingResult,
  checkpoints: Checkpoints,
  terminal: Terminal,
): void {
  const { path, step: saved } = checkpoints;
  const where =
    `Interrupted in epoch ${epoch} of ${record.epochs}, after step ${step} of ${steps}.`;
  terminal.say(
    saved === undefined
      ? `${where} There is no checkpoint.`
      : `${where} The checkpoint of step ${saved} was saved to ${path}: the same command with --resume goes on ` +
        "from it to the bit, and every other command reads the model in it.",
  );
  terminal.emit({
    ...{ type: "interrupted", epoch, step, steps },
    checkpoint: saved === undefined ? null : path,
  });
}

function sayTime(
  { epoch, step }: Position,
  steps: number,
  { path, step: saved }: Checkpoints,
  terminal: Terminal,
): void {
  const more = saved === step ? ` ${path} is kept: --resume goes on from it.` : "";
  terminal.say(`Time is up in epoch ${epoch}, after step ${step} of ${steps}.${more}`);
}
