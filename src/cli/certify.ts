import { type ClassPairs, classPairs } from "../guarantee/mod.ts";
import { describe, type Model } from "../nn/mod.ts";
import { checkCertificates, sayWritten, writeCertificates } from "./certificates.ts";
import { certifyFlags } from "./certify_flags.ts";
import { saySurvey, surveyCsv, surveyJson, surveyPage } from "./certify_output.ts";
import { limit, single } from "./certify_question.ts";
import { checkClasses, drawnRows, oneRow, type Rows } from "./certify_rows.ts";
import { survey } from "./certify_survey.ts";
import {
  answerJson,
  codeOf,
  counts,
  decide,
  type Question,
  sayAnswer,
  sayVerdicts,
  verdictsCsv,
  within,
} from "./certify_verdicts.ts";
import { type ClassNames, classNamesOf } from "./classes.ts";
import { type Command, command } from "./command.ts";
import { CommandError, exitCode, UsageError } from "./errors.ts";
import { checkWritable, fileAddress, writeWhole } from "./files.ts";
import type { Values } from "./flags.ts";
import { watchInterrupt } from "./interrupt.ts";
import { meter } from "./meter.ts";
import { checkMatch, loadData, loadModel } from "./sources.ts";
import type { Terminal } from "./terminal.ts";

type Given = Values<typeof certifyFlags>;

/** Rows unless told: radii of many are quick, a certificate of each takes longer. */
const ROWS = { survey: 1000, verdicts: 100 };

/** `odot certify`: exact certified radii, verdicts, and bounds that hold for every input. */
export const certify: Command = command({
  name: "certify",
  summary: "prove what no change of the input can alter, and find the change that does",
  usage: "MODEL [--radius R | --index N | --at-most T --output C --within R] [--out FILE.html]",
  details:
    "For a network with one bilinear layer, takes the exact distance from test rows to the nearest input\n" +
    "of another class, proven for the network as it runs in f32, and attacks the same rows with gradients.\n\n" +
    "With --radius it decides for every row whether its true class stays: certified, refuted (an input\n" +
    "inside that the model itself takes for another class) or unknown, with the gap. With --index it does\n" +
    "so for one row; deeper networks and gates get bounds layer by layer. With --at-most or\n" +
    "--at-least it decides about an output and every input of length --within.\n\n" +
    "With --certificates it writes the proofs, which odot check verifies: of classes over L2 balls and\n" +
    "boxes (--norm linf), and of limits. What takes branch and bound has no certificate, nor have L1 balls.\n\n" +
    "Exit codes: many rows end with 0 whatever was found. A single question (--index with --radius, or\n" +
    "--at-most, --at-least) ends with 0 certified, 3 refuted, 4 unknown.",
  examples: [
    "certify digits.safetensors --out certified.html",
    "certify digits.safetensors --radius 0.5 --count 200 --certificates proofs",
    "certify digits.safetensors --radius 0.02 --norm linf --pixels --csv verdicts.csv",
    "certify digits.safetensors --index 17 --radius 0.5 --certificates row-17.json",
    "certify digits.safetensors --at-most 900 --output 3 --within 10 --certificates limit.json",
  ],
  flags: certifyFlags,
  positional: "MODEL",
  run: async ({ flags, model: path }, terminal) => {
    checkFlags(flags);
    if (flags.out !== undefined) await checkWritable(flags.out);
    if (flags.csv !== undefined) await checkWritable(flags.csv, "choose another place with --csv");
    if (flags.certificates !== undefined) await checkCertificates(flags.certificates);
    const { model, record } = await loadModel(path);
    if (isLimit(flags) && flags.index === undefined) {
      return await limit(model, undefined, classNamesOf(model, record), flags, terminal);
    }
    const { test } = await loadData(flags.data, flags);
    checkMatch(model, path, test);
    const names = classNamesOf(model, record, test);
    const rows = flags.index === undefined
      ? drawnRows(
        test,
        flags.count ?? (flags.radius === undefined ? ROWS.survey : ROWS.verdicts),
        flags.seed,
      )
      : oneRow(test, flags.index);
    if (isLimit(flags)) return await limit(model, rows, names, flags, terminal);
    checkClasses(model);
    terminal.say(
      flags.index === undefined
        ? `Certifying ${path} on ${rows.indices.length} rows of ${test.name}; seed ${flags.seed}.`
        : `Certifying ${path} at row ${flags.index} of ${test.name}.`,
    );
    const pairs = hasExactForm(model) ? prepared(model, terminal) : model;
    if (flags.radius !== undefined) return await verdicts(pairs, rows, flags, terminal);
    if (!("forms" in pairs)) throw noExactForm(path, model, "give --radius to have it bounded");
    if (flags.index !== undefined) return single(pairs, rows, names, flags, terminal);
    return await surveyed(pairs, rows, names, flags, terminal);
  },
});

function isLimit(flags: Given): boolean {
  return flags["at-most"] !== undefined || flags["at-least"] !== undefined;
}

/** @throws {UsageError} for flags that do not go together. */
function checkFlags(flags: Given): void {
  const { radius, norm, index } = flags,
    given = (name: keyof Given): boolean => flags[name] !== undefined && flags[name] !== false;
  const refuse = (what: string): never => {
    throw new UsageError(what);
  };
  if (isLimit(flags)) {
    if (given("at-most") && given("at-least")) refuse("give --at-most or --at-least, not both");
    if (!given("output")) refuse("--at-most and --at-least need --output: which output?");
    if (!given("within")) refuse("--at-most and --at-least need --within: for inputs how long?");
    for (const name of ["radius", "csv", "out", "count", "radii"] as const) {
      if (given(name)) refuse(`--${name} does not go with --at-most or --at-least`);
    }
    return;
  }
  for (const name of ["output", "within"] as const) {
    if (given(name)) refuse(`--${name} needs --at-most or --at-least`);
  }
  if (radius === undefined && norm !== "l2") refuse(`--norm ${norm} needs --radius`);
  if (norm === "l2" && given("pixels")) {
    refuse("--pixels goes with --norm linf or l1: L2 balls are not cut off");
  }
  if (norm === "l1" && given("certificates")) {
    refuse("no certificates are about L1 balls: give --norm linf, or leave it away for L2");
  }
  if (index !== undefined && given("count")) refuse("--index is one row: leave --count away");
  const single = radius !== undefined || index !== undefined;
  if (single && given("out")) {
    refuse("--out draws the radii of many rows: leave --radius and --index away");
  }
  if (index !== undefined && radius === undefined && (given("csv") || given("certificates"))) {
    refuse("one row without --radius writes no files: give --radius, or leave --index away");
  }
  if (single && given("radii")) refuse("--radii goes without --radius and --index");
}

/** Whether a model is one bilinear layer between linear ones. */
function hasExactForm({ config: { layers } }: Model): boolean {
  const bilinear = layers.filter(({ type }) => type === "bilinear");
  return bilinear.length === 1 && !("gate" in bilinear[0]! && bilinear[0].gate) &&
    layers.every(({ type }) => type === "linear" || type === "bilinear");
}

function noExactForm(path: string, { config }: Model, remedy: string): CommandError {
  return new CommandError(
    `Cannot take exact radii of ${path}, ${
      describe(config)
    }: only networks of one bilinear layer ` +
      `without a gate, between linear ones, have them; ${remedy}`,
  );
}

/** Class pairs, with a bar; until they are there Ctrl-C ends the process at once. */
function prepared(model: Model, terminal: Terminal): ClassPairs {
  const total = model.outputs * (model.outputs - 1) / 2;
  const shown = meter(terminal, { label: "class pairs", total, unit: "pairs" });
  const pairs = classPairs(model, { progress: (done) => shown.at(done) });
  shown.end();
  return pairs;
}

async function surveyed(
  pairs: ClassPairs,
  rows: Rows,
  names: ClassNames,
  flags: Given,
  terminal: Terminal,
): Promise<number> {
  const { seed, out, csv, certificates: place } = flags, interrupt = watchInterrupt();
  const options = {
    ...{ seed, radii: flags.radii, examples: out !== undefined },
    certificates: place !== undefined,
  };
  const found = await survey(pairs, rows, names, options, { terminal, interrupt })
    .finally(() => interrupt.release());
  if (found.interrupted !== undefined) terminal.say(`Interrupted: ${found.interrupted}.`);
  if (found.done > 0) saySurvey(found, names, terminal);
  const result: Record<string, unknown> = { type: "survey", seed, ...surveyJson(found) };
  if (csv !== undefined && found.done > 0) {
    await writeWhole(csv, surveyCsv(found, rows), "choose another place with --csv");
    terminal.say(`Table of ${found.done} rows: ${fileAddress(csv)}`);
    result.csv = csv;
  }
  if (found.interrupted !== undefined) {
    terminal.emit(result);
    return exitCode.interrupted;
  }
  if (place !== undefined) {
    const written = await writeCertificates(place, found.certificates, false);
    sayWritten(written, place, terminal);
    result.certificates = written;
  }
  if (out !== undefined) {
    await writeWhole(out, surveyPage(found, pairs.model, flags));
    terminal.say(`Report: ${fileAddress(out)}`);
    result.report = out;
  }
  terminal.emit(result);
  return found.violations > 0 ? exitCode.failed : exitCode.done;
}

async function verdicts(
  pairs: ClassPairs | Model,
  rows: Rows,
  flags: Given,
  terminal: Terminal,
): Promise<number> {
  const { norm, radius = 0, seconds, seed, index, csv, certificates: place } = flags;
  if (!("forms" in pairs) && (norm !== "l2" || place !== undefined)) {
    throw new UsageError(
      "a network without an exact form is bounded over L2 balls alone, and gets no certificates: " +
        "leave --norm and --certificates away",
    );
  }
  const domain = flags.pixels ? { domain: [0, 1] as const } : {};
  const question: Question = {
    ...{ norm, radius, seconds, seed, certificates: place !== undefined },
    ...domain,
  };
  const interrupt = watchInterrupt();
  const found = await decide(pairs, rows, question, { terminal, interrupt })
    .finally(() => interrupt.release());
  const { name } = rows.source, [first] = found.rows;
  if (found.interrupted) {
    terminal.say(`Interrupted after ${found.rows.length} of ${rows.indices.length} rows.`);
  }
  const result: Record<string, unknown> = { norm, radius, seed, interrupted: found.interrupted };
  if (index !== undefined && first) {
    sayAnswer(
      first.answer,
      `row ${index} of ${name} keeps class ${first.label} within ${within(question)}`,
      terminal,
      found.holds,
    );
    Object.assign(result, { type: "verdict", row: index, label: first.label });
    Object.assign(result, answerJson(first.answer));
  } else {
    if (found.rows.length > 0) sayVerdicts(found, question, name, terminal);
    Object.assign(result, { type: "verdicts", rows: found.rows.length, ...counts(found.rows) });
    result.millisecondsPerRow = found.milliseconds;
  }
  if (csv !== undefined) {
    await writeWhole(csv, verdictsCsv(found), "choose another place with --csv");
    terminal.say(`Table of ${found.rows.length} rows: ${fileAddress(csv)}`);
  }
  if (place !== undefined) {
    const written = await writeCertificates(place, found.certificates, index !== undefined);
    sayWritten(written, place, terminal);
    result.certificates = written;
  }
  terminal.emit(result);
  if (found.interrupted) return exitCode.interrupted;
  return index !== undefined && first ? codeOf(first.answer) : exitCode.done;
}
