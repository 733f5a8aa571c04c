/**
 * A matrix as colors: similarities of checkpoints, correlations.
 *
 * @module
 */

import { extent } from "./scale.ts";
import { formatNumber } from "./format.ts";
import { checkImage, countMissing, drawKey, drawTile, greatest } from "./raster.ts";
import { element, frame, line, text, textWidth, tooltip, truncate } from "./svg.ts";
import { paint } from "./theme.ts";

/** Options of {@linkcode heatMap}. */
export interface HeatMapOptions {
  /** The figure's name. */
  title: string;
  /** Names of the rows, which are those of the columns too. */
  labels: readonly string[];
  /** The |value| at full strength; the greatest unless told. */
  limit?: number;
  /** Rows before which a line is drawn across, such as the beginnings of phases. */
  cuts?: readonly number[];
}

/** Up to so many rows every cell has its number written in. */
const written = 12;
/** Height that a label needs in user units. */
const labelHeight = 15;

/**
 * Draws a square matrix row by row from the top, signed colors around 0, with the numbers where there is
 * room for them and names where they do not collide.
 *
 * @param values entries [labels · labels], row by row
 * @returns an `<svg>` element
 * @throws TypeError where the values are not one for each pair of labels
 *
 * @example
 * ```ts
 * import { heatMap } from "@odot/odot/report";
 * import { assert } from "@std/assert";
 * const svg = heatMap([1, 0.4, 0.4, 1], { title: "Similarity", labels: ["step 100", "step 200"] });
 * assert(svg.startsWith("<svg"));
 * ```
 */
export function heatMap(values: ArrayLike<number>, options: HeatMapOptions): string {
  const { title, labels, cuts = [] } = options, count = labels.length;
  if (count === 0) {
    if (values.length > 0) checkImage(values, { width: 0, height: 0 }, "a heat map");
    return frame(
      { width: 240, height: 40, title, description: "No values." },
      text(0, 24, "No values", { fill: paint("muted") }),
    );
  }
  checkImage(values, { width: count, height: count }, "a heat map");
  const cell = count <= written ? 40 : Math.max(2, 360 / count), side = cell * count;
  const room = Math.min(120, Math.max(...labels.map((label) => textWidth(label)))) + 10;
  const limit = options.limit ?? greatest(values), top = 2;
  const ends = extent(Array.from(values)), missing = countMissing(values);
  const every = Math.ceil(labelHeight / cell);
  const names = labels.map((label, i) =>
    i % every === 0
      ? text(
        room - 8,
        top + (i + 0.5) * cell + 4,
        truncate(label, room),
        {
          anchor: "end",
        },
      )
      : ""
  );
  const numbers = count > written ? [] : Array.from(values, (value, at) => {
    const row = Math.floor(at / count), column = at % count;
    return element(
      "g",
      {},
      tooltip(`${labels[row]} and ${labels[column]}: ${formatNumber(value)}`),
      text(
        room + (column + 0.5) * cell,
        top + (row + 0.5) * cell + 4,
        Number.isNaN(value) ? "?" : short(value),
        {
          anchor: "middle",
          size: 11,
          ...(Math.abs(value) > 0.6 * limit ? { fill: paint("contrast") } : {}),
        },
      ),
    );
  });
  const lines = cuts.filter((cut) => cut > 0 && cut < count).flatMap((cut) => {
    const at = cut * cell, strong = { stroke: paint("ink"), "stroke-width": 1.5 };
    return [
      line(room, top + at, room + side, top + at, strong),
      line(room + at, top, room + at, top + side, strong),
    ];
  });
  const range = ends ? `${formatNumber(ends[0])} to ${formatNumber(ends[1])}` : "no finite value";
  const notes = [`−${formatNumber(limit)} … ${formatNumber(limit)}`, `here ${range}`]
    .concat(missing > 0 ? [`${missing} not a number (yellow)`] : []).join(" · ");
  const keyTop = top + side + 10;
  return frame(
    {
      width: Math.max(room + side + 2, room + 82 + textWidth(notes, 11)),
      height: keyTop + 14,
      title,
      description: `A matrix of ${count} × ${count} values, ${range}` +
        (cuts.length > 0
          ? `, cut before ${cuts.map((cut) => labels[cut] ?? cut).join(", ")}.`
          : "."),
    },
    drawTile(values, {
      x: room,
      y: top,
      across: side,
      width: count,
      height: count,
      scale: "diverging",
      limit,
    }),
    ...numbers,
    ...lines,
    ...names,
    drawKey(room, keyTop, 72),
    text(room + 82, keyTop + 9, notes, { size: 11, fill: paint("muted") }),
  );
}

/** Two decimals where they say enough, in the width of a cell. */
function short(value: number): string {
  return Math.abs(value) < 10 && Math.abs(value) >= 0.005
    ? value.toFixed(2).replace("-", "−")
    : formatNumber(value);
}
