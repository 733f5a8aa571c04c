import { assert, assertEquals, assertInstanceOf, assertThrows } from "@std/assert";
import {
  cholesky,
  eigh,
  frobeniusNorm,
  fromRows,
  identity,
  matmul,
  type Matrix,
  matrix,
  NotPositiveDefiniteError,
  solveSymmetric,
  solveTriangular,
  transpose,
} from "../../src/linalg/mod.ts";
import { inBothBuilds } from "../support/builds.ts";
import { leakChecked } from "../support/leaks.ts";
import { allowed, dense, distance, scaled, SIZES, symmetric } from "./support.ts";

/** A symmetric positive definite matrix [n, n]. */
function definite(n: number, seed: number): Matrix {
  const root = dense(n, n, seed), a = matmul(root, root, "NT");
  for (let i = 0; i < n; i++) a.data[i * n + i]! += 1;
  return a;
}

function assertFactorises(a: Matrix): void {
  const { l, residual } = cholesky(a), n = a.rows;
  assert(residual <= allowed(n), `residual ${residual} of size ${n}`);
  for (let i = 0; i < n; i++) {
    assert(l.data[i * n + i]! > 0, `pivot ${i}`);
    assert(l.data.subarray(i * n + i + 1, (i + 1) * n).every((x) => x === 0), "above the diagonal");
    for (let j = 0; j <= i; j++) {
      let rest = a.data[i * n + j]!;
      for (let p = 0; p <= j; p++) rest -= l.data[i * n + p]! * l.data[j * n + p]!;
      const scale = Math.sqrt(a.data[i * n + i]!) * Math.sqrt(a.data[j * n + j]!);
      assert(Math.abs(rest) <= allowed(n) * scale, `entry (${i}, ${j}) of size ${n}`);
    }
  }
}

inBothBuilds("cholesky() factorises matrices of every size", () => {
  for (const n of [...SIZES, 47, 48, 49, 96, 97]) assertFactorises(definite(n, n));
});

inBothBuilds("cholesky() is exact entry by entry, however rows are scaled", () => {
  const n = 20, plain = definite(n, 3);
  for (const span of [100, 250]) {
    const a = matrix(n, n), weight = (i: number): number => 2 ** Math.round(span * (i / n - 0.5));
    a.data.forEach((_, q) =>
      a.data[q] = plain.data[q]! * weight(Math.floor(q / n)) * weight(q % n)
    );
    assertFactorises(a);
    const exact = cholesky(plain).l, { l } = cholesky(a);
    l.data.forEach((x, q) => {
      const wanted = exact.data[q]! * weight(Math.floor(q / n));
      assert(Math.abs(x - wanted) <= 1e-12 * Math.abs(wanted) + 1e-12 * weight(Math.floor(q / n)));
    });
  }
  for (const factor of [1e-300, 1e-160, 1e160, 1e300]) assertFactorises(scaled(plain, factor));
});

inBothBuilds("cholesky() accepts and refuses as the eigenvalues say", () => {
  for (let seed = 0; seed < 30; seed++) {
    const n = 2 + seed, a = symmetric(n, seed), smallest = eigh(a).values[0]!;
    for (const shift of [0.9, 1.1]) {
      const moved = matrix(n, n, a.data);
      for (let i = 0; i < n; i++) moved.data[i * n + i]! -= shift * smallest;
      if (shift > 1) assertFactorises(moved);
      else assertThrows(() => cholesky(moved), NotPositiveDefiniteError, "not positive definite");
    }
  }
});

leakChecked("cholesky() names the pivot that is not positive", () => {
  for (const n of [3, 60, 130]) {
    for (const pivot of [0, 1, n >> 1, n - 1]) {
      const a = definite(n, n), { l } = cholesky(a);
      // takes the pivot of the factorisation down to −1
      a.data[pivot * n + pivot]! -= l.data[pivot * n + pivot]! ** 2 + 1;
      const error = assertThrows(
        () => cholesky(a),
        NotPositiveDefiniteError,
        `pivot ${pivot} is -`,
      );
      assertEquals([error.pivot, error.name], [pivot, "NotPositiveDefiniteError"]);
      assertInstanceOf(error, RangeError);
    }
  }
  assertThrows(() => cholesky(matrix(2, 2)), NotPositiveDefiniteError, "pivot 0 is 0");
  assertThrows(
    () => cholesky(fromRows([[1, 1], [1, 1]])),
    NotPositiveDefiniteError,
    "pivot 1 is 0",
  );
  const tricky = fromRows([[1e-300, 1], [1, 1e-300]]);
  assertThrows(() => cholesky(tricky), NotPositiveDefiniteError, "pivot 1");
  const wild = fromRows([[1e-300, 1e300], [1e300, 1e-300]]);
  assertThrows(() => cholesky(wild), NotPositiveDefiniteError, "pivot 1");
});

leakChecked("cholesky() takes the empty matrix and single entries", () => {
  assertEquals(cholesky(matrix(0, 0)), { l: matrix(0, 0), residual: 0 });
  for (const x of [5e-324, 1, Number.MAX_VALUE]) {
    const { l, residual } = cholesky(fromRows([[x]]));
    assertEquals(l.data[0], Math.sqrt(x));
    assert(residual <= 2 * Number.EPSILON);
  }
  assertEquals(cholesky(identity(5)), { l: identity(5), residual: 0 });
});

leakChecked("cholesky() refuses what is not square, not finite or not symmetric", () => {
  assertThrows(() => cholesky(matrix(2, 3, [1, 0, 0, 0, 1, 0])), TypeError, "must be square");
  assertThrows(() => cholesky(matrix(3, 2, [1, 0, 0, 1, 0, 0])), TypeError, "must be square");
  const bad = identity(4);
  bad.data[6] = NaN;
  assertThrows(() => cholesky(bad), RangeError, "entry (1, 2) is NaN");
  const crooked = identity(20);
  crooked.data[17 * 20 + 3] = 1e-10;
  assertThrows(
    () => cholesky(crooked),
    RangeError,
    "entry (17, 3) is 1e-10 and entry (3, 17) is 0",
  );
});

inBothBuilds("solveTriangular() solves with every triangle, and reads no other entry", () => {
  for (const n of SIZES) {
    for (const p of [1, 3, 17]) {
      const t = dense(n, n, n), b = dense(n, p, p);
      for (let i = 0; i < n; i++) t.data[i * n + i]! += Math.sign(t.data[i * n + i]!) * n;
      for (const form of ["L", "U", "LT", "UT"] as const) {
        const triangle = matrix(n, n, t.data), poisoned = matrix(n, n, t.data);
        for (let i = 0; i < n; i++) {
          for (let j = 0; j < n; j++) {
            if (form[0] === "L" ? j <= i : j >= i) continue;
            triangle.data[i * n + j] = 0;
            poisoned.data[i * n + j] = 1e6;
          }
        }
        const { solution, residual } = solveTriangular(poisoned, b, form);
        const image = matmul(form.length > 1 ? transpose(triangle) : triangle, solution);
        assert(residual <= allowed(n), `residual ${residual}`);
        const size = frobeniusNorm(triangle) * frobeniusNorm(solution) + frobeniusNorm(b);
        assert(distance(image, b) <= allowed(n) * size, `${form}, size ${n}`);
      }
    }
  }
});

inBothBuilds("solveSymmetric() solves by the Cholesky factor", () => {
  for (const n of [1, 2, 7, 33, 100]) {
    const a = definite(n, n), exact = dense(n, 3, n);
    for (const [f, g] of [[1, 1], [1e-160, 1e140], [1e150, 1e-140]] as const) {
      const b = scaled(matmul(a, exact), g);
      const { solution, residual } = solveSymmetric(scaled(a, f), b);
      assert(residual <= allowed(n), `residual ${residual}`);
      // f·A·x = g·A·exact, and the condition of A is below 10⁴
      const found = scaled(scaled(solution, f), 1 / g);
      assert(distance(found, exact) <= 1e4 * allowed(n) * frobeniusNorm(exact));
    }
  }
});

leakChecked("solveTriangular() and solveSymmetric() refuse what has no solution", () => {
  assertThrows(() => solveTriangular(matrix(2, 3), matrix(2, 1)), TypeError, "must be square");
  assertThrows(() => solveTriangular(identity(2), matrix(3, 1)), TypeError, "2 and 3 rows differ");
  assertThrows(() => solveTriangular(matrix(2, 2), matrix(2, 1)), RangeError, "entry (0, 0) is 0");
  assertThrows(
    () => solveTriangular(fromRows([[NaN]]), matrix(1, 1)),
    RangeError,
    "entry (0, 0) is NaN",
  );
  assertThrows(
    () => solveTriangular(fromRows([[1]]), fromRows([[Infinity]])),
    RangeError,
    "is Infinity",
  );
  assertThrows(
    () => solveTriangular(fromRows([[1e-300]]), fromRows([[1e300]])),
    RangeError,
    "exceeds the largest f64",
  );
  assertThrows(
    () => solveSymmetric(scaled(identity(2), -1), matrix(2, 1)),
    NotPositiveDefiniteError,
  );
  assertEquals(solveTriangular(matrix(0, 0), matrix(0, 2)).solution, matrix(0, 2));
  assertEquals(solveTriangular(identity(3), matrix(3, 0)).solution, matrix(3, 0));
  assertEquals(solveSymmetric(identity(3), matrix(3, 2)), { solution: matrix(3, 2), residual: 0 });
});
