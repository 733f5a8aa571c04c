import type { Dataset } from "../data/mod.ts";
import type { Model } from "../nn/mod.ts";
import { UsageError } from "./errors.ts";
import { type Flag, text } from "./flags.ts";
import type { TrainingRecord } from "./record.ts";

/** Names of a model's outputs [outputs]; undefined where they have none. */
export type ClassNames = readonly string[] | undefined;

/** Class names that are listed in a message. */
const LISTED = 12;

/** The flag `--output`. */
export function outputFlag(help: string): Flag<string | undefined> {
  return text(help, { placeholder: "CLASS", initial: undefined });
}

/** Names from the data, or from how the model was trained; outputs that no class has keep their number. */
export function classNamesOf(
  { outputs }: Model,
  record: TrainingRecord | undefined,
  source?: Dataset,
): ClassNames {
  const names = source?.classNames ?? record?.classNames;
  if (!names || names.length > outputs) return undefined;
  return Array.from({ length: outputs }, (_, output) => names[output] ?? String(output));
}

/** What an output is called: `b (class 1)`, or `1` where that is its name. */
export function called(names: ClassNames, output: number): string {
  const name = names?.[output] ?? String(output);
  return name === String(output) ? name : `${name} (class ${output})`;
}

/**
 * The output that a text names: by the name of its class, else by its number.
 *
 * @throws {UsageError} that says which there are.
 */
export function outputNamed(
  written: string | undefined,
  { outputs }: Model,
  names: ClassNames,
): number | undefined {
  if (written === undefined) return undefined;
  const named = names?.indexOf(written) ?? -1;
  if (named >= 0) return named;
  if (/^\d+$/.test(written) && Number(written) < outputs) return Number(written);
  const some = names?.slice(0, LISTED).map((name) => JSON.stringify(name)).join(", ");
  const rest = outputs > LISTED ? " …" : "";
  throw new UsageError(
    `--output: there is no output ${written}; they are 0 to ${outputs - 1}${
      some === undefined ? "" : `, or by their names ${some}${rest}`
    }`,
  );
}
