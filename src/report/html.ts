/**
 * One self-contained page: no script, no network, no fonts; light, dark and print.
 *
 * @module
 */

import { formatNumber } from "./format.ts";
import { pageCss } from "./style.ts";
import { escape } from "./svg.ts";

/** A number or a few words that sum up the report. */
export interface Fact {
  /** What it is. */
  label: string;
  /** Numbers are printed to four significant digits. */
  value: string | number;
}

/** A figure with its caption. */
export interface PageFigure {
  /** The `<svg>` string of a mark: the only markup a page takes as it is, so never pass foreign text. */
  svg: string;
  /** Plain text below the figure. */
  caption: string;
  /**
   * Whether it spans the page; unless told, figures wider than 540 user units do. Where it is false it
   * shrinks to any width.
   */
  wide?: boolean;
}

/** A table; columns of numbers are aligned on the right. */
export interface PageTable {
  /** Names of the columns. */
  head: readonly string[];
  /** Rows of cells; numbers are printed to four significant digits. */
  rows: readonly (readonly (string | number)[])[];
}

/** A part of the page with a heading. */
export interface PageSection {
  /** Fragment that links to it; made from the title unless told. */
  id?: string;
  /** Heading. */
  title: string;
  /** Plain text; an empty line starts a paragraph. */
  text?: string;
  /** Figures, in order; none unless told. */
  figures?: readonly PageFigure[];
  /** Table below the figures. */
  table?: PageTable;
}

/** Content of a page; all text is plain and will be escaped. */
export interface Page {
  /** Heading and document title. */
  title: string;
  /** A sentence below the title. */
  subtitle?: string;
  /** What the report comes down to. */
  facts?: readonly Fact[];
  /** Parts in order. */
  sections: readonly PageSection[];
  /** Plain text at the end: how and when the page was made. */
  footer?: string;
}

/** Figures wider than this, in user units, get a row of their own. */
const wideFrom = 540;

function cellText(value: string | number): string {
  return typeof value === "number" ? formatNumber(value, 4) : value;
}

/** A fragment identifier from a title: lower-case letters and digits of any script, joined by hyphens. */
function slug(title: string): string {
  return title.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-+|-+$/g, "") || "section";
}

function fragments(sections: readonly PageSection[]): string[] {
  const taken = new Set<string>();
  return sections.map((section) => {
    const base = slug(section.id ?? section.title);
    let name = base;
    for (let count = 2; taken.has(name); count++) name = `${base}-${count}`;
    taken.add(name);
    return name;
  });
}

function figureHtml({ svg, caption, wide }: PageFigure): string {
  const width = Number(/\bviewBox="0 0 ([\d.]+) /.exec(svg)?.[1] ?? 0);
  // Below two thirds of its size a figure's text is too small to read: it scrolls in its own box instead.
  const least = width > wideFrom && wide !== false ? Math.round(width * 0.68) : 0;
  const name = (wide ?? width > wideFrom) ? ` class="wide"` : "";
  const box = least > 0 ? `<div style="min-width:${least}px">${svg}</div>` : svg;
  return `<figure${name}>\n<div class="canvas"${least > 0 ? ` tabindex="0"` : ""}>${box}</div>\n` +
    (caption === "" ? "" : `<figcaption>${escape(caption)}</figcaption>\n`) + `</figure>\n`;
}

function tableHtml({ head, rows }: PageTable): string {
  const numeric = head.map((_, column) =>
    rows.length > 0 && rows.every((row) => typeof row[column] === "number")
  );
  const attribute = (column: number): string => numeric[column] ? ` class="number"` : "";
  const heading = head.map((name, column) =>
    `<th scope="col"${attribute(column)}>${escape(name)}</th>`
  );
  const body = rows.map((row) =>
    `<tr>${
      row.map((cell, column) => `<td${attribute(column)}>${escape(cellText(cell))}</td>`).join("")
    }</tr>`
  );
  return `<div class="table"><table>\n<thead><tr>${heading.join("")}</tr></thead>\n` +
    `<tbody>\n${body.join("\n")}\n</tbody>\n</table></div>\n`;
}

function sectionHtml(section: PageSection, fragment: string): string {
  const paragraphs = (section.text ?? "").split(/\n\s*\n/).map((part) => part.trim()).filter(
    Boolean,
  );
  const figures = section.figures ?? [];
  return `<section id="${escape(fragment)}">\n<h2>${escape(section.title)}</h2>\n` +
    paragraphs.map((part) => `<p>${escape(part)}</p>\n`).join("") +
    (figures.length > 0
      ? `<div class="figures">\n${figures.map(figureHtml).join("")}</div>\n`
      : "") +
    (section.table === undefined ? "" : tableHtml(section.table)) +
    `</section>\n`;
}

/**
 * Writes a whole HTML document that works without script or network, at any width and on paper.
 *
 * @returns the document's source
 *
 * @example
 * ```ts
 * import { barChart, page } from "@odot/odot/report";
 * import { assert } from "@std/assert";
 * const svg = barChart([{ label: "accuracy", value: 0.98 }], { title: "Accuracy" });
 * const html = page({
 *   title: "Digits",
 *   facts: [{ label: "Parameters", value: 150016 }],
 *   sections: [{ title: "Result", text: "As hoped.", figures: [{ svg, caption: "On the test set." }] }],
 * });
 * assert(html.startsWith("<!DOCTYPE html>"));
 * ```
 */
export function page(content: Page): string {
  const { title, subtitle, facts = [], sections, footer } = content;
  const names = fragments(sections);
  const links = sections.map((section, index) =>
    `<li><a href="#${escape(encodeURIComponent(names[index]!))}">${escape(section.title)}</a></li>`
  );
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escape(title)}</title>
<link rel="icon" href="data:,">
<style>
${pageCss()}</style>
</head>
<body>
<div class="layout">
<header>
<h1>${escape(title)}</h1>
${subtitle === undefined ? "" : `<p class="subtitle">${escape(subtitle)}</p>\n`}${
    facts.length === 0
      ? ""
      : `<dl class="facts">\n${
        facts.map(({ label, value }) =>
          `<div><dt>${escape(label)}</dt><dd>${escape(cellText(value))}</dd></div>\n`
        ).join("")
      }</dl>\n`
  }</header>
${
    sections.length < 2
      ? ""
      : `<nav class="contents" aria-label="Contents"><ol>\n${links.join("\n")}\n</ol></nav>\n`
  }<main>
${sections.map((section, index) => sectionHtml(section, names[index]!)).join("")}</main>
${footer === undefined ? "" : `<footer>${escape(footer)}</footer>\n`}</div>
</body>
</html>
`;
}
