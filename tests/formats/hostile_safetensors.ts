/**
 * Files that no reader of safetensors may take, made in code: what each is, and what must be said.
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

/** A file of this header (text, bytes, or a value to write as JSON) and so many bytes of data. */
export function buildFile(header: unknown, dataLength = 0, length?: bigint): Uint8Array {
  const text = typeof header === "string" ? header : JSON.stringify(header);
  const body = header instanceof Uint8Array ? header : new TextEncoder().encode(text);
  const bytes = new Uint8Array(8 + body.length + dataLength);
  new DataView(bytes.buffer).setBigUint64(0, length ?? BigInt(body.length), true);
  bytes.set(body, 8);
  return bytes;
}

/** A header entry of f32 values. */
function f32(shape: unknown, ...offsets: unknown[]): Record<string, unknown> {
  return { dtype: "F32", shape, data_offsets: offsets };
}

function replaceText(text: string, from: string, to: number[]): Uint8Array {
  const [before, after] = text.split(from) as [string, string];
  const encoder = new TextEncoder();
  return Uint8Array.of(...encoder.encode(before), ...to, ...encoder.encode(after));
}

const one = '{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}';
const nested = (open: string, close: string): string =>
  `{"w":{"x":${open.repeat(100_000)}${close.repeat(100_000)}}}`;

const entries: [name: string, bytes: Uint8Array, complaint: RegExp][] = [
  // The length of the header
  ["empty file", new Uint8Array(0), /holds 0 bytes; .*begins with 8 bytes/],
  ["seven bytes", new Uint8Array(7), /holds 7 bytes/],
  ["length without header", buildFile("", 0, 2n), /header of 2 bytes, but only 0 follow/],
  ["header of no length", buildFile("", 16), /header is empty; a header begins with {/],
  ["header past the end", buildFile(one, 4, 1000n), /header of 1000 bytes, but only 58 follow/],
  ["header of 100 MB and 1", buildFile(one, 4, 100_000_001n), /100000001 bytes; at most 100000000/],
  ["header of 2^63", buildFile(one, 4, 2n ** 63n), /header of 9223372036854775808 bytes/],
  ["header of 2^64 - 1", buildFile(one, 4, 2n ** 64n - 1n), /header of 18446744073709551615 bytes/],
  ["header length cuts the JSON", buildFile(one, 4, 53n), /found the end of the header; expected/],
  ["length takes in data", buildFile(one, 4, 58n), /expected nothing but spaces/],
  ["Git LFS pointer", new TextEncoder().encode("version https://git-lfs"), /git lfs pull/],
  ["zip", Uint8Array.of(0x50, 0x4b, 3, 4, 0, 0, 8, 8, 0), /PyTorch file/],
  ["gzip", Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 3, 3), /decompress it first/],
  ["web page", new TextEncoder().encode("<!DOCTYPE html><html>"), /web page/],

  // JSON
  ["not JSON", buildFile("hello world"), /header begins with byte 0x68; a header begins with {/],
  ["JSON array", buildFile("[]"), /begins with byte 0x5b/],
  ["JSON string", buildFile('"w"'), /begins with byte 0x22/],
  ["space before the header", buildFile(` ${one}`, 4), /begins with byte 0x20/],
  ["byte order mark", buildFile(`\ufeff${one}`, 4), /begins with byte 0xef/],
  ["only a brace", buildFile("{"), /found the end of the header/],
  ["text after the header", buildFile("{}x"), /byte 10, .*found "x"; expected nothing but spaces/],
  ["zeros after the header", buildFile("{}\0\0"), /expected nothing but spaces/],
  ["second object", buildFile("{}{}"), /expected nothing but spaces/],
  ["trailing comma", buildFile(one.slice(0, -1) + ",}", 4), /found "}"; expected a string/],
  ["missing colon", buildFile('{"w" 1}'), /found "1"; expected ":"/],
  ["missing comma", buildFile('{"a":{"x":1 "y":2}}'), /expected "," or "}"/],
  ["single quotes", buildFile("{'w':1}"), /expected a string/],
  ["bare word", buildFile('{"w":{"x":nul}}'), /found "nul"; expected a JSON value/],
  ["leading zero", buildFile(one.replace("[1]", "[01]"), 4), /found "01"; expected a size/],
  ["bad number in unknown field", buildFile('{"w":{"x":1.}}'), /expected a JSON value/],
  ["string without end", buildFile('{"w'), /byte 9, .*has no end/],
  ["string ends in escape", buildFile('{"w\\'), /has no end/],
  ["unknown escape", buildFile('{"\\x41":{}}'), /not valid UTF-8 or JSON/],
  ["control character", buildFile('{"a\nb":{}}'), /no control character/],
  ["invalid UTF-8", buildFile(replaceText(one, "w", [0xff, 0xfe]), 4), /not valid UTF-8/],
  ["overlong UTF-8", buildFile(replaceText(one, "w", [0xc0, 0xaf]), 4), /not valid UTF-8/],
  ["UTF-8 cut short", buildFile(replaceText(one, "w", [0xe2, 0x82]), 4), /not valid UTF-8/],
  ["half a surrogate pair", buildFile(one.replace("w", "\\ud800"), 4), /half of a surrogate/],
  ["deep arrays", buildFile(nested("[", "]")), /nesting is deeper than 64/],
  ["deep objects", buildFile(nested('{"a":', "}")), /nesting is deeper than 64/],
  ["endless number", buildFile(`{"w":{"x":${"1".repeat(1e6)}}}`), /expected "," or "}"/],

  // Names
  ["duplicate tensor", buildFile(`{${one.slice(1, -1)},${one.slice(1)}`, 4), /"w" occurs twice/],
  [
    "duplicate by escape",
    buildFile(`{${one.slice(1, -1)},${one.slice(1).replace("w", "\\u0077")}`, 4),
    /"w" occurs twice/,
  ],
  ["duplicate field", buildFile(one.replace(":{", ':{"dtype":"F32",'), 4), /"dtype" occurs twice/],
  ["duplicate metadata", buildFile('{"__metadata__":{},"__metadata__":{}}'), /occurs twice/],
  ["duplicate metadata key", buildFile('{"__metadata__":{"a":"","a":""}}'), /"a" occurs twice/],
  ["duplicate __proto__", buildFile('{"__metadata__":{"__proto__":"","__proto__":""}}'), /twice/],

  // Metadata
  ["metadata a string", buildFile({ __metadata__: "pt" }), /found "\\"pt\\""; expected an object/],
  ["metadata null", buildFile({ __metadata__: null }), /found "null"; expected an object/],
  ["metadata a number", buildFile({ __metadata__: { a: 1 } }), /found "1"; expected a string/],
  ["metadata nested", buildFile({ __metadata__: { a: {} } }), /found "{"; expected a string/],

  // Fields of a tensor
  ["tensor null", buildFile({ w: null }), /found "null"; expected an object/],
  ["tensor an array", buildFile({ w: [] }), /expected an object/],
  ["no dtype", buildFile({ w: { shape: [1], data_offsets: [0, 4] } }, 4), /lacks "dtype"/],
  ["no shape", buildFile({ w: { dtype: "F32", data_offsets: [0, 4] } }, 4), /lacks "shape"/],
  ["no offsets", buildFile({ w: { dtype: "F32", shape: [1] } }, 4), /lacks "data_offsets"/],
  ["unknown dtype", buildFile({ w: { ...f32([1], 0, 4), dtype: "F31" } }, 4), /dtype "F31"; odot/],
  ["lower-case dtype", buildFile({ w: { ...f32([1], 0, 4), dtype: "f32" } }, 4), /dtype "f32"/],
  ["dtype of Object", buildFile({ w: { ...f32([1], 0, 4), dtype: "toString" } }, 4), /"toString"/],
  [
    "dtype __proto__",
    buildFile({ w: { ...f32([1], 0, 4), dtype: "__proto__" } }, 4),
    /"__proto__"/,
  ],
  ["dtype a number", buildFile({ w: { ...f32([1], 0, 4), dtype: 32 } }, 4), /expected a string/],

  // Shapes
  ["negative size", buildFile({ w: f32([-1], 0, 4) }, 4), /found "-1"; expected a size/],
  ["negative zero", buildFile(one.replace("[1]", "[-0]"), 4), /found "-0"; expected a size/],
  ["two negative sizes", buildFile({ w: f32([-1, -1], 0, 4) }, 4), /found "-1"/],
  ["fractional size", buildFile({ w: f32([1.5], 0, 6) }, 6), /found "1.5"; expected a size/],
  ["size in float spelling", buildFile(one.replace("[1]", "[1.0]"), 4), /found "1.0"/],
  ["size in exponents", buildFile(one.replace("[1]", "[1e0]"), 4), /found "1e0"/],
  ["size a string", buildFile({ w: f32(["1"], 0, 4) }, 4), /found "\\"1\\""; expected a size/],
  ["size null", buildFile({ w: f32([null], 0, 4) }, 4), /found "null"; expected a size/],
  ["shape a number", buildFile({ w: f32(1, 0, 4) }, 4), /found "1"; expected an array/],
  ["size of 2^53", buildFile(one.replace("[1]", "[9007199254740992]"), 4), /"9007199254740992"/],
  [
    "size of 2^64 + 1",
    buildFile(one.replace("[1]", "[18446744073709551617]"), 4),
    /integer from 0/,
  ],
  ["product of 2^64", buildFile({ w: f32([2 ** 32, 2 ** 32], 0, 0) }), /more than 2\^53 - 1 bytes/],
  ["zero hides 2^64", buildFile({ w: f32([2 ** 32, 2 ** 32, 0], 0, 0) }), /more than 2\^53 - 1/],
  [
    "product overflows",
    buildFile({ w: f32(Array(40).fill(1e15), 0, 4) }, 4),
    /more than 2\^53 - 1/,
  ],
  ["65 dimensions", buildFile({ w: f32(Array(65).fill(1), 0, 4) }, 4), /more than 64 items/],
  [
    "1e15 elements claimed",
    buildFile({ w: f32([1e15], 0, 4e15) }, 4),
    /take 4000000000000000 bytes/,
  ],
  ["1e15 elements in 4 bytes", buildFile({ w: f32([1e15], 0, 4) }, 4), /takes 4000000000000000/],
  [
    "shape too large",
    buildFile({ w: f32([2], 0, 4) }, 4),
    /F32\[2\], which takes 8 bytes.* span 4/,
  ],
  ["shape too small", buildFile({ w: f32([2], 0, 12) }, 12), /takes 8 bytes.* span 12/],
  ["empty shape with data", buildFile({ w: f32([0], 0, 4) }, 4), /takes 0 bytes.* span 4/],
  ["scalar without data", buildFile({ w: f32([], 0, 0) }), /F32\[\], which takes 4 bytes.* span 0/],

  // Offsets
  ["reversed offsets", buildFile({ w: f32([1], 4, 0) }, 4), /data_offsets \[4,0\]; they must be/],
  ["one offset", buildFile({ w: f32([1], 0) }, 4), /data_offsets \[0\]; they must be/],
  ["no offset", buildFile({ w: f32([1]) }, 4), /data_offsets \[\]; they must be/],
  ["three offsets", buildFile({ w: f32([1], 0, 4, 8) }, 8), /more than 2 items/],
  ["negative offset", buildFile({ w: f32([1], -4, 0) }, 4), /found "-4"; expected an offset/],
  ["fractional offset", buildFile({ w: f32([1], 0.5, 4.5) }, 5), /found "0.5"; expected an offset/],
  ["offset past the end", buildFile({ w: f32([1], 4, 8) }, 4), /leave a hole before them/],
  [
    "end past the end",
    buildFile({ w: f32([2], 0, 8) }, 4),
    /take 8 bytes, but 4 follow.*truncated/,
  ],
  ["all data missing", buildFile(one), /take 4 bytes, but 0 follow/],
  ["last byte missing", buildFile(one, 3), /take 4 bytes, but 3 follow its header; .*truncated/],
  ["one byte too many", buildFile(one, 5), /take 4 bytes, but 5 follow its header; remove/],
  ["data without tensors", buildFile("{}", 4), /take 0 bytes, but 4 follow/],
  ["same bytes twice", buildFile({ a: f32([1], 0, 4), b: f32([1], 0, 4) }, 4), /"b" overlap/],
  [
    "overlap",
    buildFile({ a: f32([2], 0, 8), b: f32([2], 4, 12) }, 12),
    /\[4, 12\] of tensor "b" ov/,
  ],
  ["inside another", buildFile({ a: f32([3], 0, 12), b: f32([1], 4, 8) }, 12), /must begin at 12/],
  ["hole at the start", buildFile({ a: f32([1], 4, 8) }, 8), /hole before them; .*must begin at 0/],
  ["hole", buildFile({ a: f32([1], 0, 4), b: f32([1], 8, 12) }, 12), /"b" leave a hole/],
  ["empty tensor inside", buildFile({ a: f32([2], 0, 8), b: f32([0], 4, 4) }, 8), /"b" overlap/],
  [
    "empty tensor far off",
    buildFile({ a: f32([1], 0, 4), b: f32([0], 9, 9) }, 4),
    /"b" leave a hole/,
  ],

  // Long names must not make long messages
  ["name of a megabyte", buildFile({ ["w".repeat(1e6)]: 1 }), /found "1"; expected an object/],
  ["long name in message", buildFile({ ["w".repeat(1e6)]: {} }), /tensor "w{60}…" lacks "dtype"/],
];

/** Files that must be refused. */
export const hostileFiles: readonly HostileFile[] = entries.map(([name, bytes, complaint]) => ({
  name,
  bytes,
  complaint,
}));
