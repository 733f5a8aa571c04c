/**
 * What was certified about a model, as sections of a page: accuracy that no change can take away, beside
 * what attacks leave of it, and the nearest inputs of another class.
 *
 * @module
 */

import {
  certifiedAccuracy,
  type CertifiedFindings,
  intervalFactor,
  medianRadius,
  middle,
  quantile,
  tellingRadii,
} from "./certified_findings.ts";
import { type Counterfactual, counterfactuals } from "./counterfactuals.ts";
import { formatNumber, formatPercent } from "./format.ts";
import type { Fact, PageFigure, PageSection } from "./html.ts";
import { lineChart } from "./line_chart.ts";
import { greatest } from "./raster.ts";

/** Points of a drawn curve, at most. */
const POINTS = 160;

/** The figures that sum up what was certified. */
export function certifiedFacts(findings: CertifiedFindings): Fact[] {
  const median = medianRadius(findings), factor = intervalFactor(findings);
  return [
    { label: "Accuracy", value: formatPercent(certifiedAccuracy(findings, 0), 1) },
    { label: "Median exact radius", value: formatNumber(median) },
    ...(factor === undefined ? [] : [
      { label: "Times what intervals prove", value: formatNumber(factor) },
    ]),
  ];
}

/**
 * The sections on certificates: accuracy against the radius, the nearest other class of some inputs, and
 * of every class.
 *
 * @throws {TypeError} when the arrays differ in length.
 * @example
 * ```ts
 * import { certifiedSections, page } from "@odot/odot/report";
 * const html = page({
 *   title: "Certified",
 *   sections: certifiedSections({
 *     ...{ name: "three points", labels: [0, 1, 1], predicted: [0, 1, 0], rival: [1, 0, 0] },
 *     ...{ radius: [0.5, 0.2, 0], lower: [0.49, 0.199, 0] },
 *     attacked: [{ radius: 0.3, accuracy: 1 / 3 }],
 *   }),
 * });
 * console.log(html.length);
 * ```
 */
export function certifiedSections(findings: CertifiedFindings): PageSection[] {
  const { labels, predicted, radius, lower, rival, examples = [] } = findings;
  const lengths = [predicted, radius, lower, rival].map(({ length }) => length);
  if (lengths.some((length) => length !== labels.length)) {
    throw new TypeError(
      `Cannot report on ${labels.length} inputs with ${
        lengths.join(", ")
      } predictions, radii, proven radii and rivals: give one of each for every input`,
    );
  }
  return [
    accuracySection(findings),
    ...(examples.length > 0 ? [nearestSection(findings, examples)] : []),
    rivalsSection(findings),
  ];
}

function accuracySection(findings: CertifiedFindings): PageSection {
  const { labels, predicted, lower, intervals = [], attacked = [], name } = findings;
  const telling = tellingRadii(lower);
  const radii = attacked.length > 0 ? attacked.map(({ radius }) => radius) : telling;
  const within = (values: ArrayLike<number>, count: number): (at: number) => number => (at) => {
    let kept = 0;
    for (let i = 0; i < count; i++) if (predicted[i] === labels[i] && values[i]! >= at) kept++;
    return kept / count;
  };
  const certified = within(lower, labels.length), byIntervals = within(intervals, intervals.length);
  const end = Math.max(quantile(lower, 0.99), ...radii);
  const curve = (share: (at: number) => number): [number, number][] =>
    Array.from({ length: POINTS + 1 }, (_, i) => {
      const at = end * i / POINTS;
      return [at, 100 * share(at)];
    });
  const chart = lineChart([
    { name: "certified", points: curve(certified) },
    ...(attacked.length > 0
      ? [{
        name: "attacked",
        points: attacked.map(({ radius, accuracy }) => [radius, 100 * accuracy] as const),
        style: "dots" as const,
      }]
      : []),
    ...(intervals.length > 0 ? [{ name: "intervals", points: curve(byIntervals) }] : []),
  ], {
    ...{ title: "Accuracy against the radius", xLabel: "L2 radius, in the unit of the input" },
    ...{ yLabel: "accuracy, %", yDomain: [0, 100], width: 520, height: 300 },
  });
  const factor = intervalFactor(findings);
  return {
    title: "What no small change can alter",
    text:
      `Of ${name}, the share that is right and provably stays right however the input moves by up to an ` +
      "L2 radius (certified), rounding of the network in f32 included, beside what gradient attacks leave " +
      "of it. No attack can go below what is certified, and no proof above what attacks leave: the truth " +
      "lies between." +
      (factor === undefined
        ? ""
        : ` Interval propagation, where verifiers of other networks start, proves radii ${
          formatNumber(factor)
        } times smaller on the same inputs (median).`),
    figures: [{
      svg: chart,
      caption: `Accuracy of ${name} within a radius: certified from below, attacked from above.` +
        (intervals.length > 0
          ? ` Intervals: the same guarantee by interval propagation, on ${
            formatNumber(intervals.length)
          } of them.`
          : ""),
    }],
    table: {
      head: [
        "radius",
        "certified",
        ...(attacked.length > 0 ? ["attacked"] : []),
        ...(intervals.length > 0 ? ["by intervals"] : []),
      ],
      rows: radii.map((at, i) => [
        at,
        formatPercent(certified(at), 1),
        ...(attacked.length > 0 ? [formatPercent(attacked[i]!.accuracy, 1)] : []),
        ...(intervals.length > 0 ? [formatPercent(byIntervals(at), 1)] : []),
      ]),
    },
  };
}

function nearestSection(
  { image, classes }: CertifiedFindings,
  examples: readonly Counterfactual[],
): PageSection {
  const called = (index: number): string => classes?.[index] ?? String(index);
  const text =
    "The nearest input at which another class draws level. No smaller change of the input alters the class, " +
    "and the difference shows what the network looks at where it is weakest.";
  const title = "The smallest changes that matter";
  if (!image) {
    return {
      title,
      text,
      table: {
        head: ["row", "class", "nearest other class", "length of the change", "largest entry"],
        rows: examples.map(({ index, label, rival, radius, change }) => [
          String(index),
          called(label),
          called(rival),
          radius,
          formatNumber(Array.from(change).reduce((a, b) => Math.abs(b) > Math.abs(a) ? b : a, 0)),
        ]),
      },
    };
  }
  const half = Math.ceil(examples.length / 2);
  const limit = Math.max(0, ...examples.map(({ change }) => greatest(change)));
  const figure = (some: readonly Counterfactual[], part: string): PageFigure => ({
    svg: counterfactuals(some, {
      ...{ ...image, limit },
      title: `Smallest changes, ${part}`,
      ...(classes ? { classes } : {}),
    }),
    caption:
      "Each row: an input, the nearest point of the boundary, and the difference, blue where " +
      "it adds and red where it takes away.",
    wide: false,
  });
  return {
    title,
    text: `${text} It may lie outside the range of the data: then it is drawn cut off.`,
    figures: [
      figure(examples.slice(0, half), "first half"),
      ...(examples.length > half ? [figure(examples.slice(half), "second half")] : []),
    ],
  };
}

function rivalsSection(findings: CertifiedFindings): PageSection {
  const { labels, predicted, radius, rival, classes } = findings;
  const called = (index: number): string => classes?.[index] ?? String(index);
  const rows = [...new Set(Array.from(labels))].sort((a, b) => a - b).map((label) => {
    const own = Array.from(labels, (_, i) => i)
      .filter((i) => labels[i] === label && predicted[i] === label);
    const counts = new Map<number, number>();
    for (const i of own) {
      if (radius[i]! < Infinity) counts.set(rival[i]!, (counts.get(rival[i]!) ?? 0) + 1);
    }
    const [first, second] = [...counts].sort(([, a], [, b]) => b - a);
    const share = (entry: [number, number] | undefined): string =>
      entry ? `${called(entry[0])} (${formatPercent(entry[1] / own.length, 0)})` : "–";
    const middleRadius = middle(own.map((i) => radius[i]!));
    return [
      called(label),
      own.length,
      own.length > 0 ? middleRadius : "–",
      share(first),
      share(second),
    ];
  });
  return {
    title: "Which classes are neighbours",
    text:
      "For the inputs of each class that are right: the median of the exact radius, and the classes " +
      "that are nearest most often.",
    table: {
      head: ["class", "right inputs", "median radius", "nearest", "second"],
      rows,
    },
  };
}
