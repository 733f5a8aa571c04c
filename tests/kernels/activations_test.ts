import { assert, assertEquals } from "@std/assert";
import * as reference from "../../src/kernels/reference/mod.ts";
import { inBothBuilds, withBuild } from "../support/builds.ts";
import { invoke, unwritten } from "../support/canary.ts";
import { leakChecked } from "../support/leaks.ts";
import { numbers } from "../support/numbers.ts";
import { LENGTHS, PAIRS } from "../support/sizes.ts";
import { ACTIVATION_ERRORS, assertClose, assertSame } from "../support/tolerances.ts";

type Floats = Float32Array<ArrayBuffer>;

/** Every activation with its code; silu at two slopes, one of them falling. */
const KINDS = [
  { name: "relu", kind: 0, beta: 1 },
  { name: "gelu", kind: 1, beta: 1 },
  { name: "gelu-tanh", kind: 2, beta: 1 },
  { name: "silu", kind: 3, beta: 1 },
  { name: "silu", kind: 3, beta: -1.5 },
  { name: "sigmoid", kind: 4, beta: 1 },
  { name: "tanh", kind: 5, beta: 1 },
] as const;

/** Numbers from the smallest to the largest of f32, of both signs, dense where activations bend. */
const EVERYWHERE = Float32Array.from([
  ...Array.from({ length: 40_001 }, (_, i) => (i - 20_000) / 1000),
  ...Array.from({ length: 554 }, (_, i) => 2 ** ((i >> 1) - 149) * (i & 1 ? 1 : -1)),
  ...[3.4028234663852886e38, -3.4028234663852886e38, 1e20, -1e20, 0, -0],
]);

const values = (kind: number, beta: number, x: Floats): Floats =>
  invoke("activate", kind, x.length, beta, x, unwritten(x.length)).after[1] as Floats;

const slopes = (kind: number, beta: number, x: Floats, g = x.slice().fill(1)): Floats =>
  invoke("activateBackward", kind, x.length, beta, x, g, unwritten(x.length)).after[2] as Floats;

for (const { name, kind, beta } of KINDS) {
  const { value, relative, slope } = ACTIVATION_ERRORS[name];

  inBothBuilds(`activate() is accurate over all of f32: ${name}, β ${beta}`, () => {
    const twin = reference.activate(kind, beta, EVERYWHERE);
    // below the normal numbers nothing is promised but smallness
    const allowed = (i: number): number => {
      const size = Math.abs(twin[i]!);
      return kind === 0 ? 0 : Math.min(value * Math.max(1, size), relative * size) + 2 ** -126;
    };
    assertClose(values(kind, beta, EVERYWHERE), twin, allowed, name);
  });

  inBothBuilds(`activateBackward() is accurate over all of f32: ${name}, β ${beta}`, () => {
    const twin = reference.activateBackward(kind, beta, EVERYWHERE, EVERYWHERE.slice().fill(1));
    assertClose(slopes(kind, beta, EVERYWHERE), twin, slope, name);
  });

  inBothBuilds(`activate() and its derivative at the ends and at NaN: ${name}, β ${beta}`, () => {
    const ends = Float32Array.of(Infinity, -Infinity, NaN, 3e38, -3e38);
    assertClose(values(kind, beta, ends), reference.activate(kind, beta, ends), 0, "values");
    const ones = ends.slice().fill(1);
    const twin = reference.activateBackward(kind, beta, ends, ones);
    assertClose(slopes(kind, beta, ends), twin, 0, "slopes");
  });

  inBothBuilds(`activate() and its derivative in every tail, in place too: ${name}`, () => {
    for (const n of LENGTHS) {
      const x = numbers(n).floats(n, -6, 6),
        g = numbers(n + 1).floats(n),
        all = values(kind, beta, x);
      const back = slopes(kind, beta, x, g);
      assertClose(all, reference.activate(kind, beta, x), 5e-6, `${n} numbers`);
      assertClose(back, reference.activateBackward(kind, beta, x, g), 5e-6, `${n} slopes`);
      assertSame(invoke("activate", kind, n, beta, x, x).after[0]!, all, `${n}, in place`);
      const over = invoke("activateBackward", kind, n, beta, x, g, g).after[1]!;
      assertSame(over, back, `${n} slopes, in place`);
      for (let i = 0; i < n; i++) {
        assertSame(values(kind, beta, x.slice(i, i + 1)), [all[i]!], "alone or in a row");
      }
    }
  });

  inBothBuilds(`gatedForward() and gatedBackward() equal their twins: ${name}`, () => {
    for (const [m, h] of PAIRS) {
      const halves = numbers(m + h).floats(m * 2 * h, -4, 4), g = numbers(h).floats(m * h);
      const size = `${m}×${h}`;
      const forward = invoke("gatedForward", kind, m, h, beta, halves, unwritten(m * h)).after;
      const twin = reference.gatedForward(kind, m, h, beta, halves);
      assertClose(forward[1]!, twin, (i) => 2e-6 * (1 + Math.abs(twin[i]!)), size);
      assertSame(forward[0]!, halves, `${size}: input`);
      const out = unwritten(m * 2 * h);
      const backward = invoke("gatedBackward", kind, m, h, beta, halves, g, out).after;
      const back = reference.gatedBackward(kind, m, h, beta, halves, g);
      assertClose(backward[2]!, back, (i) => 2e-6 * (1 + Math.abs(back[i]!)), `${size} back`);
      assertSame(backward[0]!, halves, `${size} back: halves`);
      assertSame(backward[1]!, g, `${size} back: gradient`);
    }
  });
}

inBothBuilds("activateBackward() of relu stops even an infinite gradient", () => {
  const x = Float32Array.of(-1, 0, 1, NaN), g = x.slice().fill(Infinity);
  assertSame(slopes(0, 1, x, g), [0, 0, Infinity, 0], "gradients");
});

leakChecked("activate() and its derivative give the same bits in both builds", () => {
  for (const { kind, beta } of KINDS) {
    const [strict, fast] = (["strict", "fast"] as const).map((choice) =>
      withBuild(choice, () => [
        new Uint32Array(values(kind, beta, EVERYWHERE).buffer),
        new Uint32Array(slopes(kind, beta, EVERYWHERE).buffer),
      ])
    );
    assertEquals(strict, fast);
  }
});

Deno.test("normalShare(), the yardstick of gelu, is symmetric and agrees with known values", () => {
  // Abramowitz & Stegun 26.2: Φ(1), Φ(2), Φ(3); Φ(−6) and Φ(−10) from tables of the tail
  const known = [
    [0, 0.5],
    [1, 0.8413447460685429],
    [2, 0.9772498680518208],
    [3, 0.9986501019683699],
    [-6, 9.865876450376946e-10],
    [-10, 7.61985302416047e-24],
  ] as const;
  for (const [x, share] of known) {
    const found = reference.normalShare(x);
    assert(Math.abs(found / share - 1) < 1e-13, `Φ(${x}) is ${found}, not ${share}`);
  }
  for (const x of [0.5, 2.999999, 3.000001]) {
    assert(Math.abs(reference.normalShare(x) + reference.normalShare(-x) - 1) < 1e-15, `${x}`);
  }
});
