import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { eigen, eigenspaces, projectorDistance } from "../../src/decompose/mod.ts";
import { fromRows, matmul, type Matrix, matrix, qr } from "../../src/linalg/mod.ts";
import { numbers } from "../support/numbers.ts";
import { modularAddition } from "./odt_networks.ts";

function rotated(rows: Matrix, seed: number): Matrix {
  const turn = matrix(rows.rows, rows.rows, numbers(seed).doubles(rows.rows ** 2));
  return matmul(turn, rows);
}

Deno.test("eigenspaces() finds the degenerate planes of modular addition", () => {
  for (const p of [5, 7, 13, 30]) {
    const net = modularAddition(p);
    for (const o of [0, 1, p - 1]) {
      const decomposed = eigen(net.output(o)), groups = eigenspaces(decomposed);
      assertEquals(groups.map(({ indices }) => indices.length), [2, 2]);
      assertAlmostEquals(groups[0]!.value, p / 4, 1e-12 * p);
      assertAlmostEquals(groups[1]!.value, -p / 4, 1e-12 * p);
      // the planes are the same however the vectors in them were turned
      for (const { vectors } of groups) {
        const { distance, spectral } = projectorDistance(vectors, rotated(vectors, o));
        assert(distance < 1e-13 && spectral < 1e-13);
      }
      assertAlmostEquals(
        projectorDistance(groups[0]!.vectors, groups[1]!.vectors).spectral,
        1,
        1e-13,
      );
    }
  }
});

Deno.test("eigenspaces() keeps apart what differs by more than the tolerance", () => {
  const vectors = matrix(4, 4, Array.from({ length: 16 }, (_, i) => i % 5 === 0 ? 1 : 0));
  const values = [1, -1, 1 - 1e-4, 0.5];
  const sizes = (tolerance: number): number[] =>
    eigenspaces({ values, vectors }, { tolerance }).map(({ indices }) => indices.length);
  assertEquals(sizes(1e-5), [1, 1, 1, 1]);
  assertEquals(sizes(1e-3), [2, 1, 1]);
  assertEquals(sizes(2), [4]);
  assertThrows(() => eigenspaces({ values, vectors }, { tolerance: -1 }), RangeError, "≥ 0");
});

Deno.test("projectorDistance() finds the angles that spaces were made with", () => {
  const draw = numbers(3);
  for (
    const angles of [[0, 0], [1e-9, 0.3], [1e-12, 1e-5, 1.2], [Math.PI / 2], [0.7, Math.PI / 4]]
  ) {
    const n = 2 * angles.length + 2, k = angles.length;
    const { q } = qr(matrix(n, n, draw.doubles(n * n)));
    const a = matrix(k, n), b = matrix(k, n);
    angles.forEach((angle, r) => {
      for (let i = 0; i < n; i++) {
        const [x, y] = [q.data[i * n + 2 * r]!, q.data[i * n + 2 * r + 1]!];
        a.data[r * n + i] = x;
        b.data[r * n + i] = Math.cos(angle) * x + Math.sin(angle) * y;
      }
    });
    const found = projectorDistance(rotated(a, 1), rotated(b, 2));
    const sorted = [...angles].sort((x, y) => x - y);
    sorted.forEach((angle, i) => assertAlmostEquals(found.angles[i]!, angle, 2e-14, `${angles}`));
    const squares = angles.reduce((sum, angle) => sum + Math.sin(angle) ** 2, 0);
    assertAlmostEquals(found.distance, Math.sqrt(2 * squares), 1e-13);
    assertAlmostEquals(found.spectral, Math.sin(sorted.at(-1)!), 1e-13);
    const back = projectorDistance(b, a);
    assertAlmostEquals(back.distance, found.distance, 1e-13);
  }
});

Deno.test("projectorDistance() of spaces of different dimensions", () => {
  const plane = fromRows([[1, 0, 0], [0, 1, 0]]), line = fromRows([[3, 4, 0]]);
  for (const found of [projectorDistance(plane, line), projectorDistance(line, plane)]) {
    assertEquals(found.angles.length, 1);
    assertAlmostEquals(found.angles[0]!, 0, 1e-15);
    assertAlmostEquals(found.distance, 1, 1e-15);
    assertEquals(found.spectral, 1);
  }
  assertThrows(() => projectorDistance(plane, fromRows([[1, 2]])), TypeError, "same length");
  assertThrows(() => projectorDistance(plane, matrix(0, 3)), TypeError, "at least one row");
  const twice = fromRows([[1, 2, 3], [2, 4, 6]]);
  assertThrows(() => projectorDistance(plane, twice), RangeError, "linearly dependent");
  assertThrows(() => projectorDistance(plane, matrix(1, 3)), RangeError, "linearly dependent");
  assertThrows(() => projectorDistance(plane, fromRows([[1, NaN, 0]])), RangeError, "finite");
});
