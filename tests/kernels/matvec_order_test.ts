import { assert, assertEquals } from "@std/assert";
import { inBothBuilds } from "../support/builds.ts";
import { invoke, unwritten } from "../support/canary.ts";
import { numbers } from "../support/numbers.ts";

// Sums are taken in a stated order, whatever the kernels unroll: stored results depend on it.

type Floats = Float32Array<ArrayBuffer>;
type Madd = (a: number, b: number, c: number) => number;

/** Inner sizes about every step of the loops: pairs of vectors, and eight vectors. */
const DEPTHS = [0, 1, 4, 7, 8, 9, 15, 16, 24, 31, 32, 33, 39, 40, 41, 56, 63, 64, 65, 71, 96, 784];

/** Numbers of 14 bits: f64 holds their products and sums exactly, and f32 must round both. */
function numbersOf(count: number, seed: number): Floats {
  return Float32Array.from(numbers(seed).whole(count, -9999, 9999));
}

const separate: Madd = (a, b, c) => Math.fround(Math.fround(a * b) + c);
const fused: Madd = (a, b, c) => Math.fround(a * b + c);
/** What multiply-add may be: the fast kernels fuse it where the engine does. */
const ALLOWED = { strict: [separate], fast: [fused, separate] } as const;

/** w·x: lanes of even and of odd vectors, those added, the lanes in pairs, the rest one by one. */
function inOrder(madd: Madd, w: Floats, x: Floats): number {
  const sums = new Float32Array(8), whole = x.length - x.length % 8;
  for (let i = 0; i < whole; i++) sums[i % 8] = madd(x[i]!, w[i]!, sums[i % 8]!);
  const lanes = sums.subarray(0, 4).map((even, i) => even + sums[4 + i]!);
  const add = (a: number, b: number) => Math.fround(a + b);
  let sum = add(add(lanes[0]!, lanes[1]!), add(lanes[2]!, lanes[3]!));
  for (let i = whole; i < x.length; i++) sum = separate(x[i]!, w[i]!, sum);
  return sum;
}

inBothBuilds("matvec_f32() adds even and odd vectors apart, in every row alike", (kernels) => {
  for (const k of DEPTHS) {
    for (const n of [1, 2, 3, 4, 5, 6, 7, 8, 9]) {
      const w = numbersOf(n * k, k + n), x = numbersOf(k, k);
      const y = invoke("matvec_f32", n, k, w, 4 * k, x, unwritten(n)).after.at(-1) as Floats;
      const expected = ALLOWED[kernels].map((madd) =>
        Float32Array.from(y, (_, j) => inOrder(madd, w.subarray(j * k, (j + 1) * k) as Floats, x))
      );
      assert(
        expected.some((sums) => sums.every((sum, j) => Object.is(sum, y[j]))),
        `${n}×${k}: ${y}, not ${expected.join(" or ")}`,
      );
    }
  }
});

inBothBuilds("vecmat_f32() adds down each column, wide or narrow", (kernels) => {
  for (const n of [1, 4, 7, 31, 32, 33, 36, 63, 64, 95, 100]) {
    for (const k of [0, 1, 2, 3, 16, 33]) {
      const b = numbersOf(k * n, k + n), x = numbersOf(k, k);
      const y = invoke("vecmat_f32", n, k, x, b, 4 * n, unwritten(n)).after.at(-1) as Floats;
      const expected = ALLOWED[kernels].map((madd) =>
        Float32Array.from(y, (_, j) => {
          // narrow ends are added number by number
          const step = n < 32 && j >= n - n % 4 ? separate : madd;
          return x.reduce((sum, value, q) => step(value, b[q * n + j]!, sum), 0);
        })
      );
      assert(
        expected.some((sums) => sums.every((sum, j) => Object.is(sum, y[j]))),
        `${k}×${n}: ${y}, not ${expected.join(" or ")}`,
      );
    }
  }
});

inBothBuilds("matvec_f32() gives a row the same bits wherever it stands", () => {
  const [n, k] = [11, 100], w = numbers(3).floats(n * k), x = numbers(4).floats(k);
  const all = invoke("matvec_f32", n, k, w, 4 * k, x, unwritten(n)).after[2] as Floats;
  for (let first = 0; first < n; first++) {
    const rest = w.slice(first * k), rows = n - first;
    const { after } = invoke("matvec_f32", rows, k, rest, 4 * k, x, unwritten(rows));
    assertEquals(after[2], all.slice(first), `from row ${first}`);
  }
});
