import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  frobeniusNorm,
  fromRows,
  identity,
  matmul,
  matrix,
  transpose,
} from "../../src/linalg/mod.ts";
import { inBothBuilds } from "../support/builds.ts";
import { leakChecked } from "../support/leaks.ts";
import { dense } from "./support.ts";

Deno.test("matrix() copies what it is given", () => {
  const data = Float64Array.of(1, 2);
  const a = matrix(1, 2, data);
  data[0] = 9;
  assertEquals([...a.data], [1, 2]);
  assertEquals(matrix(2, 3).data, new Float64Array(6));
});

Deno.test("matrix() refuses sizes that are none, and data of another length", () => {
  for (const size of [-1, 1.5, NaN, Infinity]) {
    assertThrows(() => matrix(size, 1), RangeError, "rows");
    assertThrows(() => matrix(1, size), RangeError, "columns");
  }
  assertThrows(() => matrix(2, 2, [1, 2, 3]), RangeError, "from 3 numbers: it takes 4");
});

Deno.test("fromRows() lays rows out in order and refuses ragged ones", () => {
  assertEquals(fromRows([[1, 2, 3], [4, 5, 6]]), matrix(2, 3, [1, 2, 3, 4, 5, 6]));
  assertEquals(fromRows([]), matrix(0, 0));
  assertThrows(() => fromRows([[1, 2], [3]]), RangeError, "row 1 has 1");
});

Deno.test("transpose() swaps rows and columns", () => {
  assertEquals(transpose(fromRows([[1, 2, 3], [4, 5, 6]])), fromRows([[1, 4], [2, 5], [3, 6]]));
  const a = dense(5, 8, 1);
  assertEquals(transpose(transpose(a)), a);
  assertEquals(transpose(matrix(0, 3)), matrix(3, 0));
});

inBothBuilds("matmul() multiplies in every form", () => {
  for (const [m, n, k] of [[1, 1, 1], [2, 3, 4], [7, 5, 9], [0, 3, 2], [3, 2, 0], [17, 33, 65]]) {
    const a = dense(m!, k!, 1), b = dense(k!, n!, 2);
    const expected = matrix(m!, n!);
    for (let i = 0; i < m!; i++) {
      for (let j = 0; j < n!; j++) {
        for (let l = 0; l < k!; l++) {
          expected.data[i * n! + j]! += a.data[i * k! + l]! * b.data[l * n! + j]!;
        }
      }
    }
    for (const c of [matmul(a, b), matmul(a, transpose(b), "NT"), matmul(transpose(a), b, "TN")]) {
      assertEquals([c.rows, c.columns], [m, n]);
      c.data.forEach((x, i) => assert(Math.abs(x - expected.data[i]!) <= 1e-14));
    }
  }
});

leakChecked("matmul() refuses inner sizes that differ", () => {
  assertThrows(() => matmul(matrix(2, 3), matrix(2, 3)), TypeError, "inner sizes 3 and 2 differ");
  assertThrows(() => matmul(matrix(2, 3), matrix(3, 2), "NT"), TypeError, "inner sizes 3 and 2");
  assertThrows(() => matmul(matrix(2, 3), matrix(3, 2), "TN"), TypeError, "inner sizes 2 and 3");
});

Deno.test("identity() is neutral in products", () => {
  const a = dense(6, 6, 3);
  assertEquals(matmul(a, identity(6)), a);
  assertEquals(identity(0), matrix(0, 0));
});

Deno.test("frobeniusNorm() neither overflows nor underflows", () => {
  assertEquals(frobeniusNorm(fromRows([[3, 4]])), 5);
  assertEquals(frobeniusNorm(matrix(2, 2)), 0);
  assertEquals(frobeniusNorm(matrix(0, 5)), 0);
  assertEquals(frobeniusNorm(fromRows([[3 * 2 ** 1020, 4 * 2 ** 1020]])), 5 * 2 ** 1020);
  assertEquals(frobeniusNorm(fromRows([[3 * 2 ** -1074, 4 * 2 ** -1074]])), 5 * 2 ** -1074);
  assert(Number.isNaN(frobeniusNorm(fromRows([[1, NaN]]))));
  assertEquals(frobeniusNorm(fromRows([[1, -Infinity]])), Infinity);
});
