import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import {
  frobeniusNorm,
  fromRows,
  identity,
  matmul,
  type Matrix,
  matrix,
  qr,
  type Svd,
  svd,
  transpose,
} from "../../src/linalg/mod.ts";
import { inBothBuilds } from "../support/builds.ts";
import { type FixtureArray, readGoldenJson } from "../support/fixtures.ts";
import { leakChecked } from "../support/leaks.ts";
import { numbers } from "../support/numbers.ts";
import { allowed, dense, deviation, distance, scaled, SIZES, timesDiagonal } from "./support.ts";

interface SvdCase {
  readonly matrix: FixtureArray;
  readonly singular_values: FixtureArray;
  readonly u: FixtureArray;
  readonly vt: FixtureArray;
}

const cases = readGoldenJson<Record<string, SvdCase>>("svd.json");

function toMatrix({ shape, data }: FixtureArray): Matrix {
  return matrix(shape[0]!, shape[1]!, data);
}

/** Rows and columns in the opposite order. */
function reversed(a: Matrix): Matrix {
  return { ...a, data: a.data.slice().reverse() };
}

function column({ rows, columns, data }: Matrix, j: number): Float64Array {
  return Float64Array.from({ length: rows }, (_, i) => data[i * columns + j]!);
}

/** Every property that holds whatever the matrix; the tolerances are relative to ‖A‖_F. */
function assertDecomposes(a: Matrix, found: Svd): void {
  const { u, values, v, residual, orthogonality } = found;
  const { rows: m, columns: n } = a, k = Math.min(m, n), bound = allowed(Math.max(m, n));
  assertEquals([u.rows, u.columns, values.length, v.rows, v.columns], [m, k, k, n, k]);
  assert(residual <= bound, `residual ${residual} of [${m}, ${n}]`);
  assert(orthogonality <= bound, `orthogonality ${orthogonality} of [${m}, ${n}]`);
  assert(deviation(u) <= Math.sqrt(k) * bound, "U is not orthonormal");
  assert(deviation(v) <= Math.sqrt(k) * bound, "V is not orthonormal");
  const again = matmul(timesDiagonal(u, values), v, "NT");
  assert(distance(again, a) <= bound * frobeniusNorm(a), `U·Σ·Vᵀ differs from A [${m}, ${n}]`);
  values.forEach((x, i) => {
    assert(x >= 0 && !Object.is(x, -0), `value ${i} is ${x}`);
    assert(i === 0 || values[i - 1]! >= x, "values do not descend");
  });
  for (let j = 0; j < k; j++) {
    const vector = column(u, j), largest = Math.max(...vector.map(Math.abs));
    assert(vector.find((x) => Math.abs(x) >= largest * (1 - 2 ** -32))! > 0, `sign of vector ${j}`);
  }
}

for (const [name, expected] of Object.entries(cases)) {
  inBothBuilds(`svd() agrees with LAPACK on ${name}`, () => {
    const a = toMatrix(expected.matrix), found = svd(a);
    assertDecomposes(a, found);
    const exact = expected.singular_values.data, largest = exact[0]!;
    const bound = allowed(Math.max(a.rows, a.columns)) * largest;
    exact.forEach((x, i) => assertAlmostEquals(found.values[i]!, x, bound));
    const left = matmul(found.u, toMatrix(expected.u), "TN");
    const right = matmul(toMatrix(expected.vt), found.v), k = exact.length;
    for (let i = 0; i < k; i++) {
      const near = [exact[i - 1], exact[i + 1]].map((x) => Math.abs((x ?? Infinity) - exact[i]!));
      // vectors of values that (nearly) agree, or of noise, are no one's own
      const gap = Math.min(...near, exact[i]!);
      if (gap <= 1e-6 * largest || largest === 0) continue;
      const overlap = left.data[i * k + i]!;
      assertAlmostEquals(Math.abs(overlap), 1, bound / gap);
      assertAlmostEquals(right.data[i * k + i]!, Math.sign(overlap), bound / gap);
    }
  });
}

inBothBuilds("svd() decomposes square, tall and wide matrices of every size", () => {
  for (const n of SIZES) {
    for (const m of [n, n + 1, 2 * n + 3, Math.ceil(n / 2), 1]) {
      const a = dense(m, n, 64 * n + m), found = svd(a);
      assertDecomposes(a, found);
      assertAlmostEquals(
        Math.hypot(...found.values),
        frobeniusNorm(a),
        allowed(Math.max(m, n)) * frobeniusNorm(a),
      );
    }
  }
});

inBothBuilds("svd() gives the same values for the transpose", () => {
  for (const [m, n] of [[9, 7], [40, 12], [33, 33]] as const) {
    const a = dense(m, n, m), values = svd(a).values;
    svd(transpose(a)).values.forEach((x, i) =>
      assertAlmostEquals(x, values[i]!, allowed(m) * values[0]!)
    );
  }
});

inBothBuilds("svd() finds the values a matrix was made from", () => {
  const spectra: Record<string, (i: number, n: number) => number> = {
    equal: () => 3,
    "two clusters": (i, n) => i < n / 2 ? 1 + 1e-13 * i : 1e-9,
    "rank one": (i) => i === 0 ? 5 : 0,
    "half the rank": (i, n) => i < n / 2 ? n - i : 0,
    geometric: (i) => 2 ** -i,
    "geometric, steep": (i) => 10 ** (-3 * i),
    zero: () => 0,
  };
  for (const n of [2, 9, 33, 70]) {
    for (const m of [n, n + 3, 2 * n]) {
      const left = qr(dense(m, n, m)).q, right = qr(dense(n, n, n)).q;
      for (const [name, spectrum] of Object.entries(spectra)) {
        const exact = Float64Array.from({ length: n }, (_, i) => spectrum(i, n)).sort().reverse();
        const a = matmul(timesDiagonal(left, exact), right, "NT"), found = svd(a);
        assertDecomposes(a, found);
        exact.forEach((x, i) => {
          assertAlmostEquals(
            found.values[i]!,
            x,
            2 * allowed(m) * exact[0]!,
            `${name}, [${m}, ${n}]`,
          );
        });
      }
    }
  }
});

inBothBuilds("svd() does not square: values far below √ε of the largest keep their digits", () => {
  const n = 20, basis = qr(dense(n, n, 1)).q, other = qr(dense(n, n, 2)).q;
  const exact = Float64Array.from({ length: n }, (_, i) => i < 10 ? 1 : 1e-10);
  const { values } = svd(matmul(timesDiagonal(basis, exact), other, "NT"));
  exact.forEach((x, i) => assertAlmostEquals(values[i]!, x, 1e-14));
});

inBothBuilds("svd() keeps small values of bidiagonal matrices to full relative precision", () => {
  for (const reversed of [false, true]) {
    const n = 12, a = matrix(n, n);
    let determinant = 0;
    for (let i = 0; i < n; i++) {
      const power = reversed ? i - n : -i, value = 10 ** (3 * power);
      determinant += Math.log(value);
      a.data[i * n + i] = value;
      if (i > 0) a.data[(i - 1) * n + i] = value / 3;
    }
    const { values } = svd(a);
    const product = values.reduce((sum, x) => sum + Math.log(x), 0);
    assertAlmostEquals(product, determinant, 1e-12);
  }
});

inBothBuilds("svd() scales with the matrix, exactly for powers of two", () => {
  for (const [m, n] of [[1, 1], [4, 3], [21, 13], [13, 30]] as const) {
    const a = dense(m, n, m), plain = svd(a);
    for (const power of [-1000, -300, 300, 1000]) {
      const found = svd(scaled(a, 2 ** power));
      assertEquals(found.values, plain.values.map((x) => x * 2 ** power));
      assertEquals([found.u, found.v, found.residual], [plain.u, plain.v, plain.residual]);
    }
    for (const factor of [1e-300, 1e-160, 1e160, 1e300]) {
      assertDecomposes(scaled(a, factor), svd(scaled(a, factor)));
    }
    assert(svd(scaled(a, 1e-315)).orthogonality <= allowed(m), "subnormal entries");
  }
});

inBothBuilds("svd() copes with entries of every magnitude at once", () => {
  const random = numbers(5), n = 24;
  for (const span of [30, 150, 600]) {
    for (const direction of [-1, 1]) {
      for (const m of [n, n + 5, 2 * n]) {
        const a = dense(m, n, span + m);
        const weight = (i: number): number => 2 ** (direction * span * (i / m - 0.5));
        a.data.forEach((x, q) => a.data[q] = x * weight(Math.floor(q / n)) * weight(q % n));
        assertDecomposes(a, svd(a));
        assertDecomposes(transpose(a), svd(transpose(a)));
      }
    }
    const sparse = matrix(n, n);
    for (let q = 0; q < n; q++) {
      const [i, j] = random.whole(2, 0, n - 1) as [number, number];
      sparse.data[i * n + j] = 2 ** random.next(-span, span);
    }
    assertDecomposes(sparse, svd(sparse));
  }
});

inBothBuilds(
  "svd() decomposes a singular Gram matrix of all magnitudes, on which QR alone is slow",
  () => {
    const a = toMatrix(readGoldenJson<FixtureArray>("hard_svd.json"));
    for (const one of [a, transpose(a), reversed(a)]) assertDecomposes(one, svd(one));
  },
);

inBothBuilds("svd() decomposes large matrices of every kind of spectrum", () => {
  for (const [m, n] of [[60, 60], [140, 130], [300, 97]] as const) {
    const left = qr(dense(m, n, m)).q, right = qr(dense(n, n, n)).q, random = numbers(m);
    const spectra: Record<string, (i: number) => number> = {
      random: () => random.next(0, 1),
      arithmetic: (i) => 1 - i / n,
      geometric: (i) => 10 ** (-16 * i / n),
      "geometric, beyond all numbers": (i) => 10 ** (-300 * i / n),
      "one large": (i) => i === 0 ? 1 : 1e-12,
      "one small": (i) => i === n - 1 ? 1e-12 : 1,
      equal: () => 1,
      "three values": (i) => 1 + i % 3,
      "half the rank": (i) => i % 2,
      "clusters of all sizes": (i) => 2 ** -Math.floor(i / 10) * (1 + 1e-15 * random.next()),
    };
    for (const [name, spectrum] of Object.entries(spectra)) {
      const exact = Float64Array.from({ length: n }, (_, i) => spectrum(i)).sort().reverse();
      const a = matmul(timesDiagonal(left, exact), right, "NT"), found = svd(a);
      assertDecomposes(a, found);
      exact.forEach((x, i) => {
        assertAlmostEquals(
          found.values[i]!,
          x,
          2 * allowed(m) * exact[0]!,
          `${name}, [${m}, ${n}]`,
        );
      });
    }
  }
});

inBothBuilds(
  "svd() decomposes bidiagonal matrices of all magnitudes, down to the smallest numbers",
  () => {
    const random = numbers(22);
    for (let round = 0; round < 40; round++) {
      const [m, n] = random.whole(2, 1, 60) as [number, number], span = random.next(200, 320);
      const a = matrix(m, n);
      for (let i = 0; i < Math.min(m, n); i++) {
        for (let j = i; j < Math.min(n, i + 2); j++) {
          a.data[i * n + j] = 10 **
            random.next(-span, 0);
        }
      }
      assertDecomposes(a, svd(a));
    }
  },
);

leakChecked("svd() takes empty matrices, zeros and the identity", () => {
  for (const [m, n] of [[0, 0], [0, 3], [3, 0]] as const) {
    assertEquals(svd(matrix(m, n)), {
      u: matrix(m, 0),
      values: new Float64Array(0),
      v: matrix(n, 0),
      residual: 0,
      orthogonality: 0,
    });
  }
  for (const [m, n] of [[3, 2], [5, 1], [2, 7], [40, 40]] as const) {
    const found = svd(matrix(m, n));
    assertEquals(found.values, new Float64Array(Math.min(m, n)));
    assertEquals([found.residual, found.orthogonality], [0, 0]);
  }
  assertEquals([...svd(identity(9)).values], Array(9).fill(1));
});

leakChecked("svd() leaves the matrix as it is", () => {
  const a = dense(9, 5, 1), copy = a.data.slice();
  svd(a);
  assertEquals(a.data, copy);
});

leakChecked("svd() refuses what is not finite, and names the place", () => {
  for (const bad of [NaN, Infinity, -Infinity]) {
    const a = dense(4, 3, 1);
    a.data[2 * 3 + 1] = bad;
    assertThrows(() => svd(a), RangeError, `entry (2, 1) is ${bad}`);
  }
  assertThrows(() => svd({ ...identity(2), data: new Float64Array(3) }), RangeError, "takes 4");
  const huge = matrix(8, 8, new Float64Array(64).fill(Number.MAX_VALUE));
  assertThrows(() => svd(huge), RangeError, "exceeds the largest f64");
  assertEquals(svd(fromRows([[Number.MAX_VALUE]])).values[0], Number.MAX_VALUE);
});
