import {
  accuracyByRank,
  effectiveRank,
  type Eigen,
  eigen,
  interactions,
  truncate,
} from "../decompose/mod.ts";
import { save } from "../io/mod.ts";
import { formatNumber, formatPercent } from "../report/mod.ts";
import { called, type ClassNames, classNamesOf, outputFlag, outputNamed } from "./classes.ts";
import { type Command, command } from "./command.ts";
import { exitCode, UsageError } from "./errors.ts";
import { checkWritable, fileAddress, writeWhole } from "./files.ts";
import { choice, number, text, toggle } from "./flags.ts";
import { checkMatch, dataFlags, loadData, loadModel } from "./sources.ts";
import { table } from "./tables.ts";
import type { Terminal } from "./terminal.ts";

/** Eigenvalues that are listed for one output unless told. */
const LISTED = 10;

/** `odot decompose`: eigenvalues and effective ranks from the weights, and a smaller model. */
export const decompose: Command = command({
  name: "decompose",
  summary: "show a model's eigenvalues and effective ranks; make a smaller model of them",
  usage: "MODEL [--output CLASS] [--rank N] [--accuracy] [--out FILE]",
  details:
    "Takes every output apart into eigenvectors, from the weights alone. With --accuracy it measures, on\n" +
    "test data, how many of them are needed; with --out it saves the model that keeps --rank of them.",
  examples: [
    "decompose digits.safetensors",
    "decompose digits.safetensors --output 3 --rank 5",
    "decompose digits.safetensors --accuracy",
    "decompose digits.safetensors --rank 20 --out small.safetensors",
  ],
  flags: {
    output: outputFlag("list the eigenvalues of this class alone, by name or number"),
    rank: number("eigenvalues to list for an output, or to keep with --out", {
      initial: undefined,
      least: 1,
      whole: true,
    }),
    space: choice("where eigenvectors are orthonormal", {
      words: ["input", "embedding"],
      initial: "input",
    }),
    accuracy: toggle("measure accuracy against the number of eigenvectors kept"),
    ...dataFlags,
    out: text("save the model that keeps --rank eigenvectors of every output", {
      placeholder: "FILE",
      completion: "file",
      initial: undefined,
      letter: "o",
    }),
  },
  positional: "MODEL",
  run: async ({ flags, model: path }, terminal) => {
    const { rank, space, out } = flags;
    if (out !== undefined && rank === undefined) {
      throw new UsageError("--out needs --rank: how many eigenvectors of every output to keep");
    }
    if (out !== undefined && space === "embedding") {
      throw new UsageError("--out keeps eigenvectors of the input space; leave --space away");
    }
    if (out !== undefined) await checkWritable(out);
    const { model, record } = await loadModel(path);
    const names = classNamesOf(model, record);
    const output = outputNamed(flags.output, model, names);
    const whole = interactions(model);
    const wanted = output === undefined ? [...Array(whole.outputs).keys()] : [output];
    const parts = wanted.map((index) => eigen(whole.output(index), { space }));
    if (output === undefined) sayOverview(parts, names, terminal);
    else sayOutput(parts[0]!, called(names, output), rank ?? LISTED, terminal);
    const result: Record<string, unknown> = {
      model: path,
      space,
      outputs: parts.map((part, i) => ({
        output: wanted[i],
        ...(names ? { className: names[wanted[i]!] } : {}),
        eigenvalues: [...part.values.slice(0, rank)],
        effectiveRank: effectiveRank(part.spectrum),
        residual: part.residual,
      })),
    };
    if (flags.accuracy) {
      const { test } = await loadData(flags.data, flags);
      checkMatch(model, path, test);
      const found = accuracyByRank(whole, test, { space });
      terminal.say(`\nAccuracy on ${test.name} by eigenvectors kept for each output:`);
      const rows = found.map((one) => [one.rank, formatPercent(one.accuracy, 2)]);
      for (const line of table(["rank", "accuracy"], rows, terminal.style)) terminal.say(line);
      result.accuracyByRank = found;
    }
    if (out !== undefined && rank !== undefined) {
      const smaller = truncate(whole, { rank });
      await writeWhole(out, save(smaller.model));
      terminal.say(
        `\nSaved ${fileAddress(out)}: ${smaller.neurons} products instead of ${whole.neurons}, ` +
          `relative error ${formatNumber(smaller.relativeError)}.`,
      );
      const { neurons, parameters, relativeError } = smaller;
      result.saved = { file: out, neurons, parameters, relativeError };
    }
    terminal.emit(result);
    return exitCode.done;
  },
});

function sayOverview(
  parts: readonly Eigen[],
  names: ClassNames,
  { say, style }: Terminal,
): void {
  say("Eigenvalues of every output, from the weights alone; effective ranks by four definitions:");
  const rows = parts.map(({ spectrum }, output) => {
    const found = effectiveRank(spectrum);
    return [
      names ? called(names, output) : output,
      spectrum.filter((value) => value > 0).length,
      spectrum.filter((value) => value < 0).length,
      spectrum.at(-1) ?? 0,
      spectrum[0] ?? 0,
      found.participation,
      found.entropy,
      found.energyEntropy,
      found.stable,
    ];
  });
  const head = ["output", "> 0", "< 0", "largest", "smallest"];
  const ranks = ["(Σ|λ|)²/Σλ²", "exp H(|λ|)", "exp H(λ²)", "Σλ²/max λ²"];
  for (const line of table([...head, ...ranks], rows, style)) say(line);
}

function sayOutput(part: Eigen, output: string, listed: number, { say, style }: Terminal): void {
  const energy = part.spectrum.reduce((sum, value) => sum + value * value, 0) || 1;
  let kept = 0;
  const rows = [...part.values.slice(0, listed)].map((value, i) => {
    kept += value * value;
    return [i + 1, value, formatPercent(kept / energy)];
  });
  say(`Output ${output}: ${part.values.length} eigenvalues, the largest by magnitude first:`);
  for (const line of table(["rank", "eigenvalue", "of Σλ² so far"], rows, style)) say(line);
  say(`  eigensolver residual ${formatNumber(part.residual, 2)}, relative`);
}
