import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import {
  ConvergenceError,
  eigh,
  frobeniusNorm,
  fromRows,
  identity,
  matmul,
  type Matrix,
  matrix,
  qr,
} from "../../src/linalg/mod.ts";
import { doubles, withBlocks } from "../../src/kernels/mod.ts";
import { rowBytes } from "../../src/linalg/reflectors.ts";
import * as triangle from "../../src/linalg/triangle.ts";
import { inBothBuilds } from "../support/builds.ts";
import { type FixtureArray, readGoldenJson } from "../support/fixtures.ts";
import { leakChecked } from "../support/leaks.ts";
import { numbers } from "../support/numbers.ts";
import {
  allowed,
  assertDecomposes,
  dense,
  distance,
  scaled,
  SIZES,
  symmetric,
  timesDiagonal,
} from "./support.ts";

interface EigenCase {
  readonly matrix: FixtureArray;
  readonly eigenvalues_ascending: FixtureArray;
  readonly eigenvectors_columns: FixtureArray;
  readonly min_gap: number | null;
  readonly vectors_comparable: boolean;
  readonly projectors?: Readonly<Record<string, FixtureArray>>;
}

const { decompose_small: small, ...cases } = readGoldenJson<
  Record<string, EigenCase> & { decompose_small: { tensor_sym: FixtureArray; vals: FixtureArray } }
>("eigen.json");

function toMatrix({ shape, data }: FixtureArray): Matrix {
  return matrix(shape[0]!, shape[1]!, data);
}

for (const [name, expected] of Object.entries(cases as Record<string, EigenCase>)) {
  inBothBuilds(`eigh() agrees with LAPACK on ${name}`, () => {
    const a = toMatrix(expected.matrix), n = a.rows;
    const found = eigh(a);
    assertDecomposes(a, found);
    const exact = expected.eigenvalues_ascending.data;
    const norm = Math.max(...exact.map(Math.abs));
    exact.forEach((x, i) => assertAlmostEquals(found.values[i]!, x, allowed(n) * norm));
    if (expected.vectors_comparable) {
      const overlap = matmul(found.vectors, toMatrix(expected.eigenvectors_columns), "TN");
      const gap = (expected.min_gap ?? norm) / norm;
      for (let i = 0; i < n; i++) {
        assertAlmostEquals(Math.abs(overlap.data[i * n + i]!), 1, allowed(n) / gap);
      }
    }
    for (const [value, projector] of Object.entries(expected.projectors ?? {})) {
      const chosen = [...found.values.keys()].filter((i) =>
        Math.abs(found.values[i]! - +value) < 1e-6
      );
      const part = matrix(n, chosen.length);
      for (let i = 0; i < n; i++) {
        chosen.forEach((c, j) => part.data[i * chosen.length + j] = found.vectors.data[i * n + c]!);
      }
      assert(distance(matmul(part, part, "NT"), toMatrix(projector)) <= allowed(n));
    }
  });
}

inBothBuilds("eigh() agrees with LAPACK on the classes of a bilinear layer", () => {
  const [classes, n] = small.tensor_sym.shape as [number, number];
  for (let c = 0; c < classes; c++) {
    const a = matrix(n, n, small.tensor_sym.data.slice(c * n * n, (c + 1) * n * n));
    const found = eigh(a);
    assertDecomposes(a, found);
    found.values.forEach((x, i) => {
      assertAlmostEquals(x, small.vals.data[c * n + i]!, allowed(n) * frobeniusNorm(a));
    });
  }
});

inBothBuilds("eigh() decomposes random matrices of every size", () => {
  for (const n of SIZES) {
    const a = symmetric(n, n), found = eigh(a), size = frobeniusNorm(a);
    assertDecomposes(a, found);
    let trace = 0;
    for (let i = 0; i < n; i++) trace += a.data[i * n + i]!;
    const sum = found.values.reduce((total, x) => total + x, 0);
    assertAlmostEquals(sum, trace, Math.sqrt(n) * allowed(n) * size);
    assertAlmostEquals(Math.hypot(...found.values), size, allowed(n) * size);
  }
});

inBothBuilds("eigh() bounds the residual of every pair, and not by much", () => {
  for (const n of [1, 2, 7, 30, 31, 90, 257]) {
    const a = symmetric(n, n + 1), { values, vectors, residual, orthogonality } = eigh(a);
    const product = matmul(a, vectors), norm = Math.max(...values.map(Math.abs));
    const gram = matmul(vectors, vectors, "TN"), rounding = 4 * Math.sqrt(n) * Number.EPSILON;
    let worst = 0, deviates = 0;
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let i = 0; i < n; i++) {
        sum += (product.data[i * n + j]! - values[j]! * vectors.data[i * n + j]!) ** 2;
        deviates = Math.max(deviates, Math.abs(gram.data[i * n + j]! - (i === j ? 1 : 0)));
      }
      worst = Math.max(worst, Math.sqrt(sum) / norm);
    }
    assert(residual >= worst - rounding, `size ${n}: a pair has residual ${worst} > ${residual}`);
    assert(residual <= 4 * Math.sqrt(n) * (worst + rounding), `size ${n}: ${residual}, ${worst}`);
    assertAlmostEquals(orthogonality, deviates, rounding);
  }
});

inBothBuilds("eigh() measures what is wrong, not what should be", () => {
  // wrong vectors for a matrix whose decomposition is known
  for (const n of [3, 40, 130]) {
    const row = rowBytes(n), eye = identity(n);
    withBlocks([n * row, n * n * 8, n * row, n * 8], (a, v, z, d) => {
      for (let i = 0; i < n; i++) {
        doubles(a! + i * row, n).set(eye.data.subarray(i * n, (i + 1) * n));
        doubles(v! + i * n * 8, n).set(eye.data.subarray(i * n, (i + 1) * n));
        doubles(z! + i * row, n).set(eye.data.subarray(i * n, (i + 1) * n));
      }
      doubles(d!, n).fill(1);
      assertEquals(triangle.deviation(n, n, z!, row), { largest: 0, norm: 0 });
      doubles(z! + (n - 1) * row, 1)[0] = 0.25;
      const { largest, norm } = triangle.deviation(n, n, z!, row);
      assertEquals(largest, 0.25);
      assertAlmostEquals(norm, Math.hypot(0.25, 0.25, 0.0625), 1e-15);
      doubles(z! + (n - 1) * row, 1)[0] = 0;
      doubles(d!, n)[n - 1] = 3;
      doubles(a! + 8, 1)[0] = 0.5; // the entry above the diagonal stands for both
      const error = triangle.reconstructionError(n, a!, row, v!, n * 8, z!, d!);
      assertAlmostEquals(error, Math.hypot(2, 0.5, 0.5), 1e-15);
    });
  }
});

inBothBuilds("eigh() finds the spectrum a matrix was made from", () => {
  const spectra: Record<string, (i: number, n: number) => number> = {
    equal: () => -3,
    "two clusters": (i, n) => i < n / 2 ? -1 : 1 + 1e-13 * i,
    "rank one": (i) => i === 0 ? 5 : 0,
    geometric: (i) => 2 ** -i,
    "paired signs": (i) => (i & 1 ? -1 : 1) * (1 + (i >> 1)),
  };
  for (const n of [2, 9, 33, 70]) {
    const basis = qr(dense(n, n, n)).q;
    for (const [name, spectrum] of Object.entries(spectra)) {
      const exact = Float64Array.from({ length: n }, (_, i) => spectrum(i, n));
      const a = matmul(timesDiagonal(basis, exact), basis, "NT");
      const found = eigh(a);
      assertDecomposes(a, found);
      const norm = Math.max(...exact.map(Math.abs));
      exact.sort().forEach((x, i) => {
        assertAlmostEquals(found.values[i]!, x, 2 * allowed(n) * norm, `${name}, size ${n}`);
      });
    }
  }
});

inBothBuilds("eigh() knows the second difference matrix", () => {
  const n = 50, a = matrix(n, n);
  for (let i = 0; i < n; i++) {
    a.data[i * n + i] = 2;
    if (i > 0) a.data[i * n + i - 1] = a.data[(i - 1) * n + i] = -1;
  }
  eigh(a).values.forEach((x, k) => {
    assertAlmostEquals(x, 2 - 2 * Math.cos((k + 1) * Math.PI / (n + 1)), allowed(n));
  });
});

inBothBuilds("eigh() scales with the matrix, exactly for powers of two", () => {
  for (const n of [1, 4, 21]) {
    const a = symmetric(n, n), plain = eigh(a);
    for (const power of [-1000, -300, 300, 1000]) {
      const found = eigh(scaled(a, 2 ** power));
      assertEquals(found.values, plain.values.map((x) => x * 2 ** power));
      assertEquals(found.vectors, plain.vectors);
      assertEquals(found.residual, plain.residual);
    }
    for (const factor of [1e-300, 1e300]) {
      assertDecomposes(scaled(a, factor), eigh(scaled(a, factor)));
    }
    assert(eigh(scaled(a, 1e-315)).orthogonality <= allowed(n), "subnormal entries");
  }
});

inBothBuilds("eigh() copes with entries of every magnitude at once", () => {
  const random = numbers(5), n = 24;
  for (const span of [30, 150, 600]) {
    for (const direction of [-1, 1]) {
      const a = symmetric(n, span);
      const weight = (i: number): number => 2 ** (direction * span * (i / n - 0.5));
      a.data.forEach((x, q) => a.data[q] = x * weight(Math.floor(q / n)) * weight(q % n));
      assertDecomposes(a, eigh(a));
    }
    const sparse = matrix(n, n);
    for (let q = 0; q < n; q++) {
      const [i, j] = random.whole(2, 0, n - 1) as [number, number];
      sparse.data[i * n + j] = sparse.data[j * n + i] = 2 ** random.next(-span, span);
    }
    assertDecomposes(sparse, eigh(sparse));
  }
});

inBothBuilds("eigh() keeps small eigenvalues of graded matrices to full relative precision", () => {
  const n = 12, a = matrix(n, n);
  for (let i = 0; i < n; i++) {
    a.data[i * n + i] = 10 ** (2 * i - 22);
    if (i > 0) a.data[i * n + i - 1] = a.data[(i - 1) * n + i] = 10 ** (2 * i - 24);
  }
  // pivots of A = L·D·Lᵀ have the inertia of A; their product is its determinant
  let pivot = a.data[0]!, logarithm = Math.log(pivot);
  for (let i = 1; i < n; i++) {
    pivot = a.data[i * n + i]! - a.data[i * n + i - 1]! ** 2 / pivot;
    logarithm += Math.log(pivot);
  }
  const { values } = eigh(a);
  assertAlmostEquals(values.reduce((sum, x) => sum + Math.log(x), 0), logarithm, 1e-12);
});

leakChecked("eigh() takes the empty matrix and single entries", () => {
  assertEquals(eigh(matrix(0, 0)), {
    values: new Float64Array(0),
    vectors: matrix(0, 0),
    residual: 0,
    orthogonality: 0,
  });
  for (const x of [0, -3, 5e-324, Number.MAX_VALUE]) {
    const found = eigh(fromRows([[x]]));
    assertEquals([found.values[0], found.vectors.data[0], found.residual], [x, 1, 0]);
  }
});

leakChecked("eigh() leaves the matrix as it is", () => {
  const a = symmetric(9, 1), copy = a.data.slice();
  eigh(a);
  assertEquals(a.data, copy);
});

leakChecked("eigh() refuses what has no real spectrum, and names the place", () => {
  assertThrows(() => eigh(matrix(2, 3)), TypeError, "[2, 3]: the matrix must be square");
  for (const bad of [NaN, Infinity, -Infinity]) {
    const a = identity(4);
    a.data[2 * 4 + 1] = bad;
    assertThrows(() => eigh(a), RangeError, `entry (2, 1) is ${bad}`);
  }
  const crooked = identity(20);
  crooked.data[17 * 20 + 3] = 1e-10;
  assertThrows(() => eigh(crooked), RangeError, "entry (17, 3) is 1e-10 and entry (3, 17) is 0");
  assertThrows(() => eigh({ ...identity(2), data: new Float64Array(3) }), RangeError, "takes 4");
  const huge = matrix(8, 8, new Float64Array(64).fill(Number.MAX_VALUE));
  assertThrows(() => eigh(huge), RangeError, "exceeds the largest f64");
});

leakChecked("eigh() averages asymmetry as small as rounding", () => {
  const a = fromRows([[2, 1 + 2 ** -50], [1, 2]]);
  const { values, residual } = eigh(a);
  assertAlmostEquals(values[1]!, 3 + 2 ** -51, 1e-15);
  assert(residual <= allowed(2));
});

Deno.test("ConvergenceError() tells how far the iteration came", () => {
  const error = new ConvergenceError("Cannot end", 30);
  assertEquals([error.name, error.message, error.iterations], [
    "ConvergenceError",
    "Cannot end",
    30,
  ]);
  assert(error instanceof Error);
});
