import type { Model } from "../nn/mod.ts";
import { countParameters, describe } from "../nn/mod.ts";
import {
  certifiedAccuracy,
  certifiedFacts,
  certifiedSections,
  formatNumber,
  formatPercent,
  intervalFactor,
  medianRadius,
  page,
  tellingRadii,
} from "../report/mod.ts";
import type { Survey } from "./certify_survey.ts";
import type { Rows } from "./certify_rows.ts";
import { called, type ClassNames } from "./classes.ts";
import { table } from "./tables.ts";
import type { Terminal } from "./terminal.ts";
import { version } from "./version.ts";

/** Says what a survey found. */
export function saySurvey(found: Survey, names: ClassNames, terminal: Terminal): void {
  const { attacked = [], intervals = [], lower, radius, rival, predicted, labels } = found;
  const { say, style } = terminal;
  const radii = attacked.length > 0 ? attacked.map((one) => one.radius) : tellingRadii(lower);
  const rows = radii.map((at, i) => [
    formatNumber(at),
    formatPercent(certifiedAccuracy(found, at)),
    attacked[i] ? formatPercent(attacked[i].accuracy) : "–",
  ]);
  say(`Accuracy on ${found.name} that stays within an L2 radius:`);
  for (const line of table(["radius", "certified", "attacked"], rows, style)) say(line);
  const right = [...labels as Int32Array].map((label, i) => predicted[i] === label ? i : -1)
    .filter((i) => i >= 0);
  const losses = right.filter((i) => radius[i]! > 0 && radius[i]! < Infinity)
    .map((i) => 1 - lower[i]! / radius[i]!).sort((a, b) => a - b);
  const loss = losses[Math.floor(losses.length / 2)] ?? 0;
  say(
    `\nMedian exact radius ${style.bold(formatNumber(medianRadius(found)))} over the ${
      formatNumber(right.length)
    } rows that are right; the rounding of the network in f32 costs ${
      formatPercent(loss, 2)
    } of it (median). ${formatNumber(found.milliseconds, 2)} ms a row.`,
  );
  const factor = intervalFactor(found);
  if (factor !== undefined) {
    say(
      `Interval propagation proves radii ${
        style.bold(`${formatNumber(factor)} times`)
      } smaller (median of ${formatNumber(intervals.length)} rows).`,
    );
  }
  const counts = new Map<string, number>();
  for (const i of right) {
    const pair = `${called(names, labels[i]!)} → ${called(names, rival[i]!)}`;
    counts.set(pair, (counts.get(pair) ?? 0) + 1);
  }
  const common = [...counts].sort(([, a], [, b]) => b - a).slice(0, 5);
  if (common.length > 0) {
    const listed = common.map(([pair, count]) => `${pair} (${formatNumber(count)})`);
    say(`Nearest rivals: ${listed.join(", ")}.`);
  }
  if (found.violations > 0) {
    say(
      style.red(
        `${found.violations} attacks succeeded inside a certified radius: please report this.`,
      ),
    );
  }
}

/** A survey as plain data. */
export function surveyJson(found: Survey): Record<string, unknown> {
  const { attacked = [], lower } = found;
  const radii = attacked.length > 0 ? attacked.map((one) => one.radius) : tellingRadii(lower);
  return {
    rows: found.done,
    accuracy: certifiedAccuracy(found, 0),
    medianRadius: medianRadius(found),
    intervalFactor: intervalFactor(found) ?? null,
    millisecondsPerRow: found.milliseconds,
    violations: found.violations,
    curve: radii.map((radius, i) => ({
      radius,
      certified: certifiedAccuracy(found, radius),
      attacked: attacked[i]?.accuracy ?? null,
    })),
    ...(found.interrupted === undefined ? {} : { interrupted: found.interrupted }),
  };
}

/** A survey as CSV, a line a row. */
export function surveyCsv(
  { labels, predicted, radius, lower, rival, done }: Survey,
  rows: Rows,
): string {
  return csvText(
    ["row", "label", "predicted", "radius", "proven", "rival"],
    Array.from({ length: done }, (_, i) => [
      ...[rows.indices[i]!, labels[i]!, predicted[i]!, radius[i]!, lower[i]!, rival[i]!],
    ]),
  );
}

/** Numbers and words as CSV. */
export function csvText(
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string {
  return [head, ...rows].map((cells) => `${cells.join(",")}\n`).join("");
}

/** One page on a survey. */
export function surveyPage(
  found: Survey,
  model: Model,
  { title, seed }: { readonly title?: string | undefined; readonly seed: number },
): string {
  return page({
    title: title ?? "What this network can and cannot be made to say",
    subtitle:
      `${describe(model.config)}: every output is an exact quadratic polynomial of the input, so ` +
      "the distance to the nearest input of another class is known exactly, not bounded.",
    facts: [
      ...certifiedFacts(found),
      { label: "Milliseconds a row", value: formatNumber(found.milliseconds, 2) },
      { label: "Parameters", value: countParameters(model.config.layers).toLocaleString("en-US") },
    ],
    sections: certifiedSections(found),
    footer:
      `Rows drawn with seed ${seed}. Made with odot ${version}; this page loads nothing and runs nothing.`,
  });
}
