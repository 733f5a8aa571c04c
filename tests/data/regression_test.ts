import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import * as data from "../../src/data/mod.ts";
import { scope } from "../../src/tensor/mod.ts";
import { leakChecked } from "../support/leaks.ts";

const parts = (): data.RegressionParts => ({
  inputs: Float32Array.of(1, 2, 3, 4, 5, 6),
  targets: Float32Array.of(7, 8, 9),
  count: 3,
});

Deno.test("regression() finds features and outputs, and shares memory", () => {
  const given = parts(), made = data.regression(given);
  assertEquals([made.name, made.count, made.features, made.outputs], ["data", 3, 2, 1]);
  assertStrictEquals(made.inputs, given.inputs);
  assertStrictEquals(made.targets, given.targets);
});

Deno.test("regression() refuses parts that do not fit, and says where", () => {
  const wrong: [Partial<data.RegressionParts>, new () => Error, string][] = [
    [{ count: 0 }, RangeError, "Cannot use data of 0 rows: give a whole number ≥ 1"],
    [{ count: 1.5 }, RangeError, "1.5 rows"],
    [{ count: 2 }, TypeError, "3 targets are no whole number for each of 2 rows"],
    [{ inputs: new Float32Array(4) }, TypeError, "4 inputs are no whole number for each of 3 rows"],
    [{ targets: new Float32Array(0) }, TypeError, "0 targets are no whole number"],
    [
      { inputs: Float32Array.of(1, 2, 3, NaN, 5, 6) },
      RangeError,
      "number 1 of the inputs of row 1 is NaN, and must be finite",
    ],
    [
      { targets: Float32Array.of(1, 2, -Infinity), name: "some" },
      RangeError,
      "Cannot use some: number 0 of the targets of row 2 is -Infinity",
    ],
  ];
  for (const [change, type, message] of wrong) {
    assertThrows(() => data.regression({ ...parts(), ...change }), type, message);
  }
});

leakChecked("gatherTargets() takes the rows that are named, in their order", () => {
  const source = data.regression(parts());
  scope(() => {
    const { inputs, targets } = data.gatherTargets(source, Uint32Array.of(2, 0, 2));
    assertEquals([inputs.shape, [...inputs.toArray()]], [[3, 2], [5, 6, 1, 2, 5, 6]]);
    assertEquals([targets.shape, [...targets.toArray()]], [[3, 1], [9, 7, 9]]);
    assertThrows(
      () => data.gatherTargets(source, Uint32Array.of(3)),
      RangeError,
      "Cannot take row 3 of data: it has 3",
    );
  });
});

Deno.test("batches() goes over rows with targets as over rows with labels", () => {
  const rows = [...data.batches(data.regression(parts()), { size: 2, seed: 1 })];
  assertEquals(rows.flatMap((batch) => [...batch]).sort(), [0, 1, 2]);
});

leakChecked("draw() and batch() refuse numbers of rows that are none", () => {
  const source = data.functionTask("|x|");
  for (const count of [0, -1, 1.5, NaN]) {
    const message = `Cannot draw ${count} rows of |x|: give a whole number ≥ 1`;
    assertThrows(() => source.batch(count), RangeError, message);
    assertThrows(() => data.draw(source, count), RangeError, message);
  }
});
