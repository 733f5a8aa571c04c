import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
} from "@std/assert";
import * as data from "../../src/data/mod.ts";
import { FormatError } from "../../src/formats/mod.ts";
import { numbers } from "../support/numbers.ts";
import { gzip } from "./gzip_files.ts";

Deno.test("decompress() returns what was compressed, whatever the length", async () => {
  const source = numbers(1);
  for (const length of [0, 1, 2, 1000, 16384, 16385, 200_000]) {
    const plain = Uint8Array.from(source.whole(length, 0, 255));
    assertEquals(await data.decompress(await gzip(plain)), plain);
  }
});

Deno.test("decompress() takes a part of a larger buffer", async () => {
  const packed = await gzip(Uint8Array.of(1, 2, 3));
  const around = new Uint8Array(packed.length + 7);
  around.set(packed, 3);
  const found = await data.decompress(around.subarray(3, 3 + packed.length));
  assertEquals(found, Uint8Array.of(1, 2, 3));
});

Deno.test("decompress() hands on what is not compressed", async () => {
  for (const plain of [new Uint8Array(0), Uint8Array.of(0x1f), Uint8Array.of(0, 0, 8, 1)]) {
    assertStrictEquals(await data.decompress(plain, { limit: 0 }), plain);
  }
});

Deno.test("decompress() refuses bombs, having decompressed no more than the limit and a piece", async () => {
  const bomb = await gzip(new Uint8Array(64 * 2 ** 20));
  assert(bomb.length < 80_000);
  for (const limit of [0, 1000, 64 * 2 ** 20 - 1]) {
    await assertRejects(
      () => data.decompress(bomb, { name: "bomb.gz", limit }),
      FormatError,
      `Cannot decompress bomb.gz: its ${bomb.length} bytes hold more than the ${limit} allowed`,
    );
  }
  assertEquals((await data.decompress(bomb, { limit: 64 * 2 ** 20 })).length, 64 * 2 ** 20);
});

Deno.test("decompress() stops early on a bomb that is damaged behind the limit", async () => {
  const bomb = (await gzip(new Uint8Array(64 * 2 ** 20))).fill(0xff, 60_000);
  await assertRejects(
    () => data.decompress(bomb, { name: "bomb.gz", limit: 1000 }),
    FormatError,
    "hold more than the 1000 allowed",
  );
});

Deno.test("decompress() refuses every truncation of a file", async () => {
  const packed = await gzip(Uint8Array.from(numbers(2).whole(40, 0, 255)));
  for (let length = 2; length < packed.length; length++) {
    await assertRejects(
      () => data.decompress(packed.subarray(0, length), { name: "images.gz" }),
      FormatError,
      "Cannot decompress images.gz: its gzip stream is damaged or cut short",
    );
  }
});

Deno.test("decompress() never returns other bytes for a damaged file", async () => {
  const plain = Uint8Array.from(numbers(3).whole(40, 0, 255)), packed = await gzip(plain);
  let refused = 0;
  for (let bit = 80; bit < 8 * packed.length - 32; bit++) {
    const damaged = packed.slice();
    damaged[bit >> 3]! ^= 1 << (bit & 7);
    try {
      assertEquals(await data.decompress(damaged), plain); // a bit that nothing depends on
    } catch (error) {
      assertInstanceOf(error, FormatError);
      assertStringIncludes(error.message, "damaged or cut short");
      refused++;
    }
  }
  assert(refused > 8 * 40, `${refused} refused`); // every bit of the data at least
});

Deno.test("decompress() refuses what are no bytes, and limits that are none", async () => {
  await assertRejects(
    () => data.decompress("text" as unknown as Uint8Array),
    TypeError,
    "Cannot decompress String; pass a Uint8Array",
  );
  for (const limit of [NaN, -1]) {
    await assertRejects(
      () => data.decompress(new Uint8Array(1), { limit }),
      RangeError,
      `${limit}`,
    );
  }
});
