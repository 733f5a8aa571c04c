/**
 * Files that no reader of IDX may take, made in code: what each is, and what must be said.
 *
 * @module
 */

/** A file that must be refused. */
export interface HostileFile {
  /** What is wrong with it. */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** What the message must say. */
  readonly complaint: RegExp;
}

/** An IDX file of these sizes, whatever they are, and so many bytes of data. */
function buildIdx(code: number, sizes: readonly number[], dataLength: number): Uint8Array {
  const bytes = new Uint8Array(4 + 4 * sizes.length + dataLength);
  bytes.set([0, 0, code, sizes.length]);
  const view = new DataView(bytes.buffer);
  sizes.forEach((size, i) => view.setUint32(4 + 4 * i, size));
  return bytes;
}

const huge = 2 ** 32 - 1;

const entries: [name: string, bytes: Uint8Array, complaint: RegExp][] = [
  ["empty file", new Uint8Array(0), /holds 0 bytes; an IDX file begins with 4 bytes/],
  ["three bytes", Uint8Array.of(0, 0, 8), /holds 3 bytes/],
  ["gzip", Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0), /compressed with gzip .*decompress\(\) it first/],
  ["gzip of two bytes", Uint8Array.of(0x1f, 0x8b), /compressed with gzip/],
  ["text", new TextEncoder().encode("label,1x1"), /begins with 6c 61 62 65; an IDX file begins/],
  ["PNG", Uint8Array.of(0x89, 0x50, 0x4e, 0x47), /begins with 89 50 4e 47/],
  ["magic little-endian", Uint8Array.of(3, 8, 0, 0, 1, 0, 0, 0), /begins with 03 08 00 00/],
  ["second byte not zero", Uint8Array.of(0, 1, 8, 1, 0, 0, 0, 0), /begins with 00 01 08 01/],
  ["zeros", new Uint8Array(64), /element type has code 0x00; known are 0x08 \(u8\)/],
  ["code 0x0a, which is none", buildIdx(0x0a, [1], 1), /code 0x0a; known/],
  ["code past the last", buildIdx(0x0f, [1], 8), /code 0x0f; known/],
  ["no dimensions", buildIdx(0x08, [], 1), /has 0 dimensions; an IDX file has 1 to 255/],
  ["no dimensions, no data", buildIdx(0x08, [], 0), /has 0 dimensions/],
  ["no sizes", Uint8Array.of(0, 0, 8, 1), /holds 4 bytes, but its 1 dimensions alone take 8/],
  ["sizes cut short", buildIdx(0x08, [1, 1, 1], 0).subarray(0, 15), /3 dimensions alone take 16/],
  [
    "255 dimensions claimed",
    Uint8Array.of(0, 0, 8, 255, 0, 0, 0, 1),
    /alone take 1024; .*truncated/,
  ],
  ["no data", buildIdx(0x08, [3], 0), /holds 8 bytes, but u8\[3\] takes 11 bytes; .*truncated/],
  ["last byte missing", buildIdx(0x0d, [2, 2], 15), /f32\[2, 2\] takes 28 bytes; .*truncated/],
  ["one byte too many", buildIdx(0x0d, [2, 2], 17), /takes 28 bytes; remove what follows/],
  ["data of an empty array", buildIdx(0x08, [0, 28], 1), /u8\[0, 28\] takes 12 bytes; remove/],
  ["4 GB claimed", buildIdx(0x08, [huge], 4), /takes 4294967303 bytes; the file is truncated/],
  ["product past 2^53", buildIdx(0x08, [huge, huge], 1), /more than 2\^53 - 1 bytes/],
  ["product of 2^64", buildIdx(0x08, [2 ** 16, 2 ** 16, 2 ** 16, 2 ** 16], 0), /more than 2\^53/],
  ["bytes past 2^53", buildIdx(0x0e, [2 ** 31, 2 ** 21], 8), /more than 2\^53 - 1 bytes/],
  ["product infinite", buildIdx(0x0e, Array(255).fill(huge), 8), /more than 2\^53 - 1 bytes/],
  ["zero hides 2^64", buildIdx(0x08, [huge, huge, 0], 0), /more than 2\^53 - 1 bytes/],
  ["sizes little-endian", buildIdx(0x08, [0x60ea0000], 60000), /u8\[1625948160\] takes 1625948168/],
];

/** Files that must be refused. */
export const hostileFiles: readonly HostileFile[] = entries.map(([name, bytes, complaint]) => ({
  name,
  bytes,
  complaint,
}));
