/**
 * Horizontal bars with their names on the left and their values at their ends.
 *
 * @module
 */

import { formatNumber } from "./format.ts";
import { extent, linearScale } from "./scale.ts";
import { element, frame, line, text, textWidth, tooltip, truncate } from "./svg.ts";
import { paint } from "./theme.ts";

/** One bar. */
export interface Bar {
  /** What it is. */
  label: string;
  /** How long it is, in the units of the data; below zero goes left. NaN has no bar and says so. */
  value: number;
}

/** Options of {@linkcode barChart}. */
export interface BarChartOptions {
  /** The figure's name. */
  title: string;
  /** How values are printed; three significant digits unless told. */
  format?: (value: number) => string;
  /** Width in user units, 480 unless told. */
  width?: number;
}

const rowHeight = 24;

/**
 * Draws one horizontal bar for each item, in the given order.
 *
 * @returns an `<svg>` element
 *
 * @example
 * ```ts
 * import { barChart } from "@odot/odot/report";
 * import { assert } from "@std/assert";
 * const svg = barChart([{ label: "seven", value: 4.2 }, { label: "one", value: -1 }], { title: "Logits" });
 * assert(svg.includes("−1"));
 * ```
 */
export function barChart(items: readonly Bar[], options: BarChartOptions): string {
  const { title, width = 480, format = formatNumber } = options;
  const names = items.map(({ label }) => truncate(label, width * 0.36));
  const nameRoom = Math.max(0, ...names.map((name) => textWidth(name))) + 10;
  const ends = extent(items.map(({ value }) => value)) ?? [0, 0];
  const valueRoom = Math.max(0, ...items.map(({ value }) => textWidth(format(value), 11.5))) + 8;
  const left = nameRoom + (ends[0] < 0 ? valueRoom : 0),
    right = width - (ends[1] > 0 ? valueRoom : 8);
  const scale = linearScale([Math.min(0, ends[0]), Math.max(0, ends[1])], [
    left,
    Math.max(left + 20, right),
  ]);
  // A domain of zeros only was widened to both sides; bars still start at the left.
  const zero = ends[0] === 0 && ends[1] === 0 ? left : scale.map(0);

  const rows = items.map(({ label, value }, index) => {
    const y = index * rowHeight, baseline = y + rowHeight / 2 + 4;
    const finite = Number.isFinite(value);
    const end = finite && value !== 0 ? scale.map(value) : zero;
    const below = value < 0;
    return element(
      "g",
      {},
      tooltip(`${label}: ${format(value)}`),
      text(nameRoom - 10, baseline, names[index]!, { anchor: "end" }),
      finite
        ? element("rect", {
          x: Math.min(zero, end),
          y: y + 4,
          width: Math.max(0.75, Math.abs(end - zero)),
          height: rowHeight - 8,
          rx: 1.5,
          fill: paint(below ? "negative" : "positive"),
          opacity: 0.9,
        })
        : "",
      text(end + (below && finite ? -6 : 6), baseline, format(value), {
        anchor: below && finite ? "end" : "start",
        size: 11.5,
        fill: paint("muted"),
      }),
    );
  });
  const height = Math.max(1, items.length) * rowHeight + 2;
  return frame(
    {
      width,
      height,
      title,
      description: items.length === 0
        ? "No bars."
        : `${items.map(({ label, value }) => `${label}: ${format(value)}`).join("; ")}.`,
    },
    ...rows,
    items.length === 0
      ? text(0, 16, "No data", { fill: paint("muted") })
      : line(zero, 0, zero, height - 2, { stroke: paint("axis") }),
  );
}

/** Bars that a vector has at most. */
const ENTRIES = 12;

/** The largest entries of a vector, as bars. */
export function largestEntries(values: ArrayLike<number>): Bar[] {
  return Array.from(values, (value, index) => ({ label: `x${index}`, value }))
    .sort((a, b) => Math.abs(b.value) - Math.abs(a.value)).slice(0, ENTRIES);
}
