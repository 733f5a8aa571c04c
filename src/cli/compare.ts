import { type Similarity, similarity } from "../decompose/mod.ts";
import { equivalence, type ModelDifference, modelDifference } from "../guarantee/mod.ts";
import { describe, type Model } from "../nn/mod.ts";
import { formatNumber } from "../report/mod.ts";
import { answerJson, codeOf, sayAnswer } from "./certify_verdicts.ts";
import { called, type ClassNames, classNamesOf } from "./classes.ts";
import { type Command, command } from "./command.ts";
import { CommandError, exitCode, messageOf, UsageError } from "./errors.ts";
import { number } from "./flags.ts";
import { loadModel } from "./sources.ts";
import { table } from "./tables.ts";
import type { Terminal } from "./terminal.ts";

/** `odot compare`: how alike two models are, and how far apart they can be. */
export const compare: Command = command({
  name: "compare",
  summary: "say how alike two models are, and prove how far apart their outputs can be",
  usage: "A B [--within R [--tolerance E]]",
  details:
    "Compares two models from their weights alone: the cosine of their interaction tensors, which hidden\n" +
    "neurons in another order or scale do not change. With --within it finds the input of at most that\n" +
    "length at which their outputs differ most: for networks with one bilinear layer no input is worse.\n\n" +
    "With --tolerance it decides whether they are the same up to that, in exact arithmetic. Exit codes\n" +
    "then: 0 certified, 3 refuted (by an input at which the two models in f32 differ by more), 4 unknown.",
  examples: [
    "compare digits.safetensors small.safetensors",
    "compare digits.safetensors small.safetensors --within 10",
    "compare before.safetensors after.safetensors --within 10 --tolerance 0.01 --json",
  ],
  flags: {
    within: number("L2 length of the inputs to compare on", { initial: undefined, least: 0 }),
    tolerance: number("decide whether no output differs by more", { initial: undefined, least: 0 }),
  },
  positional: "MODEL MODEL",
  run: async ({ flags: { within, tolerance }, argument, second }, terminal) => {
    if (tolerance !== undefined && within === undefined) {
      throw new UsageError("--tolerance needs --within: for inputs how long?");
    }
    const first = await loadModel(argument), other = await loadModel(second);
    const [a, b] = [first.model, other.model];
    if (a.inputs !== b.inputs || a.outputs !== b.outputs) {
      throw new CommandError(
        `Cannot compare ${argument} with ${second}: one takes ${a.inputs} numbers and gives ${a.outputs}, ` +
          `the other takes ${b.inputs} and gives ${b.outputs}`,
      );
    }
    const names = classNamesOf(a, first.record);
    terminal.say(`A: ${argument}, ${describe(a.config)}\nB: ${second}, ${describe(b.config)}`);
    const result: Record<string, unknown> = { type: "comparison", models: [argument, second] };
    result.similarity = saySimilarity(a, b, names, terminal);
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

/** Similarity as JSON has it; what has none, such as networks of other depths, is said and left out. */
function saySimilarity(
  a: Model,
  b: Model,
  names: ClassNames,
  { say, style }: Terminal,
): Record<string, unknown> | null {
  let found: Similarity;
  try {
    found = similarity(a, b);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    say(`Their coefficients have no similarity: ${messageOf(error)}`);
    return null;
  }
  const { cosine, distance, ratio, perOutput } = found;
  say(
    `Similarity of the coefficients ${
      style.bold(formatNumber(cosine, 6))
    } (1: the same up to scale); ` +
      `relative distance ${formatNumber(distance)}, length of B over A ${formatNumber(ratio, 4)}.`,
  );
  const least = [...perOutput.keys()].sort((x, y) => perOutput[x]! - perOutput[y]!)[0]!;
  say(
    `The output that differs most is ${called(names, least)}: ${
      formatNumber(perOutput[least]!, 6)
    }.`,
  );
  return { ...found, perOutput: [...perOutput] };
}

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
