import { describeShape, FormatError, quote } from "./errors.ts";
import {
  type JsonCursor,
  readArray,
  readObject,
  readSize,
  readString,
  refusal,
  skipSpace,
  skipValue,
  unexpected,
} from "./json_cursor.ts";
import { arrayTypes, countElements, type Dtype, isDtype } from "./tensor_data.ts";

/** Longest header that is read or written, in bytes; the limit of the reference implementation. */
export const MAXIMUM_HEADER_LENGTH = 100_000_000;

/** Key of the metadata in a header, which no tensor may be called. */
export const METADATA_KEY = "__metadata__";

/** Most dimensions that a tensor may have; the limit of PyTorch and NumPy. */
export const MAXIMUM_RANK = 64;

/** What a header says of one tensor. */
export interface TensorEntry {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** Place of its first byte, in bytes from the end of the header. */
  readonly begin: number;
  /** Place after its last byte, in bytes from the end of the header. */
  readonly end: number;
  /** Place of what the header says of it, in bytes from the start of the file. */
  readonly at: number;
}

/** A header that has been checked against its file: every entry lies inside it, none overlap. */
export interface Header {
  /** Tensors, in the order of the header. */
  readonly entries: readonly TensorEntry[];
  readonly metadata: Record<string, string>;
  /** Place of each metadata value, in bytes from the start of the file. */
  readonly metadataAt: Record<string, number>;
  /** Place after the header, in bytes from the start of the file. */
  readonly end: number;
}

/** Reads and checks the header of the safetensors file `bytes`. */
export function readHeader(bytes: Uint8Array, source: string): Header {
  const end = readHeaderEnd(bytes, source);
  const cursor: JsonCursor = { bytes, end, source, at: 8, depth: 0 };
  const entries: TensorEntry[] = [];
  const metadata: Record<string, string> = Object.create(null);
  const metadataAt: Record<string, number> = Object.create(null);
  readObject(cursor, (key) => {
    if (key === METADATA_KEY) {
      readObject(cursor, (name) => {
        metadataAt[name] = cursor.at;
        metadata[name] = readString(cursor);
      });
    } else {
      entries.push(readEntry(cursor, key));
    }
  });
  skipSpace(cursor);
  if (cursor.at < end) throw unexpected(cursor, "nothing but spaces after the header's last }");
  checkLayout(entries, bytes.length, end, source);
  return { entries, metadata, metadataAt, end };
}

/** Place after the header, in bytes from the start of the file; the header lies inside the file. */
function readHeaderEnd(bytes: Uint8Array, source: string): number {
  const refuse = (problem: string, offset = 0): FormatError =>
    new FormatError(`Cannot read ${source}: ${problem}`, { source, offset });
  if (bytes.length < 8) {
    throw refuse(
      `it holds ${bytes.length} bytes; a safetensors file begins with 8 bytes that give the ` +
        "length of its header",
    );
  }
  const length = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
  if (length > BigInt(MAXIMUM_HEADER_LENGTH)) {
    throw refuse(
      `its first 8 bytes give a header of ${length} bytes; at most ${MAXIMUM_HEADER_LENGTH} are ` +
        `allowed${guessFormat(bytes)}`,
    );
  }
  const end = 8 + Number(length);
  if (end > bytes.length) {
    throw refuse(
      `its first 8 bytes give a header of ${length} bytes, but only ${bytes.length - 8} follow; ` +
        `the file is truncated or no safetensors file${guessFormat(bytes)}`,
    );
  }
  if (end === 8 || bytes[8] !== 0x7b) {
    const found = end === 8 ? "is empty" : `begins with byte 0x${bytes[8]!.toString(16)}`;
    throw refuse(`its header ${found}; a header begins with { (0x7b)`, 8);
  }
  return end;
}

/** Files that people hand over in place of a safetensors file, by how they begin. */
function guessFormat(bytes: Uint8Array): string {
  const start = String.fromCharCode(...bytes.subarray(0, 8));
  if (start === "version ") return "; this looks like a Git LFS pointer: run git lfs pull";
  if (start.startsWith("PK")) return "; this looks like a zip or PyTorch file: convert it first";
  if (start.startsWith("\x1f\x8b")) return "; this looks like gzip: decompress it first";
  if (start.startsWith("<")) return "; this looks like a web page: check the address";
  return "";
}

function readEntry(cursor: JsonCursor, name: string): TensorEntry {
  const start = cursor.at;
  const tensor = `tensor ${quote(name)}`;
  let dtype: Dtype | undefined;
  let shape: number[] | undefined;
  let offsets: number[] | undefined;
  readObject(cursor, (key) => {
    if (key === "dtype") dtype = readDtype(cursor, tensor);
    else if (key === "shape") {
      shape = readSizes(cursor, MAXIMUM_RANK, `a size in the shape of ${tensor}`);
    } else if (key === "data_offsets") {
      offsets = readSizes(cursor, 2, `an offset of ${tensor}`);
    } else skipValue(cursor);
  });
  const lacking = dtype ? shape ? offsets ? "" : "data_offsets" : "shape" : "dtype";
  if (lacking) throw refusal(cursor, `${tensor} lacks ${quote(lacking)}`, start);
  const [begin, end] = offsets!;
  if (begin === undefined || end === undefined || begin > end) {
    throw refusal(
      cursor,
      `${tensor} has data_offsets [${offsets}]; they must be [begin, end] with begin <= end`,
      start,
    );
  }
  const width = arrayTypes[dtype!].BYTES_PER_ELEMENT;
  const needed = (countElements(shape!) ?? Infinity) * width;
  if (needed !== end - begin) {
    const size = Number.isSafeInteger(needed) ? `${needed}` : "more than 2^53 - 1";
    throw refusal(
      cursor,
      `${tensor} is ${dtype}${describeShape(shape!)}, which takes ${size} bytes, but its ` +
        `data_offsets [${begin}, ${end}] span ${end - begin}`,
      start,
    );
  }
  return { name, dtype: dtype!, shape: shape!, begin, end, at: start };
}

function readDtype(cursor: JsonCursor, tensor: string): Dtype {
  const offset = cursor.at;
  const text = readString(cursor);
  if (isDtype(text)) return text;
  throw refusal(
    cursor,
    `${tensor} has dtype ${quote(text)}; odot reads ${Object.keys(arrayTypes).join(", ")}`,
    offset,
  );
}

function readSizes(cursor: JsonCursor, limit: number, what: string): number[] {
  const start = cursor.at;
  const sizes: number[] = [];
  readArray(cursor, () => {
    if (sizes.length === limit) {
      throw refusal(
        cursor,
        `the list that begins here holds more than ${limit} items, each ${what}`,
        start,
      );
    }
    sizes.push(readSize(cursor, what));
  });
  return sizes;
}

/** Refuses overlaps, holes, and data that end before or after the file does. */
function checkLayout(
  entries: readonly TensorEntry[],
  length: number,
  headerEnd: number,
  source: string,
): void {
  const dataLength = length - headerEnd;
  let covered = 0;
  for (const { name, begin, end, at } of [...entries].sort(byPlace)) {
    if (begin !== covered) {
      const fault = begin < covered ? "overlap what comes before" : "leave a hole before them";
      throw new FormatError(
        `Cannot read ${source}: the bytes [${begin}, ${end}] of tensor ${quote(name)} ${fault}; ` +
          `the next tensor must begin at ${covered}`,
        { source, offset: at },
      );
    }
    covered = end;
  }
  if (covered === dataLength) return;
  const remedy = covered > dataLength ? "the file is truncated" : "remove what follows them";
  throw new FormatError(
    `Cannot read ${source}: its tensors take ${covered} bytes, but ${dataLength} follow its ` +
      `header; ${remedy}`,
    { source, offset: Math.min(length, headerEnd + covered) },
  );
}

function byPlace(a: TensorEntry, b: TensorEntry): number {
  return a.begin - b.begin || a.end - b.end;
}
