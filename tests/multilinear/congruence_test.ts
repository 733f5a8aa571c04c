import { assert, assertEquals, assertThrows } from "@std/assert";
import { matrix } from "../../src/linalg/mod.ts";
import { cpCongruence, type CpTensor, kruskal } from "../../src/multilinear/mod.ts";
import { assign } from "../../src/multilinear/assignment.ts";
import { type Numbers, numbers } from "../support/numbers.ts";
import { randomMatrix } from "./support.ts";

function randomCp(shape: readonly number[], rank: number, source: Numbers): CpTensor {
  return {
    weights: source.doubles(rank, 0.5, 2),
    factors: shape.map((size) => randomMatrix(size, rank, source)),
  };
}

/** All orders of the numbers below n. */
function orders(n: number): number[][] {
  if (n === 0) return [[]];
  return orders(n - 1).flatMap((order) =>
    Array.from({ length: n }, (_, at) => order.toSpliced(at, 0, n - 1))
  );
}

Deno.test("assign() finds the largest sum of all orders", () => {
  for (let seed = 1; seed <= 60; seed++) {
    const source = numbers(seed), [rows, columns] = source.whole(2, 1, 5) as [number, number];
    const scores = seed % 3 === 0
      ? Float64Array.from(source.whole(rows * columns, 0, 2))
      : source.doubles(rows * columns);
    const n = Math.max(rows, columns);
    const value = (order: ArrayLike<number>): number => {
      let sum = 0;
      for (let i = 0; i < rows; i++) {
        if (order[i]! >= 0 && order[i]! < columns) sum += scores[i * columns + order[i]!]!;
      }
      return sum;
    };
    const found = assign(scores, rows, columns);
    const taken = [...found].filter((column) => column >= 0);
    assertEquals(new Set(taken).size, Math.min(rows, columns));
    const best = Math.max(...orders(n).map(value));
    assert(Math.abs(value(found) - best) <= 1e-12, `seed ${seed}: ${value(found)} < ${best}`);
  }
});

Deno.test("cpCongruence() is blind to order, scale and signs that cancel", () => {
  for (const shape of [[4, 5, 6], [3, 3, 4, 5]]) {
    const a = randomCp(shape, 4, numbers(61)), order = [2, 0, 3, 1], scales = [-2, 3, -0.5, 7];
    const b: CpTensor = {
      weights: Float64Array.from(order, (r) => 3 * a.weights[r]!),
      factors: a.factors.map(({ rows, columns, data }, mode) => {
        const scale = (c: number): number =>
          mode === 0 ? scales[c]! : mode === 1 ? 1 / scales[c]! : 1;
        const moved = data.map((_, i) => {
          const column = i % columns;
          return data[i - column + order[column]!]! * scale(column);
        });
        return { rows, columns, data: moved };
      }),
    };
    const { score, matches, values } = cpCongruence(a, b);
    assert(score >= 1 - 1e-14 && values.every((value) => value >= 1 - 1e-14));
    assertEquals([...matches], order.map((_, r) => order.indexOf(r)));
    // one sign alone is another component
    const minus = { ...b, weights: b.weights.map((weight) => -weight) };
    assert(cpCongruence(a, minus).score < 0.9);
  }
});

Deno.test("cpCongruence() leaves components over when numbers differ, and refuses other shapes", () => {
  const a = randomCp([4, 5, 6], 3, numbers(62));
  const fewer: CpTensor = {
    weights: a.weights.slice(0, 2),
    factors: a.factors.map(({ rows, data }) => matrix(rows, 2, data.filter((_, i) => i % 3 < 2))),
  };
  const { score, matches, values } = cpCongruence(a, fewer);
  assert(Math.abs(score - 2 / 3) <= 1e-14);
  assertEquals([...matches], [0, 1, -1]);
  assertEquals(values[2], 0);
  assertThrows(() => cpCongruence(a, randomCp([4, 5], 3, numbers(1))), TypeError, "shapes differ");
});

Deno.test("kruskal() proves uniqueness where its condition holds", () => {
  const generic = kruskal(randomCp([4, 4, 4], 5, numbers(63)));
  assertEquals(generic.ranks, [4, 4, 4]);
  assertEquals([generic.sum, generic.needed, generic.verdict], [12, 12, "unique"]);
  assertEquals(kruskal(randomCp([4, 4, 4], 6, numbers(64))).verdict, "unknown");
  const four = kruskal(randomCp([2, 3, 3, 3], 4, numbers(65)));
  assertEquals([four.ranks, four.needed, four.verdict], [[2, 3, 3, 3], 11, "unique"]);
});

Deno.test("kruskal() sees columns that depend on each other", () => {
  const cp = randomCp([5, 5, 5], 4, numbers(66));
  const changed = (column: (data: Float64Array, i: number) => number): CpTensor => ({
    weights: cp.weights,
    factors: cp.factors.with(0, {
      ...cp.factors[0]!,
      data: cp.factors[0]!.data.map((value, i, data) => i % 4 === 3 ? column(data, i) : value),
    }),
  });
  const parallel = changed((data, i) => -3 * data[i - 3]!);
  assertEquals(kruskal(parallel).ranks, [1, 4, 4]);
  assertEquals(kruskal(parallel).verdict, "unknown");
  const between = changed((data, i) => data[i - 3]! + data[i - 1]!);
  assertEquals(kruskal(between).ranks, [2, 4, 4]);
  assertEquals(kruskal(between).verdict, "unique");
  assertEquals(kruskal(changed(() => 0)).ranks, [0, 4, 4]);
  const without = { ...cp, weights: cp.weights.with(1, 0) };
  assertEquals(kruskal(without).verdict, "unknown");
  assertThrows(() => kruskal(cp, { tolerance: 0 }), RangeError, "tolerance 0");
});

Deno.test("kruskal() says where a k-rank is only a bound", () => {
  const { ranks, exact } = kruskal(randomCp([12, 30, 30], 24, numbers(67)));
  assertEquals(exact, [false, true, true]);
  assert(ranks[0]! >= 2 && ranks[0]! < 12);
});
