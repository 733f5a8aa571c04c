import {
  accuracyByRank,
  effectiveRank,
  type Eigen,
  eigen,
  type Interactions,
  truncate,
  type Truncation,
} from "../decompose/mod.ts";
import { type Component, formatNumber, formatPercent, type RankError } from "../report/mod.ts";
import { called, type ClassNames, outputNamed } from "./classes.ts";
import { type DecomposeFlags, wantedOf } from "./decompose_flags.ts";
import type { Found } from "./decompose_methods.ts";
import { type Context, measured, pageOf, planJson, written } from "./decompose_output.ts";
import { planned, sayPlan, stepsOf } from "./decompose_progress.ts";
import { geometric, layerOf } from "./decompose_whole.ts";
import { exitCode } from "./errors.ts";
import { table } from "./tables.ts";
import type { Terminal } from "./terminal.ts";

/** Eigenvalues that are listed for one output unless told. */
const LISTED = 10;
/** Eigenvectors of a class that a page draws, and ranks that it tells the error of. */
const DRAWN = 5, RANKS = 14;

/** `odot decompose --method eigen`: every output by itself. */
export async function decomposeEigen(context: Context, names: ClassNames): Promise<number> {
  const { path, model, flags, test, terminal } = context, { space } = flags;
  const output = outputNamed(flags.output, model, names), whole = layerOf(model);
  const { rank: _rank, ...every } = flags, plan = planned(whole, every as DecomposeFlags);
  sayPlan(plan, flags, terminal);
  if (flags.plan) {
    terminal.emit({ model: path, method: "eigen", plan: planJson(plan) });
    return exitCode.done;
  }
  const indices = [...Array(whole.outputs).keys()],
    wanted = output === undefined ? indices : [output];
  const steps = stepsOf("eigen", terminal);
  const parts = wanted.map((index, i) => {
    steps.show(i, wanted.length);
    return eigen(whole.output(index), { space });
  });
  steps.clear();
  const rank = flags.rank?.[0];
  if (output === undefined) sayOverview(parts, names, terminal);
  else sayOutput(parts[0]!, called(names, output), rank ?? LISTED, terminal);
  const result: Record<string, unknown> = {
    ...{ model: path, method: "eigen", space },
    outputs: parts.map((part, i) => ({
      output: wanted[i],
      ...(names ? { className: names[wanted[i]!] } : {}),
      eigenvalues: [...part.values.slice(0, rank)],
      effectiveRank: effectiveRank(part.spectrum),
      residual: part.residual,
    })),
  };
  if (flags.accuracy && test) {
    const found = accuracyByRank(whole, test, { space });
    terminal.say(`\nAccuracy on ${test.name} by eigenvectors kept for each output:`);
    const rows = found.map((one) => [one.rank, formatPercent(one.accuracy, 2)]);
    for (const line of table(["rank", "accuracy"], rows, terminal.style)) terminal.say(line);
    result.accuracyByRank = found;
  }
  const code = await smallerOf(whole, parts, result, context);
  terminal.emit(result);
  return code;
}

/** The network of the leading eigenvectors of every output, where anything was asked of it. */
async function smallerOf(
  whole: Interactions,
  parts: readonly Eigen[],
  result: Record<string, unknown>,
  context: Context,
): Promise<number> {
  const { flags, terminal, test } = context, { out, report } = flags;
  const goal = wantedOf(flags, test), isGoal = goal !== undefined && typeof goal !== "number";
  if (!isGoal && out === undefined && report === undefined) return exitCode.done;
  const most = Math.max(...parts.map(({ values }) => values.length));
  const smaller = truncate(whole, { rank: (goal ?? most) as number });
  const { rank, neurons, parameters, relativeError, model } = smaller;
  terminal.say(
    `\n${rank} eigenvectors of every output: ${neurons} products instead of ${whole.neurons}, ` +
      `relative error ${formatNumber(relativeError)}.`,
  );
  const accuracy = goal === undefined ? undefined : measured(model, context);
  const found = foundOf(smaller, parts, context), errors = errorsOf(parts);
  const { code } = await written({
    smaller: model,
    html: () => pageOf(found, { errors, accuracy }, context),
  }, context);
  const kept = { rank, neurons, parameters, relativeError, ...(accuracy && { accuracy }) };
  if (out !== undefined) result.saved = { file: out, ...kept };
  else result.kept = kept;
  if (report !== undefined) result.report = report;
  model[Symbol.dispose]();
  return code;
}

/** Eigenvectors of every output as what a page shows. */
function foundOf(
  { rank, relativeError, parameters, model }: Truncation,
  parts: readonly Eigen[],
  { classes, flags }: Context,
): Found {
  const only = flags.output === undefined ? undefined : parts[0];
  const named = (part: number): string => only ? `class ${flags.output}` : `class ${classes[part]}`;
  const components = parts.map(({ values, vectors }, part): Component => ({
    name: `${named(part)}: eigenvectors of largest |λ|`,
    vectors: [...values.keys()].slice(0, DRAWN).map((i) => ({
      name: `λ = ${formatNumber(values[i]!)}`,
      values: vectors.data.subarray(i * vectors.columns, (i + 1) * vectors.columns),
    })),
  }));
  const all = Math.max(...parts.map(({ values }) => values.length));
  return {
    ranks: [{ of: "eigenvectors of every output", kept: rank, all }],
    against: { of: "eigenvectors of every output", most: all, kept: rank },
    // of the output that is shown, where it is one
    relativeError: only ? errorOf(parts, rank) : relativeError,
    ...{ parameterCount: parameters, trace: [], converged: true, degenerate: [] },
    residual: Math.max(...parts.map(({ residual }) => residual)),
    toModel: () => model,
    spectra: () => parts.map(({ values }, part) => ({ name: named(part), values, kept: rank })),
    components: (most) => components.slice(0, most),
    componentCount: components.length,
  };
}

/** What every rank would leave out, from the eigenvalues. */
function errorsOf(parts: readonly Eigen[]): RankError[] {
  const most = Math.max(...parts.map(({ values }) => values.length));
  return geometric(most, RANKS).map((rank) => ({ rank, relativeError: errorOf(parts, rank) }));
}

/** √(Σλ² left out / Σλ²) of all parts. */
function errorOf(parts: readonly Eigen[], rank: number): number {
  const top = Math.max(...parts.map(({ norm }) => norm)) || 1;
  const energy = (from: number): number =>
    parts.reduce(
      (sum, { values }) => values.slice(from).reduce((own, x) => own + (x / top) ** 2, sum),
      0,
    );
  return Math.sqrt(energy(rank) / (energy(0) || 1));
}

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
