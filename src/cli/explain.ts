import { row } from "../data/mod.ts";
import { explainer, type Explanation } from "../interpret/mod.ts";
import { contributions, explanationOf, formatNumber, formatSigned } from "../report/mod.ts";
import { type Command, command } from "./command.ts";
import { exitCode, UsageError } from "./errors.ts";
import { checkWritable, fileAddress, writeWhole } from "./files.ts";
import { number, text } from "./flags.ts";
import { checkMatch, checkOutput, dataFlags, loadData, loadModel } from "./sources.ts";
import { imageText } from "./tables.ts";
import type { Terminal } from "./terminal.ts";

/** `odot explain`: what each eigenvector adds to a logit of one test row. */
export const explain: Command = command({
  name: "explain",
  summary: "say why a model decided as it did on one test row",
  usage: "MODEL --index N [--output N] [--top N] [--svg FILE]",
  details:
    "Takes a logit of one test row apart into what each eigenvector adds; the parts add up exactly. The\n" +
    "predicted class is explained unless --output names another: why not that one?",
  examples: [
    "explain digits.safetensors --index 7",
    "explain digits.safetensors --index 7 --output 3 --top 5 --svg why.svg",
  ],
  flags: {
    index: number("row of the test data, from 0", { initial: 0, least: 0, whole: true }),
    output: number("output to explain; the predicted one unless given", {
      initial: undefined,
      least: 0,
      whole: true,
    }),
    top: number("eigenvectors to list", { initial: 8, least: 0, whole: true }),
    ...dataFlags,
    svg: text("draw the explanation into a file", {
      placeholder: "FILE",
      completion: "file",
      initial: undefined,
    }),
  },
  positional: "MODEL",
  run: async ({ flags, model: path }, terminal) => {
    const { index, output, top, svg } = flags;
    if (svg !== undefined) await checkWritable(svg);
    const { model } = await loadModel(path);
    checkOutput(model, output);
    const { test } = await loadData(flags.data, flags);
    checkMatch(model, path, test);
    if (index >= test.count) {
      throw new UsageError(
        `--index: ${test.name} has no row ${index}; its rows are 0 to ${test.count - 1}`,
      );
    }
    const explained = explainer(model), input = row(test, index), label = test.labels[index]!;
    const found = explained.explain(input, output === undefined ? { top } : { output, top });
    if (test.image) {
      for (const line of imageText(input, test.image)) terminal.say(line);
    }
    sayExplanation(found, `Row ${index} of ${test.name}`, label, terminal);
    if (svg !== undefined) {
      const drawn = explanationOf(
        { explainer: explained, test },
        index,
        output === undefined ? undefined : [output],
      );
      await writeWhole(svg, contributions(drawn, { title: `Row ${index} of ${test.name}` }));
      terminal.say(`\nDrawn into ${fileAddress(svg)}`);
    }
    terminal.emit({
      model: path,
      data: test.name,
      index,
      label,
      ...found,
      logits: [...found.logits],
      evidence: found.evidence.map(({ eigenvalue, activation, contribution }) => ({
        eigenvalue,
        activation,
        contribution,
      })),
      contributions: undefined,
    });
    return exitCode.done;
  },
});

function sayExplanation(
  found: Explanation,
  what: string,
  label: number,
  { say, style }: Terminal,
): void {
  const { prediction, output, evidence, remainder, linear, constant, logit, residual } = found;
  const right = prediction === label;
  const verdict = right
    ? style.green(`predicted ${prediction}, which is right`)
    : style.red(`predicted ${prediction}, truly ${label}`);
  say(`${what}: ${verdict}.`);
  const order = [...found.logits.keys()].sort((a, b) => found.logits[b]! - found.logits[a]!);
  const leading = order.slice(0, 3).map((o) => `${o}: ${formatNumber(found.logits[o]!)}`);
  say(`Largest logits: ${leading.join(", ")}.`);
  say(`\nWhat makes the logit of ${output}:`);
  const rows = evidence.map(({ eigenvalue, activation, contribution }) => [
    formatSigned(contribution, 4),
    `λ (v·x)², λ = ${formatNumber(eigenvalue)}, v·x = ${formatNumber(activation)}`,
  ]);
  const rest = found.contributions.length - evidence.length;
  rows.push([formatSigned(remainder, 4), `${rest} more eigenvectors`]);
  if (linear !== 0) rows.push([formatSigned(linear, 4), "linear part"]);
  if (constant !== 0) rows.push([formatSigned(constant, 4), "constant part"]);
  rows.push([
    formatNumber(logit, 4),
    `logit; the parts add up to within ${formatNumber(residual, 2)}`,
  ]);
  const width = Math.max(...rows.map(([value]) => value!.length));
  for (const [value, said] of rows) say(`  ${value!.padStart(width)}  ${said}`);
}
