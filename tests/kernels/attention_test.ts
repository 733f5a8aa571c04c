import { assert } from "@std/assert";
import * as reference from "../../src/kernels/reference/mod.ts";
import { inBothBuilds } from "../support/builds.ts";
import { invoke, unwritten } from "../support/canary.ts";
import { numbers } from "../support/numbers.ts";
import { LENGTHS } from "../support/sizes.ts";
import { assertClose, assertSame, ERRORS } from "../support/tolerances.ts";

type Floats = Float32Array<ArrayBuffer>;

function causal(n: number, scale: number, scores: Floats): Floats {
  return invoke("causalSoftmax", n, scale, scores, unwritten(n * n)).after[1] as Floats;
}

inBothBuilds("causalSoftmax() equals its twin, in place too", () => {
  for (const n of LENGTHS) {
    for (const [scale, size] of [[1, 1], [0.25, 30], [0.125, 1e4]] as const) {
      const scores = numbers(n).floats(n * n, -size, size), p = causal(n, scale, scores);
      const twin = reference.causalSoftmax(n, scale, scores), what = `${n}, scores to ${size}`;
      assertClose(p, twin, size > 100 ? 1e-4 : 4 * ERRORS.softmax, what);
      assertSame(invoke("causalSoftmax", n, scale, scores, scores).after[0]!, p, "in place");
    }
  }
});

inBothBuilds("causalSoftmax() sees nothing of what comes later, not even NaN", () => {
  const n = 5, scores = numbers(1).floats(n * n), before = causal(n, 0.5, scores);
  for (let i = 0; i < n; i++) scores.fill(NaN, i * n + i + 1, (i + 1) * n);
  assertSame(causal(n, 0.5, scores), before, "patterns");
  scores[0] = NaN;
  const after = causal(n, 0.5, scores);
  assert(Number.isNaN(after[0]) && after.subarray(n).every((value) => !Number.isNaN(value)));
});

inBothBuilds("causalSoftmaxBackward() equals its twin, in place too", () => {
  for (const n of LENGTHS) {
    const p = causal(n, 0.5, numbers(n).floats(n * n, -3, 3)), g = numbers(n + 1).floats(n * n);
    const twin = reference.causalSoftmaxBackward(n, 0.5, p, g);
    const { after } = invoke("causalSoftmaxBackward", n, 0.5, p, g, unwritten(n * n));
    assertClose(after[2]!, twin, 1e-6, `length ${n}`);
    assertSame(invoke("causalSoftmaxBackward", n, 0.5, p, g, g).after[1]!, after[2]!, "in place");
  }
});

inBothBuilds("rotate() equals its twin on parts of wider rows, in place and apart", () => {
  for (
    const [rows, n, heads, half, rest] of [
      [0, 1, 1, 1, 0],
      [1, 1, 1, 1, 0],
      [6, 3, 2, 1, 0],
      [10, 5, 1, 3, 4],
      [8, 4, 3, 5, 30],
    ] as const
  ) {
    const width = heads * 2 * half + rest, angles = numbers(rows).doubles(n * half, -9, 9);
    const cos = Float32Array.from(angles, Math.cos), sin = Float32Array.from(angles, Math.sin);
    const x = numbers(n).floats(rows * width);
    for (const sign of [1, -1]) {
      const place = [rows, n, heads, half, sign, cos, sin] as const, row = 4 * width;
      const expected = rows ? reference.rotate(...place, x) : x, what = `${rows} rows of ${width}`;
      assertSame(invoke("rotate", ...place, x, row, x, row).after[2]!, expected, what);
      const { after } = invoke("rotate", ...place, x, row, x.slice(), row);
      assertSame(after[3]!, expected, `${what}, apart`);
      assertSame(after[2]!, x, `${what}: input`);
    }
  }
});
