import { assert, assertEquals, assertThrows } from "@std/assert";
import { adler32, crc32, encodePng, pngAddress } from "../../src/report/png.ts";

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A reader written from the specification: checks every length and checksum on the way. */
function decodeChunks(bytes: Uint8Array): Map<string, Uint8Array> {
  assertEquals([...bytes.subarray(0, 8)], [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const chunks = new Map<string, Uint8Array>();
  for (let offset = 8; offset < bytes.length;) {
    const length = view.getUint32(offset);
    const type = String.fromCharCode(...bytes.subarray(offset + 4, offset + 8));
    const body = bytes.subarray(offset + 4, offset + 8 + length);
    assertEquals(view.getUint32(offset + 8 + length), crc32(body), type);
    chunks.set(type, body.subarray(4));
    offset += 12 + length;
  }
  return chunks;
}

async function inflate(zlib: Uint8Array): Promise<Uint8Array> {
  const stream = new Blob([new Uint8Array(zlib)]).stream().pipeThrough(
    new DecompressionStream("deflate"),
  );
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

async function decode(
  bytes: Uint8Array,
): Promise<{ width: number; height: number; type: number; pixels: number[] }> {
  const chunks = decodeChunks(bytes);
  assertEquals([...chunks.keys()].at(-1), "IEND");
  const header = chunks.get("IHDR")!;
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  const width = view.getUint32(0), height = view.getUint32(4);
  assertEquals(header[8], 8);
  const rows = await inflate(chunks.get("IDAT")!);
  assertEquals(rows.length, height * (width + 1));
  const pixels: number[] = [];
  for (let row = 0; row < height; row++) {
    assertEquals(rows[row * (width + 1)], 0);
    pixels.push(...rows.subarray(row * (width + 1) + 1, (row + 1) * (width + 1)));
  }
  return { width, height, type: header[9]!, pixels };
}

Deno.test("crc32() and adler32() agree with their published check values", () => {
  assertEquals(crc32(ascii("123456789")), 0xcbf43926);
  assertEquals(crc32(ascii("IEND")), 0xae426082);
  assertEquals(crc32(new Uint8Array()), 0);
  assertEquals(adler32(ascii("Wikipedia")), 0x11e60398);
  assertEquals(adler32(new Uint8Array()), 1);
});

Deno.test("encodePng() of grey images decodes to the same pixels", async () => {
  for (const [width, height] of [[1, 1], [3, 2], [28, 28], [1, 300], [400, 331]] as const) {
    const pixels = Uint8Array.from({ length: width * height }, (_, i) => (i * 37 + (i >> 5)) & 255);
    const image = await decode(encodePng({ width, height, pixels }));
    assertEquals([image.width, image.height, image.type], [width, height, 0]);
    assertEquals(image.pixels, [...pixels]);
  }
});

Deno.test("encodePng() splits data above 65,535 bytes into stored blocks", () => {
  const data = decodeChunks(
    encodePng({ width: 400, height: 331, pixels: new Uint8Array(400 * 331) }),
  ).get("IDAT")!;
  const lengths: number[] = [];
  let offset = 2, last = 0;
  while (last === 0) {
    last = data[offset]!;
    const length = data[offset + 1]! | data[offset + 2]! << 8;
    assertEquals(length ^ 0xffff, data[offset + 3]! | data[offset + 4]! << 8);
    lengths.push(length);
    offset += 5 + length;
  }
  assertEquals(lengths.reduce((sum, length) => sum + length), 331 * 401);
  assertEquals(lengths.length, 3);
  assertEquals(offset + 4, data.length);
});

Deno.test("encodePng() carries palette and opacity", async () => {
  const palette = [
    { red: 1, green: 2, blue: 3, alpha: 0 },
    { red: 250, green: 251, blue: 252, alpha: 128 },
  ];
  const bytes = encodePng({ width: 2, height: 1, pixels: new Uint8Array([1, 0]), palette });
  const chunks = decodeChunks(bytes);
  assertEquals([...chunks.get("PLTE")!], [1, 2, 3, 250, 251, 252]);
  assertEquals([...chunks.get("tRNS")!], [0, 128]);
  assertEquals((await decode(bytes)).pixels, [1, 0]);
});

Deno.test("encodePng() of a 28 × 28 grey image is smaller than a kilobyte", () => {
  const bytes = encodePng({ width: 28, height: 28, pixels: new Uint8Array(784) });
  assert(bytes.length < 1024, `${bytes.length}`);
});

Deno.test("encodePng() refuses sizes and pixels that do not fit", () => {
  const pixels = new Uint8Array([0, 1, 2, 3]);
  assertThrows(() => encodePng({ width: 3, height: 2, pixels }), RangeError, "3 × 2");
  assertThrows(() => encodePng({ width: 0, height: 0, pixels: new Uint8Array() }), RangeError);
  const palette = [{ red: 0, green: 0, blue: 0, alpha: 255 }];
  assertThrows(() => encodePng({ width: 2, height: 2, pixels, palette }), RangeError, "1 colors");
});

Deno.test("pngAddress() is base64 of the same bytes", () => {
  const bytes = encodePng({ width: 1, height: 1, pixels: new Uint8Array([7]) });
  const [head, body] = pngAddress(bytes).split(",");
  assertEquals(head, "data:image/png;base64");
  assertEquals(Uint8Array.from(atob(body!), (c) => c.charCodeAt(0)), bytes);
});
