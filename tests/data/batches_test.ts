import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import * as data from "../../src/data/mod.ts";
import { random, scope, tensor } from "../../src/tensor/mod.ts";
import { leakChecked } from "../support/leaks.ts";

const rows = (count: number): data.Dataset =>
  data.dataset({
    inputs: Float32Array.from({ length: 2 * count }, (_, i) => i),
    labels: Uint8Array.from({ length: count }, (_, i) => i % 3),
    classes: 3,
  });

const order = (source: data.Dataset, options: data.BatchOptions): number[] =>
  [...data.batches(source, options)].flatMap((batch) => [...batch]);

Deno.test("batches() holds every row once an epoch, whatever the size", () => {
  for (const count of [1, 7, 16, 100]) {
    for (const size of [1, 3, 16, 100, 1000]) {
      const made = [...data.batches(rows(count), { size, seed: 1 })];
      assertEquals(
        made.flatMap((batch) => [...batch]).sort((a, b) => a - b),
        Array.from({ length: count }, (_, i) => i),
      );
      made.forEach((batch, i) =>
        assertEquals(batch.length, Math.min(size, count - i * size), `${count} by ${size}`)
      );
    }
  }
});

Deno.test("batches() takes the rows as they stand without a seed", () => {
  assertEquals([...data.batches(rows(5), { size: 2 })], [
    Uint32Array.of(0, 1),
    Uint32Array.of(2, 3),
    Uint32Array.of(4),
  ]);
});

Deno.test("batches() drops the last, smaller batch when asked", () => {
  const drop = (count: number, size: number): number[] =>
    [...data.batches(rows(count), { size, last: "drop", seed: 0 })].map(({ length }) => length);
  assertEquals([drop(7, 3), drop(6, 3), drop(3, 3)], [[3, 3], [3, 3], [3]]);
  assertThrows(
    () => drop(2, 3),
    RangeError,
    "Cannot make batches of 3 rows from 2 with the last one dropped: none would remain",
  );
});

Deno.test("batches() has an order of its own for every seed and epoch, and the same when repeated", () => {
  const source = rows(50);
  const orders = [[0, 0], [0, 1], [0, 2], [1, 0], [1, 1]].map(([seed, epoch]) =>
    order(source, { size: 8, seed: seed!, epoch: epoch! })
  );
  assertEquals(order(source, { size: 8, seed: 1, epoch: 1 }), orders.at(-1)!);
  assertEquals(order(source, { size: 8, seed: 0 }), orders[0]!);
  assertEquals(order(source, { size: 5, seed: 0 }), orders[0]!); // the size only cuts it
  assertEquals(new Set(orders.map(String)).size, orders.length);
});

Deno.test("batches() gives arrays of their own", () => {
  const [first, second] = [...data.batches(rows(4), { size: 2 })];
  first!.fill(9);
  assertEquals(second, Uint32Array.of(2, 3));
});

Deno.test("batches() refuses sizes that are no whole number ≥ 1", () => {
  for (const wrong of [0, -1, 1.5, NaN, Infinity]) {
    assertThrows(
      () => [...data.batches(rows(3), { size: wrong })],
      RangeError,
      `Cannot make batches of ${wrong} rows: give a whole number ≥ 1`,
    );
  }
});

leakChecked("gather() takes the rows that are named, in their order", () => {
  scope(() => {
    const { inputs, labels } = data.gather(rows(5), Uint32Array.of(4, 1, 1));
    assertEquals([inputs.shape, [...inputs.toArray()]], [[3, 2], [8, 9, 2, 3, 2, 3]]);
    assertEquals([labels.dtype, [...labels.toArray()]], ["i32", [1, 1, 1]]);
  });
});

leakChecked("gather() divides bytes and floats alike", () => {
  const bytes = Uint8Array.from({ length: 20 }, (_, i) => 13 * i);
  const labels = new Uint8Array(2);
  scope(() => {
    const all = Uint32Array.of(0, 1);
    const [first, second] = [bytes, Float32Array.from(bytes)].map((inputs) =>
      data.gather(data.dataset({ inputs, labels, divisor: 255 }), all).inputs.toArray()
    );
    assertEquals(first, Float32Array.from(bytes, (byte) => byte / 255));
    assertEquals(second, first);
  });
});

leakChecked("gather() refuses rows that the data lack", () => {
  for (const wrong of [5, 2 ** 32 - 1]) {
    assertThrows(
      () => data.gather(rows(5), Uint32Array.of(0, wrong)),
      RangeError,
      `Cannot take row ${wrong} of data: it has 5`,
    );
  }
});

leakChecked("gather() adds noise of the deviation that was asked for, from its own source", () => {
  const source = data.dataset({ inputs: new Float32Array(20_000).fill(3), labels: [0, 0] });
  const take = (noise?: { deviation: number; random: ReturnType<typeof random> }): number[] =>
    scope(() => [...data.gather(source, Uint32Array.of(0, 1), noise).inputs.toArray()]);
  const noisy = take({ deviation: 0.4, random: random(1) });
  assertEquals(take({ deviation: 0.4, random: random(1) }), noisy);
  assertNotEquals(take({ deviation: 0.4, random: random(2) }), noisy);
  assertEquals(take({ deviation: 0, random: random(1) }), take());
  const variance = noisy.reduce((sum, value) => sum + (value - 3) ** 2, 0) / noisy.length;
  assert(Math.abs(variance / 0.16 - 1) < 5 * Math.sqrt(2 / noisy.length), `${variance}`);
  scope(() => {
    const expected = tensor(source.inputs, [2, 10_000]);
    random(1).addNormal(expected, 0.4);
    assertEquals([...expected.toArray()], noisy);
  });
});

leakChecked("gather() leaves the dataset as it was", () => {
  const source = rows(3), before = [...source.inputs];
  scope(() => {
    data.gather(source, Uint32Array.of(0, 1, 2), { deviation: 1, random: random(1) }).inputs
      .set(new Float32Array(6));
  });
  assertEquals([...source.inputs], before);
});
