import { assertEquals, assertThrows } from "@std/assert";
import { heapUsage } from "../../src/kernels/mod.ts";
import {
  activate,
  type Activation,
  causalAttention,
  gatherRows,
  indices,
  multiplyRow,
  ones,
  random,
  reshape,
  rmsNorm,
  scope,
  type Tensor,
  tensor,
  zeros,
} from "../../src/tensor/mod.ts";
import { leakChecked } from "../support/leaks.ts";

leakChecked("operations on rows, gates and attention leave their result and nothing else", () => {
  const x = random(1).normal([2, 3, 12]), row = ones([12]), at = indices([1, 0, 1], [3, 1]);
  const table = ones([2, 4]);
  const bodies: [string, () => Tensor, number[]][] = [
    ["rmsNorm", () => rmsNorm(x), [2, 3, 12]],
    ["multiplyRow", () => multiplyRow(x, row), [2, 3, 12]],
    ["activate", () => activate(x, "gelu"), [2, 3, 12]],
    ["gatherRows", () => gatherRows(table, at), [3, 1, 4]],
    ["causalAttention", () => causalAttention(x, 2), [2, 3, 4]],
  ];
  for (const [name, body, shape] of bodies) {
    const { blocks } = heapUsage(), out = body();
    assertEquals([name, out.shape, heapUsage().blocks], [name, shape, blocks + 1]);
    out[Symbol.dispose]();
  }
  for (const one of [x, row, at, table]) one[Symbol.dispose]();
});

leakChecked(
  "operations on rows, gates and attention refuse what does not fit, and leave nothing",
  () => {
    scope(() => {
      const x = zeros([2, 3]), at = indices([0]), qkv = zeros([1, 2, 12]);
      const { blocks } = heapUsage();
      const wrong: [() => Tensor, string][] = [
        [() => rmsNorm(at), "Cannot normalise i32[1]: it must be f32"],
        [() => rmsNorm(zeros([])), "Cannot normalise f32[]: it has no rows"],
        [
          () => multiplyRow(x, ones([2])),
          "Cannot multiply every row of f32[2, 3] by f32[2]: a row has 3 elements",
        ],
        [() => activate(at, "relu"), "Cannot activate i32[1]: it must be f32"],
        ...["swish", "toString", "__proto__", ""].map((kind): [() => Tensor, string] => [
          () => activate(x, kind as Activation),
          `Cannot use activation "${kind}": choose one of relu, gelu, gelu-tanh, silu, sigmoid, tanh`,
        ]),
        [() => gatherRows(zeros([3]), at), "Cannot pick rows of f32[3]: it must be a matrix"],
        [() => gatherRows(x, zeros([1])), "Cannot pick rows at f32[1]: indices are i32"],
        [
          () => gatherRows(x, indices([1, 2])),
          "Cannot pick rows of f32[2, 3]: index 1 is 2, and the rows are 0 to 1",
        ],
        [
          () => causalAttention(x, 1),
          "Cannot attend with 1 heads over f32[2, 3]: it takes [batch, length, 3·heads·width]",
        ],
        ...[0, 3, 4, 1.5, NaN, -2].map((heads): [() => Tensor, string] => [
          () => causalAttention(qkv, heads),
          `Cannot attend with ${heads} heads over f32[1, 2, 12]`,
        ]),
        ...[0, -1, 0.5, NaN, Infinity].map((base): [() => Tensor, string] => [
          () => causalAttention(qkv, 2, base),
          `Cannot rotate by base ${base}: it must be a finite number ≥ 1`,
        ]),
        [
          () => indices([1, 2, 3], [2, 2]),
          "Cannot make indices of shape [2, 2] from 3 values: it takes 4",
        ],
      ];
      for (const [body, message] of wrong) scope(() => assertThrows(body, Error, message));
      assertEquals(heapUsage().blocks, blocks);
    });
  },
);

leakChecked("rmsNorm(), gatherRows() and causalAttention() take what is empty", () => {
  scope(() => {
    assertEquals(rmsNorm(zeros([0, 4])).shape, [0, 4]);
    assertEquals(gatherRows(zeros([2, 3]), indices([])).shape, [0, 3]);
    assertEquals(causalAttention(zeros([0, 5, 12]), 2).shape, [0, 5, 4]);
    assertEquals(causalAttention(zeros([2, 0, 12]), 2).shape, [2, 0, 4]);
  });
});

leakChecked("causalAttention() of one position gives its value, whatever the query", () => {
  scope(() => {
    const qkv = random(1).normal([3, 1, 12]), out = causalAttention(qkv, 2).toArray();
    const values = reshape(qkv, [3, 12]).toArray();
    for (let b = 0; b < 3; b++) {
      assertEquals([...out.slice(4 * b, 4 * b + 4)], [...values.slice(12 * b + 8, 12 * b + 12)]);
    }
  });
});

leakChecked("indices() of a shape keeps their order", () => {
  scope(() => {
    const made = indices([3, 1, 2, 0, 5, 4], [2, 3]);
    assertEquals([`${made}`, [...made.toArray()]], ["i32[2, 3]", [3, 1, 2, 0, 5, 4]]);
    assertEquals([...gatherRows(tensor([[7], [8]]), indices([1, 0], [2, 1])).toArray()], [8, 7]);
  });
});
