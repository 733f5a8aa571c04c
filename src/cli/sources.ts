import { csv, type Dataset, fashionMnist, mnist, split } from "../data/mod.ts";
import { FormatError, load, readSafetensors } from "../io/mod.ts";
import type { Model } from "../nn/mod.ts";
import { formatPercent } from "../report/mod.ts";
import { CommandError, messageOf, UsageError } from "./errors.ts";
import { isFolder, readWhole } from "./files.ts";
import { type Flag, text } from "./flags.ts";
import { readRecord, type TrainingRecord } from "./record.ts";
import { type Task, taskNamed, taskNames } from "./tasks.ts";

/** What `--data` takes, for usage lines. */
export const DATA = "mnist|fashion|DIR|FILE.csv|TASK";

/** The flags that name the data. */
export const dataFlags: { readonly data: Flag<string>; readonly label: Flag<string | undefined> } =
  {
    data: text(
      "mnist, fashion, a folder with the four IDX files of MNIST, a CSV file, or a task as in train",
      { placeholder: DATA, initial: "mnist", completion: "file", words: taskNames },
    ),
    label: text("column of a CSV file that holds the classes; the last unless given", {
      placeholder: "COLUMN",
      initial: undefined,
    }),
  };

/** Training and test data, and what must be known of them. */
export interface LoadedData extends Task {
  /** What a reader of results must know. */
  readonly notes: readonly string[];
}

/** Share of a CSV file's rows that are kept for testing: the same rows in every command. */
const TEST_SHARE = 0.2;

/**
 * The data that `--data` or `--task` names.
 *
 * @throws {CommandError} when they cannot be had.
 */
export async function loadData(
  name: string,
  options: { readonly label?: string | undefined } = {},
): Promise<LoadedData> {
  const task = taskNamed(name);
  if (task) return { ...task, notes: [] };
  if (name === "mnist" || name === "fashion") return await bring(name);
  if (/\.csv$/i.test(name)) return await readTable(name, options.label);
  if (!await isFolder(name)) {
    throw new CommandError(
      `Cannot read data from ${name}: there is no such folder or task; give a CSV file, a gate such as ` +
        "xor or 0110, modular-addition, mnist, fashion, or a folder with train-images-idx3-ubyte, " +
        "train-labels-idx1-ubyte, t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte",
    );
  }
  try {
    const { training, test } = await mnist(name);
    return {
      kind: "images",
      training: { ...training, name: `${name} (training)` },
      test: { ...test, name },
      notes: [],
    };
  } catch (error) {
    const where = messageOf(error).includes(name) ? "" : ` (in ${name})`;
    throw new CommandError(`${messageOf(error)}${where}`, { cause: error });
  }
}

async function bring(name: "mnist" | "fashion"): Promise<LoadedData> {
  const title = name === "mnist" ? "MNIST" : "Fashion-MNIST";
  try {
    return { kind: "images", notes: [], ...await (name === "mnist" ? mnist() : fashionMnist()) };
  } catch (error) {
    throw new CommandError(
      `Cannot bring ${title}: ${
        messageOf(error)
      }; check the network, or give --data DIR with its four IDX files`,
      { cause: error },
    );
  }
}

async function readTable(name: string, label: string | undefined): Promise<LoadedData> {
  const bytes = await readWhole(name, "give the name of a CSV file");
  try {
    const whole = csv(bytes, { label: label ?? -1, name });
    const notes = [
      `${
        formatPercent(TEST_SHARE, 0)
      } of the rows of ${name} are kept for testing, the same ones always.`,
    ];
    return { kind: "table", ...split(whole, { testShare: TEST_SHARE }), notes };
  } catch (error) {
    if (error instanceof FormatError || label === undefined) {
      throw new CommandError(messageOf(error), { cause: error });
    }
    throw new UsageError(`--label: ${messageOf(error)}`);
  }
}

/** A model from a file, and how it was trained where the file says so. */
export interface LoadedModel {
  readonly model: Model;
  readonly record?: TrainingRecord;
}

/**
 * The model in a file.
 *
 * @throws {CommandError} when there is none; {FormatError} when it is damaged.
 */
export async function loadModel(path: string): Promise<LoadedModel> {
  const bytes = await readWhole(path, "odot demo makes digits.safetensors, odot train any other");
  const model = load(bytes, { name: path });
  const record = readRecord(readSafetensors(bytes, { name: path }).metadata);
  return { model, ...(record ? { record } : {}) };
}

/**
 * Fails unless a model takes the rows of a dataset.
 *
 * @throws {CommandError} that names both.
 */
export function checkMatch(model: Model, path: string, source: Dataset): void {
  if (model.inputs === source.features && model.outputs >= source.classes) return;
  throw new CommandError(
    `Cannot use ${path} on ${source.name}: the model takes ${model.inputs} numbers and knows ` +
      `${model.outputs} classes, the data have ${source.features} numbers a row and ` +
      `${source.classes} classes`,
  );
}

/**
 * Fails unless an output exists.
 *
 * @throws {UsageError} that says which do.
 */
export function checkOutput(model: Model, output: number | undefined): void {
  if (output === undefined || output < model.outputs) return;
  throw new UsageError(
    `--output: there is no output ${output}; they are 0 to ${model.outputs - 1}`,
  );
}
