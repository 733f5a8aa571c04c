import { assert, assertEquals, assertThrows } from "@std/assert";
import { heapUsage } from "../../src/kernels/mod.ts";
import {
  add,
  addRow,
  affine,
  argmax,
  divide,
  exp,
  full,
  indices,
  log,
  mean,
  multiply,
  ones,
  random,
  relu,
  reshape,
  scale,
  scope,
  softmax,
  sqrt,
  subtract,
  sum,
  sumRows,
  type Tensor,
  tensor,
  transpose,
  zeros,
} from "../../src/tensor/mod.ts";
import { assertRelative } from "../support/fixtures.ts";
import { drawValues } from "../support/gradients.ts";
import { leakChecked } from "../support/leaks.ts";

const LENGTHS = [0, 1, 3, 4, 5, 7, 8, 15, 16, 17, 33, 100];
const SHAPES = [[0, 3], [1, 1], [3, 1], [1, 17], [5, 4], [4, 16], [9, 33], [33, 7]] as const;

/** Correctly rounded f32 operations must agree to the bit. */
const equal = (actual: Tensor, expected: ArrayLike<number>): void =>
  assertEquals(actual.toArray(), Float32Array.from(expected));

leakChecked("add(), subtract(), multiply() and divide() round every element once", () => {
  const operations: [(a: Tensor, b: Tensor) => Tensor, (a: number, b: number) => number][] = [
    [add, (a, b) => a + b],
    [subtract, (a, b) => a - b],
    [multiply, (a, b) => a * b],
    [divide, (a, b) => a / b],
  ];
  for (const length of LENGTHS) {
    const a = drawValues(1, length, -3, 3), b = drawValues(2, length, 0.5, 2);
    for (const [operation, of] of operations) {
      scope(() => equal(operation(tensor(a), tensor(b)), a.map((value, i) => of(value, b[i]!))));
    }
  }
});

leakChecked("divide() by zero gives infinities and NaN as f32 does", () => {
  scope(() => {
    const zero = zeros([3]);
    assertEquals([...divide(tensor([1, -1, 0]), zero).toArray()], [Infinity, -Infinity, NaN]);
  });
});

leakChecked("exp(), log() and sqrt() are right to an f32 rounding or two", () => {
  for (const length of LENGTHS) {
    const any = drawValues(3, length, -20, 20), positive = drawValues(4, length, 1e-3, 30);
    scope(() => {
      exp(tensor(any)).toArray().forEach((value, i) =>
        assert(Math.abs(value / Math.exp(any[i]!) - 1) < 3e-7, `exp ${any[i]} is ${value}`)
      );
      log(tensor(positive)).toArray().forEach((value, i) =>
        assert(
          Math.abs(value - Math.log(positive[i]!)) < 3e-7 * Math.max(1, Math.abs(value)),
          `log ${positive[i]} is ${value}`,
        )
      );
      equal(sqrt(tensor(positive)), positive.map(Math.sqrt));
    });
  }
});

leakChecked("exp(), log() and sqrt() keep to their limits", () => {
  scope(() => {
    const extremes = tensor([Infinity, -Infinity, NaN, 0]);
    assertEquals([...exp(extremes).toArray()], [Infinity, 0, NaN, 1]);
    assertEquals([...log(extremes).toArray()], [Infinity, NaN, NaN, -Infinity]);
    assertEquals([...sqrt(extremes).toArray()], [Infinity, NaN, NaN, 0]);
    assertEquals([...exp(tensor([200, -200])).toArray()], [Infinity, 0]);
    assertEquals([...log(tensor([-1])).toArray()], [NaN]);
  });
});

leakChecked("relu(), affine() and scale() act on every element", () => {
  for (const length of LENGTHS) {
    const x = drawValues(5, length, -2, 2);
    scope(() => {
      equal(relu(tensor(x)), x.map((value) => Math.max(0, value)));
      equal(scale(tensor(x), 0.5), x.map((value) => 0.5 * value));
      assertRelative(
        affine(tensor(x), -1.25, 3).toArray(),
        x.map((value) => -1.25 * value + 3),
        1e-7,
      );
    });
  }
});

leakChecked("addRow() adds one row to every row", () => {
  for (const [m, n] of SHAPES) {
    const x = drawValues(6, m * n, -1, 1), b = drawValues(7, n, -1, 1);
    scope(() =>
      equal(addRow(tensor(x, [m, n]), tensor(b)), x.map((value, i) => value + b[i % n]!))
    );
  }
});

leakChecked("sum(), mean() and sumRows() add up", () => {
  for (const [m, n] of SHAPES) {
    const x = drawValues(8, m * n, -1, 1), total = x.reduce((a, b) => a + b, 0);
    const columns = Array.from(
      { length: n },
      (_, j) => x.reduce((a, b, i) => i % n === j ? a + b : a, 0),
    );
    scope(() => {
      const made = tensor(x, [m, n]);
      assertEquals([sum(made).shape, sumRows(made).shape], [[], [n]]);
      assert(Math.abs(sum(made).item() - total) < 1e-7 * Math.max(1, x.length));
      assertRelative(sumRows(made).toArray(), columns, 1e-6);
      if (m > 0) assert(Math.abs(mean(made).item() - total / x.length) < 3e-7);
    });
  }
});

leakChecked("sum() keeps to the error of 16 partial sums in f32", () => {
  for (const n of [1000, 100_003, 1_000_003]) {
    scope(() => {
      const error = Math.abs(sum(full([n], 0.1)).item() / (n * Math.fround(0.1)) - 1);
      assert(error <= (n / 16 + 16) * 2 ** -24, `${n}: ${error}`);
    });
  }
});

leakChecked("mean() refuses an empty tensor", () => {
  scope(() =>
    assertThrows(
      () => mean(zeros([0, 3])),
      RangeError,
      "Cannot take the mean of f32[0, 3]: it is empty",
    )
  );
});

leakChecked("softmax() gives positive rows that add up to 1, in the proportions of eˣ", () => {
  for (const [m, n] of SHAPES) {
    const x = drawValues(9, m * n, -4, 4);
    const expected = x.map((value, i) => {
      const start = Math.floor(i / n) * n, row = x.subarray(start, start + n);
      return Math.exp(value) / row.reduce((total, one) => total + Math.exp(one), 0);
    });
    scope(() => assertRelative(softmax(tensor(x, [m, n])).toArray(), expected, 1e-6));
  }
});

leakChecked("softmax() does not overflow, and ignores what is added to a row", () => {
  scope(() => {
    const shifted = softmax(tensor([[1000, 1001], [-1000, -999], [0, 1]])).toArray();
    assertEquals(shifted.slice(0, 2), shifted.slice(4));
    assertEquals(shifted.slice(2, 4), shifted.slice(4));
    assertEquals([...softmax(tensor([[3e38, -3e38]])).toArray()], [1, 0]);
    assertEquals([...softmax(tensor([[NaN, 1]])).toArray()], [NaN, NaN]);
  });
});

leakChecked("transpose() swaps rows and columns, and twice gives the same", () => {
  for (const [m, n] of SHAPES) {
    const x = drawValues(10, m * n, -1, 1);
    scope(() => {
      const made = tensor(x, [m, n]), swapped = transpose(made);
      assertEquals(swapped.shape, [n, m]);
      equal(swapped, x.map((_, i) => x[(i % m) * n + Math.floor(i / m)]!));
      equal(transpose(swapped), x);
    });
  }
});

leakChecked("reshape() keeps the elements and makes a tensor of its own", () => {
  scope(() => {
    const x = tensor([1, 2, 3, 4, 5, 6]), y = reshape(x, [2, 3]);
    assertEquals([y.shape, [...y.toArray()]], [[2, 3], [1, 2, 3, 4, 5, 6]]);
    x.set([0, 0, 0, 0, 0, 0]);
    assertEquals([...y.toArray()], [1, 2, 3, 4, 5, 6]);
    assertEquals(reshape(tensor([7]), []).item(), 7);
    assertThrows(
      () => reshape(x, [4, 2]),
      TypeError,
      "Cannot reshape f32[6] to [4, 2]: 6 elements are not 8",
    );
  });
});

leakChecked("argmax() finds the first of the largest of every row", () => {
  for (const [m, n] of SHAPES) {
    const x = drawValues(12, m * n, -1, 1).map((value) => Math.round(3 * value)); // many equals
    const expected = Array.from({ length: m }, (_, i) => {
      const row = x.subarray(i * n, (i + 1) * n);
      return row.indexOf(Math.max(...row));
    });
    scope(() => {
      const found = argmax(tensor(x, [m, n]));
      assertEquals([found.dtype, [...found.toArray()]], ["i32", expected]);
    });
  }
});

leakChecked("argmax() gives −1 for a row with NaN wherever it stands", () => {
  scope(() => {
    for (let n = 1; n < 20; n++) {
      for (let at = 0; at < n; at++) {
        const row = Array.from({ length: n }, (_, i) => i === at ? NaN : i);
        assertEquals(argmax(tensor([row])).item(), -1, `${n} ${at}`);
      }
    }
    assertEquals(argmax(tensor([[-Infinity, -Infinity], [0, Infinity]])).toArray()[1], 1);
  });
});

leakChecked("operations on rows take any number of leading axes and count them as one", () => {
  scope(() => {
    const deep = random(1).normal([2, 3, 5]), flat = reshape(deep, [6, 5]), row = ones([5]);
    assertEquals([argmax(deep).shape, argmax(flat).shape], [[2, 3], [6]]);
    assertEquals(argmax(deep).toArray(), argmax(flat).toArray());
    for (const operation of [softmax, sumRows, (x: Tensor) => addRow(x, row)]) {
      const [first, second] = [operation(deep), operation(flat)];
      assertEquals(first.shape, second.shape.length === 1 ? [5] : [2, 3, 5]);
      assertEquals(first.toArray(), second.toArray());
    }
    assertEquals([argmax(row).shape, sumRows(row).shape, softmax(row).shape], [[], [5], [5]]);
    assertEquals([softmax(zeros([2, 0])).shape, argmax(zeros([0, 3, 5])).shape], [[2, 0], [0, 3]]);
  });
});

leakChecked(
  "operations refuse shapes and types that do not fit, and leave no memory behind",
  () => {
    scope(() => {
      const a = zeros([2, 3]), b = zeros([3, 2]), row = zeros([3]), labels = indices([1, 2, 3]);
      const { blocks } = heapUsage();
      const wrong: [() => Tensor, string][] = [
        [
          () => add(a, b),
          "Cannot add f32[2, 3] and f32[3, 2]: the shapes differ; use addRow() to add one row to every row",
        ],
        [() => subtract(a, row), "Cannot subtract f32[2, 3] and f32[3]: the shapes differ"],
        [() => multiply(a, zeros([])), "Cannot multiply f32[2, 3] and f32[]: the shapes differ"],
        [() => divide(a, b), "Cannot divide f32[2, 3] and f32[3, 2]"],
        [() => add(labels, labels), "Cannot add i32[3]: it must be f32"],
        [() => exp(labels), "Cannot exp i32[3]: it must be f32"],
        [() => affine(labels, 2), "Cannot scale i32[3]: it must be f32"],
        [() => sum(labels), "Cannot sum i32[3]: it must be f32"],
        [() => reshape(labels, [3, 1]), "Cannot reshape i32[3]: it must be f32"],
        [
          () => addRow(a, zeros([2])),
          "Cannot add f32[2] to every row of f32[2, 3]: a row has 3 elements",
        ],
        [
          () => addRow(zeros([2, 2, 3]), zeros([2])),
          "Cannot add f32[2] to every row of f32[2, 2, 3]: a row has 3 elements",
        ],
        [() => addRow(zeros([]), row), "Cannot add a row to f32[]: it has no rows"],
        [() => sumRows(zeros([])), "Cannot sum the rows of f32[]: it has no rows"],
        [() => softmax(zeros([])), "Cannot take the softmax of f32[]: it has no rows"],
        [() => transpose(zeros([1, 2, 3])), "Cannot transpose f32[1, 2, 3]: it must be a matrix"],
        [() => argmax(zeros([])), "Cannot take the argmax of f32[]: it has no rows"],
      ];
      for (const [body, message] of wrong) scope(() => assertThrows(body, TypeError, message));
      assertEquals(heapUsage().blocks, blocks);
    });
  },
);
