import { assert, assertEquals, assertThrows } from "@std/assert";
import { fromRows, matmul, matrix } from "../../src/linalg/mod.ts";
import {
  cpToTensor,
  denseTensor,
  inner,
  khatriRao,
  kronecker,
  modeProduct,
  mttkrp,
  multiModeProduct,
  norm,
  outer,
  unfold,
} from "../../src/multilinear/mod.ts";
import { leakChecked } from "../support/leaks.ts";
import { numbers } from "../support/numbers.ts";
import { assertClose } from "../support/tolerances.ts";
import { randomMatrix, randomTensor } from "./support.ts";

const SHAPES = [[1, 1, 1], [2, 3], [4, 1, 5], [3, 4, 5], [2, 3, 2, 4], [5, 2, 1, 3, 2]];

leakChecked("modeProduct() multiplies the unfolding", () => {
  const source = numbers(3);
  for (const shape of SHAPES) {
    const x = randomTensor(shape, source);
    shape.forEach((size, mode) => {
      for (const rows of [1, 3]) {
        const m = randomMatrix(rows, size, source), y = modeProduct(x, m, mode);
        assertEquals(y.shape, shape.with(mode, rows));
        assertClose(unfold(y, mode).data, matmul(m, unfold(x, mode)).data, 1e-14, `mode ${mode}`);
      }
    });
  }
});

leakChecked("multiModeProduct() unfolds to a Kronecker product", () => {
  const source = numbers(4);
  for (const shape of SHAPES) {
    const x = randomTensor(shape, source);
    const matrices = shape.map((size, mode) => randomMatrix(1 + mode % 3, size, source));
    const y = multiModeProduct(x, matrices);
    const expected = matmul(
      matmul(matrices[0]!, unfold(x, 0)),
      kronecker(...matrices.slice(1)),
      "NT",
    );
    assertClose(unfold(y, 0).data, expected.data, 1e-13, `[${shape}]`);
    assertEquals(multiModeProduct(x, shape.map(() => undefined)).data, x.data);
  }
});

Deno.test("kronecker() and khatriRao() hold the products of entries", () => {
  const a = fromRows([[1, 2], [3, 4]]), b = fromRows([[0, 5], [6, 7]]);
  assertEquals(
    kronecker(a, b),
    fromRows([[0, 5, 0, 10], [6, 7, 12, 14], [0, 15, 0, 20], [18, 21, 24, 28]]),
  );
  assertEquals(khatriRao(a, b), fromRows([[0, 10], [6, 14], [0, 20], [18, 28]]));
  const [c, d] = [randomMatrix(3, 2, numbers(5)), randomMatrix(2, 2, numbers(6))];
  // mixed products: (A ⊗ B)(C ⊙ D) = (AC) ⊙ (BD), and the Gram matrix is that of the factors, elementwise
  const e = randomMatrix(4, 3, numbers(7));
  assertClose(
    matmul(kronecker(e, b), khatriRao(c, d)).data,
    khatriRao(matmul(e, c), matmul(b, d)).data,
    1e-13,
    "mixed product",
  );
  const gram = matmul(khatriRao(c, d), khatriRao(c, d), "TN").data;
  const left = matmul(c, c, "TN").data, right = matmul(d, d, "TN").data;
  assertClose(gram, left.map((value, i) => value * right[i]!), 1e-14, "Gram matrix");
});

leakChecked("mttkrp() is the unfolding times the Khatri–Rao product of the other factors", () => {
  const source = numbers(8);
  for (const shape of [[3], ...SHAPES]) {
    const x = randomTensor(shape, source);
    for (const rank of [1, 3, 7]) {
      const factors = shape.map((size) => randomMatrix(size, rank, source));
      shape.forEach((_, mode) => {
        const others = factors.filter((_, i) => i !== mode);
        const all = others.length === 0
          ? matrix(1, rank, new Float64Array(rank).fill(1))
          : khatriRao(...others);
        const found = mttkrp(x, factors, mode);
        assertEquals([found.rows, found.columns], [shape[mode], rank]);
        assertClose(found.data, matmul(unfold(x, mode), all).data, 1e-13, `[${shape}] ${mode}`);
      });
    }
  }
});

Deno.test("outer(), inner() and norm() agree", () => {
  const source = numbers(9), [a, b, c] = [4, 3, 5].map((size) => source.doubles(size));
  const x = outer(a!, b!, c!);
  assertEquals(x.shape, [4, 3, 5]);
  const lengths = [a!, b!, c!].map((v) => Math.hypot(...v)).reduce((p, q) => p * q, 1);
  assert(Math.abs(norm(x) - lengths) <= 1e-15);
  assert(Math.abs(inner(x, x) - lengths ** 2) <= 1e-14);
  const factors = [a!, b!, c!].map((v) => matrix(v.length, 1, v));
  assertClose(cpToTensor({ weights: Float64Array.of(1), factors }).data, x.data, 1e-16, "CP");
  assert(Math.abs(norm(denseTensor([2], [3e200, 4e200])) / 5e200 - 1) <= 1e-15);
  assertEquals(norm(denseTensor([0, 2])), 0);
});

Deno.test("products refuse sizes that differ, and results that do not fit", () => {
  const x = denseTensor([2, 3, 4]), m = matrix(5, 2);
  assertThrows(() => modeProduct(x, m, 1), TypeError, "3 and 2 differ; use transpose()");
  assertThrows(() => modeProduct(x, m, 3), RangeError, "modes are 0 to 2");
  assertThrows(() => multiModeProduct(x, [m]), TypeError, "by 1 matrices");
  assertThrows(() => khatriRao(m, matrix(2, 3)), TypeError, "equally many columns");
  assertThrows(() => khatriRao(), TypeError, "of no matrices");
  assertThrows(() => inner(x, denseTensor([2, 3])), TypeError, "the shapes differ");
  assertThrows(() => mttkrp(x, [m], 0), TypeError);
  assertThrows(() => mttkrp(x, [matrix(2, 2), matrix(3, 2), matrix(4, 3)], 0), TypeError, "[4, 3]");
  const long = matrix(50_000, 1);
  assertThrows(() => khatriRao(long, long), RangeError, "takes 20.0 GB");
  assertThrows(() => kronecker(long, long), RangeError, "takes 20.0 GB");
  const weights = Float64Array.of(1);
  assertThrows(
    () => cpToTensor({ weights, factors: [long, long] }),
    RangeError,
    "keep its factors",
  );
});
