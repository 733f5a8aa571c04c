/**
 * A PNG encoder for small images: 8 bits a pixel, grey or with a palette, stored without compression.
 *
 * Sources: PNG Specification (Third Edition), W3C 2025; RFC 1950 (zlib); RFC 1951 (deflate, section 3.2.4).
 *
 * @module
 */

import type { Rgba } from "./color.ts";

/** An image of 8-bit pixels [height, width], row by row from the top. */
export interface Bitmap {
  /** Pixels a row. */
  width: number;
  /** Rows. */
  height: number;
  /** Grey levels (0 black, 255 white), or indices into the palette, [height · width]. */
  pixels: Uint8Array;
  /** At most 256 colors; without it the pixels are grey levels. */
  palette?: readonly Rgba[];
}

/** Checksum of a PNG chunk (CRC-32, ISO 3309), an unsigned 32-bit number. */
export function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

/** Checksum of a zlib stream (RFC 1950, section 8.2), an unsigned 32-bit number. */
export function adler32(bytes: Uint8Array): number {
  let a = 1, b = 0;
  for (const byte of bytes) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  return (b * 65536 + a) >>> 0;
}

function bigEndian(value: number): number[] {
  return [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
}

function concatenate(parts: readonly ArrayLike<number>[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    all.set(part, offset);
    offset += part.length;
  }
  return all;
}

function chunk(type: string, data: ArrayLike<number>): Uint8Array {
  const body = concatenate([[...type].map((letter) => letter.charCodeAt(0)), data]);
  return concatenate([bigEndian(data.length), body, bigEndian(crc32(body))]);
}

/** A zlib stream of stored blocks, each of at most 65,535 bytes. */
function stored(bytes: Uint8Array): Uint8Array {
  const parts: ArrayLike<number>[] = [[0x78, 0x01]];
  for (let start = 0; start < bytes.length || start === 0; start += 65535) {
    const block = bytes.subarray(start, start + 65535);
    const last = start + 65535 >= bytes.length ? 1 : 0;
    const low = block.length & 255, high = block.length >>> 8;
    parts.push([last, low, high, low ^ 255, high ^ 255], block);
  }
  parts.push(bigEndian(adler32(bytes)));
  return concatenate(parts);
}

/**
 * Encodes a bitmap as the bytes of a PNG file.
 *
 * @throws RangeError where the size does not fit the pixels or a pixel lies outside the palette.
 *
 * @example
 * ```ts
 * import { encodePng } from "@odot/odot/report";
 * import { assertEquals } from "@std/assert";
 * const bytes = encodePng({ width: 2, height: 1, pixels: new Uint8Array([0, 255]) });
 * assertEquals([...bytes.subarray(1, 4)].map((c) => String.fromCharCode(c)).join(""), "PNG");
 * ```
 */
export function encodePng(bitmap: Bitmap): Uint8Array {
  const { width, height, pixels, palette } = bitmap;
  if (!(width > 0 && height > 0) || width * height !== pixels.length) {
    throw new RangeError(
      `Cannot encode ${pixels.length} pixels as a ${width} × ${height} PNG; ` +
        `give width · height pixels, at least one`,
    );
  }
  const scanlines = new Uint8Array(height * (width + 1)); // each row starts with filter 0, none
  for (let row = 0; row < height; row++) {
    scanlines.set(pixels.subarray(row * width, (row + 1) * width), row * (width + 1) + 1);
  }
  const colorType = palette === undefined ? 0 : 3;
  const parts: Uint8Array[] = [
    new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk("IHDR", [...bigEndian(width), ...bigEndian(height), 8, colorType, 0, 0, 0]),
  ];
  if (palette !== undefined) {
    const beyond = pixels.find((pixel) => pixel >= palette.length);
    if (beyond !== undefined || palette.length > 256) {
      throw new RangeError(
        `Cannot encode a PNG with ${palette.length} colors and pixel ${beyond}; ` +
          `give at most 256 colors and pixels below their number`,
      );
    }
    parts.push(chunk("PLTE", palette.flatMap(({ red, green, blue }) => [red, green, blue])));
    parts.push(chunk("tRNS", palette.map(({ alpha }) => alpha)));
  }
  parts.push(chunk("IDAT", stored(scanlines)), chunk("IEND", []));
  return concatenate(parts);
}

/** A PNG as a `data:` address, for use as an image inside a document. */
export function pngAddress(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return `data:image/png;base64,${btoa(binary)}`;
}
