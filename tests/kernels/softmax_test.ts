import { assert } from "@std/assert";
import * as reference from "../../src/kernels/reference/mod.ts";
import { inBothBuilds } from "../support/builds.ts";
import { invoke, unwritten } from "../support/canary.ts";
import { numbers } from "../support/numbers.ts";
import { PAIRS } from "../support/sizes.ts";
import { assertClose, assertSame, ERRORS } from "../support/tolerances.ts";

type Floats = Float32Array<ArrayBuffer>;

/** Rows with at least one logit, at three scales of logits. */
const CASES = PAIRS.filter(([, n]) => n > 0).flatMap(([m, n]) =>
  [1, 10, 1e4].map((scale) => ({ m, n, x: numbers(m + n).floats(m * n, -scale, scale) }))
);

function softmax(m: number, n: number, x: Floats): Floats {
  return invoke("softmaxRows", m, n, x, unwritten(m * n)).after[1] as Floats;
}

inBothBuilds("softmaxRows() equals its twin, in place too", () => {
  for (const { m, n, x } of CASES) {
    const p = softmax(m, n, x);
    assertClose(p, reference.softmaxRows(m, n, x), ERRORS.softmax, `${m}×${n}`);
    assertSame(invoke("softmaxRows", m, n, x, x).after[0]!, p, `${m}×${n}, in place`);
  }
});

inBothBuilds(
  "softmaxRows() gives rows that sum to 1 and do not change when all logits shift",
  () => {
    const [m, n] = [17, 33];
    const x = Float32Array.from(numbers(1).whole(m * n, -20, 20));
    const p = softmax(m, n, x);
    const sums = Float32Array.from(
      { length: m },
      (_, i) => reference.sum(p.slice(i * n, (i + 1) * n)),
    );
    assertClose(sums, new Float32Array(m).fill(1), ERRORS.softmax, "sums");
    assertSame(
      softmax(
        m,
        n,
        x.map((value) => value + 1024),
      ),
      p,
      "shifted",
    );
  },
);

inBothBuilds("softmaxRows() handles logits that exp could not", () => {
  const x = Float32Array.of(1e4, 0, -1e4, -1e4, -1e4, -1e4, -Infinity, 3, 3, 3.4e38, -3.4e38, 0);
  assertSame(
    softmax(4, 3, x),
    Float32Array.of(1, 0, 0, 1 / 3, 1 / 3, 1 / 3, 0, 0.5, 0.5, 1, 0, 0),
    "rows",
  );
  const bad = Float32Array.of(NaN, 1, 2, -Infinity, -Infinity, -Infinity, Infinity, 0, 0);
  const p = softmax(3, 3, bad);
  assert(p.subarray(0, 7).every(Number.isNaN), "no softmax of NaN or of infinite logits");
});

/** No smoothing, some, and all. */
const SMOOTHINGS = [0, 0.1, 1] as const;

inBothBuilds("crossEntropyForward() equals its twin", () => {
  for (const { m, n, x } of CASES) {
    const labels = Int32Array.from(numbers(n).whole(m, 0, n - 1));
    for (const smoothing of SMOOTHINGS) {
      const twin = reference.crossEntropyForward(m, n, x, labels, smoothing);
      const { after } = invoke(
        "crossEntropyForward",
        ...[m, n, x, labels, smoothing, unwritten(m * n), unwritten(m)],
      );
      // a smoothed loss is a sum over the row, of numbers as large as the logits
      const terms = smoothing === 0 ? 1 : 4;
      const allowed = (i: number) => terms * ERRORS.crossEntropy * Math.max(1, twin.losses[i]!);
      assertClose(after[3]!, twin.losses, allowed, `${m}×${n}, ${smoothing}: losses`);
      assertSame(after[2]!, softmax(m, n, x), `${m}×${n}, ${smoothing}: softmax`);
      assert(after[3]!.every((loss) => loss >= 0), `${m}×${n}: a loss is never negative`);
    }
  }
});

inBothBuilds("crossEntropyForward() stays finite where the softmax underflows", () => {
  const x = Float32Array.of(1e4, -1e4, 0, -Infinity), labels = Int32Array.of(1, 0);
  const losses = (smoothing: number) =>
    invoke("crossEntropyForward", 2, 2, x, labels, smoothing, unwritten(4), unwritten(2)).after[3]!;
  assertSame(losses(0), [2e4, 0], "losses");
  assertSame(losses(0.5), [1.5e4, Infinity], "smoothed losses");
});

inBothBuilds("crossEntropyBackward() equals its twin", () => {
  for (const { m, n, x } of CASES) {
    const labels = Int32Array.from(numbers(n).whole(m, 0, n - 1));
    const p = softmax(m, n, x);
    for (const smoothing of SMOOTHINGS) {
      for (const scale of [1, 1 / 3]) {
        const expected = reference.crossEntropyBackward(m, n, p, labels, smoothing, scale);
        const { after } = invoke(
          "crossEntropyBackward",
          ...[m, n, p, labels, smoothing, scale, unwritten(m * n)],
        );
        assertSame(after[2]!, expected, `${m}×${n}, ${smoothing}`);
      }
    }
  }
});
