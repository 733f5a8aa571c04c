import { assertEquals, assertThrows } from "@std/assert";
import { heapUsage } from "../../src/kernels/mod.ts";
import {
  fromBytes,
  full,
  indices,
  type Nested,
  ones,
  scope,
  type Tensor,
  tensor,
  zeros,
} from "../../src/tensor/mod.ts";
import { leakChecked } from "../support/leaks.ts";

const content = (made: Tensor): [string, number[]] => [`${made}`, [...made.toArray()]];

leakChecked("tensor() takes nested arrays of any depth", () => {
  scope(() => {
    assertEquals(content(tensor(5)), ["f32[]", [5]]);
    assertEquals(content(tensor([])), ["f32[0]", []]);
    assertEquals(content(tensor([1, 2])), ["f32[2]", [1, 2]]);
    assertEquals(content(tensor([[1, 2], [3, 4], [5, 6]])), ["f32[3, 2]", [1, 2, 3, 4, 5, 6]]);
    assertEquals(content(tensor([[[1], [2]]])), ["f32[1, 2, 1]", [1, 2]]);
    assertEquals(content(tensor([[], []])), ["f32[2, 0]", []]);
  });
});

leakChecked("tensor() takes flat values of any kind and a shape", () => {
  scope(() => {
    assertEquals(content(tensor(Float64Array.of(1, 2, 3, 4), [2, 2])), ["f32[2, 2]", [1, 2, 3, 4]]);
    assertEquals(content(tensor(Uint8Array.of(1, 2))), ["f32[2]", [1, 2]]);
    assertEquals(content(tensor([1, 2, 3], [3, 1])), ["f32[3, 1]", [1, 2, 3]]);
    assertEquals(content(tensor([0.1], [])), ["f32[]", [Math.fround(0.1)]]);
  });
});

leakChecked("tensor() refuses uneven rows and leaves no memory behind", () => {
  const before = heapUsage();
  const uneven: Nested[] = [[[1, 2], [3]], [[1], 2], [1, [2]], [[[1]], [[1, 2]]], [[], [1]]];
  for (const values of uneven) {
    assertThrows(() => tensor(values), TypeError, "Cannot make a tensor of uneven rows: expected");
  }
  assertThrows(() => tensor([[1, 2], [3]]), TypeError, "expected shape [2, 2] throughout");
  assertEquals(heapUsage().blocks, before.blocks);
});

leakChecked("tensor() refuses values that do not fill the shape", () => {
  const before = heapUsage();
  assertThrows(
    () => tensor([1, 2, 3], [2, 2]),
    TypeError,
    "Cannot make a tensor of shape [2, 2] from 3 values: it takes 4",
  );
  assertThrows(() => tensor(Float32Array.of(1), [0]), TypeError, "it takes 0");
  assertThrows(() => tensor([1, 2], [-1, -2]), RangeError, "-1 is not a whole number ≥ 0");
  assertThrows(() => tensor([1], [NaN]), TypeError, "[NaN]");
  assertEquals(heapUsage().blocks, before.blocks);
});

leakChecked("tensor() refuses nested arrays together with a shape instead of making NaN", () => {
  assertThrows(() => tensor([[1, 2], [3, 4]], [2]), TypeError, "flat");
});

leakChecked("zeros(), ones() and full() fill every element, whatever the memory held", () => {
  full([40], NaN)[Symbol.dispose]();
  scope(() => {
    assertEquals(content(zeros([5, 8])), ["f32[5, 8]", Array(40).fill(0)]);
    assertEquals(content(ones([3])), ["f32[3]", [1, 1, 1]]);
    assertEquals(content(full([2, 2], -7)), ["f32[2, 2]", [-7, -7, -7, -7]]);
    assertEquals(content(zeros([])), ["f32[]", [0]]);
  });
});

leakChecked("zeros() refuses sizes that are none and sizes beyond the memory", () => {
  const before = heapUsage();
  for (const length of [-1, 1.5, NaN, Infinity, 2 ** 53]) {
    assertThrows(
      () => zeros([2, length]),
      RangeError,
      `Cannot make a tensor of shape [2, ${length}]: ${length} is not a whole number ≥ 0`,
    );
  }
  assertThrows(() => zeros([2 ** 20, 2 ** 20]), RangeError, "Cannot allocate 4398046511104 bytes");
  assertEquals(heapUsage(), before);
});

leakChecked("indices() makes i32", () => {
  scope(() => assertEquals(content(indices([3, 0, -1])), ["i32[3]", [3, 0, -1]]));
});

leakChecked("fromBytes() divides every byte in f32", () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
  scope(() => {
    const made = fromBytes(bytes, [16, 16], 255);
    assertEquals(made.shape, [16, 16]);
    assertEquals(made.toArray(), Float32Array.from(bytes, (byte) => byte / 255));
    assertEquals([...fromBytes(Uint8Array.of(7), [1]).toArray()], [7]);
  });
});

leakChecked("fromBytes() refuses another number of bytes and leaves no memory behind", () => {
  const { blocks } = heapUsage();
  assertThrows(
    () => fromBytes(new Uint8Array(3), [2, 2]),
    TypeError,
    "Cannot make a tensor of shape [2, 2] from 3 bytes: it takes 4",
  );
  assertEquals(heapUsage().blocks, blocks);
});
