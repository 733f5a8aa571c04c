import { assertEquals, assertFalse, assertThrows } from "@std/assert";
import { configure, heapUsage } from "../../src/kernels/mod.ts";
import { add, indices, ones, scope, Tensor, tensor, zeros } from "../../src/tensor/mod.ts";
import { leakChecked } from "../support/leaks.ts";

leakChecked("Tensor tells its type, shape and size", () => {
  scope(() => {
    assertEquals(`${zeros([128, 784])} ${indices([1])} ${zeros([])}`, "f32[128, 784] i32[1] f32[]");
    assertEquals([zeros([3, 4]).size, zeros([]).size, zeros([3, 0]).size], [12, 1, 0]);
  });
});

leakChecked("Tensor does not follow the shape array it was made with", () => {
  scope(() => {
    const shape = [2, 3], made = new Tensor(shape);
    shape[0] = 9;
    assertEquals(made.shape, [2, 3]);
  });
});

leakChecked("Tensor.toArray() gives a copy", () => {
  scope(() => {
    const x = ones([2]);
    x.toArray().fill(9);
    assertEquals([...x.toArray()], [1, 1]);
  });
});

leakChecked("Tensor.set() overwrites, and refuses another number of values", () => {
  scope(() => {
    const x = zeros([2, 2]);
    assertEquals([...x.set([1, 2, 3, 4]).toArray()], [1, 2, 3, 4]);
    assertThrows(
      () => x.set([1, 2, 3]),
      TypeError,
      "Cannot fill f32[2, 2] with 3 values: it takes 4",
    );
    assertEquals([...x.toArray()], [1, 2, 3, 4]);
  });
});

leakChecked("Tensor.item() reads the only number, and refuses more or none", () => {
  scope(() => {
    assertEquals([tensor(3).item(), tensor([[4]]).item(), indices([5]).item()], [3, 4, 5]);
    assertThrows(() => zeros([2]).item(), TypeError, "Cannot read f32[2] as one number: it has 2");
    assertThrows(() => zeros([0]).item(), TypeError, "it has 0 elements");
  });
});

leakChecked("Tensor throws a ReferenceError when it is used after it was freed", () => {
  const x = zeros([2, 3]);
  x[Symbol.dispose]();
  assertFalse(x.alive);
  const uses = [
    () => x.toArray(),
    () => x.address,
    () => x.set([1, 2, 3, 4, 5, 6]),
    () => add(x, x),
  ];
  for (const use of uses) {
    assertThrows(
      use,
      ReferenceError,
      "Cannot use f32[2, 3]: it has been freed; return it from the scope() that made it, or make it outside",
    );
  }
});

leakChecked("Tensor[Symbol.dispose]() is harmless when repeated", () => {
  const { blocks } = heapUsage();
  const x = zeros([4]);
  x[Symbol.dispose]();
  const other = ones([4]); // takes the same block
  x[Symbol.dispose]();
  assertEquals([other.alive, heapUsage().blocks], [true, blocks + 1]);
  assertEquals([...other.toArray()], [1, 1, 1, 1]);
  other[Symbol.dispose]();
  assertEquals(heapUsage().blocks, blocks);
});

leakChecked("Tensor is freed at the end of a using block", () => {
  const { blocks } = heapUsage();
  {
    using x = zeros([4]);
    assertEquals([x.alive, heapUsage().blocks], [true, blocks + 1]);
  }
  assertEquals(heapUsage().blocks, blocks);
});

leakChecked("Tensor keeps its contents when the memory grows and when the kernels change", () => {
  scope(() => {
    const x = tensor([1, 2, 3]);
    zeros([3 * 2 ** 18]); // 3 MiB: more than the memory at the start
    assertEquals([...x.toArray()], [1, 2, 3]);
    for (const kernels of ["strict", "fast"] as const) {
      configure({ kernels });
      assertEquals([...add(x, x).toArray()], [2, 4, 6]);
    }
  });
});
