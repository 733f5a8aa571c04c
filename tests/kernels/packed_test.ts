import { assertEquals, assertLess } from "@std/assert";
import { buildBytes } from "../../src/kernels/builds.ts";
import { unpack } from "../../src/kernels/packed.ts";
import { pack } from "../../tools/pack_bytes.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Bytes of few values, so that there is much to copy, from a linear congruence. */
function noise(length: number, values: number, seed: number): Uint8Array {
  let state = seed;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 8) % values;
  });
}

Deno.test("unpack() gives back what pack() was given", () => {
  const cases = [
    ...[
      "",
      "a",
      "ab",
      "aaaaaaaaaaaaaaaaaaaaaaaaa",
      "abcabcabcabcabcabcabcd",
      "abcdefgh".repeat(99),
    ],
  ].map(bytes);
  for (let seed = 1; seed < 16; seed++) cases.push(noise(7 * seed * seed, 1 + seed % 5, seed));
  cases.push(noise(900, 256, 1), new Uint8Array(900));
  for (const data of cases) {
    assertEquals(unpack(pack(data)), data as Uint8Array<ArrayBuffer>);
    for (const known of [data, data.subarray(3), bytes("abcabcabc"), noise(500, 3, 5)]) {
      assertEquals(unpack(pack(data, known), known), data as Uint8Array<ArrayBuffer>);
    }
  }
});

Deno.test("pack() makes something of what is known", () => {
  const [strict, relaxed] = [buildBytes("strict"), buildBytes("relaxed")];
  assertEquals(unpack(pack(strict)), strict);
  assertLess(pack(relaxed, strict).length, 0.5 * relaxed.length);
});
