/**
 * The sections of a model's report that speak of the whole model: training, mistakes, eigenvectors.
 *
 * @module
 */

import { type Dataset, row } from "../data/mod.ts";
import type { Eigen } from "../decompose/mod.ts";
import { barChart, largestEntries } from "./bar_chart.ts";
import { confusionMatrix } from "./confusion_matrix.ts";
import { type AtlasVector, eigenvectorAtlas } from "./eigenvector_atlas.ts";
import { formatNumber, formatPercent } from "./format.ts";
import type { PageFigure, PageSection } from "./html.ts";
import { imageGrid } from "./image_grid.ts";
import { lineChart } from "./line_chart.ts";
import type { ReportSource, TrainingPoint } from "./model_report.ts";

/** Eigenvectors of either sign that are shown for a class. */
const SHOWN = 4;

/** Mistakes that are shown. */
const MISTAKES = 20;

/** Loss and accuracy by epoch. */
export function trainingSection(history: readonly TrainingPoint[]): PageSection {
  const last = history.at(-1)!;
  const over = (pick: (point: TrainingPoint) => number): [number, number][] =>
    history.map((point) => [point.epoch, pick(point)]);
  const measured = history.some(({ validationLoss }) => validationLoss !== undefined);
  const loss = lineChart([
    { name: "training", points: over((point) => point.loss) },
    ...(measured
      ? [{ name: "validation", points: over((point) => point.validationLoss ?? NaN) }]
      : []),
  ], { title: "Loss", xLabel: "epoch", yLabel: "cross-entropy, nats", yScale: "log" });
  const accuracy = lineChart([
    { name: "training", points: over((point) => 100 * point.trainingAccuracy) },
    ...(measured ? [{ name: "validation", points: over((point) => 100 * point.accuracy) }] : []),
  ], { title: "Accuracy", xLabel: "epoch", yLabel: "accuracy, %", yLimits: [0, 100] });
  return {
    title: "How it learned",
    text:
      `${last.epoch} ${
        last.epoch === 1 ? "pass" : "passes"
      } over the training data. Training figures are means over each pass, ` +
      "taken before every update and with the noise that was added; validation figures are taken after the pass, without noise.",
    figures: [
      { svg: loss, caption: "Mean cross-entropy by epoch, on a logarithmic scale." },
      { svg: accuracy, caption: "Share of rows whose largest output is their label, by epoch." },
    ],
  };
}

/** Confusion matrix, and the inputs that are furthest from being right. */
export function mistakesSection({ test, classes, findings }: ReportSource): PageSection {
  const { evaluation, predictions, margins } = findings;
  const wrong = [...predictions.keys()].filter((i) => predictions[i] !== test.labels[i])
    .sort((a, b) => margins[a]! - margins[b]!).slice(0, MISTAKES);
  const confusion: PageFigure = {
    svg: confusionMatrix(evaluation.confusion, { title: "Confusion matrix", labels: classes }),
    caption: "Rows are true classes, columns predictions. Mistakes are shaded by the square root " +
      "of their share, so that rare ones are seen.",
  };
  const gallery: PageFigure[] = test.image && wrong.length > 0
    ? [{
      svg: imageGrid(wrong.map((index) => row(test, index)), {
        ...test.image,
        title: "Worst mistakes",
        scale: "gray",
        columns: 5,
        captions: wrong.map((i) =>
          `${classes[test.labels[i]!]} → ${classes[predictions[i]!]}\nrow ${i}`
        ),
      }),
      caption: "The mistakes made with the greatest margin: true class → prediction.",
    }]
    : [];
  return {
    title: "What it mistakes",
    text: `${formatNumber(evaluation.correct)} of ${
      formatNumber(evaluation.count)
    } rows of ${test.name} are right: ${formatPercent(evaluation.accuracy, 2)}.`,
    figures: [confusion, ...gallery],
  };
}

/** The eigenvectors of largest and of most negative eigenvalue for every class. */
export function vectorsSection({ test, classes, findings }: ReportSource): PageSection {
  const { eigens } = findings.explainer, { image } = test;
  const { interactions } = findings.explainer;
  const biased = eigens.some((_, output) => {
    const { linear, constant } = interactions.output(output);
    return constant !== 0 || linear.some((value) => value !== 0);
  });
  const text = "A logit is a sum of λ (v·x)² over the eigenvectors v of its class" +
    (biased
      ? ", plus a linear part and a constant, which come from the biases and are not shown here. "
      : ". ") +
    "An input that resembles an " +
    "eigenvector of positive eigenvalue λ, or its negative, raises the logit; one that resembles an " +
    "eigenvector of negative eigenvalue lowers it. These come from the weights alone, without data. " +
    "The sign of a vector means nothing, since (v·x)² is the same for −v.";
  const title = "What each class looks for";
  if (image) {
    const rows = eigens.map((part, output) => ({
      name: classes[output]!,
      ...average(test, output),
      positive: leading(part, 1),
      negative: leading(part, -1),
    }));
    // two figures side by side, which stack where the page is narrow
    const half = (sign: "positive" | "negative", which: string): PageFigure => ({
      svg: eigenvectorAtlas(
        rows.map((one) => ({ ...one, positive: [], negative: [], [sign]: one[sign] })),
        { ...image, title: `Eigenvectors of ${sign} eigenvalue` },
      ),
      caption: `For every class, the average of its test images and the ${SHOWN} eigenvectors of ` +
        `${which} eigenvalue, with their eigenvalues.`,
      wide: false,
    });
    return {
      title,
      text,
      figures: [half("positive", "largest"), half("negative", "most negative")],
    };
  }
  const figures = eigens.flatMap((part, output) =>
    [...leading(part, 1).slice(0, 1), ...leading(part, -1).slice(0, 1)].map((vector) => {
      const name = `${classes[output]}: λ = ${formatNumber(vector.eigenvalue)}`;
      return { svg: barChart(largestEntries(vector.values), { title: name }), caption: name };
    })
  );
  return { title, text, figures };
}

/** The leading eigenpairs of one sign. */
function leading({ values, vectors }: Eigen, sign: 1 | -1): AtlasVector[] {
  return [...values.keys()].filter((i) => sign * values[i]! > 0)
    .sort((a, b) => sign * (values[b]! - values[a]!)).slice(0, SHOWN)
    .map((i) => ({
      eigenvalue: values[i]!,
      values: vectors.data.subarray(i * vectors.columns, (i + 1) * vectors.columns),
    }));
}

/** The mean of the rows of one class, where it has any. */
function average(test: Dataset, label: number): { average?: Float64Array } {
  const { features, inputs, labels } = test, total = new Float64Array(features);
  let count = 0;
  labels.forEach((own, index) => {
    if (own !== label) return;
    count++;
    for (let i = 0; i < features; i++) total[i] = total[i]! + inputs[index * features + i]!;
  });
  return count > 0 ? { average: total.map((value) => value / (count * test.divisor)) } : {};
}
