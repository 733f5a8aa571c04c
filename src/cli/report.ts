import { countParameters, describe } from "../nn/mod.ts";
import { modelReport } from "../report/mod.ts";
import { type Command, command } from "./command.ts";
import { exitCode } from "./errors.ts";
import { checkWritable, fileAddress, writeWhole } from "./files.ts";
import { text } from "./flags.ts";
import { reportFacts, reportFooter } from "./facts.ts";
import { progressOf } from "./progress.ts";
import { checkMatch, dataFlags, loadData, loadModel } from "./sources.ts";

/** `odot report`: one page on a model. */
export const report: Command = command({
  name: "report",
  summary: "write one HTML page on a model: what it learned, and why it decides as it does",
  usage: "MODEL [--data DATA] [--out FILE]",
  details:
    "Measures a model on test data, decomposes it and explains some decisions, in one HTML file that\n" +
    "needs neither script nor network.",
  examples: [
    "report digits.safetensors",
    'report small.safetensors --data ./mnist --title "A small network" --out small.html',
  ],
  flags: {
    ...dataFlags,
    title: text("heading of the page", { placeholder: "TEXT", initial: undefined }),
    out: text("file to write", {
      placeholder: "FILE",
      completion: "file",
      initial: "report.html",
      letter: "o",
    }),
  },
  positional: "MODEL",
  run: async ({ flags, model: path }, terminal) => {
    await checkWritable(flags.out);
    const { model, record } = await loadModel(path);
    const { test } = await loadData(flags.data, flags);
    checkMatch(model, path, test);
    const progress = progressOf(terminal);
    const html = modelReport({
      model,
      test,
      title: flags.title ?? `${describe(model.config)}, on ${test.name}`,
      facts: reportFacts(record),
      footer: reportFooter(record, model.config),
      ...(record ? { history: record.history } : {}),
      onProgress: (stage, share) => progress.show(() => ({ label: stage, share, details: [] })),
    });
    progress.clear();
    await writeWhole(flags.out, html);
    terminal.say(`Report on ${path}: ${fileAddress(flags.out)}`);
    terminal.emit({
      model: path,
      data: test.name,
      report: flags.out,
      bytes: new TextEncoder().encode(html).length,
      parameters: countParameters(model.config.layers),
    });
    return exitCode.done;
  },
});
