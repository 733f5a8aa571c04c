import { decodeNumbers, encodeNumbers } from "./byte_order.ts";
import { describeShape, nameOfType, quote } from "./errors.ts";
import {
  MAXIMUM_HEADER_LENGTH,
  MAXIMUM_RANK,
  METADATA_KEY,
  readHeader,
} from "./safetensors_header.ts";
import { arrayTypes, countElements, type Dtype, isDtype, type TensorData } from "./tensor_data.ts";

/** What {@linkcode readSafetensors} may be told. */
export interface ReadOptions {
  /** Name of the file, for messages. Default: `"bytes"`. */
  readonly name?: string;
}

/** Contents of a safetensors file. */
export interface SafetensorsFile {
  /** Tensors by name, in the order of the header; a record without a prototype. */
  readonly tensors: Record<string, TensorData>;
  /** Free text by name; empty where the file has none; a record without a prototype. */
  readonly metadata: Record<string, string>;
}

/**
 * Tensors and metadata of a safetensors file.
 *
 * The file is taken for hostile: every number in it is checked before it is used, nothing is
 * allocated for a size that is merely claimed, and names such as `__proto__` are names like others.
 * The arrays are copies, so tensors may start at any byte of the file.
 *
 * Source: Hugging Face, safetensors, "Format"
 * (https://github.com/huggingface/safetensors#format).
 *
 * @throws {FormatError} If the bytes break any rule of the format: header cut short, longer than
 * 100 MB, or not beginning with `{`; duplicate keys; a dtype that {@linkcode TensorData} lacks; sizes
 * that are no integers or that disagree with the offsets; overlaps, holes or bytes left over.
 * @throws {TypeError} If `bytes` is no Uint8Array.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import * as io from "@odot/odot/io";
 *
 * const bytes = io.writeSafetensors({
 *   "head.weight": { dtype: "F32", shape: [1, 2], data: Float32Array.of(3, 4) },
 * });
 * const { tensors } = io.readSafetensors(bytes);
 * assertEquals(tensors["head.weight"]?.data, Float32Array.of(3, 4));
 * ```
 */
export function readSafetensors(bytes: Uint8Array, options: ReadOptions = {}): SafetensorsFile {
  if (nameOfType(bytes) !== "Uint8Array") {
    throw new TypeError(
      `Cannot read a safetensors file from ${nameOfType(bytes)}; pass a Uint8Array`,
    );
  }
  const header = readHeader(bytes, options.name ?? "bytes");
  const tensors: Record<string, TensorData> = Object.create(null);
  for (const { name, dtype, shape, begin, end } of header.entries) {
    const part = bytes.subarray(header.end + begin, header.end + end);
    const data = decodeNumbers<TensorData["data"]>(arrayTypes[dtype], part, "little");
    tensors[name] = { dtype, shape, data } as TensorData;
  }
  return { tensors, metadata: header.metadata };
}

/**
 * A safetensors file of these tensors and this metadata.
 *
 * The same contents give the same bytes, whatever the order of the records: tensors are laid out by
 * dtype, widest first, then by name, as the reference implementation does, and metadata by name.
 *
 * Source: Hugging Face, safetensors, "Format"
 * (https://github.com/huggingface/safetensors#format).
 *
 * @throws {TypeError} If a tensor is called `__metadata__`, has an unknown dtype, data of another
 * type than its dtype calls for or of another length than its shape calls for, or if metadata are
 * not strings.
 * @throws {RangeError} If a size is no integer from 0 to 2⁵³ − 1, there are more than 64 dimensions,
 * or the header would pass 100 MB.
 *
 * @example
 * ```ts
 * import * as io from "@odot/odot/io";
 *
 * const weight = { dtype: "F32", shape: [2, 2], data: Float32Array.of(1, 0, 0, 1) } as const;
 * const bytes = io.writeSafetensors({ "0.weight": weight }, { task: "identity" });
 * ```
 */
export function writeSafetensors(
  tensors: Readonly<Record<string, TensorData>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const parts = Object.entries(tensors).map(([name, tensor]) => {
    checkTensor(name, tensor);
    return { name, tensor, rank: dtypes.indexOf(tensor.dtype) };
  });
  parts.sort((a, b) => a.rank - b.rank || compareText(a.name, b.name));
  const members = describeMetadata(metadata);
  let dataLength = 0;
  for (const { name, tensor: { dtype, shape, data } } of parts) {
    const begin = dataLength;
    dataLength += data.byteLength;
    const entry = { dtype, shape, data_offsets: [begin, dataLength] };
    members.push(`${JSON.stringify(name)}:${JSON.stringify(entry)}`);
  }
  const text = new TextEncoder().encode(`{${members.join(",")}}`);
  const headerLength = Math.ceil(text.length / 8) * 8;
  if (headerLength > MAXIMUM_HEADER_LENGTH) {
    throw new RangeError(
      `Cannot write a safetensors header of ${headerLength} bytes; at most ` +
        `${MAXIMUM_HEADER_LENGTH} are allowed: write fewer tensors or less metadata`,
    );
  }
  const bytes = new Uint8Array(8 + headerLength + dataLength);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerLength), true);
  bytes.set(text, 8);
  bytes.fill(0x20, 8 + text.length, 8 + headerLength);
  let at = 8 + headerLength;
  for (const { tensor: { data } } of parts) {
    encodeNumbers(data, bytes.subarray(at, at + data.byteLength), "little");
    at += data.byteLength;
  }
  return bytes;
}

const dtypes = Object.keys(arrayTypes) as Dtype[];

/** The member of a header that holds the metadata; none where there are none. */
function describeMetadata(metadata: Readonly<Record<string, string>>): string[] {
  const entries = Object.entries(metadata).sort((a, b) => compareText(a[0], b[0]));
  if (entries.length === 0) return [];
  const members = entries.map(([key, value]) => {
    checkText(key, "metadata key");
    checkText(value, `metadata ${quote(key)}`);
    return `${JSON.stringify(key)}:${JSON.stringify(value)}`;
  });
  return [`"${METADATA_KEY}":{${members.join(",")}}`];
}

function checkTensor(name: string, { dtype, shape, data }: TensorData): void {
  const action = `Cannot write tensor ${quote(name)}`;
  checkText(name, "tensor name");
  if (name === METADATA_KEY) {
    throw new TypeError(`${action}: the name is taken by the metadata; choose another`);
  }
  if (!isDtype(dtype)) {
    throw new TypeError(
      `${action}: its dtype is ${quote(String(dtype))}; odot writes ${dtypes.join(", ")}`,
    );
  }
  const expected = arrayTypes[dtype].name;
  if (nameOfType(data) !== expected) {
    throw new TypeError(
      `${action}: its dtype is ${dtype}, but its data are ${nameOfType(data)}; pass ${expected}`,
    );
  }
  if (!Array.isArray(shape) || !shape.every((size) => Number.isSafeInteger(size) && size >= 0)) {
    const found = Array.isArray(shape) ? describeShape(shape) : String(shape);
    throw new RangeError(
      `${action}: its shape is ${found}; sizes are integers from 0 to 2^53 - 1`,
    );
  }
  if (shape.length > MAXIMUM_RANK) {
    throw new RangeError(
      `${action}: it has ${shape.length} dimensions; at most ${MAXIMUM_RANK} are allowed`,
    );
  }
  const count = countElements(shape) ?? "more than 2^53 - 1";
  if (count !== data.length) {
    throw new TypeError(
      `${action}: its shape ${describeShape(shape)} calls for ${count} elements, but its data ` +
        `have ${data.length}`,
    );
  }
}

function checkText(text: unknown, what: string): void {
  if (typeof text === "string" && !/\p{Surrogate}/u.test(text)) return;
  const found = typeof text === "string" ? quote(text) : nameOfType(text);
  throw new TypeError(`Cannot write ${what} ${found}; it must be a string of whole characters`);
}

/** Order of code points, which is that of UTF-8; that of UTF-16 differs past U+FFFF. */
function compareText(a: string, b: string): number {
  const left = [...a], right = [...b];
  const length = Math.min(left.length, right.length);
  for (let i = 0; i < length; i++) {
    const difference = left[i]!.codePointAt(0)! - right[i]!.codePointAt(0)!;
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
