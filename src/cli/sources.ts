import { type Dataset, mnist } from "../data/mod.ts";
import { load, readSafetensors } from "../io/mod.ts";
import type { Model } from "../nn/mod.ts";
import { CommandError, messageOf, UsageError } from "./errors.ts";
import { isFolder, readWhole } from "./files.ts";
import { type Flag, text } from "./flags.ts";
import { readRecord, type TrainingRecord } from "./record.ts";

/** The flag that names the data. */
export const dataFlag: Flag<string> = text("mnist, or a folder with the four IDX files of MNIST", {
  placeholder: "mnist|DIR",
  initial: "mnist",
});

/**
 * The data that `--data` names.
 *
 * @throws {CommandError} when they cannot be had.
 */
export async function loadData(name: string): Promise<{ training: Dataset; test: Dataset }> {
  if (name === "mnist") {
    try {
      return await mnist();
    } catch (error) {
      throw new CommandError(
        `Cannot bring MNIST: ${
          messageOf(error)
        }; check the network, or give --data DIR with its four IDX files`,
        { cause: error },
      );
    }
  }
  if (!await isFolder(name)) {
    throw new CommandError(
      `Cannot read data from ${name}: there is no such folder; give --data mnist, or a folder with ` +
        "train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte",
    );
  }
  try {
    const { training, test } = await mnist(name);
    return { training: { ...training, name: `${name} (training)` }, test: { ...test, name } };
  } catch (error) {
    const where = messageOf(error).includes(name) ? "" : ` (in ${name})`;
    throw new CommandError(`${messageOf(error)}${where}`, { cause: error });
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
