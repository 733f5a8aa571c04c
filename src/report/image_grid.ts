/**
 * Images side by side: eigenvectors, weights, samples.
 *
 * @module
 */

import { formatNumber } from "./format.ts";
import { checkImage, countMissing, drawKey, drawTile, greatest } from "./raster.ts";
import type { ImageScale, ImageSize } from "./raster.ts";
import { element, frame, text, textWidth, tooltip, truncate } from "./svg.ts";
import { paint } from "./theme.ts";

/** Options of {@linkcode imageGrid}; width and height are the pixels of each image. */
export interface ImageGridOptions extends ImageSize {
  /** The figure's name. */
  title: string;
  /** Images a row; 5 unless told, fewer where there are fewer. */
  columns?: number;
  /** One for each image, of one or two lines; too long ones are cut and shown whole as tooltips. */
  captions?: readonly string[];
  /** How values become colors; "diverging" unless told. */
  scale?: ImageScale;
  /** The |value| at full strength: of each image its own ("each", unless told), "shared", or a number. */
  limit?: "each" | "shared" | number;
  /** Length of an image's longer side in user units; about 84 unless told, a multiple of its pixels. */
  size?: number;
}

const gap = 14;
const lineHeight = 15;

/** The multiple of `pixels` nearest to 84 user units, so that every pixel has the same size. */
function comfortable(pixels: number): number {
  return pixels > 56
    ? Math.max(84, Math.min(280, pixels))
    : Math.max(1, Math.round(84 / pixels)) * pixels;
}

/**
 * Draws images in a grid, with a key to the colors.
 *
 * @param images values of each image [height · width], row by row from the top
 * @returns an `<svg>` element
 * @throws TypeError where an image does not have width · height values
 *
 * @example
 * ```ts
 * import { imageGrid } from "@odot/odot/report";
 * import { assert } from "@std/assert";
 * const images = [new Float64Array([1, 0, 0, -1]), [0, 2, -2, 0]];
 * const svg = imageGrid(images, { width: 2, height: 2, title: "Two by two", captions: ["a", "b"] });
 * assert(svg.startsWith("<svg"));
 * ```
 */
export function imageGrid(images: readonly ArrayLike<number>[], options: ImageGridOptions): string {
  const { width, height, captions = [], scale = "diverging", limit = "each" } = options;
  images.forEach((image, index) => checkImage(image, options, `image ${index}`));
  const columns = Math.max(1, Math.min(Math.floor(options.columns ?? 5) || 1, images.length));
  const longer = options.size ?? comfortable(Math.max(width, height));
  const across = longer * width / Math.max(width, height);
  const down = longer * height / Math.max(width, height);
  const captionLines = Math.min(2, Math.max(0, ...captions.map((c) => c.split("\n").length)));
  const cell = Math.max(across, 24), pitch = cell + gap;
  const rowHeight = down + captionLines * lineHeight + (captionLines > 0 ? 6 : 0) + gap;
  const rows = Math.ceil(images.length / columns);
  const shared = typeof limit === "number" ? limit : Math.max(0, ...images.map(greatest));
  const missing = images.reduce((sum, image) => sum + countMissing(image), 0);

  const tiles = images.map((image, index) => {
    const x = 1 + index % columns * pitch + (cell - across) / 2;
    const y = 1 + Math.floor(index / columns) * rowHeight;
    const caption = captions[index] ?? "";
    const strongest = limit === "each" ? greatest(image) : shared;
    const lines = caption.split("\n").slice(0, 2).map((content, row) =>
      text(
        x + across / 2,
        y + down + 16 + row * lineHeight,
        truncate(content, cell + gap - 4, 11.5),
        {
          anchor: "middle",
          size: 11.5,
          ...(row > 0 ? { fill: paint("muted") } : {}),
        },
      )
    );
    return element(
      "g",
      {},
      tooltip(
        [caption.replace("\n", ", "), `greatest |value| ${formatNumber(greatest(image))}`].filter(
          Boolean,
        ).join(": "),
      ),
      drawTile(image, {
        x,
        y,
        across,
        width,
        height,
        scale,
        ...(scale === "gray" && limit === "each" ? {} : { limit: strongest }),
      }),
      ...(caption === "" ? [] : lines),
    );
  });

  const notes = keyNotes(scale, limit, shared, missing);
  const keyTop = rows * rowHeight + 4;
  const keyWidth = scale === "diverging" ? 72 : 0;
  const noteLeft = 1 + keyWidth + (keyWidth > 0 ? 10 : 0);
  const needed = noteLeft + (notes === "" ? 0 : textWidth(notes, 11)) + 4;
  const drawnKey = images.length === 0 || (notes === "" && keyWidth === 0) ? "" : element(
    "g",
    {},
    keyWidth > 0 ? drawKey(1, keyTop, keyWidth) : "",
    notes === "" ? "" : text(noteLeft, keyTop + 9, notes, { size: 11, fill: paint("muted") }),
  );
  if (images.length === 0) {
    return frame(
      { width: 240, height: 40, title: options.title, description: "No images." },
      text(0, 24, "No images", { fill: paint("muted") }),
    );
  }
  return frame(
    {
      width: Math.max(columns * pitch - gap + 2, drawnKey === "" ? 0 : needed),
      height: keyTop + (drawnKey === "" ? -gap : 14),
      title: options.title,
      description: `${images.length} images of ${width} × ${height} pixels` +
        (captions.length > 0
          ? `: ${captions.map((c) => c.replace("\n", " ")).join("; ")}. `
          : ". ") +
        `${notes}.`,
    },
    ...tiles,
    drawnKey,
  );
}

function keyNotes(
  scale: ImageScale,
  limit: "each" | "shared" | number,
  shared: number,
  missing: number,
): string {
  const parts: string[] = [];
  if (scale === "diverging") {
    parts.push(
      limit === "each"
        ? "− 0 +, each scaled to its own greatest"
        : `−${formatNumber(shared)} … ${formatNumber(shared)}`,
    );
  }
  if (missing > 0) parts.push(`${missing} not a number (yellow)`);
  return parts.join(" · ");
}
