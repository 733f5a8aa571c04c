import { assert, assertEquals, assertThrows } from "@std/assert";
import { configure, heapUsage } from "../../src/kernels/mod.ts";
import {
  bilinear,
  full,
  indices,
  linear,
  matmul,
  matmulNT,
  matmulTN,
  reshape,
  scope,
  type Tensor,
  tensor,
  transpose,
  zeros,
} from "../../src/tensor/mod.ts";
import { drawValues } from "../support/gradients.ts";
import { leakChecked } from "../support/leaks.ts";

const SIZES = [
  [0, 3, 2],
  [2, 0, 3],
  [3, 2, 0],
  [1, 1, 1],
  [1, 33, 1],
  [5, 7, 3],
  [8, 16, 8],
  [17, 5, 33],
  [33, 100, 17],
] as const;

/** Rounding of k products of order 1 that are added in f32. */
const allowed = (k: number): number => 1e-7 * (1 + k);

function assertNear(actual: Tensor, expected: readonly number[], tolerance: number): void {
  const found = actual.toArray();
  assertEquals(found.length, expected.length);
  expected.forEach((value, i) =>
    assert(Math.abs(found[i]! - value) <= tolerance, `${i}: ${found[i]} is not ${value}`)
  );
}

/** A·B of A [m, k] and B [k, n] by plain loops in f64. */
function plain(
  [m, k, n]: readonly [number, number, number],
  a: Float64Array,
  b: Float64Array,
): number[] {
  const out: number[] = [];
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let total = 0;
      for (let l = 0; l < k; l++) total += a[i * k + l]! * b[l * n + j]!;
      out.push(total);
    }
  }
  return out;
}

for (const kernels of ["fast", "strict"] as const) {
  leakChecked(`matmul(), matmulNT() and matmulTN() multiply as plain loops do (${kernels})`, () => {
    configure({ kernels });
    try {
      for (const [m, k, n] of SIZES) {
        const a = drawValues(1, m * k, -1, 1), b = drawValues(2, k * n, -1, 1);
        const expected = plain([m, k, n], a, b);
        scope(() => {
          full([m, n], NaN)[Symbol.dispose](); // the block that the product takes next
          const [x, y] = [tensor(a, [m, k]), tensor(b, [k, n])];
          const forms = [matmul(x, y), matmulNT(x, transpose(y)), matmulTN(transpose(x), y)];
          for (const form of forms) {
            assertEquals(form.shape, [m, n]);
            assertNear(form, expected, allowed(k));
          }
        });
      }
    } finally {
      configure({ kernels: "fast" });
    }
  });
}

leakChecked(
  "matmul() spreads NaN and infinities to the rows and columns they stand in, no further",
  () => {
    scope(() => {
      const a = tensor([[NaN, 1], [1, 1]]), b = tensor([[1, 2], [3, Infinity]]);
      assertEquals([...matmul(a, b).toArray()], [NaN, NaN, 4, Infinity]);
    });
  },
);

leakChecked(
  "matmul(), matmulNT() and matmulTN() say which inner sizes differ and what to use",
  () => {
    scope(() => {
      const wrong: [() => Tensor, string][] = [
        [
          () => matmul(zeros([128, 784]), zeros([256, 784])),
          "Cannot multiply f32[128, 784] by f32[256, 784]: inner sizes 784 and 256 differ; use matmulNT to multiply by the transpose",
        ],
        [
          () => matmulNT(zeros([2, 3]), zeros([3, 4])),
          "Cannot multiply f32[2, 3] by f32[3, 4] (NT): inner sizes 3 and 4 differ; use matmul when the second is not to be transposed",
        ],
        [
          () => matmulTN(zeros([2, 3]), zeros([3, 4])),
          "Cannot multiply f32[2, 3] by f32[3, 4] (TN): inner sizes 2 and 3 differ; use matmul when the first is not to be transposed",
        ],
        [() => matmul(zeros([]), zeros([3, 2])), "Cannot multiply f32[]: it has no rows"],
        [
          () => matmul(zeros([2, 3, 4]), zeros([5, 2])),
          "Cannot multiply f32[2, 3, 4] by f32[5, 2]: inner sizes 4 and 5 differ",
        ],
        [() => matmulTN(zeros([2, 3, 4]), zeros([5, 2])), "(TN): inner sizes 6 and 5 differ"],
        [
          () => matmul(zeros([3, 2]), zeros([2, 2, 2])),
          "Cannot multiply by f32[2, 2, 2]: it must be a matrix",
        ],
        [() => matmul(zeros([3, 2]), zeros([2])), "Cannot multiply by f32[2]: it must be a matrix"],
        [() => matmul(zeros([1, 2]), indices([1, 2])), "Cannot multiply i32[2]: it must be f32"],
      ];
      const { blocks } = heapUsage();
      for (const [body, message] of wrong) scope(() => assertThrows(body, TypeError, message));
      assertEquals(heapUsage().blocks, blocks);
    });
  },
);

leakChecked("linear() is x·Wᵀ + b", () => {
  for (const [m, k, n] of SIZES) {
    const x = drawValues(3, m * k, -1, 1), w = drawValues(4, k * n, -1, 1);
    const b = drawValues(5, n, -1, 1);
    scope(() => {
      const weight = transpose(tensor(w, [k, n])), input = tensor(x, [m, k]);
      const product = plain([m, k, n], x, w);
      assertNear(linear(input, weight), product, allowed(k));
      const shifted = product.map((value, i) => value + b[i % n]!);
      assertNear(linear(input, weight, tensor(b)), shifted, allowed(k + 1));
    });
  }
});

leakChecked("bilinear() is (x·Wᵀ + b) ⊙ (x·Vᵀ + c) with W and b first", () => {
  for (const [m, k, n] of SIZES) {
    const x = drawValues(6, m * k, -1, 1);
    const [w, v] = [drawValues(7, n * k, -1, 1), drawValues(8, n * k, -1, 1)];
    const [b, c] = [drawValues(9, n, -1, 1), drawValues(10, n, -1, 1)];
    scope(() => {
      const input = tensor(x, [m, k]), weight = tensor([...w, ...v], [2 * n, k]);
      const columns = (of: Float64Array) =>
        of.map((_, at) => of[(at % n) * k + Math.floor(at / n)]!);
      const left = plain([m, k, n], x, columns(w)), right = plain([m, k, n], x, columns(v));
      const size = 4 * allowed(k) * Math.max(1, Math.sqrt(k));
      assertNear(bilinear(input, weight), left.map((value, i) => value * right[i]!), size);
      const biased = left.map((value, i) => (value + b[i % n]!) * (right[i]! + c[i % n]!));
      assertNear(bilinear(input, weight, tensor([...b, ...c])), biased, 2 * size);
    });
  }
});

leakChecked("linear() and bilinear() refuse weights and biases that do not fit", () => {
  scope(() => {
    const x = zeros([2, 3]);
    assertThrows(
      () => linear(x, zeros([4, 5])),
      TypeError,
      "Cannot multiply f32[2, 3] by f32[4, 5] (NT): inner sizes 3 and 5 differ",
    );
    assertThrows(
      () => linear(x, zeros([4, 3]), zeros([3])),
      TypeError,
      "Cannot add the bias f32[3] to f32[2, 4]: it takes [4]",
    );
    assertThrows(
      () => bilinear(x, zeros([4, 3]), zeros([2])),
      TypeError,
      "Cannot add the bias f32[2] to f32[2, 4]: it takes [4]",
    );
    assertThrows(
      () => bilinear(x, zeros([5, 3])),
      TypeError,
      "Cannot use f32[5, 3] as a bilinear weight: it holds W above V, so its rows must be even in number",
    );
    assertThrows(
      () => bilinear(x, zeros([6])),
      TypeError,
      "Cannot use as a bilinear weight f32[6]",
    );
    assertThrows(() => linear(x, zeros([4, 3]), indices([0, 0, 0, 0])), TypeError, "f32");
  });
});

leakChecked("products take any number of leading axes and count them as one", () => {
  scope(() => {
    const x = tensor(drawValues(11, 24, -1, 1), [2, 3, 4]), flat = reshape(x, [6, 4]);
    const w = tensor(drawValues(12, 24, -1, 1), [6, 4]), b = tensor(drawValues(13, 6, -1, 1));
    const gate = { kind: "silu", beta: 1 } as const;
    const forms: [(x: Tensor) => Tensor, number[]][] = [
      [(x) => matmul(x, transpose(w)), [2, 3, 6]],
      [(x) => matmulNT(x, w), [2, 3, 6]],
      [(x) => linear(x, w, b), [2, 3, 6]],
      [(x) => bilinear(x, w, b), [2, 3, 3]],
      [(x) => bilinear(x, w, b, gate), [2, 3, 3]],
      [(x) => matmulTN(x, w), [4, 4]],
    ];
    for (const [form, shape] of forms) {
      assertEquals(form(x).shape, shape);
      assertEquals(form(x).toArray(), form(flat).toArray());
    }
    assertEquals(linear(tensor([1, 2, 3, 4]), w).shape, [6]);
    assertEquals(bilinear(zeros([0, 3, 4]), w).shape, [0, 3, 3]);
  });
});
