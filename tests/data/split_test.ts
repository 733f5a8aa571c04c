import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import * as data from "../../src/data/mod.ts";

/** Rows that carry their number, three quarters of them of class 0. */
const rows = (count: number): data.Dataset =>
  data.dataset({
    name: "some",
    inputs: Float32Array.from({ length: count }, (_, i) => i),
    labels: Uint8Array.from({ length: count }, (_, i) => i % 4 === 0 ? 1 : 0),
    classes: 3,
    classNames: ["a", "b", "c"],
  });

Deno.test("split() puts every row into one part, labels with their rows", () => {
  for (const by of ["class", "row"] as const) {
    for (const testShare of [0.01, 0.25, 0.5, 0.99]) {
      const { training, test } = data.split(rows(200), { testShare, seed: 3, by });
      assertEquals(
        [...training.inputs, ...test.inputs].sort((a, b) => a - b),
        Array.from({ length: 200 }, (_, i) => i),
      );
      for (const { inputs, labels } of [training, test]) {
        assertEquals([...labels], Array.from(inputs, (i) => i % 4 === 0 ? 1 : 0));
      }
      assert(by === "class" || test.count === Math.round(200 * testShare));
    }
  }
});

Deno.test("split() by class takes the same share of each and leaves a row of each for training", () => {
  const { training, test } = data.split(rows(400), { testShare: 0.25 });
  const count = ({ labels }: data.Dataset, label: number): number =>
    labels.filter((other) => other === label).length;
  assertEquals([count(test, 0), count(test, 1)], [75, 25]);
  assertEquals([training.name, test.name], ["some training", "some test"]);
  assertEquals([training.classes, test.classNames], [3, ["a", "b", "c"]]);
  const most = data.split(rows(400), { testShare: 0.999 });
  assertEquals([count(most.training, 0), count(most.training, 1)], [1, 1]);
});

Deno.test("split() follows its seed, and orders both parts at random", () => {
  const whole = rows(400);
  const parts = (seed: number): number[][] => {
    const { training, test } = data.split(whole, { testShare: 0.25, seed });
    return [[...training.inputs], [...test.inputs]];
  };
  assertEquals(parts(1), parts(1));
  assertNotEquals(parts(1), parts(2));
  for (const part of parts(1)) {
    // the mean of the first half is that of the second within five standard deviations
    const half = part.length / 2,
      mean = (some: number[]): number => some.reduce((sum, value) => sum + value) / half;
    const gap = mean(part.slice(0, half)) - mean(part.slice(half));
    assert(Math.abs(gap) < 5 * (400 / Math.sqrt(12)) * Math.sqrt(2 / half), `${gap}`);
  }
});

Deno.test("split() keeps pixels as bytes with their divisor and size", () => {
  const whole = data.dataset({
    inputs: Uint8Array.from({ length: 40 }, (_, i) => i),
    labels: Array(10).fill(0),
    divisor: 255,
    image: { width: 2, height: 2 },
  });
  const { test } = data.split(whole, { testShare: 0.3 });
  assert(test.inputs instanceof Uint8Array);
  assertEquals([test.count, test.divisor, test.image], [3, 255, { width: 2, height: 2 }]);
  test.inputs.fill(0);
  assertEquals(whole.inputs[39], 39);
});

Deno.test("split() refuses shares that leave nothing on one side", () => {
  for (const testShare of [0, 1, -0.1, 1.1, NaN]) {
    assertThrows(
      () => data.split(rows(20), { testShare }),
      RangeError,
      `Cannot split some: a test share of ${testShare} must lie between 0 and 1`,
    );
  }
  assertThrows(
    () => data.split(rows(2), { testShare: 0.01 }),
    RangeError,
    "leaves 2 of 2 rows for training and 0 for testing",
  );
  assertThrows(
    () => data.split(rows(1), { testShare: 0.9, by: "row" }),
    RangeError,
    "0 for testing",
  );
});
