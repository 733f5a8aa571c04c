/**
 * The smallest useful SVG writer: escaping, elements, text and the frame every mark shares.
 *
 * @module
 */

import { paint } from "./theme.ts";

/** An attribute's value; `undefined` leaves the attribute out. */
export type Attribute = string | number | undefined;

/** Placement and looks of a piece of text inside a figure, all lengths in user units (CSS pixels). */
export interface TextOptions {
  /** Which point of the text sits at x; "start" unless told. */
  anchor?: "start" | "middle" | "end";
  /** Font size in user units, 12 unless told. */
  size?: number;
  /** Any SVG paint; the ink of the theme unless told. */
  fill?: string;
  /** CSS font weight, dimensionless; normal unless told. */
  weight?: number;
}

/** What every figure has: a size in user units, a name, and a description for those who cannot see it. */
export interface Frame {
  /** Width in user units. */
  width: number;
  /** Height in user units. */
  height: number;
  /** The figure's name: read aloud by screen readers and shown as a tooltip. */
  title: string;
  /** What the figure shows, in a sentence or two with its main numbers. */
  description: string;
}

/** System fonts only: a figure never fetches anything. */
export const fontStack: string =
  "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";

const entities: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/**
 * Escapes text for element content and quoted attributes of both SVG and HTML.
 *
 * Characters that XML 1.0 forbids (control characters, lone surrogates) become U+FFFD.
 *
 * @example
 * ```ts
 * import { escape } from "@odot/odot/report";
 * import { assertEquals } from "@std/assert";
 * assertEquals(escape(`<b title="x">&`), "&lt;b title=&quot;x&quot;&gt;&amp;");
 * ```
 */
export function escape(text: string): string {
  return text
    // deno-lint-ignore no-control-regex -- exactly the characters XML 1.0 (section 2.2) excludes
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu, "\ufffd")
    .replace(/[&<>"']/g, (character) => entities[character]!);
}

/** Rounds to a hundredth of a user unit: finer is invisible and only makes files larger. */
export function round(value: number): number {
  return Math.round(value * 100) / 100 || 0;
}

/**
 * Writes one element; attribute values are escaped, children are taken as markup.
 *
 * @throws RangeError where a numeric attribute is not finite: a mark that would draw nothing, silently.
 */
export function element(
  name: string,
  attributes: Record<string, Attribute>,
  ...children: string[]
): string {
  let open = `<${name}`;
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined) continue;
    if (typeof value === "number" && !Number.isFinite(value)) {
      throw new RangeError(`Cannot write ${key}="${value}" on <${name}>: not a finite number`);
    }
    open += ` ${key}="${typeof value === "number" ? round(value) : escape(value)}"`;
  }
  const content = children.join("");
  return content === "" ? `${open}/>` : `${open}>${content}</${name}>`;
}

/** A tooltip: the `<title>` child of whatever it explains. */
export function tooltip(content: string): string {
  return `<title>${escape(content)}</title>`;
}

/** A line of text with its baseline at (x, y), in user units. */
export function text(x: number, y: number, content: string, options: TextOptions = {}): string {
  return element("text", {
    x,
    y,
    "text-anchor": options.anchor === "start" ? undefined : options.anchor,
    "font-size": options.size,
    "font-weight": options.weight,
    fill: options.fill,
  }, escape(content));
}

/** A straight line between two points, in user units. */
export function line(
  x1: number,
  y1: number,
  x2: number,
  y2: number,
  attributes: Record<string, Attribute> = {},
): string {
  return element("line", { x1, y1, x2, y2, stroke: paint("rule"), ...attributes });
}

/** Estimated width of text in user units: no font is at hand to measure with, so a little generous. */
export function textWidth(content: string, size: number = 12, weight: number = 400): number {
  let ems = 0;
  for (const character of content) {
    if (/[\u1100-\u11ff\u2e80-\ua4cf\uac00-\ud7af\uf900-\ufaff\uff00-\uff60]/.test(character)) {
      ems += 1;
    } else if (/[iljft.,:;'|! ()[\]]/.test(character)) ems += 0.34;
    else if (/[mwMW@%—]/.test(character)) ems += 0.9;
    else ems += 0.62;
  }
  return ems * size * (weight >= 600 ? 1.1 : 1);
}

/** Text cut to a width in user units, with an ellipsis where something was left out. */
export function truncate(
  content: string,
  width: number,
  size: number = 12,
  weight: number = 400,
): string {
  if (textWidth(content, size, weight) <= width) return content;
  const characters = [...content];
  while (characters.length > 1 && textWidth(characters.join("") + "…", size, weight) > width) {
    characters.pop();
  }
  return characters.join("").trimEnd() + "…";
}

/** The `<svg>` around a figure: scales with its container, names and describes itself. */
export function frame(figure: Frame, ...children: string[]): string {
  return element(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      viewBox: `0 0 ${round(figure.width)} ${round(figure.height)}`,
      width: figure.width,
      height: figure.height,
      role: "img",
      "aria-label": figure.title,
      "font-family": fontStack,
      "font-size": 12,
      fill: paint("ink"),
      style: "max-width:100%;height:auto;font-variant-numeric:tabular-nums",
    },
    tooltip(figure.title),
    `<desc>${escape(figure.description)}</desc>`,
    ...children,
  );
}
