import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { doubles, withBlocks } from "../../src/kernels/mod.ts";
import { deflate } from "../../src/kernels/reference/deflation.ts";
import * as reference from "../../src/kernels/reference/linalg.ts";
import { divideAndConquer } from "../../src/linalg/divide.ts";
import { eigh, matmul, type Matrix, matrix, qr } from "../../src/linalg/mod.ts";
import { rowBytes } from "../../src/linalg/reflectors.ts";
import { DIVIDED as SIZES, families, type TwoDiagonals } from "./families.ts";
import { inBothBuilds } from "../support/builds.ts";
import { numbers } from "../support/numbers.ts";
import {
  allowed,
  assertDecomposes,
  dense,
  deviation,
  symmetric,
  timesDiagonal,
} from "./support.ts";

function solved({ d, e }: TwoDiagonals): { values: Float64Array; vectors: Matrix } {
  const n = d.length, row = rowBytes(n);
  return withBlocks([8 * n, 8 * n, n * row], (pd, pe, z) => {
    doubles(pd!, n).set(d);
    doubles(pe!, n).set(e);
    divideAndConquer(n, pd!, pe!, z!, row);
    const vectors = matrix(n, n);
    for (let i = 0; i < n; i++) vectors.data.set(doubles(z! + i * row, n), i * n);
    return { values: doubles(pd!, n).slice(), vectors };
  });
}

/** Largest entry of T·v − λ·v over all pairs. */
function residual({ d, e }: TwoDiagonals, values: Float64Array, { data }: Matrix): number {
  const n = d.length;
  let worst = 0;
  for (let j = 0; j < n; j++) {
    const v = data.subarray(j * n, (j + 1) * n);
    v.forEach((x, i) => {
      const before = i > 0 ? e[i]! * v[i - 1]! : 0, after = i < n - 1 ? e[i + 1]! * v[i + 1]! : 0;
      worst = Math.max(worst, Math.abs(before + (d[i]! - values[j]!) * x + after));
    });
  }
  return worst;
}

for (const name of Object.keys(families(1))) {
  inBothBuilds(`divideAndConquer() diagonalises matrices: ${name}`, () => {
    for (const n of SIZES) {
      const t = families(n)[name]!, { values, vectors } = solved(t);
      const twin = { d: t.d.slice(), e: t.e.slice() };
      assert(reference.qlSweeps(n, twin.d, twin.e).converged);
      twin.d.sort();
      const norm = Math.max(Math.abs(twin.d[0]!), Math.abs(twin.d[n - 1]!));
      values.forEach((x, i) => {
        assertAlmostEquals(x, twin.d[i]!, n * Number.EPSILON * norm, `value ${i} of ${n}`);
        assert(i === 0 || values[i - 1]! <= x, "values do not ascend");
      });
      const wrong = residual(t, values, vectors);
      assert(wrong <= allowed(n) * norm, `residual ${wrong}, size ${n}`);
      assert(deviation(vectors) <= Math.sqrt(n) * allowed(n), `not orthogonal, size ${n}`);
    }
  });
}

inBothBuilds("divideAndConquer() scales with the matrix, exactly for powers of two", () => {
  const t = families(130).random!, plain = solved(t);
  for (const power of [-300, 300]) {
    const scale = (x: Float64Array): Float64Array => x.map((value) => value * 2 ** power);
    const found = solved({ d: scale(t.d), e: scale(t.e) });
    assertEquals(found.values, scale(plain.values));
    assertEquals(found.vectors, plain.vectors);
  }
});

inBothBuilds("eigh() decomposes large matrices of every kind of spectrum", () => {
  const spectra: Record<string, (i: number, n: number) => number> = {
    "half repeated": (i, n) => i < n / 2 ? 1 : i / n,
    "two clusters": (i, n) => i < n / 2 ? -1 : 1 + 1e-14 * i,
    "rank one": (i) => i === 0 ? 5 : 0,
    geometric: (i) => 2 ** -i,
    "paired signs": (i) => (i & 1 ? -1 : 1) * (1 + (i >> 1)),
  };
  for (const n of [79, 80, 81, 161]) {
    const basis = qr(dense(n, n, n)).q;
    for (const [name, spectrum] of Object.entries(spectra)) {
      const exact = Float64Array.from({ length: n }, (_, i) => spectrum(i, n));
      const a = matmul(timesDiagonal(basis, exact), basis, "NT"), found = eigh(a);
      assertDecomposes(a, found);
      const norm = Math.max(...exact.map(Math.abs));
      exact.sort().forEach((x, i) => {
        assertAlmostEquals(found.values[i]!, x, 2 * allowed(n) * norm, `${name}, size ${n}`);
      });
    }
  }
});

inBothBuilds("eigh() decomposes matrices of every size at which its way changes", () => {
  for (const n of [15, 16, 17, 24, 25, 26, 47, 48, 49, 50, 99, 191, 192, 193, 384, 385, 386, 387]) {
    const a = symmetric(n, n), found = eigh(a);
    assertDecomposes(a, found);
  }
});

inBothBuilds("eigh() decomposes a large matrix of zeros, and a diagonal of every magnitude", () => {
  const n = 150, random = numbers(n);
  assertDecomposes(matrix(n, n), eigh(matrix(n, n)));
  for (const span of [0, 1, 100]) {
    const a = matrix(n, n);
    for (let i = 0; i < n; i++) a.data[i * n + i] = 10 ** random.next(-span, span);
    const found = eigh(a);
    assertDecomposes(a, found);
    assertEquals(found.values, a.data.filter((_, q) => q % (n + 1) === 0).sort());
  }
});

inBothBuilds("eigh() decomposes matrices as large as an image", () => {
  const a = symmetric(784, 784);
  assertDecomposes(a, eigh(a));
});

Deno.test("deflate() keeps what it does not set aside apart, and the matrix as it is", () => {
  const sizes = [1, 2, 5, 40], random = numbers(3);
  let settled = 0, rotated = 0, kept = 0;
  for (const n of [...sizes, ...sizes, ...sizes, ...sizes]) {
    for (const rho of [0, 1e-17, 1e-3, 1]) {
      const values = Float64Array.from({ length: n }, () => random.whole(1, 0, n)[0]! / n);
      if (rho > 0) values.forEach((x, i) => values[i] = x + 1e-16 * random.next());
      const weights = random.doubles(n).map((x, i) => i % 5 === 4 ? 1e-17 : x);
      const size = Math.hypot(...weights);
      weights.forEach((x, i) => weights[i] = x / size);
      const before = { values: values.slice(), weights: weights.slice() };
      const order = [...values.keys()].sort((i, j) => values[i]! - values[j]!);
      const found = deflate(values, weights, rho, order);
      assertEquals([...found.kept, ...found.settled].sort((i, j) => i - j), [...values.keys()]);
      found.kept.forEach((j, q) => {
        assert(rho * Math.abs(weights[j]!) > 8 * Number.EPSILON * Math.max(...values, rho) / 2);
        assert(q === 0 || values[found.kept[q - 1]!]! < values[j]!, "kept values do not ascend");
      });
      const whole = (d: Float64Array, w: Float64Array): Matrix => {
        const a = matrix(n, n);
        for (let i = 0; i < n; i++) {
          for (let j = 0; j < n; j++) a.data[i * n + j] = rho * w[i]! * w[j]!;
          a.data[i * n + i]! += d[i]!;
        }
        return a;
      };
      const rows = matrix(n, n);
      for (let i = 0; i < n; i++) rows.data[i * n + i] = 1;
      for (const { i, j, c, s } of found.rotations) {
        for (let q = 0; q < n; q++) {
          const x = rows.data[i * n + q]!, y = rows.data[j * n + q]!;
          rows.data[i * n + q] = c * x + s * y;
          rows.data[j * n + q] = c * y - s * x;
        }
      }
      found.settled.forEach((i) => weights[i] = 0);
      const rotatedBack = matmul(matmul(rows, whole(values, weights), "TN"), rows);
      const expected = whole(before.values, before.weights);
      rotatedBack.data.forEach((x, q) => assertAlmostEquals(x, expected.data[q]!, 1e-13));
      if (rho === 0) assertEquals(found.kept, []);
      settled += found.settled.length - found.rotations.length;
      rotated += found.rotations.length;
      kept += found.kept.length;
    }
  }
  assert(settled > 50 && rotated > 50 && kept > 50, `${settled}, ${rotated}, ${kept}`);
});

Deno.test("deflate() sets nothing aside where all values and weights are apart", () => {
  const n = 20, values = Float64Array.from({ length: n }, (_, i) => i / n);
  const weights = values.map(() => 1 / Math.sqrt(n));
  const { kept, settled, rotations } = deflate(values, weights, 1, values.keys());
  assertEquals([kept, settled, rotations], [[...values.keys()], [], []]);
});
