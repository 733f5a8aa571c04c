import {
  countElements,
  decodeNumbers,
  describeShape,
  encodeNumbers,
  FormatError,
  nameOfType,
  type TypedArrayConstructor,
} from "../formats/mod.ts";
import { isCompressed } from "./gzip.ts";

/** The typed array that carries each element type of an IDX file. */
export interface IdxArrays {
  /** 8-bit unsigned integers. */
  u8: Uint8Array;
  /** 8-bit signed integers. */
  i8: Int8Array;
  /** 16-bit signed integers. */
  i16: Int16Array;
  /** 32-bit signed integers. */
  i32: Int32Array;
  /** 32-bit floating point. */
  f32: Float32Array;
  /** 64-bit floating point. */
  f64: Float64Array;
}

/** Element type of an IDX file. */
export type IdxDtype = keyof IdxArrays;

/** Contents of an IDX file: the array in it, as plain data. */
export type IdxArray = {
  [D in IdxDtype]: {
    /** Element type. */
    readonly dtype: D;
    /** Sizes of the dimensions, dimensionless: [60000, 28, 28] for the images of MNIST. */
    readonly shape: readonly number[];
    /** Values in row-major order, as many as the product of the shape. */
    readonly data: IdxArrays[D];
  };
}[IdxDtype];

/** What {@linkcode readIdx} may be told. */
export interface IdxOptions {
  /** Name of the file, for messages. Default: `"bytes"`. */
  readonly name?: string;
}

/** Every element type: its code in the file, and the typed array that carries it. */
const types: {
  readonly [D in IdxDtype]: { code: number; array: TypedArrayConstructor<IdxArrays[D]> };
} = {
  u8: { code: 0x08, array: Uint8Array },
  i8: { code: 0x09, array: Int8Array },
  i16: { code: 0x0b, array: Int16Array },
  i32: { code: 0x0c, array: Int32Array },
  f32: { code: 0x0d, array: Float32Array },
  f64: { code: 0x0e, array: Float64Array },
};

/**
 * The array in an IDX file, the format of MNIST: a big-endian array of any rank.
 *
 * The data are a copy. Nothing is allocated for a size that is merely claimed. Compressed files go
 * through {@linkcode decompress} first.
 *
 * Source: Y. LeCun, C. Cortes and C. Burges, "The MNIST database of handwritten digits", section
 * "The IDX file format".
 *
 * @throws {FormatError} If the bytes are compressed, do not begin with two zero bytes, give an unknown
 * element type or no dimension, or are more or fewer than the dimensions call for.
 * @throws {TypeError} If `bytes` is no Uint8Array.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import * as data from "@odot/odot/data";
 *
 * const bytes = Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 3, 7, 2, 1); // three labels
 * assertEquals(data.readIdx(bytes).data, Uint8Array.of(7, 2, 1));
 * ```
 */
export function readIdx(bytes: Uint8Array, options: IdxOptions = {}): IdxArray {
  const source = options.name ?? "bytes";
  const refuse = (problem: string, offset: number): FormatError =>
    new FormatError(`Cannot read ${source}: ${problem}`, { source, offset });
  if (nameOfType(bytes) !== "Uint8Array") {
    throw new TypeError(`Cannot read an IDX file from ${nameOfType(bytes)}; pass a Uint8Array`);
  }
  if (isCompressed(bytes)) {
    throw refuse("it is compressed with gzip (1f 8b); decompress() it first", 0);
  }
  if (bytes.length < 4) {
    throw refuse(`it holds ${bytes.length} bytes; an IDX file begins with 4 bytes of magic`, 0);
  }
  if (bytes[0] !== 0 || bytes[1] !== 0) {
    const start = [...bytes.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, "0"));
    throw refuse(
      `it begins with ${start.join(" ")}; an IDX file begins with 00 00, the code of its element ` +
        "type and its number of dimensions",
      0,
    );
  }
  const dtype = dtypes.find((name) => types[name].code === bytes[2]);
  if (dtype === undefined) {
    const codes = dtypes.map((name) => `${hex(types[name].code)} (${name})`).join(", ");
    throw refuse(`its element type has code ${hex(bytes[2]!)}; known are ${codes}`, 2);
  }
  const rank = bytes[3]!;
  const start = 4 + 4 * rank;
  if (rank === 0) throw refuse("it has 0 dimensions; an IDX file has 1 to 255", 3);
  if (bytes.length < start) {
    throw refuse(
      `it holds ${bytes.length} bytes, but its ${rank} dimensions alone take ${start}; the file ` +
        "is truncated",
      3,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, start);
  const shape = Array.from({ length: rank }, (_, i) => view.getUint32(4 + 4 * i));
  const { array } = types[dtype];
  const needed = start + (countElements(shape) ?? Infinity) * array.BYTES_PER_ELEMENT;
  if (needed !== bytes.length) {
    const size = Number.isSafeInteger(needed) ? `${needed} bytes` : "more than 2^53 - 1 bytes";
    const fault = needed > bytes.length ? "the file is truncated" : "remove what follows the data";
    throw refuse(
      `it holds ${bytes.length} bytes, but ${dtype}${describeShape(shape)} takes ${size}; ${fault}`,
      Math.min(needed, bytes.length),
    );
  }
  const data = decodeNumbers<IdxArray["data"]>(array, bytes.subarray(start), "big");
  return { dtype, shape, data } as IdxArray;
}

/**
 * An IDX file of an array: what {@linkcode readIdx} reads.
 *
 * @throws {TypeError} If the dtype is unknown, or the data are of another type or length than dtype
 * and shape call for.
 * @throws {RangeError} If there are no dimensions or more than 255, or a size is no integer from 0
 * to 2³² − 1.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import * as data from "@odot/odot/data";
 *
 * const bytes = data.writeIdx({ dtype: "i16", shape: [1, 2], data: Int16Array.of(1, -1) });
 * assertEquals([...bytes.subarray(12)], [0, 1, 0xff, 0xff]);
 * ```
 */
export function writeIdx({ dtype, shape, data }: IdxArray): Uint8Array<ArrayBuffer> {
  const action = "Cannot write an IDX file";
  if (!Object.hasOwn(types, dtype)) {
    throw new TypeError(`${action} of dtype ${dtype}; it must be one of ${dtypes.join(", ")}`);
  }
  const expected = types[dtype].array.name;
  if (nameOfType(data) !== expected) {
    throw new TypeError(
      `${action}: its dtype is ${dtype}, but its data are ${nameOfType(data)}; pass ${expected}`,
    );
  }
  if (shape.length < 1 || shape.length > 255) {
    throw new RangeError(`${action} of ${shape.length} dimensions; it has 1 to 255`);
  }
  if (!shape.every((size) => Number.isInteger(size) && size >= 0 && size < 2 ** 32)) {
    throw new RangeError(
      `${action} of shape ${describeShape(shape)}; sizes are integers from 0 to 2^32 - 1`,
    );
  }
  const count = countElements(shape) ?? "more than 2^53 - 1";
  if (count !== data.length) {
    throw new TypeError(
      `${action}: its shape ${describeShape(shape)} calls for ${count} elements, but its data ` +
        `have ${data.length}`,
    );
  }
  const start = 4 + 4 * shape.length;
  const bytes = new Uint8Array(start + data.byteLength);
  const view = new DataView(bytes.buffer);
  bytes.set([0, 0, types[dtype].code, shape.length]);
  shape.forEach((size, i) => view.setUint32(4 + 4 * i, size));
  encodeNumbers(data, bytes.subarray(start), "big");
  return bytes;
}

const dtypes = Object.keys(types) as IdxDtype[];

function hex(byte: number): string {
  return `0x${byte.toString(16).padStart(2, "0")}`;
}
