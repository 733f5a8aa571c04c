import type { RankError } from "../report/mod.ts";
import { decompositionReport, formatNumber, formatPercent, formatSigned } from "../report/mod.ts";
import type { Plan } from "../decompose/mod.ts";
import type { Dataset } from "../data/mod.ts";
import { save } from "../io/mod.ts";
import { countParameters, describe, type Model } from "../nn/mod.ts";
import { evaluate } from "../train/mod.ts";
import type { DecomposeFlags } from "./decompose_flags.ts";
import { type Found, notesOf } from "./decompose_methods.ts";
import { exitCode } from "./errors.ts";
import { fileAddress, writeWhole } from "./files.ts";
import { watchInterrupt } from "./interrupt.ts";
import { table } from "./tables.ts";
import type { Terminal } from "./terminal.ts";
import { version } from "./version.ts";

/** Components that a page shows at most. */
const SHOWN = 12;

/** What a decomposition belongs to. */
export interface Context {
  readonly path: string;
  readonly model: Model;
  readonly flags: DecomposeFlags;
  /** Where accuracy is measured; nowhere unless data were given. */
  readonly test: Dataset | undefined;
  /** Names of the classes [outputs]. */
  readonly classes: readonly string[];
  readonly terminal: Terminal;
}

/** Accuracy before and after. */
export interface Accuracy {
  readonly data: string;
  readonly before: number;
  readonly after: number;
}

/** What was found as a table, and what must be known of it. */
export function sayFound(found: Found, { path, flags, terminal }: Context): void {
  const { say, style } = terminal;
  say(`${path} by ${style.bold(flags.method)}, from the weights alone:`);
  for (const line of table(["", ""], tableRows(found), style).slice(1)) say(line);
  for (const note of notesOf(found)) say(`  ${note}`);
}

function tableRows(found: Found): [string, string][] {
  const { ranks, relativeError, errorBound, trace, parameterCount } = found;
  return [
    ...ranks.map(({ of, kept, all }): [string, string] => [
      of,
      all === undefined ? formatNumber(kept) : `${formatNumber(kept)} of ${formatNumber(all)}`,
    ]),
    ["numbers in its factors", formatNumber(parameterCount)],
    ["relative error", formatNumber(relativeError, 4)],
    ...(errorBound === undefined
      ? []
      : [["its bound", formatNumber(errorBound, 4)] as [string, string]]),
    ...(trace.length > 1 ? [["sweeps", formatNumber(trace.length - 1)] as [string, string]] : []),
  ];
}

/** Measures what the smaller network costs in accuracy, where data were given. */
export function measured(smaller: Model, { model, test, terminal }: Context): Accuracy | undefined {
  if (!test) return undefined;
  const before = evaluate(model, test).accuracy, after = evaluate(smaller, test).accuracy;
  terminal.say(
    `On ${test.name} (${formatNumber(test.count)} rows): accuracy ${
      formatPercent(before, 2)
    } before, ${terminal.style.bold(formatPercent(after, 2))} after, ${
      formatSigned(100 * (after - before), 3)
    } points.`,
  );
  return { data: test.name, before, after };
}

/**
 * Writes the smaller network and the page, each whole or not at all, and then says so. The exit code: 130
 * where Ctrl-C was pressed meanwhile.
 */
export async function written(
  { smaller, html }: { readonly smaller: Model; readonly html: (() => string) | undefined },
  { model, flags, terminal }: Context,
): Promise<{ readonly code: number; readonly saved?: Record<string, unknown> }> {
  const { out, report } = flags, page = report === undefined ? undefined : html?.();
  const interrupt = watchInterrupt();
  let saved: Record<string, unknown> | undefined;
  try {
    if (out !== undefined) {
      await writeWhole(out, save(smaller));
      const parameters = countParameters(smaller.config.layers);
      const before = countParameters(model.config.layers);
      const size = `${formatNumber(parameters)} numbers instead of ${formatNumber(before)}`;
      terminal.say(
        `Saved ${fileAddress(out)}: ${describe(smaller.config)}, ${size}${
          parameters < before ? "" : ", which is no fewer: ask for a smaller rank"
        }.`,
      );
      saved = { file: out, parameters };
    }
    if (report !== undefined && page !== undefined) {
      await writeWhole(report, page, "choose another place with --report");
      terminal.say(`Report: ${fileAddress(report)}`);
    }
    await interrupt.breathe();
  } finally {
    interrupt.release();
  }
  return {
    code: interrupt.signal.aborted ? exitCode.interrupted : exitCode.done,
    ...(saved && { saved }),
  };
}

/** The page on a decomposition. */
export function pageOf(
  found: Found,
  { errors, accuracy }: {
    readonly errors: readonly RankError[];
    readonly accuracy: Accuracy | undefined;
  },
  { path, model, flags, test, classes }: Context,
): string {
  const { relativeError, errorBound, parameterCount, ranks, trace, componentCount } = found;
  // the image of the data, else a square where the number of inputs is that of one
  const side = Math.sqrt(model.inputs);
  const image = test
    ? test.image
    : side >= 8 && Number.isInteger(side)
    ? { width: side, height: side }
    : undefined;
  const components = found.components(SHOWN);
  return decompositionReport({
    title: `${describe(model.config)}, by ${flags.method}`,
    subtitle: `What the weights of ${path} are made of.`,
    facts: [
      ...ranks.slice(0, 3).map(({ of, kept, all }) => ({
        label: `${of[0]!.toUpperCase()}${of.slice(1)}`,
        value: all === undefined ? kept : `${kept} of ${all}`,
      })),
      { label: "Relative error", value: formatNumber(relativeError) },
      ...(errorBound === undefined
        ? []
        : [{ label: "Its bound", value: formatNumber(errorBound) }]),
      { label: "Numbers", value: formatNumber(parameterCount) },
      ...(accuracy
        ? [{
          label: "Accuracy",
          value: `${formatPercent(accuracy.before, 2)} → ${formatPercent(accuracy.after, 2)}`,
        }]
        : []),
    ],
    ...{ classes, errors, components, componentCount, trace, spectra: found.spectra() },
    ...(image && { image }),
    rankLabel: found.against.of,
    ...(found.against.kept !== undefined && { rank: found.against.kept }),
    note: notesOf(found).join(" "),
    footer:
      `Made with odot ${version}, seed ${flags.seed}; this page loads nothing and runs nothing.`,
  });
}

/** What a program reads of it. */
export function jsonOf(found: Found, { path, flags }: Context): Record<string, unknown> {
  const { ranks, relativeError, errorBound, residual, converged, trace, parameterCount } = found;
  return {
    ...{ model: path, method: flags.method, seed: flags.seed, ranks, relativeError },
    ...(errorBound !== undefined && { errorBound }),
    ...(residual !== undefined && { residual }),
    ...{ converged, trace, parameters: parameterCount, degenerate: found.degenerate },
    spectra: found.spectra().map(({ values, ...rest }) => ({
      ...rest,
      values: Array.from(values),
    })),
  };
}

/** A plan, for programs. */
export function planJson({ bytes, flops, expectedSeconds, denseBytes }: Plan): unknown {
  return { bytes, flops, expectedSeconds, denseBytes };
}
