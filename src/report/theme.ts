/**
 * Named colors of the figures, light and dark: the one place to change how all of them look.
 *
 * @module
 */

/** What a color is for; marks name purposes and never write colors themselves. */
export type Paint =
  | "ink"
  | "muted"
  | "rule"
  | "axis"
  | "page"
  | "panel"
  | "zero"
  | "missing"
  | "positive"
  | "negative"
  | "contrast"
  | `series${1 | 2 | 3 | 4 | 5 | 6 | 7 | 8}`;

const paints: Record<Paint, readonly [light: string, dark: string]> = {
  /** Text and whatever else must be read. */
  ink: ["#1d2228", "#e4e6ea"],
  /** Axis labels, captions, second thoughts. */
  muted: ["#626b76", "#9aa3af"],
  /** Gridlines and hairlines. */
  rule: ["#e4e7eb", "#2f343b"],
  /** Zero lines and axes: a rule that means something. */
  axis: ["#aab1ba", "#5b636e"],
  /** The page. */
  page: ["#ffffff", "#15171a"],
  /** Panels, table heads, the track behind a bar. */
  panel: ["#f5f6f8", "#1c1f23"],
  /** Under image tiles: the color of the value zero. */
  zero: ["#ffffff", "#0f1113"],
  /** Not a number. */
  missing: ["#e0a800", "#d9a514"],
  /** Above zero, correct. */
  positive: ["#1f63c2", "#5b98ee"],
  /** Below zero, wrong. */
  negative: ["#c2333a", "#ee6a6c"],
  /** Text on a strongly colored cell. */
  contrast: ["#ffffff", "#0f1113"],
  series1: ["#1f63c2", "#6aa2f0"],
  series2: ["#c9641a", "#f0985a"],
  series3: ["#2b8a57", "#5cbf8a"],
  series4: ["#8a4bb8", "#be8ae6"],
  series5: ["#b32f6b", "#ec7fb0"],
  series6: ["#14808c", "#52bcc8"],
  series7: ["#7a6a1c", "#c9b458"],
  series8: ["#5d6673", "#a4adb9"],
};

/** How many colors the series of a chart take turns with, dimensionless. */
export const seriesCount: number = 8;

/** An SVG paint that follows the page's theme, and is the light color where there is no page. */
export function paint(name: Paint): string {
  return `var(--odot-${name},${paints[name][0]})`;
}

/** The color of the series at an index, dimensionless; they repeat after {@linkcode seriesCount}. */
export function seriesPaint(index: number): string {
  return paint(`series${index % seriesCount + 1}` as Paint);
}

/**
 * CSS that sets every color as a variable for light and, where the reader prefers it, dark screens;
 * print is always light. Include it in a page of your own that shows these figures.
 */
export function themeCss(): string {
  const declare = (theme: 0 | 1): string =>
    Object.entries(paints).map(([name, colors]) => `--odot-${name}:${colors[theme]}`).join(";");
  return `:root{color-scheme:light dark;${declare(0)}}
@media screen and (prefers-color-scheme:dark){:root{${declare(1)};--odot-glow:brightness(1.35)}}`;
}
