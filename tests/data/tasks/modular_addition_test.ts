import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import * as data from "../../../src/data/mod.ts";

/** The two numbers of every row, and its class. */
function triples({ inputs, labels, count, features }: data.Dataset): [number, number, number][] {
  const p = features / 2;
  return Array.from({ length: count }, (_, row) => {
    const bits = inputs.subarray(row * features, (row + 1) * features);
    const ones = [...bits].flatMap((bit, i) => bit === 0 ? [] : [i]);
    assert(ones.length === 2 && ones[0]! < p && ones[1]! >= p && bits.every((bit) => bit <= 1));
    return [ones[0]!, ones[1]! - p, labels[row]!];
  });
}

Deno.test("modularAddition() holds every pair once, with its sum modulo p", () => {
  for (const p of [2, 3, 7, 16, 31]) {
    const { whole, training, test } = data.modularAddition(p, { trainShare: 0.5 });
    assertEquals([whole.count, whole.features, whole.classes, whole.divisor], [p * p, 2 * p, p, 1]);
    triples(whole).forEach((found, row) => {
      const a = Math.floor(row / p), b = row % p;
      assertEquals(found, [a, b, (a + b) % p]);
    });
    const both = [...triples(training), ...triples(test)];
    for (const [a, b, sum] of both) assertEquals(sum, (a + b) % p);
    assertEquals(new Set(both.map(([a, b]) => a * p + b)).size, p * p);
    assertEquals([training.classes, test.classes], [p, p]);
  }
});

Deno.test("modularAddition() trains on the share that was asked for, chosen by the seed", () => {
  for (const trainShare of [0.1, 0.3, 0.75]) {
    const { training } = data.modularAddition(31, { trainShare });
    assert(Math.abs(training.count - 961 * trainShare) <= 0.5, `${training.count}`);
  }
  const pairs = (seed: number): string[] =>
    triples(data.modularAddition(13, { seed }).training).map(String).sort();
  assertEquals(pairs(1), pairs(1));
  assertNotEquals(pairs(1), pairs(2));
  assertEquals(pairs(1).length, 51);
});

Deno.test("modularAddition() refuses what cannot be", () => {
  for (const p of [1, 0, 2.5, 513, NaN]) {
    assertThrows(() => data.modularAddition(p), RangeError, `Cannot add modulo ${p}`);
  }
  for (const trainShare of [0, 1, NaN]) {
    assertThrows(
      () => data.modularAddition(5, { trainShare }),
      RangeError,
      `Cannot train on a share of ${trainShare}`,
    );
  }
  assertThrows(() => data.modularAddition(2, { trainShare: 0.99 }), RangeError, "0 for testing");
  assertEquals(data.modularAddition(2, { trainShare: 0.01 }).training.count, 1);
});
