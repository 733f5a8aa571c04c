/**
 * One image as a tile of a figure: an embedded PNG that follows the page's light or dark theme.
 *
 * @module
 */

import { divergingPalette } from "./color.ts";
import { adler32, crc32, encodePng, pngAddress } from "./png.ts";
import { extent } from "./scale.ts";
import { element } from "./svg.ts";
import { paint } from "./theme.ts";

/** How values become colors: signed (red, nothing, blue) or an amount of ink. */
export type ImageScale = "diverging" | "gray";

/** The size of images in pixels. */
export interface ImageSize {
  /** Pixels a row. */
  width: number;
  /** Rows. */
  height: number;
}

/** Where a tile goes and how its values are read. */
export interface Tile extends ImageSize {
  /** Left edge in user units. */
  x: number;
  /** Upper edge in user units. */
  y: number;
  /** Width of the tile in user units; its height follows from the image. */
  across: number;
  /** How values become colors. */
  scale: ImageScale;
  /** The value drawn at full strength, in the units of the data; the greatest one unless told. */
  limit?: number;
}

/** The greatest finite |value|; 0 where all are zero or none is finite. */
export function greatest(values: ArrayLike<number>): number {
  const ends = extent(Array.from(values));
  return ends === undefined ? 0 : Math.max(Math.abs(ends[0]), Math.abs(ends[1]));
}

/** How many values are NaN. */
export function countMissing(values: ArrayLike<number>): number {
  let count = 0;
  for (let index = 0; index < values.length; index++) if (Number.isNaN(values[index])) count++;
  return count;
}

/**
 * Checks that values fill an image.
 *
 * @throws TypeError where they do not, RangeError where the size is no pair of positive integers.
 */
export function checkImage(values: ArrayLike<number>, size: ImageSize, name: string): void {
  const { width, height } = size;
  if (!Number.isInteger(width) || !Number.isInteger(height) || width < 1 || height < 1) {
    throw new RangeError(
      `Cannot draw ${name} as ${width} × ${height} pixels: give positive whole numbers`,
    );
  }
  if (values.length !== width * height) {
    throw new TypeError(
      `Cannot draw ${name}: it has ${values.length} values, and ${width} × ${height} pixels need ` +
        `${width * height}; pass the width and height of one image`,
    );
  }
}

/** The pixels that are NaN, as one path in pixel coordinates: a run of pixels is one rectangle. */
function missingPath(values: ArrayLike<number>, width: number): string {
  let path = "";
  for (let index = 0; index < values.length;) {
    const start = index;
    const rowEnd = start - start % width + width;
    while (index < rowEnd && Number.isNaN(values[index])) index++;
    if (index > start) {
      path += `M${start % width} ${Math.floor(start / width)}h${index - start}v1h${start - index}z`;
    } else index++;
  }
  return path;
}

/** value / limit, safe for a limit of zero and for infinities. */
function share(value: number, limit: number): number {
  if (Number.isNaN(value) || !(limit > 0)) return 0;
  return Math.max(-1, Math.min(1, value / limit));
}

/** The number of a color: rounded away from zero, so that ±t are equally strong. */
function paletteIndex(t: number): number {
  return 127 + Math.sign(t) * Math.round(127 * Math.abs(t));
}

function pixelated(address: string, size: ImageSize, style: string = ""): string {
  return element("image", {
    width: size.width,
    height: size.height,
    href: address,
    preserveAspectRatio: "none",
    style: `image-rendering:pixelated${style}`,
  });
}

function divergingLayer(values: ArrayLike<number>, tile: Tile): string {
  const limit = tile.limit ?? greatest(values);
  const pixels = Uint8Array.from(values, (value) => paletteIndex(share(value, limit)));
  const bytes = encodePng({ ...tile, pixels, palette: divergingPalette() });
  // Colors over black need more light than colors over white; the theme says how much.
  return pixelated(pngAddress(bytes), tile, ";filter:var(--odot-glow,none)");
}

/** Ink through a mask: dark on a light page, light on a dark one. */
function grayLayer(values: ArrayLike<number>, tile: Tile): string {
  const low = Math.min(0, extent(Array.from(values))?.[0] ?? 0);
  const limit = (tile.limit ?? Math.max(0, extent(Array.from(values))?.[1] ?? 0)) - low;
  const pixels = Uint8Array.from(
    values,
    (value) => Math.round(255 * Math.max(0, share(value - low, limit))),
  );
  const bytes = encodePng({ ...tile, pixels });
  // Named after its content: a second copy on the page is the same mask, whichever is found first.
  const id = `odot-${crc32(bytes).toString(36)}${adler32(bytes).toString(36)}`;
  const { width, height } = tile;
  const mask = { id, maskUnits: "userSpaceOnUse", x: 0, y: 0, width, height };
  return element("mask", mask, pixelated(pngAddress(bytes), tile)) +
    element("rect", { width, height, fill: paint("ink"), mask: `url(#${id})` });
}

/** Length of a longer side: the multiple of the pixels nearest to 84 user units, or 84 for large images. */
export function tileSide(pixels: number): number {
  return pixels > 84 ? 84 : Math.max(1, Math.round(84 / pixels)) * pixels;
}

/** Height of a tile in user units. */
export function tileHeight(tile: Tile): number {
  return tile.across * tile.height / tile.width;
}

/** Draws values [height · width] as a tile; NaN has a color of its own, infinities are at full strength. */
export function drawTile(values: ArrayLike<number>, tile: Tile): string {
  const { x, y, width, height, across } = tile;
  const down = tileHeight(tile);
  const missing = missingPath(values, width);
  return element("rect", { x, y, width: across, height: down, fill: paint("zero") }) +
    element(
      "svg",
      {
        x,
        y,
        width: across,
        height: down,
        viewBox: `0 0 ${width} ${height}`,
        preserveAspectRatio: "none",
      },
      tile.scale === "gray" ? grayLayer(values, tile) : divergingLayer(values, tile),
      missing === "" ? "" : element("path", { d: missing, fill: paint("missing") }),
    ) +
    element("rect", {
      x: x - 0.5,
      y: y - 0.5,
      width: across + 1,
      height: down + 1,
      fill: "none",
      stroke: paint("rule"),
    });
}

/** A key for the diverging scale: a strip from −limit over 0 to +limit, 9 user units high. */
export function drawKey(x: number, y: number, width: number): string {
  const ramp = Float64Array.from({ length: 255 }, (_, index) => (index - 127) / 127);
  const strip = { x: 0, y: 0, across: 255, width: 255, height: 1, scale: "diverging" as const };
  return element("rect", { x, y, width, height: 9, fill: paint("zero") }) +
    element(
      "svg",
      { x, y, width, height: 9, viewBox: "0 0 255 1", preserveAspectRatio: "none" },
      divergingLayer(ramp, strip),
    ) +
    element("rect", {
      x: x - 0.5,
      y: y - 0.5,
      width: width + 1,
      height: 10,
      fill: "none",
      stroke: paint("rule"),
    });
}
