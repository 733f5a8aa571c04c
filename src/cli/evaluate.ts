import { formatNumber, formatPercent } from "../report/mod.ts";
import { evaluate as measure } from "../train/mod.ts";
import { type Command, command } from "./command.ts";
import { exitCode } from "./errors.ts";
import { checkMatch, dataFlag, loadData, loadModel } from "./sources.ts";
import { table } from "./tables.ts";

/** `odot evaluate`: accuracy, loss and confusion on test data. */
export const evaluate: Command = command({
  name: "evaluate",
  summary: "measure a model's accuracy, loss and confusion on test data",
  usage: "MODEL [--data mnist|DIR]",
  details: "Runs a model on the test data: how many rows are right, and which classes it mixes up.",
  examples: [
    "evaluate digits.safetensors",
    "evaluate digits.safetensors --data ./mnist --json",
  ],
  flags: { data: dataFlag },
  positional: "MODEL",
  run: async ({ flags, model: path }, terminal) => {
    const { model, record } = await loadModel(path);
    const { test } = await loadData(flags.data);
    checkMatch(model, path, test);
    const { accuracy, correct, count, loss, confusion } = measure(model, test);
    const trained = record ? `, trained with seed ${record.seed}` : "";
    const half = record?.interrupted ? `, interrupted in ${record.interrupted}` : "";
    terminal.say(`${path} on ${test.name}${trained}${half}:`);
    terminal.say(
      `  accuracy ${terminal.style.bold(formatPercent(accuracy, 2))} (${formatNumber(correct)} of ${
        formatNumber(count)
      })   loss ${formatNumber(loss, 4)} nats`,
    );
    terminal.say();
    const labels = confusion.map((_, label) => String(label));
    const rows = confusion.map((row, label) => [
      `${label}`,
      ...row,
      formatPercent(row[label]! / row.reduce((sum, n) => sum + n, 0), 1),
    ]);
    for (const line of table(["true", ...labels, "right"], rows, terminal.style)) {
      terminal.say(line);
    }
    terminal.emit({ model: path, data: test.name, accuracy, correct, count, loss, confusion });
    return exitCode.done;
  },
});
