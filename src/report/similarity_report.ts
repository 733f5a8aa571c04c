/**
 * One page on how alike several models are.
 *
 * @module
 */

import { heatMap } from "./heat_map.ts";
import { page, type PageSection } from "./html.ts";
import { lineChart } from "./line_chart.ts";

/** Models that have a column each in the table of classes, at most. */
const LISTED = 12;

/** What {@linkcode similarityReport} takes. */
export interface SimilarityReportOptions {
  /** Heading. */
  readonly title: string;
  /** A sentence below the heading. */
  readonly subtitle?: string;
  /** Names of the models, in order. */
  readonly models: readonly string[];
  /** Cosines of every pair [models · models], row by row. */
  readonly cosines: ArrayLike<number>;
  /** What was compared; "coefficients" unless told. */
  readonly measure?: string;
  /** Where each phase of the sequence begins; no phases unless told. */
  readonly phases?: readonly number[];
  /** Cosine of each model with the first, for every class [models][classes]; not shown unless told. */
  readonly perClass?: {
    readonly classes: readonly string[];
    readonly cosines: readonly ArrayLike<number>[];
  };
  /** Further sections, such as on differences. */
  readonly sections?: readonly PageSection[];
  /** Text at the end of the page. */
  readonly footer?: string;
}

/**
 * One self-contained HTML page: the similarity of every pair as a heat map, and that of every class with
 * the first model.
 *
 * @throws {TypeError} where the cosines are not one for each pair of models.
 * @example
 * ```ts
 * import { report } from "@odot/odot";
 * const html = report.similarityReport({
 *   title: "Two checkpoints",
 *   models: ["early", "late"],
 *   cosines: [1, 0.4, 0.4, 1],
 * });
 * console.log(html.includes("early"));
 * ```
 */
export function similarityReport(options: SimilarityReportOptions): string {
  const { title, subtitle, models, cosines, phases = [], perClass, sections = [] } = options;
  const { measure = "coefficients" } = options;
  const starts = phases.filter((start) => start > 0);
  const map: PageSection = {
    title: "Every pair",
    text: `Cosine of the angle between the ${measure} of two models: 1 where one is a positive ` +
      "multiple of the other, 0 where they have nothing in common." +
      (starts.length > 0
        ? ` Lines cut the sequence into ${
          starts.length + 1
        } stretches that are most alike inside: ` +
          `they begin at ${phases.map((start) => models[start] ?? start).join(", ")}.`
        : ""),
    figures: [{
      svg: heatMap(cosines, { title: "Similarity", labels: models, limit: 1, cuts: starts }),
      caption: "Similarity of every pair of models.",
      wide: false,
    }],
  };
  return page({
    title,
    ...(subtitle === undefined ? {} : { subtitle }),
    sections: [map, ...(perClass ? [classSection(models, perClass)] : []), ...sections],
    footer: options.footer ?? "Made with odot. This page loads nothing and runs nothing.",
  });
}

function classSection(
  models: readonly string[],
  { classes, cosines }: NonNullable<SimilarityReportOptions["perClass"]>,
): PageSection {
  const chart = lineChart(
    classes.map((name, output) => ({
      name,
      points: cosines.map((own, model) => [model + 1, own[output]!] as const),
    })),
    { title: "Similarity by class", xLabel: "model", yLabel: "cosine with the first" },
  );
  return {
    title: "Class by class",
    ...(models.length > 2
      ? {
        figures: [{
          svg: chart,
          caption: `Each class beside its own in ${models[0]}, models in their order.`,
        }],
      }
      : {}),
    ...(models.length <= LISTED
      ? {
        table: {
          head: ["class", ...models.slice(1)],
          rows: classes.map((name, output) => [
            name,
            ...cosines.slice(1).map((own) => own[output]!),
          ]),
        },
      }
      : {}),
  };
}
