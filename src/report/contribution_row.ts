/**
 * One class of an explanation: its contributions by rank and the eigenvectors behind them.
 *
 * @module
 */

import { formatNumber, formatSigned } from "./format.ts";
import { drawTile } from "./raster.ts";
import type { ImageSize } from "./raster.ts";
import { linearScale } from "./scale.ts";
import { element, line, text, textWidth, tooltip } from "./svg.ts";
import { paint } from "./theme.ts";
import type { Paint } from "./theme.ts";

/** An eigenvector and what it adds to a logit. */
export interface ExplanationVector {
  /** Its eigenvalue λ, in the units of the output. */
  eigenvalue: number;
  /** λ (v·x)², in the units of the output. */
  contribution: number;
  /** The vector v as an image [height · width]. */
  values: ArrayLike<number>;
}

/** How one class got its logit: contributions and remainder add up to it. */
export interface ExplanationRow {
  /** Index of the class. */
  class: number;
  /** Its logit, in the units of the output. */
  logit: number;
  /** λᵢ (vᵢ·x)² of every eigenvector, greatest |contribution| first, in the units of the output. */
  contributions: readonly number[];
  /** Eigenvectors to show; at most three of each sign are. */
  vectors: readonly ExplanationVector[];
  /** What the logit has beyond the contributions (bias, linear part), in the units of the output. */
  remainder: number;
}

/** What a row needs to know of the figure. */
export interface RowSetting {
  /** Pixels of the eigenvectors. */
  size: ImageSize;
  /** Name of the class. */
  name: string;
  /** What is said of the class: "predicted", "true". */
  marks: readonly string[];
  /** Least and greatest contribution of all rows, with zero between them. */
  domain: readonly [number, number];
}

const curveWidth = 204;
const curveTop = 40;
const tileTop = 30;
const mostRanks = 20;
const mostVectors = 3;
const gap = 12;

function vectorSize(size: ImageSize): { across: number; down: number } {
  const longer = Math.max(size.width, size.height);
  const side = longer > 64 ? 64 : Math.max(1, Math.floor(64 / longer)) * longer;
  return { across: side * size.width / longer, down: side * size.height / longer };
}

/** The vectors that are shown: positive contributions first, greatest first on either side. */
function shown(
  row: ExplanationRow,
): { positive: ExplanationVector[]; negative: ExplanationVector[] } {
  const bySize = [...row.vectors].sort((a, b) =>
    Math.abs(b.contribution) - Math.abs(a.contribution)
  );
  return {
    positive: bySize.filter(({ contribution }) => !(contribution < 0)).slice(0, mostVectors),
    negative: bySize.filter(({ contribution }) => contribution < 0).slice(0, mostVectors),
  };
}

/** Height of a row in user units, room below it included. */
export function rowHeight(size: ImageSize): number {
  return curveTop + Math.max(112, vectorSize(size).down + 34) + 22;
}

/** Width of a row in user units. */
export function rowWidth(row: ExplanationRow, size: ImageSize): number {
  const { positive, negative } = shown(row);
  const cell = Math.max(58, vectorSize(size).across) + gap;
  const between = positive.length > 0 && negative.length > 0 ? gap : 0;
  return curveWidth + 28 + (positive.length + negative.length) * cell + between;
}

/** Bars by rank: what raises the logit upwards, what lowers it downwards. */
function curve(row: ExplanationRow, setting: RowSetting): string {
  const bottom = rowHeight(setting.size) - 58;
  const scale = linearScale(setting.domain, [bottom, curveTop]);
  const zero = scale.map(0);
  const sides = [
    row.contributions.filter((value) => value > 0).sort((a, b) => b - a),
    row.contributions.filter((value) => value < 0).sort((a, b) => a - b),
  ];
  const ranks = Math.min(mostRanks, Math.max(8, ...sides.map((side) => side.length)));
  const band = curveWidth / ranks;
  const bars = sides.flatMap((side, index) =>
    side.slice(0, ranks).filter(Number.isFinite).map((value, rank) => {
      const y = scale.map(value);
      return element(
        "rect",
        {
          x: rank * band,
          y: Math.min(y, zero),
          width: band - 1.5,
          height: Math.max(0.5, Math.abs(y - zero)),
          rx: 1,
          fill: paint(index === 0 ? "positive" : "negative"),
        },
        tooltip(
          `${index === 0 ? "raises" : "lowers"}, rank ${rank + 1}: ${formatSigned(value, 4)}`,
        ),
      );
    })
  );
  const ends = sides.map((side, index) => {
    const value = side[0];
    if (value === undefined || !Number.isFinite(value)) return "";
    const y = scale.map(value) + (index === 0 ? -4 : 12);
    return text(0, y, formatSigned(value), {
      size: 11,
      fill: paint(index === 0 ? "positive" : "negative"),
    });
  });
  return line(0, zero, curveWidth, zero, { stroke: paint("axis") }) + bars.join("") +
    ends.join("") +
    sums(sides, row.remainder, bottom + 32);
}

/** The sum of either side and the remainder: together they are the logit. */
function sums(sides: readonly number[][], remainder: number, y: number): string {
  let x = 0;
  const part = (value: number, word: string, color: Paint): string => {
    const content = `${formatSigned(value)}${word}`;
    const drawn = text(x, y, content, { size: 11, fill: paint(color) });
    x += textWidth(content, 11) + 8;
    return drawn;
  };
  const [up = 0, down = 0] = sides.map((side) => side.reduce((sum, value) => sum + value, 0));
  return element(
    "g",
    {},
    tooltip("All that raises, all that lowers, and the remainder add up to the logit"),
    part(up, "", "positive"),
    part(down, "", "negative"),
    remainder === 0 ? "" : part(remainder, " remainder", "muted"),
  );
}

/** A row of an explanation, its upper left corner at the origin. */
export function contributionRow(row: ExplanationRow, setting: RowSetting): string {
  const { across, down } = vectorSize(setting.size);
  const cell = Math.max(58, across) + gap;
  const { positive, negative } = shown(row);
  const tiles = [...positive, ...negative].map((vector, index) => {
    const between = index >= positive.length && positive.length > 0 ? gap : 0;
    const x = curveWidth + 28 + index * cell + between, middle = x + across / 2;
    const sign = vector.contribution < 0 ? "negative" : "positive";
    return element(
      "g",
      {},
      tooltip(
        `eigenvalue ${formatNumber(vector.eigenvalue, 4)}, contribution ${
          formatSigned(vector.contribution, 4)
        }`,
      ),
      drawTile(vector.values, {
        x,
        y: tileTop,
        across,
        ...pick(setting.size),
        scale: "diverging",
      }),
      text(middle, tileTop + down + 16, formatSigned(vector.contribution), {
        anchor: "middle",
        size: 11.5,
        weight: 600,
        fill: paint(sign),
      }),
      text(middle, tileTop + down + 31, `λ ${formatNumber(vector.eigenvalue)}`, {
        anchor: "middle",
        size: 11,
        fill: paint("muted"),
      }),
    );
  });
  const heading = text(0, 13, setting.name, { size: 14, weight: 700 });
  const after = textWidth(setting.name, 14) + 12;
  const said = ["logit " + formatNumber(row.logit), ...setting.marks].join(" · ");
  return heading + text(after, 13, said, { fill: paint("muted") }) + curve(row, setting) +
    tiles.join("");
}

function pick({ width, height }: ImageSize): ImageSize {
  return { width, height };
}
