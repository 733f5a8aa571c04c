/**
 * Why a model decided as it did: one input, its logits, and for the leading classes the eigenvectors
 * that made them.
 *
 * The layout follows the explanation figures of "Bilinear MLPs enable weight-based mechanistic
 * interpretability" (Pearce, Dooms, Rigg, Oramas, Sharkey; 2024).
 *
 * @module
 */

import { contributionRow, rowHeight, rowWidth } from "./contribution_row.ts";
import type { ExplanationRow } from "./contribution_row.ts";
import { formatNumber, formatSigned } from "./format.ts";
import { checkImage, drawTile } from "./raster.ts";
import type { ImageScale, ImageSize } from "./raster.ts";
import { extent, linearScale } from "./scale.ts";
import { element, frame, line, text, textWidth, tooltip, truncate } from "./svg.ts";
import { paint } from "./theme.ts";

/** One explained input, as plain data. */
export interface Explanation extends ImageSize {
  /** The input [height · width]. */
  image: ArrayLike<number>;
  /** Index of the true class, where it is known. */
  label?: number;
  /** Index of the predicted class. */
  prediction: number;
  /** The model's output for every class [classes], in the units of the output. */
  logits: ArrayLike<number>;
  /** Names of the classes [classes]. */
  classes: readonly string[];
  /** The classes to explain, leading one first; three are usual. */
  rows: readonly ExplanationRow[];
}

/** Options of {@linkcode contributions}. */
export interface ContributionsOptions {
  /** The figure's name. */
  title: string;
  /** How the input's values become colors; "gray" unless told. Eigenvectors are always diverging. */
  scale?: ImageScale;
}

const leftColumn = 168;
const columnGap = 36;

/** Bars of all logits, the predicted class in full color, the true one marked. */
function logitBars(data: Explanation, top: number): { markup: string; bottom: number } {
  const pitch = 17;
  const logits = Array.from(data.logits);
  const names = data.classes.map((name) => truncate(name, 56, 11.5));
  const nameRoom = Math.max(0, ...names.map((name) => textWidth(name, 11.5))) + 8;
  const ends = extent(logits) ?? [0, 0];
  const scale = linearScale([Math.min(0, ends[0]), Math.max(0, ends[1])], [
    nameRoom,
    leftColumn - 40,
  ]);
  const zero = scale.map(0);
  const bars = logits.map((logit, index) => {
    const y = top + index * pitch;
    const predicted = index === data.prediction, truth = index === data.label;
    const end = Number.isFinite(logit) ? scale.map(logit) : zero;
    const marks = [predicted ? "predicted" : "", truth ? "true" : ""].filter(Boolean).join(", ");
    return element(
      "g",
      {},
      tooltip(
        `${data.classes[index]}: ${formatNumber(logit, 4)}${marks === "" ? "" : ` (${marks})`}`,
      ),
      text(nameRoom - 8, y + 12, names[index] ?? "", {
        anchor: "end",
        size: 11.5,
        ...(predicted || truth ? { weight: 700 } : { fill: paint("muted") }),
      }),
      element("rect", {
        x: Math.min(zero, end),
        y: y + 3,
        width: Math.max(0.75, Math.abs(end - zero)),
        height: pitch - 6,
        rx: 1.5,
        fill: paint(logit < 0 ? "negative" : "positive"),
        opacity: predicted ? 1 : 0.4,
      }),
      text(leftColumn, y + 12, formatNumber(logit), {
        anchor: "end",
        size: 11,
        ...(predicted ? { weight: 700 } : { fill: paint("muted") }),
      }),
      truth
        ? element("circle", {
          cx: nameRoom - 3,
          cy: y + pitch / 2 - 0.5,
          r: 2.2,
          fill: paint(predicted ? "positive" : "negative"),
        })
        : "",
    );
  });
  const bottom = top + logits.length * pitch;
  const base = logits.length > 0 ? line(zero, top, zero, bottom, { stroke: paint("axis") }) : "";
  return { markup: bars.join("") + base, bottom };
}

function describe(data: Explanation): string {
  const name = (index: number): string => data.classes[index] ?? `class ${index}`;
  const verdict = `Predicted ${name(data.prediction)}` +
    (data.label === undefined
      ? ""
      : data.label === data.prediction
      ? ", which is right"
      : `, truly ${name(data.label)}`);
  const rows = data.rows.map((row) =>
    `${name(row.class)}: logit ${formatNumber(row.logit)}, greatest contributions ` +
    `${row.contributions.slice(0, 3).map((value) => formatSigned(value)).join(", ") || "none"}` +
    (row.remainder === 0 ? "" : `, remainder ${formatSigned(row.remainder)}`)
  );
  return `${verdict}. ${rows.join(". ")}.`;
}

/**
 * Draws an explanation: the input and its logits on the left, a row for each explained class on the
 * right with its contributions λᵢ(vᵢ·x)² by rank and the eigenvectors that contribute most.
 *
 * All rows share one scale, so that bars of different classes can be compared.
 *
 * @returns an `<svg>` element
 * @throws TypeError where an image does not have width · height values or logits do not fit classes
 *
 * @example
 * ```ts
 * import { contributions } from "@odot/odot/report";
 * import { assert } from "@std/assert";
 * const svg = contributions({
 *   image: [0, 1, 1, 0], width: 2, height: 2, label: 1, prediction: 1,
 *   logits: [-1, 2.5], classes: ["dash", "slash"],
 *   rows: [{
 *     class: 1, logit: 2.5, contributions: [3, -0.75], remainder: 0.25,
 *     vectors: [{ eigenvalue: 3, contribution: 3, values: [0, 0.7, 0.7, 0] }],
 *   }],
 * }, { title: "A slash" });
 * assert(svg.includes("slash"));
 * ```
 */
export function contributions(data: Explanation, options: ContributionsOptions): string {
  checkImage(data.image, data, "the input");
  if (data.logits.length !== data.classes.length) {
    throw new TypeError(
      `Cannot draw ${data.logits.length} logits for ${data.classes.length} classes; ` +
        `give one name for each logit`,
    );
  }
  data.rows.forEach((row) =>
    row.vectors.forEach((vector, index) =>
      checkImage(vector.values, data, `vector ${index} of class ${row.class}`)
    )
  );
  const longer = Math.max(data.width, data.height);
  const size = longer > 140 ? 140 : Math.max(1, Math.round(130 / longer)) * longer;
  const across = size * data.width / longer, down = size * data.height / longer;
  const tile = drawTile(data.image, {
    x: 1,
    y: 1,
    across,
    width: data.width,
    height: data.height,
    scale: options.scale ?? "gray",
  });
  const name = (index: number): string => data.classes[index] ?? String(index);
  const right = data.label === data.prediction;
  const verdict = data.label === undefined
    ? `predicted ${name(data.prediction)}`
    : right
    ? `${name(data.prediction)}, predicted and true`
    : `predicted ${name(data.prediction)}, truly ${name(data.label)}`;
  const caption = text(0, down + 20, truncate(verdict, leftColumn + columnGap - 8), {
    weight: 600,
    fill: paint(data.label !== undefined && !right ? "negative" : "ink"),
  });
  const bars = logitBars(data, down + 34);

  const domain = extent(data.rows.flatMap((row) => Array.from(row.contributions))) ?? [0, 0];
  const rows = data.rows.map((row, index) =>
    element(
      "g",
      { transform: `translate(${leftColumn + columnGap} ${index * rowHeight(data)})` },
      contributionRow(row, {
        size: data,
        name: name(row.class),
        marks: [
          row.class === data.prediction ? "predicted" : "",
          row.class === data.label ? "true" : "",
        ].filter(Boolean),
        domain: [Math.min(0, domain[0]), Math.max(0, domain[1])],
      }),
    )
  );
  const width = leftColumn + columnGap +
    Math.max(0, ...data.rows.map((row) => rowWidth(row, data)));
  const height = Math.max(bars.bottom + 4, data.rows.length * rowHeight(data) - 8);
  return frame(
    { width, height, title: options.title, description: describe(data) },
    tile,
    caption,
    bars.markup,
    ...rows,
  );
}
