/**
 * The leading eigenvectors of every class as one table of images: what raises its logit, what lowers it.
 *
 * @module
 */

import { formatNumber } from "./format.ts";
import { checkImage, drawKey, drawTile, tileSide } from "./raster.ts";
import type { ImageScale, ImageSize } from "./raster.ts";
import { element, frame, line, text, textWidth, tooltip, truncate } from "./svg.ts";
import { paint } from "./theme.ts";

/** An eigenvector with its eigenvalue. */
export interface AtlasVector {
  /** Its eigenvalue λ, in the units of the output. */
  eigenvalue: number;
  /** The vector as an image [height · width]. */
  values: ArrayLike<number>;
}

/** One class of an atlas. */
export interface AtlasRow {
  /** Its name. */
  name: string;
  /** An image to compare with, such as the average of its samples [height · width]. */
  average?: ArrayLike<number>;
  /** Eigenvectors of positive eigenvalues, the largest first. */
  positive: readonly AtlasVector[];
  /** Eigenvectors of negative eigenvalues, the most negative first. */
  negative: readonly AtlasVector[];
}

/** Options of {@linkcode eigenvectorAtlas}; width and height are the pixels of each image. */
export interface EigenvectorAtlasOptions extends ImageSize {
  /** The figure's name. */
  title: string;
  /** How the averages become colors; "gray" unless told. */
  averageScale?: ImageScale;
}

const keyText = "− 0 +, each image scaled to its own greatest";

const gap = 14, group = 34, top = 26, below = 30;

/**
 * Draws a row for each class: its average image, then its positive and its negative eigenvectors, each
 * with its eigenvalue; a sign that no class has takes no room. Every image is scaled to its own greatest value.
 *
 * @returns an `<svg>` element
 * @throws TypeError where an image does not have width · height values
 *
 * @example
 * ```ts
 * import { eigenvectorAtlas } from "@odot/odot/report";
 * import { assert } from "@std/assert";
 * const svg = eigenvectorAtlas([{
 *   name: "slash", average: [0, 1, 1, 0],
 *   positive: [{ eigenvalue: 2, values: [0, 0.7, 0.7, 0] }],
 *   negative: [{ eigenvalue: -1, values: [0.7, 0, 0, 0.7] }],
 * }], { title: "Slash", width: 2, height: 2 });
 * assert(svg.includes("slash"));
 * ```
 */
export function eigenvectorAtlas(
  rows: readonly AtlasRow[],
  options: EigenvectorAtlasOptions,
): string {
  const { width, height, title, averageScale = "gray" } = options;
  for (const { name, average, positive, negative } of rows) {
    if (average) checkImage(average, options, `the average of ${name}`);
    [...positive, ...negative].forEach(({ values }, index) =>
      checkImage(values, options, `vector ${index} of ${name}`)
    );
  }
  const longer = tileSide(Math.max(width, height));
  const across = longer * width / Math.max(width, height);
  const down = longer * height / Math.max(width, height);
  const pitch = Math.max(across, 40) + gap, rowHeight = down + below;
  const most = (key: "positive" | "negative"): number =>
    Math.max(0, ...rows.map((row) => row[key].length));
  const both = most("positive") > 0 && most("negative") > 0;
  const nameRoom =
    Math.min(110, Math.max(16, ...rows.map(({ name }) => textWidth(name, 15, 700)))) +
    12;
  const hasAverage = rows.some(({ average }) => average !== undefined);
  const averageLeft = nameRoom;
  const positiveLeft = averageLeft + (hasAverage ? pitch - gap + group : 0);
  const negativeLeft = positiveLeft + (both ? most("positive") * pitch - gap + group : 0);
  const right = negativeLeft + (most("negative") || most("positive")) * pitch - gap;

  const tile = (values: ArrayLike<number>, x: number, y: number, scale: ImageScale): string =>
    drawTile(values, { x, y, across, width, height, scale });
  const vectors = (
    list: readonly AtlasVector[],
    left: number,
    y: number,
    sign: "positive" | "negative",
  ): string[] =>
    list.map(({ eigenvalue, values }, index) => {
      const x = left + index * pitch;
      return element(
        "g",
        {},
        tooltip(`eigenvalue ${formatNumber(eigenvalue, 4)}`),
        tile(values, x, y, "diverging"),
        text(x + across / 2, y + down + 16, formatNumber(eigenvalue), {
          anchor: "middle",
          size: 11.5,
          fill: paint(sign),
        }),
      );
    });
  const drawn = rows.map(({ name, average, positive, negative }, index) => {
    const y = top + index * rowHeight;
    return element(
      "g",
      {},
      text(0, y + down / 2 + 5, truncate(name, nameRoom - 12, 15, 700), { size: 15, weight: 700 }),
      average ? tile(average, averageLeft, y, averageScale) : "",
      ...vectors(positive, positiveLeft, y, "positive"),
      ...vectors(negative, negativeLeft, y, "negative"),
    );
  });
  const head = (x: number, content: string): string =>
    text(x, 12, content, { size: 11.5, fill: paint("muted") });
  const keyTop = top + rows.length * rowHeight + 2;
  const separator = (positiveLeft + negativeLeft + (most("positive") * pitch - gap)) / 2;
  return frame(
    {
      width: Math.max(right + 2, positiveLeft + 84 + textWidth(keyText, 11)),
      height: keyTop + 14,
      title,
      description:
        rows.map(({ name, positive, negative }) =>
          `${name}: eigenvalues ${
            [...positive, ...negative].map(({ eigenvalue }) => formatNumber(eigenvalue)).join(
              ", ",
            ) ||
            "none"
          }`
        ).join("; ") + ".",
    },
    hasAverage ? head(averageLeft, "average image") : "",
    most("positive") > 0 ? head(positiveLeft, "positive eigenvalues: raise the logit") : "",
    most("negative") > 0
      ? head(negativeLeft, both ? "negative: lower it" : "negative eigenvalues: lower the logit")
      : "",
    both ? line(separator, top, separator, keyTop - 14) : "",
    ...drawn,
    drawKey(positiveLeft, keyTop, 72),
    text(positiveLeft + 82, keyTop + 9, keyText, {
      size: 11,
      fill: paint("muted"),
    }),
  );
}
