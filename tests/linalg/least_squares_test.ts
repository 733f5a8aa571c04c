import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import {
  frobeniusNorm,
  fromRows,
  identity,
  leastSquares,
  matmul,
  type Matrix,
  matrix,
  qr,
  svd,
} from "../../src/linalg/mod.ts";
import { inBothBuilds } from "../support/builds.ts";
import { leakChecked } from "../support/leaks.ts";
import { allowed, dense, distance, scaled, SIZES, timesDiagonal } from "./support.ts";

function subtract(a: Matrix, b: Matrix): Matrix {
  return { ...a, data: a.data.map((x, i) => x - b.data[i]!) };
}

inBothBuilds("leastSquares() leaves a residual that A cannot reach, for any shape", () => {
  for (const n of SIZES.filter((n) => n < 100)) {
    for (const m of [n, n + 1, 2 * n + 3, Math.ceil(n / 2), 1]) {
      for (const p of [1, 3]) {
        const a = dense(m, n, 64 * n + m), b = dense(m, p, m);
        const found = leastSquares(a, b), { solution, singularValues } = found;
        const bound = allowed(Math.max(m, n));
        assertEquals([solution.rows, solution.columns], [n, p]);
        assertEquals(found.rank, Math.min(m, n));
        assertEquals(singularValues, svd(a).values);
        assert(found.optimality <= bound, `optimality ${found.optimality} of [${m}, ${n}]`);
        const rest = subtract(b, matmul(a, solution)), norm = singularValues[0]!;
        const gradient = frobeniusNorm(matmul(a, rest, "TN"));
        const size = norm * frobeniusNorm(solution) + frobeniusNorm(b);
        assert(gradient <= bound * norm * size, `gradient ${gradient} of [${m}, ${n}]`);
        for (let j = 0; j < p; j++) {
          const column = rest.data.filter((_, i) => i % p === j);
          assertAlmostEquals(found.residualNorms[j]!, Math.hypot(...column), bound * size);
        }
      }
    }
  }
});

inBothBuilds("leastSquares() finds the solution of least norm where A lacks rank", () => {
  for (
    const [m, n, rank] of [[7, 5, 2], [5, 7, 3], [40, 12, 11], [12, 40, 1], [9, 9, 4]] as const
  ) {
    const left = dense(m, rank, m), right = dense(n, rank, n + 1);
    const a = matmul(left, right, "NT"), b = dense(m, 2, 5);
    const found = leastSquares(a, b);
    assertEquals(found.rank, rank);
    // in the row space: nothing of X is lost when it is projected there
    const basis = qr(right).q, x = found.solution;
    const projected = matmul(basis, matmul(basis, x, "TN"));
    assert(distance(projected, x) <= 1e-11 * frobeniusNorm(x), "X leaves the row space");
    const reached = qr(left).q, rest = subtract(b, matmul(a, x));
    assert(frobeniusNorm(matmul(reached, rest, "TN")) <= 1e-12 * frobeniusNorm(b));
  }
});

inBothBuilds("leastSquares() recovers what data were made from", () => {
  const a = dense(60, 8, 1), exact = dense(8, 2, 2);
  const { solution, residualNorms } = leastSquares(a, matmul(a, exact));
  assert(distance(solution, exact) <= 1e-13 * frobeniusNorm(exact));
  assert(residualNorms.every((x) => x <= 1e-13));
});

inBothBuilds("leastSquares() treats singular values up to the tolerance as zero", () => {
  const n = 6, exact = Float64Array.of(1, 1e-1, 1e-3, 1e-6, 1e-9, 1e-12);
  const [u, v] = [qr(dense(n, n, 1)).q, qr(dense(n, n, 2)).q];
  const a = matmul(timesDiagonal(u, exact), v, "NT"), b = dense(n, 1, 3);
  for (const [tolerance, rank] of [[0, 6], [1e-10, 5], [1e-4, 3], [0.5, 1]] as const) {
    const found = leastSquares(a, b, { tolerance });
    assertEquals(found.rank, rank);
    const norm = frobeniusNorm(found.solution);
    assert(norm <= 1.01 * frobeniusNorm(b) / exact[rank - 1]!, `norm ${norm}`);
  }
});

inBothBuilds("leastSquares() does not depend on the units of A and B", () => {
  const a = dense(9, 4, 1), b = dense(9, 2, 2), plain = leastSquares(a, b);
  for (const [i, j] of [[300, -300], [-900, 0], [0, 900], [-400, 500], [1000, 1000]] as const) {
    const found = leastSquares(scaled(a, 2 ** i), scaled(b, 2 ** j));
    assertEquals(found.solution, scaled(plain.solution, 2 ** (j - i)));
    assertEquals(found.residualNorms, plain.residualNorms.map((x) => x * 2 ** j));
    assertEquals(found.singularValues, plain.singularValues.map((x) => x * 2 ** i));
    assertEquals([found.rank, found.optimality], [plain.rank, plain.optimality]);
  }
});

leakChecked("leastSquares() takes zeros and empty matrices", () => {
  const b = fromRows([[3], [4]]);
  const zero = leastSquares(matrix(2, 3), b);
  assertEquals([zero.solution, zero.rank, zero.optimality], [matrix(3, 1), 0, 0]);
  assertEquals([...zero.residualNorms], [5]);
  assertEquals([...leastSquares(matrix(2, 0), b).residualNorms], [5]);
  assertEquals(leastSquares(matrix(0, 2), matrix(0, 1)).solution, matrix(2, 1));
  assertEquals(leastSquares(identity(2), matrix(2, 0)).solution, matrix(2, 0));
  assertEquals(leastSquares(identity(2), matrix(2, 1)).residualNorms[0], 0);
});

leakChecked("leastSquares() refuses what it cannot solve", () => {
  assertThrows(() => leastSquares(matrix(2, 3), matrix(3, 1)), TypeError, "2 and 3 rows differ");
  for (const tolerance of [NaN, -1, 1, Infinity]) {
    assertThrows(
      () => leastSquares(identity(2), matrix(2, 1), { tolerance }),
      RangeError,
      `tolerance ${tolerance}`,
    );
  }
  const bad = identity(2);
  bad.data[1] = NaN;
  assertThrows(() => leastSquares(bad, matrix(2, 1)), RangeError, "entry (0, 1) is NaN");
  assertThrows(() => leastSquares(identity(2), bad), RangeError, "entry (0, 1) is NaN");
  assertThrows(
    () => leastSquares(scaled(identity(2), 1e-300), scaled(identity(2), 1e300)),
    RangeError,
    "exceeds the largest f64",
  );
});
