import { assert } from "@std/assert";
import { product } from "../../src/kernels/mod.ts";
import * as reference from "../../src/kernels/reference/mod.ts";
import { inBothBuilds } from "../support/builds.ts";
import { invoke, unwritten, withCanaries } from "../support/canary.ts";
import { floats } from "../../src/kernels/mod.ts";
import { numbers } from "../support/numbers.ts";
import { LENGTHS } from "../support/sizes.ts";
import { assertClose, assertSame, sumTolerance } from "../support/tolerances.ts";

/** Whole numbers, whose sums are exact in any order. */
function whole(count: number, seed: number): Float32Array<ArrayBuffer> {
  return Float32Array.from(numbers(seed).whole(count, -99, 99));
}

inBothBuilds("matvec_f32() is exact on whole numbers, with gaps between the rows", () => {
  for (const n of [...LENGTHS, 2, 6]) {
    for (const k of [...LENGTHS, 31, 32, 40, 63, 64, 65, 200]) {
      const row = k + n % 3, w = whole(n * row, n + k), x = whole(k, k);
      for (let i = 0; i < n; i++) w.fill(NaN, i * row + k, (i + 1) * row);
      const { after } = invoke("matvec_f32", n, k, w, 4 * row, x, unwritten(n));
      assertSame(after[2]!, reference.matvec_f32(n, k, w, row, x).map((v) => v + 0), `${n}×${k}`);
    }
  }
});

inBothBuilds("vecmat_f32() is exact on whole numbers, with gaps between the rows", () => {
  for (const n of [...LENGTHS, 31, 32, 36, 64, 100]) {
    for (const k of LENGTHS) {
      const row = n + k % 3, b = whole(k * row, n + k), x = whole(k, k);
      for (let i = 0; i < k; i++) b.fill(NaN, i * row + n, (i + 1) * row);
      const { after } = invoke("vecmat_f32", n, k, x, b, 4 * row, unwritten(n));
      assertSame(after[2]!, reference.vecmat_f32(n, k, x, b, row).map((v) => v + 0), `${k}×${n}`);
    }
  }
});

inBothBuilds("matvec_f32() rounds no worse than its tolerance", () => {
  const [n, k] = [37, 784], w = numbers(1).floats(n * k), x = numbers(2).floats(k);
  const { after } = invoke("matvec_f32", n, k, w, 4 * k, x, unwritten(n));
  const size = reference.matvec_f32(n, k, w.map(Math.abs), k, x.map(Math.abs));
  const allowed = (i: number) => sumTolerance("f32", k, size[i]!);
  assertClose(after[2]!, reference.matvec_f32(n, k, w, k, x), allowed, "products");
});

inBothBuilds("product() of few rows gives what it gives for many", () => {
  const [n, k] = [33, 100], b = whole(n * k, 3);
  for (const [m, form] of [1, 2, 6, 7, 8].flatMap((m) => [[m, "NT"], [m, "NN"]] as const)) {
    const a = whole(m * k, m);
    withCanaries([4 * m * k, 4 * n * k, 4 * m * n], (...[at, bt, ct]) => {
      floats(at!, m * k).set(a);
      floats(bt!, n * k).set(b);
      product({ type: "f32", form, m, n, k, a: at!, b: bt!, c: ct! });
      const expected = reference.matmul(
        ...[m, n, k] as const,
        { values: a, row: k },
        form === "NT" ? { values: b, row: k, transposed: true } : { values: b, row: n },
      );
      assert(floats(ct!, m * n).every((value, i) => value === expected[i]), `${form}, ${m} rows`);
    });
  }
});
