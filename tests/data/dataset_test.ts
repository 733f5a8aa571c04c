import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import * as data from "../../src/data/mod.ts";

/** Three rows of two numbers. */
const parts = (): data.DatasetParts => ({
  inputs: Float32Array.of(1, 2, 3, 4, 5, 6),
  labels: [2, 0, 1],
});

Deno.test("dataset() finds rows, features and classes", () => {
  const made = data.dataset(parts());
  assertEquals(
    [made.name, made.count, made.features, made.classes, made.divisor, made.image],
    ["data", 3, 2, 3, 1, undefined],
  );
  assertEquals([...made.labels], [2, 0, 1]);
  assertEquals(data.dataset({ ...parts(), classes: 10 }).classes, 10);
  const picture = data.dataset({
    name: "pixels",
    inputs: new Uint8Array(12),
    labels: Uint8Array.of(1, 0),
    divisor: 255,
    image: { width: 3, height: 2 },
  });
  assertEquals(
    [picture.name, picture.features, picture.divisor, picture.image],
    ["pixels", 6, 255, { width: 3, height: 2 }],
  );
});

Deno.test("dataset() shares the memory of typed arrays", () => {
  const { inputs } = parts(), labels = Int32Array.of(0, 1, 0);
  const made = data.dataset({ inputs, labels });
  assertStrictEquals(made.inputs, inputs);
  assertStrictEquals(made.labels, labels);
});

Deno.test("dataset() refuses parts that do not fit, and says where", () => {
  type Wrong = [Partial<data.DatasetParts>, new () => Error, string];
  const wrong: Wrong[] = [
    [
      { labels: [] },
      RangeError,
      "Cannot use data: it is empty; give at least one row and its label",
    ],
    [
      { labels: [0, 1, 2, 3] },
      TypeError,
      "Cannot use data: 6 inputs are no whole number of rows for 4 labels",
    ],
    [{ inputs: new Float32Array(0) }, TypeError, "0 inputs are no whole number of rows"],
    [
      { inputs: Float32Array.of(1, 2, 3, NaN, 5, 6) },
      RangeError,
      "Cannot use data: input 1 of row 1 is NaN, and must be finite",
    ],
    [{ inputs: Float32Array.of(1, 2, 3, 4, Infinity, 6) }, RangeError, "input 0 of row 2 is Inf"],
    [{ labels: [0, -1, 1] }, RangeError, "label 1 is -1, but the classes are 0 to 1"],
    [{ labels: Int32Array.of(0, -1, 1) }, RangeError, "label 1 is -1"],
    [
      { classes: 2 },
      RangeError,
      "Cannot use data: label 0 is 2, but the classes are 0 to 1",
    ],
    [{ labels: [0, 1.5, 1] }, RangeError, "label 1 is 1.5, no whole number"],
    [{ labels: [0, NaN, 1] }, RangeError, "label 1 is NaN, no whole number"],
    [{ labels: [0, 2 ** 32, 1] }, RangeError, "label 1 is 4294967296"],
    [{ classes: NaN }, RangeError, "NaN classes"],
    [{ classes: 2.5 }, RangeError, "2.5 classes"],
    [{ classes: 0 }, RangeError, "0 classes"],
    [{ divisor: 0 }, RangeError, "Cannot use data: divisor 0 must be finite and above 0"],
    [{ divisor: NaN }, RangeError, "divisor NaN"],
    [
      { image: { width: 2, height: 2 } },
      TypeError,
      "Cannot use data: rows of 2 are no images of 2 × 2",
    ],
    [{ name: "digits", labels: [] }, RangeError, "Cannot use digits"],
  ];
  for (const [change, type, message] of wrong) {
    assertThrows(() => data.dataset({ ...parts(), ...change }), type, message);
  }
});

Deno.test("slice() takes rows and shares their memory", () => {
  const whole = data.dataset({ ...parts(), name: "some" }), part = data.slice(whole, 1, 3);
  assertEquals([part.name, part.count, part.features, part.classes], ["some", 2, 2, 3]);
  assertEquals([[...part.inputs], [...part.labels]], [[3, 4, 5, 6], [0, 1]]);
  whole.inputs[2] = 9;
  assertEquals(part.inputs[0], 9);
  assertEquals([...data.slice(part, 1, 2).inputs], [5, 6]);
});

Deno.test("slice() refuses no rows and rows beyond the ends", () => {
  const whole = data.dataset(parts());
  for (const [start, end] of [[0, 0], [2, 1], [-1, 2], [0, 4], [0.5, 2], [0, NaN]] as const) {
    assertThrows(
      () => data.slice(whole, start, end),
      RangeError,
      `Cannot take rows ${start} to ${end} of data: it has 3`,
    );
  }
});

Deno.test("row() gives one row as numbers, divided", () => {
  const made = data.dataset({
    inputs: Uint8Array.of(0, 51, 255, 102),
    labels: [0, 1],
    divisor: 255,
  });
  assertEquals(data.row(made, 1), Float32Array.of(1, 102 / 255));
  const copy = data.row(made, 0);
  copy.fill(9);
  assertEquals(made.inputs[0], 0);
  for (const wrong of [-1, 2, 0.5, NaN]) assertThrows(() => data.row(made, wrong), RangeError);
});

Deno.test("dataset() takes as many classes as have names, and keeps the names", () => {
  const classNames = ["a", "b", "c", "d"];
  const made = data.dataset({ ...parts(), classNames });
  assertEquals([made.classes, made.classNames], [4, classNames]);
  assertEquals(data.slice(made, 0, 1).classNames, classNames);
  assertThrows(
    () => data.dataset({ ...parts(), classNames, classes: 3 }),
    RangeError,
    "Cannot use data: 4 names do not fit 3 classes",
  );
});
