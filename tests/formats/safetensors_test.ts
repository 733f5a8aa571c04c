import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertLess,
  assertMatch,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import {
  countElements,
  type Dtype,
  FormatError,
  readSafetensors,
  type TensorData,
  toFloat32,
  writeSafetensors,
} from "../../src/formats/mod.ts";
import { buildFile, hostileFiles } from "./hostile_safetensors.ts";

const values: { readonly [D in Dtype]: (length: number) => TensorData["data"] } = {
  U64: (length) => BigUint64Array.from({ length }, (_, i) => 2n ** 64n - 1n - BigInt(i)),
  I64: (length) => BigInt64Array.from({ length }, (_, i) => BigInt(i) - 2n ** 63n),
  F64: (length) => Float64Array.from({ length }, (_, i) => [NaN, -0, 1e300, i / 3][i % 4]!),
  F32: (length) => Float32Array.from({ length }, (_, i) => [Infinity, -0, 1e-42, i / 3][i % 4]!),
  U32: (length) => Uint32Array.from({ length }, (_, i) => 2 ** 32 - 1 - i),
  I32: (length) => Int32Array.from({ length }, (_, i) => i - 2 ** 31),
  BF16: (length) => Uint16Array.from({ length }, (_, i) => 0xffff - 257 * i),
  F16: (length) => Uint16Array.from({ length }, (_, i) => 0x7c01 + 257 * i),
  U16: (length) => Uint16Array.from({ length }, (_, i) => 65535 - i),
  I16: (length) => Int16Array.from({ length }, (_, i) => i - 32768),
  I8: (length) => Int8Array.from({ length }, (_, i) => i - 128),
  U8: (length) => Uint8Array.from({ length }, (_, i) => 255 - i),
  BOOL: (length) => Uint8Array.from({ length }, (_, i) => i % 2),
};
const dtypes = Object.keys(values) as Dtype[];
const shapes = [[], [0], [1], [7], [2, 3], [0, 5], [5, 0, 2], [1, 1, 1], [3, 2, 2, 2]];

function tensorOf(dtype: Dtype, shape: readonly number[]): TensorData {
  return { dtype, shape, data: values[dtype](countElements(shape)!) } as TensorData;
}

/** Every dtype in every shape, in a record without a prototype, as the reader returns. */
function tensorsOfEveryKind(): Record<string, TensorData> {
  const tensors: Record<string, TensorData> = Object.create(null);
  for (const dtype of dtypes) {
    for (const shape of shapes) tensors[`${dtype} ${shape}`] = tensorOf(dtype, shape);
  }
  return tensors;
}

/** A record without a prototype, as the reader returns. */
function bare<Value>(record: Record<string, Value>): Record<string, Value> {
  return Object.assign(Object.create(null), record);
}

/** Whole numbers below `limit`, the same in every run (xorshift32: Marsaglia, 2003). */
function seeded(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % limit;
  };
}

Deno.test("readSafetensors() returns what writeSafetensors() was given, of every dtype and shape", () => {
  const tensors = tensorsOfEveryKind();
  const metadata = bare({ format: "pt", "": "empty", "ключ": '値 \u{1f600}\n"\\' });
  const file = readSafetensors(writeSafetensors(tensors, metadata));
  assertEquals(file, { tensors, metadata });
});

Deno.test("writeSafetensors() takes what readSafetensors() returns and gives the same bytes", () => {
  const bytes = writeSafetensors(tensorsOfEveryKind(), { b: "2", a: "1" });
  const { tensors, metadata } = readSafetensors(bytes);
  assertEquals(writeSafetensors(tensors, metadata), bytes);
});

Deno.test("writeSafetensors() gives the same bytes for any order of the records", () => {
  const entries = Object.entries(tensorsOfEveryKind());
  const forwards = writeSafetensors(Object.fromEntries(entries), { a: "1", b: "2" });
  const backwards = writeSafetensors(Object.fromEntries(entries.reverse()), { b: "2", a: "1" });
  assertEquals(forwards, backwards);
});

Deno.test("writeSafetensors() aligns the header and every tensor to its element size", () => {
  for (let length = 0; length < 9; length++) {
    const bytes = writeSafetensors({
      [`a${"x".repeat(length)}`]: tensorOf("U8", [3]),
      b: tensorOf("F64", [1]),
      c: tensorOf("I16", [1]),
    });
    const headerLength = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    assertEquals(headerLength % 8, 0);
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + headerLength)));
    assertEquals([header.b.data_offsets, header.c.data_offsets], [[0, 8], [8, 10]]);
  }
});

Deno.test("readSafetensors() reads tensors that start off their alignment", () => {
  for (let length = 1; length < 9; length++) {
    const name = "n".repeat(length);
    const header = {
      a: { dtype: "U8", shape: [1], data_offsets: [0, 1] },
      [name]: { dtype: "F64", shape: [1], data_offsets: [1, 9] },
    };
    const bytes = buildFile(header, 9);
    new DataView(bytes.buffer).setFloat64(bytes.length - 8, Math.PI, true);
    assertEquals(readSafetensors(bytes).tensors[name]?.data, Float64Array.of(Math.PI));
  }
});

Deno.test("readSafetensors() reads a file that starts inside a buffer, and copies out of it", () => {
  const bytes = writeSafetensors({ w: tensorOf("F32", [4]) });
  const buffer = new Uint8Array(bytes.length + 6);
  buffer.set(bytes, 3);
  const { tensors } = readSafetensors(buffer.subarray(3, 3 + bytes.length));
  buffer.fill(0xff);
  assertEquals(tensors, bare({ w: tensorOf("F32", [4]) }));
  assertEquals(tensors.w?.data.buffer.byteLength, 16);
});

Deno.test("readSafetensors() takes memory shared between threads", () => {
  const bytes = writeSafetensors({ "né": tensorOf("F32", [4]) });
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
  shared.set(bytes);
  assertEquals(readSafetensors(shared).tensors, bare({ "né": tensorOf("F32", [4]) }));
});

Deno.test("readSafetensors() takes spaces, any order of fields, and unknown fields", () => {
  const text = '{ "w" : { "data_offsets" : [ 0 , 4 ] , "more" : [ { } , [ ] , -1.5e-3 , null , ' +
    'true , false , "\\u00e9" ] , "shape" : [ ] , "dtype" : "F32" } }  \n';
  assertEquals(
    readSafetensors(buildFile(text, 4)).tensors,
    bare({
      w: { dtype: "F32", shape: [], data: Float32Array.of(0) } as TensorData,
    }),
  );
});

Deno.test("readSafetensors() takes empty files, empty tensors and empty names", () => {
  assertEquals(readSafetensors(buildFile("{}")), { tensors: bare({}), metadata: bare({}) });
  const empty = { "": tensorOf("F32", []), none: tensorOf("F32", [0]), nil: tensorOf("U8", [0]) };
  assertEquals(readSafetensors(writeSafetensors(empty)).tensors, bare(empty));
});

Deno.test("readSafetensors() treats __proto__ and constructor as names like others", () => {
  const text = ["__proto__", "constructor", "toString"].map((name, i) =>
    `"${name}":{"dtype":"U8","shape":[1],"data_offsets":[${i},${i + 1}]}`
  );
  const file = buildFile(`{"__metadata__":{"__proto__":"polluted"},${text.join(",")}}`, 3);
  const { tensors, metadata } = readSafetensors(file);
  assertEquals(Object.keys(tensors), ["__proto__", "constructor", "toString"]);
  assertEquals(Object.entries(metadata), [["__proto__", "polluted"]]);
  assertEquals(Object.getPrototypeOf(tensors), null);
  assertEquals(Object.getPrototypeOf({}), Object.prototype);
  assertEquals(readSafetensors(writeSafetensors(tensors, metadata)), { tensors, metadata });
});

for (const { name, bytes, complaint } of hostileFiles) {
  Deno.test(`readSafetensors() refuses: ${name}`, () => {
    const error = assertThrows(
      () => readSafetensors(bytes, { name: "evil.safetensors" }),
      FormatError,
      "Cannot read evil.safetensors: ",
    );
    assertMatch(error.message, complaint);
    assertLess(error.message.length, 400);
    assertEquals([error.name, error.source], ["FormatError", "evil.safetensors"]);
    if (error.offset !== undefined) assert(error.offset >= 0 && error.offset <= bytes.length);
  });
}

Deno.test("readSafetensors() parses or throws FormatError, fast, for any damage to a file", () => {
  const random = seeded(1);
  const whole = writeSafetensors(tensorsOfEveryKind(), { format: "pt" });
  const small = writeSafetensors({ w: tensorOf("F32", [2]), v: tensorOf("I8", [1]) }, { a: "b" });
  const start = performance.now();
  let parsed = 0;
  for (let round = 0; round < 4000; round++) {
    const original = round % 20 === 0 ? whole : small;
    let bytes = original.slice();
    for (let flips = random(4); flips >= 0; flips--) {
      bytes[random(bytes.length)]! ^= 1 << random(8);
    }
    if (random(3) === 0) bytes = bytes.slice(0, random(bytes.length + 1));
    try {
      readSafetensors(bytes);
      parsed++;
    } catch (error) {
      assertInstanceOf(error, FormatError);
    }
  }
  assert(parsed > 0 && parsed < 4000, `${parsed} of 4000 damaged files were parsed`);
  assertLess(performance.now() - start, 10_000);
});

Deno.test("readSafetensors() refuses every truncation of a file", () => {
  const bytes = writeSafetensors({ w: tensorOf("F32", [2]), v: tensorOf("I8", [3]) });
  for (let length = 0; length < bytes.length; length++) {
    assertThrows(
      () => readSafetensors(bytes.subarray(0, length)),
      FormatError,
      "Cannot read bytes",
    );
  }
});

Deno.test("readSafetensors() refuses what is no Uint8Array", () => {
  const buffer = writeSafetensors({}).buffer;
  for (const input of [buffer, new Float32Array(4), "{}", undefined]) {
    assertThrows(
      () => readSafetensors(input as unknown as Uint8Array),
      TypeError,
      "pass a Uint8Array",
    );
  }
});

const refusedTensors: [why: string, tensor: unknown, type: typeof TypeError, complaint: string][] =
  [
    ["unknown dtype", { dtype: "F31", shape: [1], data: Float32Array.of(1) }, TypeError, '"F31"'],
    ["inherited dtype", { dtype: "toString", shape: [], data: [] }, TypeError, '"toString"'],
    [
      "wrong array",
      { dtype: "F32", shape: [1], data: Float64Array.of(1) },
      TypeError,
      "Float64Array",
    ],
    ["plain array", { dtype: "F32", shape: [1], data: [1] }, TypeError, "pass Float32Array"],
    [
      "F16 as numbers",
      { dtype: "F16", shape: [1], data: Float32Array.of(1) },
      TypeError,
      "Uint16Array",
    ],
    ["too short", { dtype: "F32", shape: [2], data: Float32Array.of(1) }, TypeError, "calls for 2"],
    [
      "too long",
      { dtype: "F32", shape: [], data: Float32Array.of(1, 2) },
      TypeError,
      "calls for 1",
    ],
    ["no shape", { dtype: "F32", data: Float32Array.of(1) }, RangeError, "shape is undefined"],
    ["negative", { dtype: "F32", shape: [-1], data: Float32Array.of(1) }, RangeError, "is [-1]"],
    ["fraction", { dtype: "F32", shape: [0.5], data: Float32Array.of(1) }, RangeError, "is [0.5]"],
    ["NaN", { dtype: "F32", shape: [NaN], data: Float32Array.of(1) }, RangeError, "is [NaN]"],
    [
      "65 dimensions",
      { dtype: "F32", shape: Array(65).fill(1), data: Float32Array.of(1) },
      RangeError,
      "65 dimensions",
    ],
  ];
for (const [why, tensor, type, complaint] of refusedTensors) {
  Deno.test(`writeSafetensors() refuses a tensor: ${why}`, () => {
    const error = assertThrows(
      () => writeSafetensors({ w: tensor as TensorData }),
      type,
      complaint,
    );
    assertStringIncludes(error.message, 'Cannot write tensor "w"');
  });
}

Deno.test("writeSafetensors() refuses names and metadata that no reader would take", () => {
  const tensor = tensorOf("F32", []);
  assertThrows(
    () => writeSafetensors({ __metadata__: tensor }),
    TypeError,
    "taken by the metadata",
  );
  assertThrows(() => writeSafetensors({ "\ud800": tensor }), TypeError, "whole characters");
  assertThrows(() => writeSafetensors({}, { a: "\udc00" }), TypeError, 'metadata "a"');
  const number = { epochs: 5 } as unknown as Record<string, string>;
  assertThrows(() => writeSafetensors({}, number), TypeError, 'metadata "epochs" Number');
});

Deno.test("toFloat32() converts every dtype, each value rounded once", () => {
  const cases: [TensorData, number[]][] = [
    [{ dtype: "F64", shape: [2], data: Float64Array.of(0.1, 1e300) }, [Math.fround(0.1), Infinity]],
    [{ dtype: "F32", shape: [1], data: Float32Array.of(-1.5) }, [-1.5]],
    [{ dtype: "F16", shape: [2], data: Uint16Array.of(0x3c00, 0xc000) }, [1, -2]],
    [{ dtype: "BF16", shape: [2], data: Uint16Array.of(0x3f80, 0xc000) }, [1, -2]],
    [{ dtype: "I32", shape: [2], data: Int32Array.of(-7, 2 ** 24 + 1) }, [-7, 2 ** 24]],
    [{ dtype: "U32", shape: [1], data: Uint32Array.of(2 ** 32 - 1) }, [2 ** 32]],
    [{ dtype: "I16", shape: [1], data: Int16Array.of(-300) }, [-300]],
    [{ dtype: "U16", shape: [1], data: Uint16Array.of(65535) }, [65535]],
    [{ dtype: "I8", shape: [1], data: Int8Array.of(-3) }, [-3]],
    [{ dtype: "U8", shape: [1], data: Uint8Array.of(200) }, [200]],
    [{ dtype: "BOOL", shape: [3], data: Uint8Array.of(0, 1, 255) }, [0, 1, 1]],
    [{ dtype: "U64", shape: [1], data: BigUint64Array.of(2n ** 64n - 1n) }, [2 ** 64]],
    [{ dtype: "I64", shape: [3], data: BigInt64Array.of(5n, -5n, -(2n ** 63n)) }, [
      5,
      -5,
      -(2 ** 63),
    ]],
  ];
  for (const [tensor, expected] of cases) {
    assertEquals(toFloat32(tensor), Float32Array.from(expected), tensor.dtype);
  }
});

Deno.test("toFloat32() does not round 64-bit integers twice", () => {
  // Just above the middle of two neighbours in f32, by less than f64 can tell.
  const middle = 2n ** 62n + 2n ** 38n;
  const data = BigInt64Array.of(middle, middle + 1n, -middle, -middle - 1n, middle - 1n);
  const low = 2 ** 62, high = 2 ** 62 + 2 ** 39;
  assertEquals(
    toFloat32({ dtype: "I64", shape: [5], data }),
    Float32Array.of(low, high, -low, -high, low),
  );
});

Deno.test("toFloat32() returns an array of its own", () => {
  const data = Float32Array.of(1);
  toFloat32({ dtype: "F32", shape: [1], data })[0] = 2;
  assertEquals(data[0], 1);
});
