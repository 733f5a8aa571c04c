import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertLess,
  assertMatch,
  assertThrows,
} from "@std/assert";
import { type IdxArray, type IdxDtype, readIdx, writeIdx } from "../../src/data/idx.ts";
import { FormatError } from "../../src/formats/mod.ts";
import { hostileFiles } from "./hostile_idx.ts";

const values: { readonly [D in IdxDtype]: (length: number) => IdxArray["data"] } = {
  u8: (length) => Uint8Array.from({ length }, (_, i) => 255 - i),
  i8: (length) => Int8Array.from({ length }, (_, i) => i - 128),
  i16: (length) => Int16Array.from({ length }, (_, i) => i - 32768),
  i32: (length) => Int32Array.from({ length }, (_, i) => i - 2 ** 31),
  f32: (length) => Float32Array.from({ length }, (_, i) => [NaN, -0, 1e-42, i / 3][i % 4]!),
  f64: (length) => Float64Array.from({ length }, (_, i) => [Infinity, -0, 5e-324, i / 3][i % 4]!),
};
const dtypes = Object.keys(values) as IdxDtype[];
const shapes = [[0], [1], [7], [2, 3], [0, 5], [5, 0, 2], [3, 2, 2, 2], Array(255).fill(1)];

function arrayOf(dtype: IdxDtype, shape: readonly number[]): IdxArray {
  const length = shape.reduce((product, size) => product * size, 1);
  return { dtype, shape, data: values[dtype](length) } as IdxArray;
}

for (const dtype of dtypes) {
  Deno.test(`readIdx() returns what writeIdx() was given: ${dtype}`, () => {
    for (const shape of shapes) {
      const array = arrayOf(dtype, shape);
      assertEquals(readIdx(writeIdx(array)), array);
    }
  });
}

// Written by hand after the definition of the format, so that both ends cannot be wrong alike.
const known: [bytes: number[], array: IdxArray][] = [
  [[0, 0, 8, 1, 0, 0, 0, 3, 7, 2, 255], {
    dtype: "u8",
    shape: [3],
    data: Uint8Array.of(7, 2, 255),
  }],
  [
    [0, 0, 9, 2, 0, 0, 0, 1, 0, 0, 0, 2, 0x80, 0xff],
    { dtype: "i8", shape: [1, 2], data: Int8Array.of(-128, -1) },
  ],
  [
    [0, 0, 0x0b, 1, 0, 0, 0, 2, 1, 2, 0xff, 0xfe],
    { dtype: "i16", shape: [2], data: Int16Array.of(258, -2) },
  ],
  [
    [0, 0, 0x0c, 1, 0, 0, 0, 1, 1, 2, 3, 4],
    { dtype: "i32", shape: [1], data: Int32Array.of(0x01020304) },
  ],
  [
    [0, 0, 0x0d, 1, 0, 0, 0, 1, 0xbf, 0xc0, 0, 0],
    { dtype: "f32", shape: [1], data: Float32Array.of(-1.5) },
  ],
  [
    [0, 0, 0x0e, 1, 0, 0, 0, 1, 0x40, 0x09, 0x21, 0xfb, 0x54, 0x44, 0x2d, 0x18],
    { dtype: "f64", shape: [1], data: Float64Array.of(Math.PI) },
  ],
];
for (const [bytes, array] of known) {
  Deno.test(`readIdx() and writeIdx() agree with the format: ${array.dtype}`, () => {
    assertEquals(readIdx(Uint8Array.from(bytes)), array);
    assertEquals([...writeIdx(array)], bytes);
  });
}

Deno.test("readIdx() reads sizes past 255 and 65535", () => {
  const bytes = writeIdx({ dtype: "u8", shape: [70000, 3], data: new Uint8Array(210000) });
  assertEquals([...bytes.subarray(4, 12)], [0, 1, 0x11, 0x70, 0, 0, 0, 3]);
  assertEquals(readIdx(bytes).shape, [70000, 3]);
});

Deno.test("readIdx() reads a file that starts inside a buffer, and copies out of it", () => {
  const array = arrayOf("f64", [3]);
  const bytes = writeIdx(array);
  const buffer = new Uint8Array(bytes.length + 6);
  buffer.set(bytes, 3);
  const found = readIdx(buffer.subarray(3, 3 + bytes.length));
  buffer.fill(0xff);
  assertEquals(found, array);
});

Deno.test("writeIdx() leaves its data as they are", () => {
  const data = Int32Array.of(1, 2);
  writeIdx({ dtype: "i32", shape: [2], data });
  assertEquals(data, Int32Array.of(1, 2));
});

for (const { name, bytes, complaint } of hostileFiles) {
  Deno.test(`readIdx() refuses: ${name}`, () => {
    const error = assertThrows(
      () => readIdx(bytes, { name: "train-images" }),
      FormatError,
      "Cannot read train-images: ",
    );
    assertMatch(error.message, complaint);
    assertLess(error.message.length, 400);
    assertEquals(error.source, "train-images");
    assert(error.offset! >= 0 && error.offset! <= bytes.length);
  });
}

Deno.test("readIdx() refuses every truncation of a file", () => {
  const bytes = writeIdx(arrayOf("i16", [2, 3]));
  for (let length = 0; length < bytes.length; length++) {
    assertThrows(() => readIdx(bytes.subarray(0, length)), FormatError, "Cannot read bytes");
  }
});

Deno.test("readIdx() parses or throws FormatError for any single flipped bit", () => {
  const original = writeIdx(arrayOf("i16", [2, 3]));
  let parsed = 0;
  for (let bit = 0; bit < 8 * original.length; bit++) {
    const bytes = original.slice();
    bytes[bit >> 3]! ^= 1 << (bit & 7);
    try {
      readIdx(bytes);
      parsed++;
    } catch (error) {
      assertInstanceOf(error, FormatError);
    }
  }
  // The twelve bytes of data may hold anything; every bit of the header is checked.
  assertEquals(parsed, 8 * 12);
});

Deno.test("readIdx() refuses what is no Uint8Array", () => {
  for (const input of [new ArrayBuffer(8), new Uint16Array(4), "0", undefined]) {
    const bytes = input as unknown as Uint8Array;
    assertThrows(() => readIdx(bytes), TypeError, "pass a Uint8Array");
  }
});

const data = Uint8Array.of(1, 2);
const refusedArrays: [why: string, array: unknown, type: typeof TypeError, complaint: string][] = [
  ["unknown dtype", { dtype: "u16", shape: [2], data }, TypeError, "dtype u16; it must be one of"],
  ["inherited dtype", { dtype: "toString", shape: [2], data }, TypeError, "dtype toString"],
  ["wrong array", { dtype: "f32", shape: [2], data }, TypeError, "Uint8Array; pass Float32Array"],
  ["too few", { dtype: "u8", shape: [3], data }, TypeError, "[3] calls for 3 elements"],
  ["too many", { dtype: "u8", shape: [1, 1], data }, TypeError, "[1, 1] calls for 1 elements"],
  ["no dimensions", { dtype: "u8", shape: [], data }, RangeError, "0 dimensions; it has 1 to 255"],
  [
    "256 dimensions",
    { dtype: "u8", shape: Array(256).fill(1), data },
    RangeError,
    "256 dimensions",
  ],
  ["negative size", { dtype: "u8", shape: [-2], data }, RangeError, "[-2]; sizes are integers"],
  ["fractional size", { dtype: "u8", shape: [0.5, 4], data }, RangeError, "[0.5, 4]"],
  ["size of 2^32", { dtype: "u8", shape: [2 ** 32], data }, RangeError, "[4294967296]"],
];
for (const [why, array, type, complaint] of refusedArrays) {
  Deno.test(`writeIdx() refuses: ${why}`, () => {
    assertThrows(() => writeIdx(array as IdxArray), type, complaint);
  });
}
