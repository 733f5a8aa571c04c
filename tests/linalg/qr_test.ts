import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import {
  frobeniusNorm,
  fromRows,
  identity,
  matmul,
  type Matrix,
  matrix,
  type Qr,
  qr,
} from "../../src/linalg/mod.ts";
import { inBothBuilds } from "../support/builds.ts";
import { leakChecked } from "../support/leaks.ts";
import { allowed, dense, deviation, distance, scaled, SIZES, timesDiagonal } from "./support.ts";

/** Every property that holds whatever the matrix. */
function assertFactorises(a: Matrix, { q, r, residual, orthogonality }: Qr): void {
  const { rows: m, columns: n } = a, k = Math.min(m, n), bound = allowed(Math.max(m, n));
  assertEquals([q.rows, q.columns, r.rows, r.columns], [m, k, k, n]);
  assert(residual <= bound, `residual ${residual} of [${m}, ${n}]`);
  assert(orthogonality <= bound, `orthogonality ${orthogonality} of [${m}, ${n}]`);
  assert(deviation(q) <= Math.sqrt(k) * bound);
  assert(distance(matmul(q, r), a) <= bound * frobeniusNorm(a), `QR differs from A [${m}, ${n}]`);
  r.data.forEach((x, p) => {
    const i = Math.floor(p / n), j = p % n;
    if (i > j) assertEquals(x, 0);
    if (i === j) assert(x >= 0, `R(${i}, ${i}) = ${x} is negative`);
  });
}

inBothBuilds("qr() factorises square, tall and wide matrices of every size", () => {
  for (const n of SIZES) {
    for (const m of [n, n + 1, 2 * n + 3, Math.ceil(n / 2), 1]) {
      const a = dense(m, n, 64 * n + m);
      assertFactorises(a, qr(a));
    }
  }
});

inBothBuilds("qr() gives RᵀR = AᵀA", () => {
  const a = dense(50, 37, 1), { r } = qr(a), gram = matmul(a, a, "TN");
  assert(distance(matmul(r, r, "TN"), gram) <= allowed(50) * frobeniusNorm(gram));
});

inBothBuilds("qr() finds the factors a matrix was made from", () => {
  const { q } = qr(dense(40, 34, 2)), r = dense(34, 34, 3);
  r.data.forEach((x, p) => {
    const i = Math.floor(p / 34), j = p % 34;
    r.data[p] = i > j ? 0 : i === j ? 1 + Math.abs(x) : x / 34;
  });
  const found = qr(matmul(q, r));
  assert(distance(found.q, q) <= 10 * allowed(40));
  assert(distance(found.r, r) <= 10 * allowed(40));
});

inBothBuilds("qr() keeps Q orthonormal where the matrix lacks rank", () => {
  const duplicate = dense(20, 40, 4);
  for (let i = 0; i < 20; i++) duplicate.data.copyWithin(i * 40 + 20, i * 40, i * 40 + 20);
  const outer = matmul(dense(45, 1, 5), dense(1, 38, 6));
  const gap = dense(40, 35, 7);
  for (let i = 0; i < 40; i++) gap.data[i * 35] = gap.data[i * 35 + 17] = 0;
  for (const a of [matrix(5, 3), matrix(40, 70), duplicate, outer, gap, identity(36)]) {
    assertFactorises(a, qr(a));
  }
  const { r } = qr(outer);
  for (let i = 1; i < 38; i++) assertAlmostEquals(r.data[i * 38 + i]!, 0, 1e-13);
});

inBothBuilds("qr() is exact column by column, however the columns are scaled", () => {
  const plain = dense(40, 35, 8);
  const powers = Float64Array.from({ length: 35 }, (_, j) => 2 ** (40 * (j % 7) - 120));
  const expected = qr(plain), found = qr(timesDiagonal(plain, powers));
  assertEquals(found.q, expected.q);
  assertEquals(found.r, timesDiagonal(expected.r, powers));
  const graded = timesDiagonal(plain, Float64Array.from({ length: 35 }, (_, j) => 10 ** (-9 * j)));
  assertFactorises(graded, qr(graded));
  for (const factor of [1e-300, 1e300]) {
    assertFactorises(scaled(plain, factor), qr(scaled(plain, factor)));
  }
});

leakChecked("qr() takes empty matrices", () => {
  for (const [m, n] of [[0, 0], [3, 0], [0, 3]] as const) {
    const { q, r, residual, orthogonality } = qr(matrix(m, n));
    assertEquals([q, r], [matrix(m, 0), matrix(0, n)]);
    assertEquals([residual, orthogonality], [0, 0]);
  }
});

leakChecked("qr() leaves the matrix as it is", () => {
  const a = dense(9, 7, 1), copy = a.data.slice();
  qr(a);
  assertEquals(a.data, copy);
});

leakChecked("qr() refuses what is not finite, and R beyond the largest f64", () => {
  for (const bad of [NaN, Infinity, -Infinity]) {
    assertThrows(() => qr(fromRows([[1, 2], [3, bad]])), RangeError, `entry (1, 1) is ${bad}`);
  }
  assertThrows(() => qr({ ...identity(2), data: new Float64Array(3) }), RangeError, "takes 4");
  const huge = matrix(8, 1, new Float64Array(8).fill(Number.MAX_VALUE));
  assertThrows(() => qr(huge), RangeError, "exceeds the largest f64");
});
