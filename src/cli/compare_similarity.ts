import {
  type Similarity,
  similarity,
  type SimilarityMap,
  similarityMap,
} from "../decompose/mod.ts";
import { describe, type Model } from "../nn/mod.ts";
import { formatNumber, similarityReport } from "../report/mod.ts";
import { called, type ClassNames } from "./classes.ts";
import { CommandError, messageOf } from "./errors.ts";
import { fileAddress, writeWhole } from "./files.ts";
import { table } from "./tables.ts";
import type { Terminal } from "./terminal.ts";
import { version } from "./version.ts";

/** Models in their order, and how they are compared. */
export interface Alike {
  readonly loaded: readonly { readonly path: string; readonly model: Model }[];
  readonly names: ClassNames;
  readonly flags: {
    readonly measure: "frobenius" | "gaussian";
    readonly outputs: "raw" | "centered";
    readonly phases: number | undefined;
    readonly report: string | undefined;
  };
}

/** Classes whose similarities are listed for two models. */
const LISTED = 12;

/**
 * Says how alike models are, two by their classes, more as a map, and writes the page where one is asked
 * for. Returns what JSON has of it; models that have no similarity, such as networks of other depths, are
 * said and left out.
 *
 * @throws {CommandError} when a page is asked for and there is nothing to draw.
 */
export async function sayAlike(
  alike: Alike,
  terminal: Terminal,
): Promise<Record<string, unknown>> {
  const { loaded, flags } = alike, { say } = terminal;
  const letters = labelsOf(loaded.length);
  loaded.forEach(({ path, model }, i) => say(`${letters[i]}: ${path}, ${describe(model.config)}`));
  const models = loaded.map(({ model }) => model),
    options = {
      measure: flags.measure,
      outputs: flags.outputs,
    };
  let map: SimilarityMap, pairs: Similarity[];
  try {
    map = similarityMap(models, options);
    pairs = models.map((model) => similarity(models[0]!, model, options));
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const why = `Their coefficients have no similarity: ${messageOf(error)}`;
    if (flags.report !== undefined || loaded.length > 2) {
      throw new CommandError(why, { cause: error });
    }
    say(why);
    return { similarity: null };
  }
  const phases = flags.phases === undefined ? undefined : map.phases(flags.phases);
  if (loaded.length === 2) sayPair(pairs[1]!, alike, terminal);
  else sayMap(map, letters, pairs, alike, terminal);
  if (phases) {
    say(
      `${flags.phases} stretches, most alike inside, begin at ${
        phases.starts.map((start) => loaded[start]!.path).join(", ")
      }.`,
    );
  }
  if (flags.report !== undefined) {
    await writeWhole(flags.report, pageOf(map, pairs, phases?.starts ?? [], alike));
    say(`Report: ${fileAddress(flags.report)}`);
  }
  const { rows, data } = map.cosines;
  const plain = ({ perOutput, ...rest }: Similarity): unknown => ({
    ...rest,
    perOutput: [...perOutput],
  });
  return {
    ...(loaded.length === 2 ? { similarity: plain(pairs[1]!) } : {
      similarity: pairs.slice(1).map(plain),
      cosines: Array.from({ length: rows }, (_, i) => [...data.slice(i * rows, (i + 1) * rows)]),
    }),
    ...(phases && { phases }),
    ...(flags.report !== undefined && { report: flags.report }),
  };
}

/** A, B, …, or numbers where letters run out. */
function labelsOf(count: number): string[] {
  return Array.from(
    { length: count },
    (_, i) => count <= 26 ? String.fromCharCode(65 + i) : String(i + 1),
  );
}

function whatOf({ measure, exact }: Similarity): string {
  if (measure === "frobenius") return "coefficients";
  return `outputs over normal inputs${exact ? "" : " (states taken to be normal too)"}`;
}

function sayPair(found: Similarity, { names }: Alike, { say, style }: Terminal): void {
  const { cosine, distance, ratio, perOutput } = found;
  say(
    `Similarity of the ${whatOf(found)} ${
      style.bold(formatNumber(cosine, 6))
    } (1: the same up to scale); ` +
      `relative distance ${formatNumber(distance)}, length of B over A ${formatNumber(ratio, 4)}.`,
  );
  const order = [...perOutput.keys()].sort((x, y) => perOutput[x]! - perOutput[y]!);
  const shown = order.slice(0, LISTED);
  say(
    `Output by output, the one that differs most first${
      order.length > LISTED ? ` (${LISTED} of ${order.length})` : ""
    }:`,
  );
  const rows = shown.map((o) => [called(names, o), formatNumber(perOutput[o]!, 6)]);
  for (const line of table(["output", "similarity"], rows, style)) say(line);
}

function sayMap(
  { cosines }: SimilarityMap,
  letters: readonly string[],
  pairs: readonly Similarity[],
  { names }: Alike,
  { say, style }: Terminal,
): void {
  say(`Similarity of the ${whatOf(pairs[1]!)} (1: the same up to scale):`);
  const { rows, data } = cosines;
  const cells = letters.map((letter, i) => [
    letter,
    ...Array.from(data.slice(i * rows, (i + 1) * rows), (value) => value.toFixed(3)),
  ]);
  for (const line of table(["", ...letters], cells, style)) say(line);
  const last = pairs.at(-1)!, least = last.perOutput.indexOf(Math.min(...last.perOutput));
  say(
    `From ${letters[0]} to ${letters.at(-1)} the output that changes most is ${
      called(names, least)
    }: ${formatNumber(last.perOutput[least]!, 4)}.`,
  );
}

/** File names without what all have in common. */
function shortNames(paths: readonly string[]): string[] {
  const names = paths.map((path) => path.replace(/^.*[/\\]/, "").replace(/\.safetensors$/i, ""));
  return new Set(names).size === names.length ? names : [...paths];
}

function pageOf(
  { cosines, exact }: SimilarityMap,
  pairs: readonly Similarity[],
  phases: readonly number[],
  { loaded, names }: Alike,
): string {
  const { outputs } = loaded[0]!.model;
  return similarityReport({
    title: `How alike ${loaded.length} models are`,
    subtitle: `The cosines of their ${whatOf(pairs[0]!)}, from their weights alone${
      exact ? ", exact" : ""
    }.`,
    measure: pairs[0]!.measure === "frobenius" ? "coefficients" : "outputs",
    models: shortNames(loaded.map(({ path }) => path)),
    cosines: cosines.data,
    phases,
    perClass: {
      classes: Array.from({ length: outputs }, (_, o) => names?.[o] ?? String(o)),
      cosines: pairs.map(({ perOutput }) => perOutput),
    },
    footer: `Made with odot ${version}; this page loads nothing and runs nothing.`,
  });
}
