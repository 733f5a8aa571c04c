import { assert } from "@std/assert";
import * as reference from "../../src/kernels/reference/mod.ts";
import { inBothBuilds } from "../support/builds.ts";
import { invoke, unwritten } from "../support/canary.ts";
import { numbers } from "../support/numbers.ts";
import { PAIRS } from "../support/sizes.ts";
import { assertClose, assertSame } from "../support/tolerances.ts";

type Floats = Float32Array<ArrayBuffer>;

/** Rounding of a root mean square of up to 33 numbers, and of what is made of it. */
const RELATIVE = 1e-6;

const ROWS = PAIRS.filter(([, n]) => n > 0);

function rmsNorm(m: number, n: number, x: Floats, epsilon = 1e-8): { y: Floats; inverse: Floats } {
  const { after } = invoke("rmsNormForward", m, n, epsilon, x, unwritten(m * n), unwritten(m));
  assertSame(after[0]!, x, "input");
  return { y: after[1] as Floats, inverse: after[2] as Floats };
}

inBothBuilds("rmsNormForward() equals its twin, in place too", () => {
  for (const [m, n] of ROWS) {
    for (const size of [1e-3, 1, 1e3]) {
      const x = numbers(m + n).floats(m * n, -size, size), found = rmsNorm(m, n, x);
      const twin = reference.rmsNormForward(m, n, 1e-8, x), what = `${m}×${n} of ${size}`;
      assertClose(found.y, twin.y, (i) => RELATIVE * Math.abs(twin.y[i]!), what);
      assertClose(found.inverse, twin.inverse, (i) => RELATIVE * twin.inverse[i]!, what);
      const { after } = invoke("rmsNormForward", m, n, 1e-8, x, x, unwritten(m));
      assertSame(after[0]!, found.y, `${what}, in place`);
    }
  }
});

inBothBuilds("rmsNormForward() gives rows of mean square 1, and 0 for a row of zeros", () => {
  const n = 33, x = numbers(3).floats(4 * n, -50, 50).fill(0, 0, n), { y } = rmsNorm(4, n, x);
  assertSame(y.subarray(0, n), new Float32Array(n), "a row of zeros");
  for (let i = 1; i < 4; i++) {
    const row = y.slice(i * n, (i + 1) * n);
    assertClose([reference.dot(row, row) / n], [1], RELATIVE, `row ${i}`);
  }
  assert(rmsNorm(1, 3, Float32Array.of(1, NaN, 2)).y.every(Number.isNaN), "NaN fills its row");
});

inBothBuilds("rmsNormBackward() equals its twin, in place too", () => {
  for (const [m, n] of ROWS) {
    const { y, inverse } = rmsNorm(m, n, numbers(m).floats(m * n)), g = numbers(n).floats(m * n);
    const twin = reference.rmsNormBackward(m, n, y, inverse, g);
    const { after } = invoke("rmsNormBackward", m, n, y, inverse, g, unwritten(m * n));
    const size = (i: number): number => inverse[Math.floor(i / n)]!;
    assertClose(after[3]!, twin, (i) => 4 * RELATIVE * size(i), `${m}×${n}`);
    const same = invoke("rmsNormBackward", m, n, y, inverse, g, g).after[2]!;
    assertSame(same, after[3]!, `${m}×${n}, in place`);
  }
});

inBothBuilds("multiplyRow() equals its twin, in place too", () => {
  for (const [m, n] of PAIRS) {
    const x = numbers(m).floats(m * n), b = numbers(n).floats(n);
    const expected = reference.multiplyRow(m, n, x, b);
    const { after } = invoke("multiplyRow", m, n, x, b, unwritten(m * n));
    assertSame(after[2]!, expected, `${m}×${n}`);
    assertSame(invoke("multiplyRow", m, n, x, b, x).after[0]!, expected, `${m}×${n}, in place`);
  }
});

inBothBuilds("gatherRows() and scatterRows() equal their twins, with rows taken twice", () => {
  for (const [m, n] of PAIRS) {
    for (const count of [1, 2, 9]) {
      const table = numbers(m).floats(count * n), g = numbers(n).floats(m * n);
      const at = Int32Array.from(numbers(m + n).whole(m, 0, count - 1)),
        what = `${m}×${n} of ${count}`;
      const gathered = invoke("gatherRows", m, n, table, at, unwritten(m * n)).after;
      assertSame(gathered[2]!, reference.gatherRows(m, n, table, at), what);
      assertSame(gathered[0]!, table, `${what}: table`);
      const scattered = invoke("scatterRows", m, n, g, at, table).after;
      assertSame(scattered[2]!, reference.scatterRows(m, n, g, at, table), what);
      assertSame(scattered[0]!, g, `${what}: gradient`);
    }
  }
});
