/**
 * The sections of a model's report that speak of its eigenvalues: how many are needed, and all of them.
 *
 * @module
 */

import type { Eigen } from "../decompose/mod.ts";
import { formatPercent } from "./format.ts";
import type { PageSection } from "./html.ts";
import { lineChart, type Series } from "./line_chart.ts";
import { fewerRank } from "./model_findings.ts";
import type { ReportSource } from "./model_report.ts";
import { spectrum } from "./spectrum.ts";

/** Eigenvalues that are drawn in a spectrum. */
const DRAWN = 48;

/** Accuracy by rank, and how many eigenvalues matter. */
export function rankSection({ classes, findings }: ReportSource): PageSection {
  const { accuracyByRank: ranks, evaluation, effectiveRanks, explainer } = findings;
  const full = evaluation.accuracy, enough = fewerRank(findings);
  const chart = lineChart([
    { name: "", points: ranks.map(({ rank, accuracy }) => [rank, 100 * accuracy]) },
  ], {
    title: "Accuracy by rank",
    xLabel: "eigenvectors kept for each class",
    yLabel: "test accuracy, %",
    yLimits: [0, 100],
    xScale: "log",
    references: [{ value: 100 * full, label: `whole model: ${formatPercent(full, 2)}` }],
  });
  const energy = lineChart(energySeries(explainer.eigens, classes), {
    title: "Energy by rank",
    xLabel: "eigenvectors kept",
    yLabel: "share of Σλ², %",
    yLimits: [0, 100],
    xScale: "log",
  });
  const said = enough
    ? `¹ With ${enough.rank} of ${
      explainer.eigens[0]!.spectrum.length
    } eigenvectors for each class the accuracy is ${
      formatPercent(enough.accuracy, 2)
    }: at most half a percentage point below ${formatPercent(full, 2)}. `
    : "";
  return {
    title: "How few eigenvectors are enough",
    text: said +
      "The effective rank says how many eigenvalues matter; four definitions are in use, and they differ.",
    figures: [
      {
        svg: chart,
        caption: "Test accuracy when every class keeps its eigenvectors of largest |λ|.",
      },
      {
        svg: energy,
        caption:
          "Share of Σλ² that the eigenvectors of largest |λ| hold: the mean of all classes, " +
          "and the classes that need the fewest and the most eigenvectors for nine tenths of it.",
      },
    ],
    table: {
      head: [
        "class",
        "(Σ|λ|)² / Σλ²",
        "exp H(|λ|)",
        "exp H(λ²)",
        "Σλ² / max λ²",
        "largest λ",
        "most negative λ",
      ],
      rows: effectiveRanks.map((found, i) => {
        const { spectrum: values } = explainer.eigens[i]!;
        return [
          classes[i]!,
          ...[found.participation, found.entropy, found.energyEntropy, found.stable].map(tenths),
          values.at(-1) ?? 0,
          values[0] ?? 0,
        ];
      }),
    },
  };
}

/** A number to one decimal. */
function tenths(value: number): number {
  return Number(value.toFixed(1));
}

/** Share of Σλ² by rank, %: the mean of all classes, the most and the least concentrated one. */
function energySeries(eigens: readonly Eigen[], classes: readonly string[]): Series[] {
  const held = eigens.map(({ spectrum: values }) => {
    const squares = Array.from(values, (value) => value * value).sort((a, b) => b - a);
    const total = squares.reduce((sum, square) => sum + square, 0);
    let sum = 0;
    return squares.map((square) => total > 0 ? 100 * (sum += square) / total : 100);
  });
  const ranks = held[0]!.map((_, i) => i + 1);
  const needed = held.map((shares) => shares.findIndex((share) => share >= 90));
  const order = [...held.keys()].sort((a, b) => needed[a]! - needed[b]!);
  const of = (output: number): Series => ({
    name: `class ${classes[output]}`,
    points: ranks.map((rank) => [rank, held[output]![rank - 1]!]),
  });
  const mean = ranks.map((rank) =>
    held.reduce((sum, shares) => sum + shares[rank - 1]!, 0) / held.length
  );
  return [
    { name: "mean", points: ranks.map((rank) => [rank, mean[rank - 1]!]) },
    ...(held.length > 2 ? [of(order[0]!), of(order.at(-1)!)] : []),
  ];
}

/** The leading eigenvalues of every class. */
export function spectraSection({ classes, findings }: ReportSource): PageSection {
  const { eigens } = findings.explainer;
  return {
    title: "Spectra",
    text:
      "The eigenvalues of every class in descending order, the positive ones blue. Long bars at " +
      "the ends and short ones between mean that a few eigenvectors say nearly all there is to say.",
    figures: eigens.map(({ spectrum: values }, output) => ({
      svg: spectrum(values, { title: `Spectrum of ${classes[output]}`, height: 190, most: DRAWN }),
      caption: `Class ${classes[output]}: ${
        values.length > DRAWN ? `the ${DRAWN} eigenvalues of largest magnitude` : "all eigenvalues"
      }.`,
    })),
  };
}
