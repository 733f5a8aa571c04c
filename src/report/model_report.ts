/**
 * One page on one model: how it learned, what it mistakes, what its weights look for, and why it decided
 * as it did on some inputs.
 *
 * @module
 */

import type { Dataset } from "../data/mod.ts";
import type { Model } from "../nn/mod.ts";
import { chooseExamples, exactnessSection, exampleSection } from "./example_sections.ts";
import { formatNumber, formatPercent } from "./format.ts";
import { type Fact, page, type PageSection } from "./html.ts";
import {
  fewerRank,
  type ModelFindings,
  modelFindings,
  type ReportProgress,
} from "./model_findings.ts";
import { mistakesSection, trainingSection, vectorsSection } from "./model_sections.ts";
import { rankSection, spectraSection } from "./rank_sections.ts";

/** What training gave after one pass; events of `train.fit` are such. */
export interface TrainingPoint {
  /** Pass over the data, from 1. */
  readonly epoch: number;
  /** Mean training loss, nats. */
  readonly loss: number;
  /** Share of training rows that were right, 0 to 1. */
  readonly trainingAccuracy: number;
  /** Share of validation rows that were right, 0 to 1. */
  readonly accuracy: number;
  /** Mean loss on the validation data, nats. */
  readonly validationLoss?: number;
}

/** What {@linkcode modelReport} takes. */
export interface ModelReportOptions {
  /** A model with exactly one bilinear layer. */
  readonly model: Model;
  /** Rows that it did not learn from; drawn as images where they have a width and a height. */
  readonly test: Dataset;
  /** What training gave, pass by pass. */
  readonly history?: readonly TrainingPoint[];
  /** Heading; "A bilinear network" unless told. */
  readonly title?: string;
  /** A sentence below the heading. */
  readonly subtitle?: string;
  /** Facts to show after those of the report. */
  readonly facts?: readonly Fact[];
  /** Names of the classes; their numbers unless told. */
  readonly classes?: readonly string[];
  /** Test rows to explain; right ones, a close call and mistakes unless told. */
  readonly examples?: readonly number[];
  /** Text at the end of the page: how and when it was made. */
  readonly footer?: string;
  /** Findings made before with {@linkcode modelFindings} for the same model and data. */
  readonly findings?: ModelFindings;
  /** Called while long work goes on. */
  readonly onProgress?: ReportProgress;
}

/** What every section draws from. */
export interface ReportSource {
  readonly test: Dataset;
  readonly classes: readonly string[];
  readonly findings: ModelFindings;
}

/**
 * One self-contained HTML page on a model: training curves, confusion and mistakes, eigenvectors and
 * spectra of every class, accuracy by rank, explained inputs, and how well their parts add up.
 *
 * @throws {TypeError} when the model has not exactly one bilinear layer or does not fit the data, or
 * names of classes are too few; {RangeError} for an example that is no test row.
 * @example
 * ```ts
 * import { data, nn, report } from "@odot/odot";
 * const test = data.dataset({ inputs: Float32Array.of(0, 0, 0, 1, 1, 0, 1, 1), labels: [0, 1, 1, 0] });
 * const model = nn.sequential([nn.bilinear(2, 4), nn.linear(4, 2)], { seed: 1 });
 * const html = report.modelReport({ model, test, title: "Exclusive or" });
 * console.log(html.length);
 * model[Symbol.dispose]();
 * ```
 */
export function modelReport(options: ModelReportOptions): string {
  const { model, test, history = [], title = "A bilinear network", facts = [] } = options;
  const classes = options.classes ?? Array.from({ length: model.outputs }, (_, i) => String(i));
  if (classes.length !== model.outputs) {
    throw new TypeError(
      `Cannot name ${model.outputs} outputs with ${classes.length} names: give one for each`,
    );
  }
  const outside = options.examples?.find((row) => !(Number.isInteger(row) && row in test.labels));
  if (outside !== undefined) {
    throw new RangeError(
      `Cannot explain row ${outside} of ${test.name}: its rows are 0 to ${test.count - 1}`,
    );
  }
  const progress = options.onProgress;
  const findings = options.findings ??
    modelFindings(model, test, progress ? { onProgress: (s, t) => progress(s, 0.9 * t) } : {});
  progress?.("drawing", 0.9);
  const source: ReportSource = { test, classes, findings };
  const examples = options.examples ?? chooseExamples(source);
  const sections: PageSection[] = [
    ...(history.length > 0 ? [trainingSection(history)] : []),
    mistakesSection(source),
    vectorsSection(source),
    rankSection(source),
    spectraSection(source),
    ...(examples.length > 0 ? [exampleSection(source, examples)] : []),
    exactnessSection(source, examples),
  ];
  const html = page({
    title,
    subtitle: options.subtitle ??
      "Every output of this network is an exact quadratic polynomial of its input, so its weights can be read.",
    facts: [...ownFacts(model, findings), ...facts],
    sections,
    footer: options.footer ?? "Made with odot. This page loads nothing and runs nothing.",
  });
  progress?.("done", 1);
  return html;
}

function ownFacts(model: Model, findings: ModelFindings): Fact[] {
  const { evaluation, exactness } = findings;
  const parameters = [...model.parameters.values()].reduce((sum, { size }) => sum + size, 0);
  const enough = fewerRank(findings);
  return [
    { label: "Test accuracy", value: formatPercent(evaluation.accuracy, 2) },
    {
      label: `Mistakes in ${formatNumber(evaluation.count)}`,
      value: evaluation.count - evaluation.correct,
    },
    { label: "Parameters", value: parameters.toLocaleString("en-US") },
    ...(enough ? [{ label: "Eigenvectors a class¹", value: enough.rank }] : []),
    { label: "Parts add up to within", value: formatNumber(exactness.residual, 2) },
  ];
}
