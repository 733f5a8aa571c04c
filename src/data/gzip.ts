import { FormatError, nameOfType } from "../formats/mod.ts";

/** What {@linkcode decompress} may be told. */
export interface DecompressOptions {
  /** Name of the file, for messages. Default: `"bytes"`. */
  readonly name?: string;
  /** Most bytes to accept, decompressed. Default: 2³⁰, 1 GiB. */
  readonly limit?: number;
}

/** Compressed bytes handed over at once: gzip grows them at most 1032-fold, to 17 MB. */
const PIECE = 16384;

/** Whether bytes begin as gzip does: 1f 8b. */
export function isCompressed(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * The contents of a gzip file; bytes that are not compressed come back as they are. No more than the
 * limit is ever decompressed, so a small file that claims to be huge costs nothing.
 *
 * Source: P. Deutsch, "GZIP file format specification", RFC 1952.
 *
 * @throws {FormatError} If the stream is damaged, cut short or larger than the limit.
 * @throws {TypeError} If `bytes` is no Uint8Array.
 * @throws {RangeError} If the limit is no number of bytes.
 * @throws {Error} If this host cannot decompress.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import * as data from "@odot/odot/data";
 *
 * const plain = Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 3, 7, 2, 1); // three labels
 * const packed = new Blob([plain]).stream().pipeThrough(new CompressionStream("gzip"));
 * const bytes = new Uint8Array(await new Response(packed).arrayBuffer());
 * assertEquals(data.readIdx(await data.decompress(bytes)).data, Uint8Array.of(7, 2, 1));
 * ```
 */
export async function decompress(
  bytes: Uint8Array,
  { name = "bytes", limit = 2 ** 30 }: DecompressOptions = {},
): Promise<Uint8Array> {
  if (nameOfType(bytes) !== "Uint8Array") {
    throw new TypeError(`Cannot decompress ${nameOfType(bytes)}; pass a Uint8Array`);
  }
  if (!(limit >= 0)) {
    throw new RangeError(`Cannot decompress ${name} to at most ${limit} bytes: give a number ≥ 0`);
  }
  if (!isCompressed(bytes)) return bytes;
  if (typeof DecompressionStream === "undefined") {
    throw new Error(
      `Cannot decompress ${name}: this host has no DecompressionStream; pass it decompressed`,
    );
  }
  const pieces: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const piece of readAll(pieceByPiece(bytes))) {
      length += piece.length;
      if (length > limit) break;
      pieces.push(piece);
    }
  } catch (error) {
    throw new FormatError(
      `Cannot decompress ${name}: its gzip stream is damaged or cut short (${
        (error as Error).message
      })`,
      { source: name, cause: error },
    );
  }
  if (length > limit) {
    throw new FormatError(
      `Cannot decompress ${name}: its ${bytes.length} bytes hold more than the ${limit} allowed; ` +
        "raise the limit if you trust them",
      { source: name },
    );
  }
  const whole = new Uint8Array(length);
  pieces.reduce((start, piece) => {
    whole.set(piece, start);
    return start + piece.length;
  }, 0);
  return whole;
}

/** Bytes as a stream that gives a piece whenever the last one has been used. */
function pieceByPiece(bytes: Uint8Array): ReadableStream<BufferSource> {
  let position = 0;
  return new ReadableStream<BufferSource>({
    pull(controller): void {
      if (position >= bytes.length) controller.close();
      else controller.enqueue(bytes.slice(position, position += PIECE));
    },
  }, { highWaterMark: 0 });
}

/** Decompressed pieces; leaving early cancels the stream. */
async function* readAll(compressed: ReadableStream<BufferSource>): AsyncGenerator<Uint8Array> {
  const reader = compressed.pipeThrough(new DecompressionStream("gzip")).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => {}); // a damaged stream has said so already
  }
}
