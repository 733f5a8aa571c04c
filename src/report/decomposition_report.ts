/**
 * One page on one decomposition of a model.
 *
 * @module
 */

import {
  type Component,
  componentFigures,
  type ComponentOptions,
  type ModeSpectrum,
  spectraFigures,
} from "./decomposition_figures.ts";
import { errorFigure, type RankError } from "./error_figure.ts";
import { formatNumber } from "./format.ts";
import { type Fact, page, type PageSection, type PageTable } from "./html.ts";
import { lineChart } from "./line_chart.ts";

/** Up to so many sweeps are too few for a chart. */
const FEW = 5;

/** What {@linkcode decompositionReport} takes: plain data, from any method. */
export interface DecompositionReportOptions extends ComponentOptions {
  /** Heading. */
  readonly title: string;
  /** A sentence below the heading. */
  readonly subtitle?: string;
  /** What the decomposition comes down to. */
  readonly facts?: readonly Fact[];
  /** Spectra of its modes, bonds or forms. */
  readonly spectra?: readonly ModeSpectrum[];
  /** What must be known of it: sweeps that ran out, components that cancel. */
  readonly note?: string;
  /** Its parts, the largest first. */
  readonly components?: readonly Component[];
  /** How many parts there are, where not all are drawn. */
  readonly componentCount?: number;
  /** Errors of several ranks. */
  readonly errors?: readonly RankError[];
  /** What ranks count; "rank" unless told. */
  readonly rankLabel?: string;
  /** Rank of this decomposition, marked among the errors. */
  readonly rank?: number;
  /** Relative error after each sweep of an iterative method. */
  readonly trace?: readonly number[];
  /** A table at the end of the section on errors, such as ranks and sizes. */
  readonly table?: PageTable;
  /** Text at the end of the page. */
  readonly footer?: string;
}

/**
 * One self-contained HTML page on a decomposition: error against rank and by sweep, spectra of its modes,
 * and its components with their weights in every class.
 *
 * @example
 * ```ts
 * import { report } from "@odot/odot";
 * const html = report.decompositionReport({
 *   title: "CP of a small layer",
 *   classes: ["no", "yes"],
 *   errors: [{ rank: 1, relativeError: 0.5 }, { rank: 2, relativeError: 0.1 }],
 *   rank: 2,
 *   components: [{ name: "component 1", vectors: [{ name: "left", values: [1, -2] }] }],
 * });
 * console.log(html.startsWith("<!DOCTYPE html>"));
 * ```
 */
export function decompositionReport(options: DecompositionReportOptions): string {
  const { title, subtitle, facts, spectra = [], components = [], errors = [], footer } = options;
  const sections: PageSection[] = [
    ...errorSection(options, errors),
    ...(spectra.length > 0
      ? [{
        title: "Spectra",
        text: "How much of the layer goes through each direction, the largest first. Where the " +
          "values fall fast, few directions say nearly everything.",
        figures: spectraFigures(spectra),
      }]
      : []),
    ...(components.length > 0
      ? [{
        title: "Components",
        text: componentText(options),
        figures: componentFigures(components, options),
      }]
      : []),
  ];
  return page({
    title,
    ...(subtitle === undefined ? {} : { subtitle }),
    ...(facts === undefined ? {} : { facts }),
    sections,
    footer: footer ?? "Made with odot. This page loads nothing and runs nothing.",
  });
}

function errorSection(
  { rankLabel = "rank", rank, trace = [], table, note }: DecompositionReportOptions,
  errors: readonly RankError[],
): PageSection[] {
  const figures = [
    ...(errors.length > 1
      ? [errorFigure(errors, { xLabel: rankLabel, ...(rank === undefined ? {} : { kept: rank }) })]
      : []),
    ...(trace.length > FEW
      ? [{
        svg: lineChart([{ name: "", points: trace.map((error, i) => [i, 100 * error]) }], {
          title: "Error by sweep",
          xLabel: "sweep",
          yLabel: "‖B − B̂‖ / ‖B‖, %",
        }),
        caption: `Relative error after each sweep: ${formatNumber(trace[0]!)} at first, ${
          formatNumber(trace.at(-1)!)
        } at the end of ${trace.length - 1}.`,
      }]
      : []),
  ];
  if (figures.length === 0 && table === undefined && !note) return [];
  return [{
    title: "How much is kept",
    ...(note === undefined ? {} : { text: note }),
    figures,
    ...(table === undefined ? {} : { table }),
  }];
}

function componentText(
  { components = [], componentCount = components.length }: DecompositionReportOptions,
): string {
  const some = componentCount > components.length
    ? `The ${components.length} largest of ${componentCount}. `
    : "";
  return `${some}Images are scaled each to its own greatest value; the sign of a vector that enters ` +
    "as a square means nothing.";
}
