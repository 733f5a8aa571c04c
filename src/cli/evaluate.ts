import { formatNumber, formatPercent } from "../report/mod.ts";
import { calibration, evaluate as measure } from "../train/mod.ts";
import { type Command, command } from "./command.ts";
import { exitCode } from "./errors.ts";
import { checkMatch, dataFlags, loadData, loadModel } from "./sources.ts";
import { table } from "./tables.ts";

/** `odot evaluate`: accuracy, loss, calibration and confusion on test data. */
export const evaluate: Command = command({
  name: "evaluate",
  summary: "measure a model's accuracy, loss, calibration and confusion on test data",
  usage: "MODEL [--data DATA]",
  details:
    "Runs a model on the test data: how many rows are right, which classes it mixes up, and whether it is\n" +
    "as sure as it is right: the mean and the largest distance of confidence from accuracy over 15 bins,\n" +
    "and the Brier score, 0 to 2. A checkpoint is a model, too.",
  examples: [
    "evaluate digits.safetensors",
    "evaluate digits.safetensors --data ./mnist --json",
  ],
  flags: dataFlags,
  positional: "MODEL",
  run: async ({ flags, model: path }, terminal) => {
    const { model, record } = await loadModel(path);
    const { test } = await loadData(flags.data, flags);
    checkMatch(model, path, test);
    const { accuracy, correct, count, loss, confusion } = measure(model, test);
    const trained = record ? `, trained with seed ${record.seed}` : "";
    const half = record?.stopped ? `, stopped in ${record.stopped}` : "";
    terminal.say(`${path} on ${test.name}${trained}${half}:`);
    terminal.say(
      `  accuracy ${terminal.style.bold(formatPercent(accuracy, 2))} (${formatNumber(correct)} of ${
        formatNumber(count)
      })   loss ${formatNumber(loss, 4)} nats`,
    );
    const { expectedError, maximumError, brier } = calibration(model, test);
    terminal.say(
      `  calibration: expected error ${formatPercent(expectedError, 2)}, largest ${
        formatPercent(maximumError, 2)
      }, Brier score ${formatNumber(brier, 3)}`,
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
    terminal.emit({
      ...{ model: path, data: test.name, accuracy, correct, count, loss, confusion },
      calibration: { expectedError, maximumError, brier },
    });
    return exitCode.done;
  },
});
