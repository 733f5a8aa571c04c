import { equivalence, type ModelDifference, modelDifference } from "../guarantee/mod.ts";
import { formatNumber } from "../report/mod.ts";
import { answerJson, codeOf, sayAnswer } from "./certify_verdicts.ts";
import { called, type ClassNames, classNamesOf } from "./classes.ts";
import { type Command, command } from "./command.ts";
import { sayAlike } from "./compare_similarity.ts";
import { CommandError, exitCode, UsageError } from "./errors.ts";
import { checkWritable } from "./files.ts";
import { choice, number, text } from "./flags.ts";
import { loadModel } from "./sources.ts";
import { table } from "./tables.ts";
import type { Terminal } from "./terminal.ts";

/** `odot compare`: how alike models are, and how far apart two of them can be. */
export const compare: Command = command({
  name: "compare",
  summary: "say how alike models are, and prove how far apart the outputs of two can be",
  usage: "A B… [--report FILE] [--within R [--tolerance E]]",
  details:
    "Compares models from their weights alone: the cosine of their interaction tensors, for every class " +
    "and over all, which hidden neurons in another order or scale do not change. Of three or more, such " +
    "as the checkpoints of a training in their order, every pair is compared; --phases cuts the sequence " +
    "where it changes most, and --report draws the map.\n\n" +
    "With --within it finds the input of at most that length at which the outputs of two models differ " +
    "most: for networks with one bilinear layer no input is worse.\n\n" +
    "With --tolerance it decides whether they are the same up to that, in exact arithmetic. Exit codes " +
    "then: 0 certified, 3 refuted (by an input at which the two models in f32 differ by more), 4 unknown.",
  examples: [
    "compare digits.safetensors small.safetensors",
    "compare step-*.safetensors --phases 2 --report map.html",
    "compare digits.safetensors small.safetensors --within 10",
    "compare before.safetensors after.safetensors --within 10 --tolerance 0.01 --json",
  ],
  flags: {
    measure: choice("what is compared: coefficients, or outputs over normal inputs", {
      words: ["frobenius", "gaussian"],
      initial: "frobenius",
    }),
    outputs: choice("outputs as they are, or less their mean, which softmax does not see", {
      words: ["raw", "centered"],
      initial: "raw",
    }),
    phases: number("cut the sequence into so many stretches that are most alike inside", {
      ...{ initial: undefined, least: 1, whole: true },
    }),
    report: text("write a page with the similarity of every pair and class", {
      ...{ placeholder: "FILE", completion: "file", initial: undefined },
    }),
    within: number("L2 length of the inputs to compare two models on", {
      ...{ initial: undefined, least: 0 },
    }),
    tolerance: number("decide whether no output differs by more", { initial: undefined, least: 0 }),
  },
  positional: "MODEL MODEL…",
  run: async ({ flags, given }, terminal) => {
    const { within, tolerance, phases, report } = flags;
    if (tolerance !== undefined && within === undefined) {
      throw new UsageError("--tolerance needs --within: for inputs how long?");
    }
    if (within !== undefined && given.length > 2) {
      throw new UsageError(`--within compares two models, and ${given.length} were given`);
    }
    if (phases !== undefined && phases > given.length) {
      throw new UsageError(`--phases: there are ${given.length} models`);
    }
    if (report !== undefined) await checkWritable(report, "choose another place with --report");
    const loaded = [];
    for (const path of given) loaded.push({ path, ...await loadModel(path) });
    const [first, ...others] = loaded, { model: a } = first!, { model: b } = others[0]!;
    for (const { path, model } of others) {
      if (a.inputs === model.inputs && a.outputs === model.outputs) continue;
      throw new CommandError(
        `Cannot compare ${
          first!.path
        } with ${path}: one takes ${a.inputs} numbers and gives ${a.outputs}, ` +
          `the other takes ${model.inputs} and gives ${model.outputs}`,
      );
    }
    const names = classNamesOf(a, first!.record);
    const result: Record<string, unknown> = { type: "comparison", models: given };
    Object.assign(result, await sayAlike({ loaded, names, flags }, terminal));
    if (within === undefined) {
      terminal.emit(result);
      return exitCode.done;
    }
    const found = modelDifference(a, b, { radius: within });
    sayDifference(found, within, names, terminal);
    result.difference = { ...found, input: [...found.input], radius: within };
    if (tolerance === undefined) {
      terminal.emit(result);
      return exitCode.done;
    }
    const answer = equivalence(a, b, { radius: within, tolerance });
    sayAnswer(
      answer,
      `outputs differ by at most ${formatNumber(tolerance, 6)} for inputs of length ${
        formatNumber(within, 6)
      } or less`,
      terminal,
      "for exact outputs; rounding of the two in f32 comes on top",
    );
    const { certificate: _, ...more } = answerJson(answer);
    terminal.emit({ ...result, tolerance, ...more });
    return codeOf(answer);
  },
});

function sayDifference(
  { bound, worst, output, outputs, rounding, exact }: ModelDifference,
  within: number,
  names: ClassNames,
  { say, style }: Terminal,
): void {
  say(`\nB may differ from A, for inputs of length ${formatNumber(within, 6)} or less, by:`);
  const rows = outputs.map(({ lower, upper }, o) => [
    called(names, o),
    formatNumber(-upper, 4),
    formatNumber(-lower, 4),
  ]);
  for (const line of table(["output", "at least", "at most"], rows, style)) say(line);
  say(
    `At most ${style.bold(formatNumber(bound, 6))}, proven; ${
      exact ? "attained" : `${formatNumber(worst, 6)} was found`
    } in output ${called(names, output)}.${
      Number.isFinite(rounding)
        ? ` Rounding of the two in f32 may add ${formatNumber(rounding, 2)}.`
        : ""
    }`,
  );
}
