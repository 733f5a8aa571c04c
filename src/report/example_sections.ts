/**
 * The sections of a model's report that speak of single inputs: explanations, and how well they add up.
 *
 * @module
 */

import { type Dataset, row } from "../data/mod.ts";
import type { Explainer, Explanation as Parts } from "../interpret/mod.ts";
import { barChart } from "./bar_chart.ts";
import type { ExplanationRow } from "./contribution_row.ts";
import { contributions, type Explanation } from "./contributions.ts";
import { formatNumber } from "./format.ts";
import type { PageFigure, PageSection, PageTable } from "./html.ts";
import type { ReportSource } from "./model_report.ts";

/** Classes that are explained for an input. */
const CLASSES = 3;

/** Eigenvectors of either sign that are drawn for a class. */
const VECTORS = 3;

/** More eigenvectors than any class has. */
const ALL = Number.MAX_SAFE_INTEGER;

/** The indices of the largest values, the largest first. */
function order(values: ArrayLike<number>): number[] {
  return Array.from(values, (_, i) => i).sort((a, b) => values[b]! - values[a]! || a - b);
}

/**
 * Test rows worth looking at: right ones of two classes, the closest call among the right ones, the
 * closest and the clearest mistake.
 */
export function chooseExamples({ test, findings }: ReportSource): number[] {
  const { predictions, margins } = findings;
  const rows = [...predictions.keys()].sort((a, b) => margins[a]! - margins[b]! || a - b);
  const right = rows.filter((i) => predictions[i] === test.labels[i]);
  const wrong = rows.filter((i) => predictions[i] !== test.labels[i]);
  const isRight = (_: number, i: number): boolean => predictions[i] === test.labels[i];
  const found = (index: number): number | undefined => index < 0 ? undefined : index;
  const first = found(predictions.findIndex(isRight));
  const second = found(
    predictions.findIndex((p, i) => isRight(p, i) && test.labels[i] !== test.labels[first ?? 0]),
  );
  const chosen = [first, second, right[0], wrong.at(-1), wrong[0]];
  return [...new Set(chosen.filter((index) => index !== undefined))];
}

/** One explained class as the figure takes it. */
function rowOf(parts: Parts): ExplanationRow {
  const strongest = (sign: 1 | -1) =>
    parts.evidence.filter(({ contribution }) => sign * contribution > 0).slice(0, VECTORS);
  return {
    class: parts.output,
    logit: parts.logit,
    contributions: [...parts.contributions],
    vectors: [...strongest(1), ...strongest(-1)].map(({ eigenvalue, contribution, vector }) => ({
      eigenvalue,
      contribution,
      values: vector,
    })),
    remainder: parts.linear + parts.constant,
  };
}

/** What {@linkcode explanationOf} takes. */
export interface ExplanationSource {
  /** The eigenvectors of the model. */
  readonly explainer: Explainer;
  /** Where the input is. */
  readonly test: Dataset;
  /** Names of the outputs; their numbers unless told. */
  readonly classes?: readonly string[];
}

/**
 * One row of a dataset, explained, as the figure {@linkcode contributions} takes it: its three leading
 * classes and the true one, or the given outputs. A row that is no image is drawn as a strip.
 *
 * @throws {RangeError} when there is no such row or output.
 */
export function explanationOf(
  { explainer, test, classes }: ExplanationSource,
  index: number,
  outputs?: readonly number[],
): Explanation {
  const input = row(test, index);
  const { logits, prediction } = explainer.explain(input, { top: 0 });
  const label = test.labels[index]!;
  const wanted = outputs ?? [...new Set([...order(logits).slice(0, CLASSES), label])];
  return {
    ...(test.image ?? { width: test.features, height: 1 }),
    image: input,
    label,
    prediction,
    logits,
    classes: classes ?? Array.from(logits, (_, output) => String(output)),
    rows: wanted.map((output) => rowOf(explainer.explain(input, { output, top: ALL }))),
  };
}

function exampleFigure(source: ReportSource, index: number): PageFigure {
  const { test, classes, findings } = source;
  const label = test.labels[index]!, predicted = findings.predictions[index]!;
  const verdict = label === predicted
    ? `a ${classes[label]}, and predicted so`
    : `a ${classes[label]}, taken for ${classes[predicted]}`;
  const title = `Row ${index}: ${verdict}`;
  const caption = `${title}. Margin ${formatNumber(findings.margins[index]!)}.`;
  const { explainer } = findings;
  if (test.image) {
    const explained = explanationOf({ explainer, test, classes }, index);
    return { svg: contributions(explained, { title }), caption };
  }
  const { evidence } = explainer.explain(row(test, index), { output: predicted });
  const bars = evidence.map(({ eigenvalue, contribution }, i) => ({
    label: `${i + 1}: λ = ${formatNumber(eigenvalue)}`,
    value: contribution,
  }));
  return { svg: barChart(bars, { title }), caption };
}

/** Why the model decided as it did on some test rows. */
export function exampleSection(source: ReportSource, examples: readonly number[]): PageSection {
  return {
    title: "Why it decided",
    text:
      "Each figure takes one test row apart, for the three classes with the largest logits, and the true one " +
      "where it is none of them: what every eigenvector adds (bars by rank, what raises the logit upwards, what lowers it downwards), and the " +
      "eigenvectors that add and take away most. The margin is the logit of the true class minus the " +
      "best other one: below zero, the answer is wrong.",
    figures: examples.map((index) => exampleFigure(source, index)),
  };
}

/** How well parts add up to logits, and the sums of the explained rows. */
export function exactnessSection(source: ReportSource, examples: readonly number[]): PageSection {
  const { test, classes, findings: { exactness, explainer } } = source;
  const rows: PageTable["rows"] = examples.map((index) => {
    const parts = explainer.explain(row(test, index));
    const sum = (sign: 1 | -1): number =>
      parts.contributions.reduce((total, part) => sign * part > 0 ? total + part : total, 0);
    return [
      `${index}`,
      classes[parts.output]!,
      sum(1),
      sum(-1),
      parts.linear + parts.constant,
      parts.logit,
      formatNumber(parts.residual, 2),
    ];
  });
  return {
    title: "The parts add up",
    text:
      `${formatNumber(exactness.count)} logits were computed twice: from the layers, and as the ` +
      `sum of what their eigenvectors, linear and constant parts add. The largest difference is ${
        formatNumber(exactness.residual, 2)
      }, where the largest logit is ${formatNumber(exactness.largest)}: rounding in 64-bit ` +
      `arithmetic. The network itself runs in 32 bits, and its logits differ from these by at most ${
        formatNumber(exactness.rounding, 2)
      }.`,
    ...(rows.length > 0
      ? {
        table: {
          head: [
            "row",
            "predicted",
            "adds",
            "takes away",
            "linear and constant",
            "logit",
            "difference",
          ],
          rows,
        },
      }
      : {}),
  };
}
