import { assertEquals } from "@std/assert";
import * as reference from "../../src/kernels/reference/mod.ts";
import { inBothBuilds } from "../support/builds.ts";
import { invoke, unwritten } from "../support/canary.ts";
import { numbers } from "../support/numbers.ts";
import { LENGTHS, PAIRS } from "../support/sizes.ts";
import { assertClose, assertSame, sumTolerance } from "../support/tolerances.ts";

/** Whole numbers, whose sums are exact in any order. */
function whole(count: number, seed: number): Float32Array<ArrayBuffer> {
  return Float32Array.from(numbers(seed).whole(count, -99, 99));
}

const SIZES = [...LENGTHS, 64, 1000, 1023];

inBothBuilds("sum() and dot() are exact on whole numbers", () => {
  for (const n of SIZES) {
    const x = whole(n, n), y = whole(n, n + 1);
    assertSame([invoke("sum", n, x).value], [reference.sum(x)], `sum of ${n}`);
    assertSame([invoke("dot", n, x, y).value], [reference.dot(x, y)], `dot of ${n}`);
  }
});

inBothBuilds("sum() and dot() round no worse than their tolerance", () => {
  for (const n of [...SIZES, 4096, 100_000]) {
    const x = numbers(n).floats(n), y = numbers(n + 1).floats(n);
    const size = reference.sum(x.map(Math.abs));
    const both = reference.dot(x.map(Math.abs), y.map(Math.abs));
    const [sum, dot] = [invoke("sum", n, x).value, invoke("dot", n, x, y).value];
    assertClose([sum], [reference.sum(x)], sumTolerance("f32", n, size), `sum of ${n}`);
    assertClose([dot], [reference.dot(x, y)], sumTolerance("f32", n, both), `dot of ${n}`);
  }
});

inBothBuilds("sum() and dot() let NaN and infinities through from every place", () => {
  for (const n of [1, 4, 17, 33]) {
    for (let i = 0; i < n; i++) {
      for (const value of [NaN, Infinity]) {
        const x = new Float32Array(n).fill(1), ones = x.slice();
        x[i] = value;
        const found = [invoke("sum", n, x).value, invoke("dot", n, x, ones).value];
        assertSame(found, [value, value], `${value} in place ${i} of ${n}`);
      }
    }
  }
});

inBothBuilds("sumRows() equals its twin, and adds when asked", () => {
  for (const [m, n] of [...PAIRS, [200, 37]] as const) {
    const x = whole(m * n, m), start = whole(n, n);
    const fresh = invoke("sumRows", m, n, x, unwritten(n), 0).after[1]!;
    assertSame(fresh, reference.sumRows(m, n, x).map((v) => v + 0), `${m}×${n}`);
    const added = invoke("sumRows", m, n, x, start, 1).after[1]!;
    assertClose(added, reference.sumRows(m, n, x, start), 0, `${m}×${n}, added`);
  }
});

inBothBuilds("argmaxRows() equals its twin", () => {
  for (const [m, n] of PAIRS) {
    // few values, so that most rows have ties
    for (const x of [numbers(m + n).floats(m * n), whole(m * n, m).map((v) => v % 3)]) {
      const { after } = invoke("argmaxRows", m, n, x, new Int32Array(m).fill(-7));
      assertSame(after[1]!, reference.argmaxRows(m, n, x), `${m}×${n}`);
    }
  }
});

inBothBuilds("argmaxRows() takes the first of equals, and −1 for a row with a NaN", () => {
  const rows = [
    { row: [1, 2, 2], best: 1 },
    { row: [NaN, 1, 2], best: -1 },
    { row: [3, 1, NaN], best: -1 },
    { row: [-Infinity, -Infinity, -Infinity], best: 0 },
    { row: [-Infinity, NaN, Infinity], best: -1 },
    { row: [0, -0, 0], best: 0 },
    { row: [-0, 0, 0], best: 0 },
    { row: [1, Infinity, Infinity], best: 1 },
    { row: [-3, -2, -1], best: 2 },
  ];
  const x = Float32Array.from(rows.flatMap(({ row }) => row));
  const { after } = invoke("argmaxRows", rows.length, 3, x, new Int32Array(rows.length));
  assertSame(after[1]!, rows.map(({ best }) => best), "rows");
  assertSame(reference.argmaxRows(rows.length, 3, x), rows.map(({ best }) => best), "twin");
});

inBothBuilds("firstNotFinite() equals its twin, wherever the first of them is", () => {
  for (const length of LENGTHS) {
    const x = numbers(length).floats(length, -3e38, 3e38);
    const found = (): number => invoke("firstNotFinite", length, x).value;
    assertEquals(found(), length);
    for (let at = length - 1; at >= 0; at--) {
      x[at] = [NaN, Infinity, -Infinity][at % 3]!;
      assertEquals(found(), reference.firstNotFinite(x), `${at} of ${length}`);
    }
  }
});
