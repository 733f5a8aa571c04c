import { join } from "node:path";
import { countParameters, describe } from "../nn/mod.ts";
import { info } from "../kernels/mod.ts";
import {
  formatNumber,
  formatPercent,
  type ModelFindings,
  modelFindings,
  modelReport,
  sufficientRank,
} from "../report/mod.ts";
import { checkpointName } from "./checkpoints.ts";
import { type Command, command } from "./command.ts";
import { digits, makeModel } from "./digits.ts";
import { exitCode } from "./errors.ts";
import { reportFacts, reportFooter } from "./facts.ts";
import { checkWritable, fileAddress, makeFolder, writeWhole } from "./files.ts";
import { number, text, toggle } from "./flags.ts";
import { invocation } from "./invocation.ts";
import { progressOf } from "./progress.ts";
import { dataFlags, loadData } from "./sources.ts";
import { table } from "./tables.ts";
import type { Terminal } from "./terminal.ts";
import { trainOnTerminal } from "./training.ts";
import type { TrainingResult } from "./training_settings.ts";

/** Ranks whose accuracy the summary lists. */
const LISTED: readonly number[] = [1, 2, 3, 5, 10, 20];

/** `odot demo`: from nothing to a network that explains itself. */
export const demo: Command = command({
  name: "demo",
  summary: "learn handwritten digits, then take the network apart: start here",
  usage: "[--out DIR]",
  details: "Brings MNIST, trains a bilinear network, decomposes it from its weights, and writes\n" +
    "digits.safetensors and report.html to the current folder.",
  examples: ["demo", "demo --out results --seed 7", "demo --epochs 3 --kernels strict"],
  flags: {
    ...dataFlags,
    epochs: number("passes over the data", { initial: digits.epochs, least: 1, whole: true }),
    seed: number("of weights, order and noise", { initial: 0, least: 0, whole: true }),
    resume: toggle("go on after Ctrl-C, from digits.checkpoint.safetensors"),
    out: text("folder to write to", {
      placeholder: "DIR",
      completion: "folder",
      initial: ".",
      letter: "o",
    }),
  },
  run: async ({ flags }, terminal) => {
    const { seed, epochs, out } = flags;
    await makeFolder(out);
    const files = { model: join(out, "digits.safetensors"), report: join(out, "report.html") };
    await checkWritable(files.model);
    await checkWritable(files.report);
    const found = await loadData(flags.data, flags);
    const { training, test } = found;
    const { hidden, batchSize, learningRate, weightDecay, noise } = digits;
    const model = makeModel({
      inputs: training.features,
      hidden,
      outputs: training.classes,
      bias: false,
    }, seed);
    terminal.say(
      `Learning ${formatNumber(training.count)} handwritten digits with ${
        describe(model.config)
      } (${
        formatNumber(countParameters(model.config.layers))
      } parameters; seed ${seed}, ${info().kernels} kernels).`,
    );
    const settings = {
      ...{ data: flags.data, seed, epochs, batchSize, learningRate, weightDecay, noise },
      ...{ optimizer: "adamw", schedule: "cosine", keep: "last" } as const,
    };
    const saving = {
      ...{ out: files.model, checkpoint: checkpointName(files.model), every: 10 },
      resume: flags.resume,
    };
    const result = await trainOnTerminal(model, found, settings, saving, terminal);
    if (result.stopped) return exitCode.interrupted;

    const progress = progressOf(terminal), start = performance.now();
    const onProgress = (stage: string, share: number): void =>
      progress.show(() => ({ label: stage, share, details: [] }));
    const findings = modelFindings(model, test, { onProgress });
    const html = modelReport({
      model,
      test,
      findings,
      history: result.record.history,
      title: "A network that reads handwritten digits, read in turn",
      subtitle: `${describe(model.config)}: every logit is an exact quadratic polynomial of the ` +
        `pixels, so it is taken apart from the weights alone.`,
      facts: reportFacts(result.record),
      footer: reportFooter(result.record, model.config),
    });
    progress.clear();
    await writeWhole(files.report, html);
    const seconds = (performance.now() - start) / 1000;
    saySummary(result, findings, seconds, terminal);
    const mistake = findings.predictions.findIndex((found, i) => found !== test.labels[i]);
    sayNext(files, Math.max(0, mistake), terminal);
    const { evaluation } = findings;
    terminal.emit({
      type: "result",
      ...files,
      accuracy: evaluation.accuracy,
      loss: evaluation.loss,
      accuracyByRank: findings.accuracyByRank,
      residual: findings.exactness.residual,
      parameters: countParameters(model.config.layers),
      seed,
      kernels: info().kernels,
      seconds: { training: result.seconds, report: seconds },
    });
    return exitCode.done;
  },
});

function saySummary(
  { seconds }: TrainingResult,
  findings: ModelFindings,
  reportSeconds: number,
  { say, style }: Terminal,
): void {
  const { evaluation, accuracyByRank: ranks, exactness, explainer } = findings;
  const { accuracy, correct, count } = evaluation;
  say();
  say(
    `It reads ${style.bold(formatPercent(accuracy, 2))} of ${
      formatNumber(count)
    } digits it has never seen (${formatNumber(count - correct)} mistakes), after ${
      seconds.toFixed(1)
    } s of training.`,
  );
  say();
  say(
    "It has no activation function: each logit is a sum of λ (v·x)² over the eigenvectors v of its digit.",
  );
  const total = explainer.eigens[0]!.spectrum.length, enough = sufficientRank(ranks, accuracy);
  if (enough) {
    say(
      `Of ${total} eigenvectors for each digit, ${style.bold(String(enough.rank))} are enough for ${
        formatPercent(enough.accuracy, 2)
      }:`,
    );
  }
  const rows = ranks.filter(({ rank }) => [...LISTED, enough?.rank, total].includes(rank))
    .map(({ rank, accuracy: share }) => [
      rank === total ? `all ${rank}` : `${rank}`,
      formatPercent(share, 2).padStart(7),
      "█".repeat(Math.round(30 * share)),
    ]);
  for (const line of table(["kept", "accuracy", ""], rows, style)) say(line);
  say();
  say(
    `The parts of ${
      formatNumber(exactness.count)
    } logits were added up again: they agree to within ${formatNumber(exactness.residual, 2)}.`,
  );
  say(`Decomposing, measuring and drawing took ${reportSeconds.toFixed(1)} s.`);
}

function sayNext(
  { model, report }: { readonly model: string; readonly report: string },
  row: number,
  { say, style }: Terminal,
): void {
  say();
  say(`  ${style.green("report")}  ${fileAddress(report)}`);
  say(`  ${style.green("model")}   ${fileAddress(model)}`);
  say();
  say("Next: open the report in a browser, then ask why it was mistaken here:");
  say(`  ${invocation()} explain ${model} --index ${row}`);
}
