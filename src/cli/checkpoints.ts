import { readSafetensors } from "../io/mod.ts";
import { historyJsonLines, type HistoryRow, type Position, restore } from "../train/mod.ts";
import type { TrainingState } from "../train/mod.ts";
import { CommandError, messageOf } from "./errors.ts";
import { moveAside, readWhole, remove, removeLeftovers, writeWhole } from "./files.ts";
import type { Terminal } from "./terminal.ts";

/** `digits.safetensors` → `digits.checkpoint.safetensors`. */
export function checkpointName(path: string): string {
  return path.replace(/(\.[^./\\]*)?$/, (end) => `.checkpoint${end}`);
}

/** Metadata that carry the epochs so far. */
const HISTORY = "odot.history";

/** Metadata of a checkpoint with the epochs so far, so that a history goes on as well. */
export function historyMetadata(rows: readonly HistoryRow[]): Record<string, string> {
  return { [HISTORY]: historyJsonLines(rows) };
}

/** Where a training goes on. */
export interface Resumed {
  readonly from: Position;
  readonly history: readonly HistoryRow[];
}

/**
 * Sets a training to a checkpoint.
 *
 * @throws {CommandError} when there is none; {FormatError} when it is damaged or of other settings.
 */
export async function resumeFrom(
  path: string,
  state: Omit<TrainingState, "position">,
): Promise<Resumed> {
  const bytes = await readWhole(path, "nothing was interrupted here: train without --resume");
  const from = restore(bytes, state, { name: path });
  const { metadata } = readSafetensors(bytes, { name: path });
  return { from, history: readHistory(metadata[HISTORY] ?? "", path) };
}

function readHistory(lines: string, path: string): HistoryRow[] {
  try {
    return lines.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
  } catch (error) {
    throw new CommandError(`Cannot resume from ${path}: its history is damaged`, { cause: error });
  }
}

/** Least time between two checkpoints at the ends of epochs, seconds. */
const PAUSE = 1;

/** Writes checkpoints now and then, never at the cost of the training or of the last good one. */
export interface Checkpoints {
  readonly path: string;
  /** Step of the last one that was written whole, by this run or the one before. */
  readonly step: number | undefined;
  /** Whether it is time for one: after a step, or after an epoch. */
  due(after: "step" | "epoch"): boolean;
  /** Writes one; where that fails it says so, keeps the last good one, and returns false. */
  write(step: number, make: () => Uint8Array): Promise<boolean>;
  /** Removes it: the model is saved. */
  remove(): Promise<void>;
}

/**
 * The checkpoints of one training, every so many seconds and after epochs. What an earlier training that
 * is not resumed left is moved aside.
 */
export async function openCheckpoints(
  path: string,
  { every, resumedAt, terminal }: {
    readonly every: number;
    readonly resumedAt: number | undefined;
    readonly terminal: Terminal;
  },
): Promise<Checkpoints> {
  await removeLeftovers(path);
  if (resumedAt === undefined) {
    const aside = `${path}.old`;
    if (await moveAside(path, aside)) {
      terminal.say(
        `The checkpoint of an earlier training was there; it is now ${aside} (to go on with it: --checkpoint ${aside} --resume).`,
      );
    }
  }
  let last = performance.now(), step = resumedAt, failing = false;
  return {
    path,
    get step(): number | undefined {
      return step;
    },
    due: (after) => {
      const seconds = (performance.now() - last) / 1000;
      return seconds >= (after === "step" ? every : Math.min(every, PAUSE));
    },
    write: async (at, make) => {
      const bytes = make();
      try {
        await writeWhole(path, bytes, "choose another place with --checkpoint");
        step = at;
        if (failing) terminal.say(`Checkpoints can be written again (step ${at}).`);
        failing = false;
      } catch (error) {
        if (!failing) {
          terminal.say(
            `${messageOf(error)}. Training goes on; ${
              step === undefined
                ? "there is no checkpoint yet"
                : `the checkpoint of step ${step} is as it was`
            }.`,
          );
          terminal.emit({ type: "checkpointFailed", step: at, message: messageOf(error) });
        }
        failing = true;
      }
      last = performance.now();
      return !failing;
    },
    remove: () => remove(path),
  };
}
