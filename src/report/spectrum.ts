/**
 * A spectrum: eigenvalues in descending order, coloured by sign.
 *
 * @module
 */

import { separate, tickRoom, verticalAxis } from "./axis.ts";
import type { Area } from "./axis.ts";
import { formatNumber, formatPercent } from "./format.ts";
import { linearScale } from "./scale.ts";
import type { Scale } from "./scale.ts";
import { element, frame, line, text, tooltip } from "./svg.ts";
import { paint } from "./theme.ts";

/** Options of {@linkcode spectrum}. */
export interface SpectrumOptions {
  /** The figure's name. */
  title: string;
  /** Name of the values; "eigenvalue" unless told. */
  yLabel?: string;
  /** How many of the greatest by magnitude are labelled; 4 unless told. */
  top?: number;
  /** Draws only so many, the greatest by magnitude, and says so; all unless told. */
  most?: number;
  /** Width in user units, 480 unless told. */
  width?: number;
  /** Height in user units, 240 unless told. */
  height?: number;
}

const pitch = 14;

/** Where the bars are. */
interface Bars {
  values: readonly number[];
  scale: Scale;
  /** Left edge of a bar. */
  left(index: number): number;
  thick: number;
  band: number;
}

/** Labels at the tips of the top bars of one sign; a leader connects those that had to move. */
function labels(
  chosen: readonly number[],
  sign: 1 | -1,
  bars: Bars,
  bounds: [number, number],
): string {
  const tips = chosen.map((index) => bars.scale.map(bars.values[index]!));
  const wanted = tips.map((tip) => sign > 0 ? tip - 5 : tip + 13);
  const places = [...wanted];
  if (bars.band < 44) {
    // Bars shrink away from the end of the axis, so moving labels outwards keeps them off the bars.
    const order = chosen.map((_, i) => i).sort((a, b) => sign * (wanted[b]! - wanted[a]!));
    for (let i = 1; i < order.length; i++) {
      const near = places[order[i - 1]!]! - sign * pitch, own = places[order[i]!]!;
      places[order[i]!] = sign > 0 ? Math.min(own, near) : Math.max(own, near);
    }
    places.splice(0, places.length, ...separate(places, pitch, ...bounds));
  }
  return chosen.map((index, i) => {
    const left = bars.left(index),
      x = bars.band >= 44 ? left + bars.thick / 2 : sign > 0 ? left : left + bars.thick,
      y = places[i]!;
    const moved = Math.abs(y - wanted[i]!) >= 2;
    const leader = line(x, tips[i]!, x, sign > 0 ? y + 2 : y - 9, { stroke: paint("axis") });
    return (moved ? leader : "") +
      text(x + (moved ? sign * 4 : 0), y, formatNumber(bars.values[index]!), {
        size: 11.5,
        anchor: bars.band >= 44 ? "middle" : sign > 0 ? "start" : "end",
        fill: paint(sign > 0 ? "positive" : "negative"),
        weight: 600,
      });
  }).join("");
}

/**
 * Draws eigenvalues as bars in descending order, positive blue and negative red, the greatest labelled.
 *
 * @param values eigenvalues in any order, in the units of the output; NaN are left out and mentioned
 * @returns an `<svg>` element
 *
 * @example
 * ```ts
 * import { spectrum } from "@odot/odot/report";
 * import { assert } from "@std/assert";
 * assert(spectrum([3, -1, 0.5], { title: "Spectrum of digit 3" }).includes("−1"));
 * ```
 */
export function spectrum(values: ArrayLike<number>, options: SpectrumOptions): string {
  const { title, width = 480, height = 240, yLabel = "eigenvalue" } = options;
  const all = Array.from(values).filter(Number.isFinite).sort((a, b) => b - a);
  const missing = values.length - all.length;
  const sorted = [...all].sort((a, b) => Math.abs(b) - Math.abs(a))
    .slice(0, Math.max(1, options.most ?? all.length)).sort((a, b) => b - a);
  const top = sorted.map((_, index) => index)
    .sort((a, b) => Math.abs(sorted[b]!) - Math.abs(sorted[a]!))
    .slice(0, Math.max(0, options.top ?? 4)).filter((index) => sorted[index] !== 0);
  const ups = top.filter((index) => sorted[index]! > 0),
    downs = top.filter((index) => sorted[index]! < 0);
  const area: Area = {
    left: 0,
    right: width - 2,
    top: 38 + Math.max(0, ups.length - 1) * 5,
    bottom: height - 38 - Math.max(0, downs.length - 1) * 5,
  };
  const domain = [Math.min(0, sorted.at(-1) ?? 0), Math.max(0, sorted[0] ?? 0)] as const;
  const scale = linearScale(domain, [area.bottom, area.top]);
  area.left = tickRoom(scale, 5);
  const band = (area.right - area.left) / Math.max(1, sorted.length);
  const thick = Math.max(0.75, Math.min(28, band * 0.8));
  const left = (index: number): number => area.left + (index + 0.5) * band - thick / 2;
  const placed: Bars = { values: sorted, scale, left, thick, band };
  const zero = scale.map(0);

  const bars = sorted.map((value, index) => {
    const y = scale.map(value);
    return element("rect", {
      x: left(index),
      y: Math.min(y, zero),
      width: thick,
      height: Math.max(0.5, Math.abs(y - zero)),
      fill: paint(value < 0 ? "negative" : "positive"),
      opacity: value === 0 ? 0.3 : undefined,
    }, tooltip(`${index + 1}: ${formatNumber(value, 4)}`));
  });

  const squares = (list: readonly number[]): number => {
    const most = Math.max(1e-300, Math.abs(domain[0]), domain[1]);
    return list.reduce((sum, value) => sum + (value / most) ** 2, 0);
  };
  const positive = all.filter((value) => value > 0).length;
  const negative = all.filter((value) => value < 0).length;
  const share = squares(top.map((index) => sorted[index]!)) / squares(all);
  const counts = sorted.length < all.length
    ? `${sorted.length} of ${all.length} drawn`
    : `${positive} positive, ${negative} negative`;
  const summary = sorted.length === 0 ? "No values" : counts +
    (top.length > 0 ? `; the labelled ${top.length} hold ${formatPercent(share)} of Σλ²` : "");
  const note = summary + (missing > 0 ? `; ${missing} not finite, left out` : "");
  return frame(
    { width, height, title, description: `${note}.` },
    sorted.length === 0 ? "" : verticalAxis(scale, area, 5),
    text(0, 12, sorted.length === 0 ? "" : `↑ ${yLabel}`, { size: 11.5, fill: paint("muted") }),
    element("g", {}, ...bars),
    labels(ups, 1, placed, [30, zero]),
    labels(downs, -1, placed, [zero, height - 20]),
    text(area.left, height - 3, note, { size: 11.5, fill: paint("muted") }),
  );
}
