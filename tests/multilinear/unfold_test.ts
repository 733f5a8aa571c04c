import { assertEquals, assertThrows } from "@std/assert";
import { denseTensor, fold, unfold } from "../../src/multilinear/mod.ts";
import { numbers } from "../support/numbers.ts";
import { randomTensor } from "./support.ts";

Deno.test("unfold() takes the slices of a mode as rows, the other modes in order", () => {
  const x = randomTensor([2, 3, 4, 5], numbers(1));
  for (const mode of [0, 1, 2, 3]) {
    const { rows, columns, data } = unfold(x, mode);
    assertEquals([rows, columns], [x.shape[mode], 120 / x.shape[mode]!]);
    x.data.forEach((value, at) => {
      const index = [Math.floor(at / 60), Math.floor(at / 20) % 3, Math.floor(at / 5) % 4, at % 5];
      const column = index.reduce((sum, i, m) => m === mode ? sum : sum * x.shape[m]! + i, 0);
      assertEquals(data[index[mode]! * columns + column], value);
    });
  }
});

Deno.test("fold() undoes unfold()", () => {
  for (const shape of [[1], [3], [2, 1], [4, 3], [1, 1, 1], [2, 5, 3], [3, 1, 2, 4], [0, 3, 2]]) {
    const x = randomTensor(shape, numbers(2));
    shape.forEach((_, mode) => assertEquals(fold(unfold(x, mode), mode, shape), x));
  }
});

Deno.test("unfold() and fold() refuse modes and matrices that do not fit", () => {
  const x = denseTensor([2, 3]);
  assertThrows(() => unfold(x, 2), RangeError, "mode 2 of [2, 3]: modes are 0 to 1");
  assertThrows(() => unfold(x, -1), RangeError);
  assertThrows(() => unfold(x, 0.5), RangeError);
  const short = { shape: [2, 3], data: new Float64Array(5) };
  assertThrows(() => unfold(short, 0), TypeError, "with 5 entries: it takes 6");
  const turned = { rows: 3, columns: 2, data: new Float64Array(6) };
  assertThrows(() => fold(turned, 0, [2, 3]), TypeError, "must be [2, 3]");
});
