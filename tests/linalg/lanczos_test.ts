import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import {
  eigh,
  type EighTop,
  eighTop,
  identity,
  matmul,
  type Matrix,
  matrix,
  qr,
  type SymmetricOperator,
  type Wanted,
} from "../../src/linalg/mod.ts";
import { inBothBuilds } from "../support/builds.ts";
import { type FixtureArray, readGoldenJson } from "../support/fixtures.ts";
import { leakChecked } from "../support/leaks.ts";
import { allowed, dense, deviation, scaled, symmetric, timesDiagonal } from "./support.ts";

interface EigenCase {
  readonly matrix: FixtureArray;
  readonly eigenvalues_ascending: FixtureArray;
}

const { decompose_small: _, ...cases } = readGoldenJson<Record<string, EigenCase>>("eigen.json");
const WANTED: readonly Wanted[] = ["magnitude", "largest", "smallest"];

/** The first k eigenvalues in the order that is asked for. */
function chosen(values: ArrayLike<number>, k: number, which: Wanted): number[] {
  const size =
    { magnitude: Math.abs, largest: (x: number) => x, smallest: (x: number) => -x }[which];
  return Array.from(values).sort((x, y) => size(y) - size(x)).slice(0, k);
}

/** Every property that holds whatever the matrix; values compared beside `norm` = ‖A‖₂. */
function assertFinds(
  found: EighTop,
  exact: ArrayLike<number>,
  k: number,
  which: Wanted,
  what: string,
): void {
  const n = exact.length, { values, vectors, residuals, orthogonality } = found;
  const norm = Math.max(...Array.from(exact, Math.abs)), bound = Math.max(1e-13, allowed(n));
  assertEquals([values.length, vectors.rows, vectors.columns, residuals.length], [k, n, k, k]);
  assert(found.converged, `${what}: not converged`);
  assert(residuals.every((x) => x <= bound), `${what}: residuals ${residuals}`);
  assert(orthogonality <= allowed(n), `${what}: orthogonality ${orthogonality}`);
  assert(deviation(vectors) <= k * allowed(n));
  // equal magnitudes of either sign may come in any order
  const order = which === "magnitude" ? Math.abs : (x: number) => x;
  chosen(exact, k, which).forEach((x, i) => {
    assertAlmostEquals(order(values[i]!), order(x), bound * norm, `${what}: value ${i}`);
  });
  for (let j = 0; j < k; j++) {
    const column = vectors.data.filter((_, i) => i % k === j);
    const largest = Math.max(...column.map(Math.abs));
    assert(column.find((x) => Math.abs(x) >= largest * (1 - 2 ** -32))! > 0, `sign of vector ${j}`);
  }
}

/** The function of a matrix, by plain loops. */
function asFunction({ rows: n, data }: Matrix): SymmetricOperator {
  const apply = (x: Float64Array): Float64Array =>
    Float64Array.from(
      { length: n },
      (_, i) => x.reduce((sum, v, j) => sum + v * data[i * n + j]!, 0),
    );
  return { size: n, apply };
}

/** diag(values) as a function, which spoils the vector it is given. */
function diagonal(values: readonly number[]): SymmetricOperator {
  return {
    size: values.length,
    apply: (x) => {
      const y = x.map((v, i) => v * values[i]!);
      x.fill(NaN);
      return y;
    },
  };
}

for (
  const [name, { matrix: { shape, data }, eigenvalues_ascending: exact }] of Object.entries(cases)
) {
  inBothBuilds(`eighTop() agrees with LAPACK on ${name}`, () => {
    const a = matrix(shape[0]!, shape[1]!, data);
    for (const which of WANTED) {
      for (const k of [1, 3, a.rows].filter((k) => k <= a.rows)) {
        assertFinds(eighTop(a, k, { which }), exact.data, k, which, `${which} ${k}`);
        assertFinds(eighTop(asFunction(a), k, { which }), exact.data, k, which, `${which} ${k}`);
      }
    }
  });
}

inBothBuilds("eighTop() agrees with eigh() on random matrices, restarts included", () => {
  for (const n of [2, 5, 21, 22, 60, 150]) {
    const a = symmetric(n, n), exact = eigh(a).values;
    for (const which of WANTED) {
      for (const k of [1, 2, 9].filter((k) => k <= n)) {
        const found = eighTop(a, k, { which, seed: n });
        assertFinds(found, exact, k, which, `size ${n}, ${which} ${k}`);
        assert(n < 100 || found.applications > k + 20, "never restarted");
      }
    }
  }
});

inBothBuilds("eighTop() finds repeated eigenvalues as often as they are there", () => {
  const n = 300;
  const spectra = [
    Array.from({ length: n }, (_, i) => i < 6 ? 7 : i / n),
    Array.from({ length: n }, (_, i) => i % 3),
    Array.from({ length: n }, (_, i) => i < 2 ? 5 : i < 5 ? -5 : 1 / (i + 1)),
    Array.from({ length: n }, (_, i) => i === 150 ? 1 : 0),
  ];
  for (const spectrum of spectra) {
    for (const k of [1, 5, 8]) {
      const found = eighTop(diagonal(spectrum), k);
      assertFinds(found, spectrum, k, "magnitude", `${spectrum.slice(0, 6)}`);
    }
  }
});

inBothBuilds("eighTop() resolves close pairs", () => {
  const n = 200, spectrum = Array.from({ length: n }, (_, i) => i / n);
  spectrum.push(2, 2 + 1e-9, 3, 3 + 1e-6);
  const { values, converged } = eighTop(diagonal(spectrum), 4, { which: "largest" });
  assert(converged);
  [3 + 1e-6, 3, 2 + 1e-9, 2].forEach((x, i) => assertAlmostEquals(values[i]!, x, 1e-12));
});

inBothBuilds("eighTop() takes zero, the identity and one direction alone", () => {
  const n = 100;
  for (const value of [0, 1, -3]) {
    const found = eighTop(diagonal(Array(n).fill(value)), 4);
    assertFinds(found, Array(n).fill(value), 4, "magnitude", `${value}·I`);
    assert(found.residuals.every((x) => x <= allowed(n)));
  }
  const direction = qr(dense(n, 1, 1)).q;
  const a = matmul(timesDiagonal(direction, [-4]), direction, "NT");
  const found = eighTop(a, 2);
  assertAlmostEquals(found.values[0]!, -4, 1e-13);
  assertAlmostEquals(found.values[1]!, 0, 1e-13);
  assertEquals(eighTop(matrix(n, n), 1).values[0], 0);
});

inBothBuilds("eighTop() scales with the matrix", () => {
  const a = symmetric(70, 3), plain = eighTop(a, 3);
  for (const power of [-1000, -500, 500, 1000]) {
    const found = eighTop(scaled(a, 2 ** power), 3);
    assertEquals(found.values, plain.values.map((x) => x * 2 ** power));
    assertEquals(found.vectors, plain.vectors);
    assertEquals(found.residuals, plain.residuals);
  }
  for (const factor of [1e-300, 1e-160, 1e160, 1e300]) {
    const exact = plain.values.map((x) => x * factor);
    const spread = asFunction(scaled(a, factor));
    const { values, converged } = eighTop(spread, 3);
    assert(converged);
    exact.forEach((x, i) => assertAlmostEquals(values[i]!, x, 1e-12 * Math.abs(x)));
  }
});

inBothBuilds("eighTop() gives the same bits for the same seed", () => {
  const a = symmetric(80, 4);
  const [first, again, other] = [1, 1, 2 ** 40].map((seed) => eighTop(a, 2, { seed }));
  assertEquals(first, again);
  assert(first!.vectors.data.some((x, i) => x !== other!.vectors.data[i]), "the seed is not used");
  assertAlmostEquals(first!.values[0]!, other!.values[0]!, 1e-12);
});

leakChecked("eighTop() says so when the applications do not suffice", () => {
  const spectrum = Array.from({ length: 2000 }, (_, i) => 1 + i * 1e-6);
  const found = eighTop(diagonal(spectrum), 2, { maximum: 30 });
  assertEquals(found.converged, false);
  assertEquals(found.applications, 32); // two of them measure
  assertEquals(found.values.length, 2);
  assert(found.residuals.every((x) => x > 1e-13 && x < 1e-3));
});

leakChecked("eighTop() shows in the residuals that a function is not symmetric", () => {
  const n = 50,
    shift: SymmetricOperator = {
      size: n,
      apply: (x) => x.map((_, i) => x[(i + 1) % n]!),
    };
  const { residuals, converged } = eighTop(shift, 2, { maximum: 200 });
  assert(!converged && residuals.some((x) => x > 1e-3));
});

leakChecked("eighTop() refuses what it cannot answer, and frees its memory", () => {
  assertThrows(() => eighTop(matrix(2, 3), 1), TypeError, "[2, 3]: the matrix must be square");
  for (const k of [-1, 1.5, NaN, 5]) {
    assertThrows(() => eighTop(identity(4), k), RangeError, "from 0 to 4");
  }
  const four = identity(4);
  assertThrows(() => eighTop(four, 1, { which: "best" as Wanted }), RangeError, '"best"');
  assertThrows(() => eighTop(four, 1, { seed: -1 }), RangeError, "seed is -1");
  assertThrows(() => eighTop(four, 1, { tolerance: 0 }), RangeError, "tolerance is 0");
  assertThrows(() => eighTop(four, 3, { maximum: 2 }), RangeError, "maximum is 2");
  four.data[1] = NaN;
  assertThrows(() => eighTop(four, 1), RangeError, "entry (0, 1) is NaN");
  four.data[1] = 1;
  assertThrows(() => eighTop(four, 1), RangeError, "not symmetric");
  const wrong = (apply: SymmetricOperator["apply"]): EighTop => eighTop({ size: 3, apply }, 1);
  assertThrows(() => wrong(() => [1, 2]), TypeError, "returned 2 entries, it must return 3");
  assertThrows(() => wrong(() => [1, Infinity, 2]), RangeError, "Infinity at entry 1");
  assertThrows(
    () =>
      wrong(() => {
        throw new SyntaxError("of the function");
      }),
    SyntaxError,
    "of the function",
  );
  assertThrows(() => eighTop({ size: -1, apply: (x) => x }, 0), RangeError, "whole number");
});

leakChecked("eighTop() takes nothing at all", () => {
  for (const n of [0, 3]) {
    const found = eighTop(identity(n), 0);
    assertEquals([found.values.length, found.vectors, found.converged], [0, matrix(n, 0), true]);
  }
});
