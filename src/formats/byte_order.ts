/** Order of the bytes of a number in a file: least significant first, or most significant first. */
export type ByteOrder = "little" | "big";

/** A constructor of typed arrays, such as `Float32Array`. */
export interface TypedArrayConstructor<Data> {
  /** An array on top of all of `buffer`. */
  new (buffer: ArrayBuffer): Data;
  /** Size of one element, in bytes. */
  readonly BYTES_PER_ELEMENT: number;
  /** Name of the type, such as `"Float32Array"`. */
  readonly name: string;
}

/**
 * The numbers written in `bytes`, as a new typed array that owns its memory.
 *
 * A copy, since a view may neither start off its alignment nor survive a change of the file's bytes.
 * `bytes.length` is a multiple of the size of an element.
 */
export function decodeNumbers<Data>(
  type: TypedArrayConstructor<Data>,
  bytes: Uint8Array,
  order: ByteOrder,
): Data {
  const copy = new Uint8Array(bytes.length);
  copy.set(bytes);
  if (order !== hostOrder) reverseEach(copy, type.BYTES_PER_ELEMENT);
  return new type(copy.buffer);
}

/** Writes the numbers of `data` into `target`, which has exactly their size. */
export function encodeNumbers(
  data: ArrayBufferView & { readonly BYTES_PER_ELEMENT: number },
  target: Uint8Array,
  order: ByteOrder,
): void {
  target.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  if (order !== hostOrder) reverseEach(target, data.BYTES_PER_ELEMENT);
}

/** The order in which this machine keeps its numbers. */
const hostOrder: ByteOrder = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1 ? "little" : "big";

/** Reverses every run of `width` bytes, in place. */
function reverseEach(bytes: Uint8Array, width: number): void {
  if (width === 1) return;
  for (let at = 0; at < bytes.length; at += width) {
    for (let low = at, high = at + width - 1; low < high; low++, high--) {
      const kept = bytes[low]!;
      bytes[low] = bytes[high]!;
      bytes[high] = kept;
    }
  }
}
