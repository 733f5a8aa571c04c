/**
 * Which classes a model takes for which.
 *
 * @module
 */

import { formatNumber, formatPercent } from "./format.ts";
import { element, frame, text, textWidth, tooltip, truncate } from "./svg.ts";
import { paint } from "./theme.ts";

/** Options of {@linkcode confusionMatrix}. */
export interface ConfusionMatrixOptions {
  /** The figure's name. */
  title: string;
  /** Names of the classes, one for each row. */
  labels: readonly string[];
}

/**
 * Draws counts [true class, predicted class]: right ones blue, mistakes red, shaded by their share
 * of the row (mistakes by its square root, so that rare ones are still seen), with the share of
 * each row that is right at its end.
 *
 * @returns an `<svg>` element
 * @throws TypeError where the counts are not square or do not fit the labels
 *
 * @example
 * ```ts
 * import { confusionMatrix } from "@odot/odot/report";
 * import { assert } from "@std/assert";
 * const svg = confusionMatrix([[9, 1], [0, 10]], { title: "Confusion", labels: ["cat", "dog"] });
 * assert(svg.includes("95.0%"));
 * ```
 */
export function confusionMatrix(
  counts: readonly ArrayLike<number>[],
  options: ConfusionMatrixOptions,
): string {
  const { title, labels } = options;
  const size = labels.length;
  if (counts.length !== size || counts.some((row) => row.length !== size)) {
    throw new TypeError(
      `Cannot draw a confusion matrix of ${counts.length} rows (lengths ${
        counts.map((row) => row.length).join(", ")
      }) for ${size} labels; give one row and one column for each label`,
    );
  }
  const widest = Math.max(
    0,
    ...counts.map((row) =>
      Math.max(0, ...Array.from(row, (n) => textWidth(formatNumber(n), 11.5)))
    ),
  );
  const cell = Math.max(34, widest + 8);
  const labelRoom = Math.min(120, Math.max(0, ...labels.map((label) => textWidth(label)))) + 12;
  const left = labelRoom + 18, top = 40, height = top + size * cell + 22;
  const edge = left + size * cell + 50, width = Math.max(edge, 200);
  const muted = { size: 11, fill: paint("muted") };

  const rows = counts.map((row, truth) => {
    const total = Array.from(row).reduce((sum, n) => sum + (n > 0 ? n : 0), 0);
    const y = top + truth * cell;
    const cells = Array.from(row, (count, predicted) => {
      const right = truth === predicted;
      const share = total > 0 && count > 0 ? Math.min(1, count / total) : 0;
      const strength = right ? share : Math.sqrt(share);
      const x = left + predicted * cell;
      return element(
        "g",
        {},
        tooltip(
          `${labels[truth]} taken for ${labels[predicted]}: ${formatNumber(count)} (${
            formatPercent(share, 2)
          })`,
        ),
        element("rect", { x, y, width: cell - 2, height: cell - 2, rx: 2, fill: paint("panel") }),
        strength > 0
          ? element("rect", {
            x,
            y,
            width: cell - 2,
            height: cell - 2,
            rx: 2,
            fill: paint(right ? "positive" : "negative"),
            "fill-opacity": 0.08 + 0.92 * strength,
          })
          : "",
        text(x + cell / 2 - 1, y + cell / 2 + 3, count === 0 ? "·" : formatNumber(count), {
          anchor: "middle",
          size: 11.5,
          ...(strength > 0.5
            ? { fill: paint("contrast") }
            : count === 0
            ? { fill: paint("muted") }
            : {}),
        }),
      );
    });
    return text(left - 8, y + cell / 2 + 3, truncate(labels[truth]!, labelRoom), {
      anchor: "end",
    }) +
      cells.join("") +
      text(edge, y + cell / 2 + 3, total > 0 ? formatPercent(row[truth]! / total) : "–", {
        ...muted,
        anchor: "end",
        size: 11.5,
      });
  });

  const columns = labels.map((label, index) =>
    text(left + index * cell + cell / 2 - 1, top - 8, truncate(label, cell - 2), {
      anchor: "middle",
    })
  );
  const all = counts.reduce(
    (sum, row) => sum + Array.from(row).reduce((a, b) => a + (b > 0 ? b : 0), 0),
    0,
  );
  const right = counts.reduce((sum, row, index) => sum + Math.max(0, row[index]! || 0), 0);
  const worst =
    counts.flatMap((row, truth) =>
      Array.from(row, (count, predicted) => ({ count, truth, predicted }))
    ).filter(({ truth, predicted, count }) => truth !== predicted && count > 0)
      .sort((a, b) => b.count - a.count)[0];
  const overall = all > 0
    ? `${formatPercent(right / all)} of ${formatNumber(all)} right`
    : "No counts";
  return frame(
    {
      width,
      height,
      title,
      description: `${overall}.` +
        (worst === undefined
          ? ""
          : ` Most frequent mistake: ${labels[worst.truth]} taken for ${labels[worst.predicted]}, ${
            formatNumber(worst.count)
          } times.`),
    },
    size > 0 ? text(left, 12, "predicted →", muted) + text(0, top - 8, "true ↓", muted) : "",
    text(left, height - 4, overall, muted),
    ...columns,
    ...rows,
  );
}
