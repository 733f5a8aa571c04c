/**
 * Lines over a shared horizontal axis: loss curves, accuracy against rank.
 *
 * @module
 */

import { horizontalAxis, separate, tickRoom, verticalAxis } from "./axis.ts";
import type { Area } from "./axis.ts";
import { formatNumber } from "./format.ts";
import { pathThrough, stretches, thin } from "./path.ts";
import { extent, linearScale, logScale } from "./scale.ts";
import type { Scale } from "./scale.ts";
import { element, frame, line, text, textWidth, tooltip, truncate } from "./svg.ts";
import { paint, seriesPaint } from "./theme.ts";

/** One line of a chart. */
export interface Series {
  /** What the line is, written at its end. */
  name: string;
  /** Points [x, y] in drawing order; NaN in either makes a gap. */
  points: readonly (readonly [x: number, y: number])[];
  /** How it is drawn; "solid" unless told. */
  style?: "solid" | "dashed" | "dots";
}

/** A value to compare with: a thin line across the chart. */
export interface Reference {
  /** Where, in the units of its axis. */
  value: number;
  /** What it is. */
  label: string;
  /** The axis the value is on; "y" unless told. */
  axis?: "x" | "y";
}

/** Options of {@linkcode lineChart}. */
export interface LineChartOptions {
  /** The figure's name. */
  title: string;
  /** Name and unit of the horizontal axis. */
  xLabel: string;
  /** Name and unit of the vertical axis. */
  yLabel: string;
  /** "linear" unless told; "log" leaves out what is not positive. */
  xScale?: "linear" | "log";
  /** "linear" unless told; "log" leaves out what is not positive. */
  yScale?: "linear" | "log";
  /** Values at the ends of the vertical axis; those of the data unless told. */
  yDomain?: readonly [number, number];
  /** Values that the vertical axis does not pass, as 0 and 100 %; none unless told. */
  yLimits?: readonly [number, number];
  /** Values to compare with. */
  references?: readonly Reference[];
  /** Width in user units, 480 unless told. */
  width?: number;
  /** Height in user units, 280 unless told. */
  height?: number;
}

/** Up to so many lines carry their names at their ends; more share a legend above. */
const mostDirect = 8;

function scaleOf(
  kind: "linear" | "log" | undefined,
  values: number[],
  range: [number, number],
  nice: boolean,
): Scale {
  if (kind === "log") return logScale(extent(values.filter((v) => v > 0)) ?? [1, 10], range);
  return linearScale(extent(values) ?? [0, 1], range, { nice });
}

/** A linear scale that ends at the limits, where it would pass them. */
function within(
  scale: Scale,
  limits: readonly [number, number] | undefined,
  range: [number, number],
): Scale {
  if (!limits) return scale;
  const [low, high] = scale.domain;
  if (low >= limits[0] && high <= limits[1]) return scale;
  return linearScale([Math.max(low, limits[0]), Math.min(high, limits[1])], range);
}

function drawSeries(series: Series, color: string, x: Scale, y: Scale): string {
  const parts = stretches(series.points.map(([a, b]) => [x.map(a), y.map(b)] as const));
  const d = parts.filter((part) => part.length > 1).map((part) => pathThrough(thin(part))).join("");
  const path = d === "" || series.style === "dots" ? "" : element("path", {
    d,
    fill: "none",
    stroke: color,
    "stroke-width": series.points.length > 400 ? 1.25 : 2,
    "stroke-linejoin": "round",
    "stroke-linecap": "round",
    "stroke-dasharray": series.style === "dashed" ? "5 5" : undefined,
  });
  const few = series.points.length <= 24 || series.style === "dots";
  const alone = new Set(parts.filter((part) => part.length === 1).map((part) => part[0]!.join()));
  const dots = series.points.map(([a, b]) => {
    const cx = x.map(a), cy = y.map(b);
    if (!Number.isFinite(cx) || !Number.isFinite(cy)) return "";
    if (!few && !alone.has([cx, cy].join())) return "";
    return element(
      "circle",
      { cx, cy, r: 3, fill: color, stroke: paint("page"), "stroke-width": 1 },
      tooltip(`${series.name}: ${formatNumber(a)}, ${formatNumber(b, 4)}`),
    );
  });
  return element("g", {}, path, ...dots);
}

function drawReference(reference: Reference, x: Scale, y: Scale, area: Area): string {
  const dashes = { stroke: paint("muted"), "stroke-dasharray": "2 3" };
  const style = { size: 11, fill: paint("muted") };
  if (reference.axis === "x") {
    const at = x.map(reference.value);
    const right = at + textWidth(reference.label, 11) + 6 > area.right;
    return line(at, area.top, at, area.bottom, dashes) +
      text(at + (right ? -5 : 5), area.top + 10, reference.label, {
        ...style,
        anchor: right ? "end" : "start",
      });
  }
  const at = y.map(reference.value);
  // near the top its label would meet the name of the axis
  const below = at < area.top + 16;
  return line(area.left, at, area.right, at, dashes) +
    text(area.left + 4, below ? at + 14 : at - 5, reference.label, style);
}

/** Names in rows above the chart, each after a short line of its color. */
function legend(series: readonly Series[], width: number): { markup: string; height: number } {
  let x = 0, y = 12;
  const entries = series.map((one, index) => {
    const room = textWidth(one.name, 11.5) + 34;
    if (x > 0 && x + room > width) {
      x = 0;
      y += 18;
    }
    const entry = line(x, y - 4, x + 16, y - 4, { stroke: seriesPaint(index), "stroke-width": 2 }) +
      text(x + 21, y, truncate(one.name, width - 30, 11.5), { size: 11.5 });
    x += room;
    return entry;
  });
  return { markup: entries.join(""), height: y + 8 };
}

/** Said in place of axes: numbers along an empty chart would be made up. */
function noData(area: Area): string {
  const middle = (area.top + area.bottom) / 2;
  return line(0, area.bottom, area.right, area.bottom, { stroke: paint("axis") }) +
    text(area.right / 2, middle, "No data", { anchor: "middle", fill: paint("muted") });
}

function describe(series: readonly Series[], options: LineChartOptions): string {
  const parts = series.map(({ name, points }) => {
    const drawn = points.filter(([a, b]) => Number.isFinite(a) && Number.isFinite(b));
    const first = drawn[0], last = drawn.at(-1);
    return first === undefined || last === undefined
      ? `${name}: no points`
      : `${name}: from ${formatNumber(first[1])} at ${formatNumber(first[0])} to ` +
        `${formatNumber(last[1])} at ${formatNumber(last[0])}`;
  });
  return `${options.yLabel} against ${options.xLabel}. ${parts.join("; ")}.`;
}

/**
 * Draws lines, each named at its end, over a linear or logarithmic plane.
 *
 * @returns an `<svg>` element
 *
 * @example
 * ```ts
 * import { lineChart } from "@odot/odot/report";
 * import { assert } from "@std/assert";
 * const series = [{ name: "training", points: [[1, 0.9], [2, 0.4], [3, 0.2]] as const }];
 * const svg = lineChart(series, { title: "Loss", xLabel: "epoch", yLabel: "loss", yScale: "log" });
 * assert(svg.includes("training"));
 * ```
 */
export function lineChart(series: readonly Series[], options: LineChartOptions): string {
  const { title, width = 480, height = 280, references = [] } = options;
  const direct = series.length <= mostDirect;
  const named = series.filter(({ name }) => name !== "");
  const key = direct ? { markup: "", height: 0 } : legend(series, width);
  const room = direct && named.length > 0
    ? Math.min(width * 0.34, Math.max(...named.map(({ name }) => textWidth(name, 11.5, 600))) + 12)
    : 8;
  const area: Area = { left: 0, right: width - room, top: key.height + 28, bottom: height - 42 };
  const points = series.flatMap((one) => one.points);
  const on = (axis: "x" | "y"): number[] =>
    references.filter((one) => (one.axis ?? "y") === axis).map((one) => one.value);
  const ys = options.yDomain ? [...options.yDomain] : [...points.map(([, b]) => b), ...on("y")];
  const y = within(
    scaleOf(options.yScale, ys, [area.bottom, area.top], options.yDomain === undefined),
    options.yLimits,
    [area.bottom, area.top],
  );
  area.left = tickRoom(y, 5);
  const x = scaleOf(options.xScale, [...points.map(([a]) => a), ...on("x")], [
    area.left + 4,
    area.right - 4,
  ], false);

  const ends = named.map((one) => {
    const last = one.points.findLast(([a, b]) =>
      Number.isFinite(x.map(a)) && Number.isFinite(y.map(b))
    );
    return {
      one,
      at: last === undefined ? area.bottom : y.map(last[1]),
      drawn: last !== undefined,
    };
  }).filter(({ drawn }) => drawn);
  const places = separate(ends.map(({ at }) => at), 15, area.top, area.bottom);
  const names = direct
    ? ends.map(({ one }, index) =>
      text(area.right + 6, places[index]! + 4, truncate(one.name, room - 6, 11.5, 600), {
        size: 11.5,
        weight: 600,
        fill: seriesPaint(series.indexOf(one)),
      })
    )
    : [];
  const count = Math.max(2, Math.round((area.right - area.left) / 70));
  const empty = !points.some(([a, b]) => Number.isFinite(x.map(a)) && Number.isFinite(y.map(b)));
  return frame(
    { width, height, title, description: describe(series, options) },
    key.markup,
    ...(empty ? [noData(area)] : [
      verticalAxis(y, area, 5, options.yLabel),
      horizontalAxis(x, area, count, options.xLabel),
    ]),
    ...references.filter(({ value }) => !empty && Number.isFinite(value)).map((one) =>
      drawReference(one, x, y, area)
    ),
    ...series.map((one, index) => drawSeries(one, seriesPaint(index), x, y)),
    ...names,
  );
}
