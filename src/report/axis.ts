/**
 * Axes in the calm style: light gridlines, muted numbers, names at the ends of their axes.
 *
 * @module
 */

import type { Scale } from "./scale.ts";
import { element, line, text, textWidth } from "./svg.ts";
import { paint } from "./theme.ts";

/** The rectangle the data are drawn in, in user units. */
export interface Area {
  /** Left edge. */
  left: number;
  /** Right edge. */
  right: number;
  /** Upper edge. */
  top: number;
  /** Lower edge. */
  bottom: number;
}

/** Room for the numbers of a vertical axis, in user units. */
export function tickRoom(scale: Scale, count: number): number {
  return Math.max(...scale.ticks(count).map((tick) => textWidth(tick.label, 11))) + 10;
}

/** Horizontal gridlines with their numbers left of the area, zero drawn stronger; name above. */
export function verticalAxis(scale: Scale, area: Area, count: number, name: string = ""): string {
  const ticks = scale.ticks(count).map(({ value, label }) => {
    const y = scale.map(value);
    return line(area.left, y, area.right, y, { stroke: paint(value === 0 ? "axis" : "rule") }) +
      text(area.left - 8, y + 4, label, { anchor: "end", size: 11, fill: paint("muted") });
  });
  const heading = name === ""
    ? ""
    : text(0, area.top - 12, `↑ ${name}`, { size: 11.5, fill: paint("muted") });
  return element("g", {}, ...ticks, heading);
}

/** Ticks and numbers below the area, as many as have room; name at the right, below. */
export function horizontalAxis(scale: Scale, area: Area, count: number, name: string = ""): string {
  let free = -Infinity;
  const ticks = scale.ticks(count).map(({ value, label }) => {
    const x = scale.map(value), half = textWidth(label, 11) / 2;
    const mark = line(x, area.bottom, x, area.bottom + 5, { stroke: paint("axis") });
    if (x - half < free) return mark;
    free = x + half + 8;
    return mark +
      text(x, area.bottom + 18, label, { anchor: "middle", size: 11, fill: paint("muted") });
  });
  const heading = name === "" ? "" : text(area.right, area.bottom + 36, `${name} →`, {
    anchor: "end",
    size: 11.5,
    fill: paint("muted"),
  });
  const base = line(area.left, area.bottom, area.right, area.bottom, { stroke: paint("axis") });
  return element("g", {}, base, ...ticks, heading);
}

/** Moves positions apart to at least `distance`, as little as possible, inside [low, high]; same order. */
export function separate(
  positions: readonly number[],
  distance: number,
  low: number,
  high: number,
): number[] {
  const order = positions.map((_, index) => index).sort((a, b) => positions[a]! - positions[b]!);
  const room = order.length > 1 ? Math.min(distance, (high - low) / (order.length - 1)) : distance;
  const placed = [...positions];
  let floor = low;
  for (const index of order) {
    placed[index] = Math.max(placed[index]!, floor);
    floor = placed[index]! + room;
  }
  let ceiling = high;
  for (const index of order.reverse()) {
    placed[index] = Math.min(placed[index]!, ceiling);
    ceiling = placed[index]! - room;
  }
  return placed;
}
