import { assert, assertAlmostEquals, assertThrows } from "@std/assert";
import { l1Minimum } from "../../src/guarantee/mod.ts";
import { numbers } from "../support/numbers.ts";
import { randomForm } from "./boxes.ts";

Deno.test("l1Minimum() is below every sampled value, and its point attains the upper bound", () => {
  for (let seed = 0; seed < 150; seed++) {
    const n = 1 + seed % 9, form = randomForm(n, 1 + seed % 5, seed), draw = numbers(seed);
    const clipped = seed % 2 === 0, center = draw.doubles(n, clipped ? 0 : -1, 1);
    if (clipped && seed % 4 === 0) center[0] = 0;
    const radius = draw.next(0, 1);
    const { lower, upper, point, gap } = l1Minimum(
      form,
      center,
      radius,
      clipped ? { domain: [0, 1] } : {},
    );
    const distance = point.reduce((sum, x, i) => sum + Math.abs(x - center[i]!), 0);
    assert(distance <= radius);
    if (clipped) assert(point.every((x) => x >= 0 && x <= 1));
    assert(form.evaluate(point) <= upper);
    assert(lower <= upper && gap === upper - lower);
    for (let i = 0; i < 60; i++) {
      const raw = draw.doubles(n).map((x) => i % 3 === 0 && draw.next() < 0.7 ? 0 : x);
      const size = raw.reduce((sum, x) => sum + Math.abs(x), 0) || 1;
      const x = center.map((value, j) => {
        const moved = value + radius * (1 - 1e-12) * raw[j]! / size;
        return clipped ? Math.min(1, Math.max(0, moved)) : moved;
      });
      assert(form.evaluate(x) >= lower, `seed ${seed}: ${form.evaluate(x)} < ${lower}`);
    }
  }
});

Deno.test("l1Minimum() is exact at a vertex, and no worse than METHODS G3", () => {
  for (let seed = 0; seed < 40; seed++) {
    const n = 6, form = randomForm(n, 4, seed), center = numbers(seed).doubles(n), radius = 0.3;
    const q = form.dense().data;
    const slope = form.linear.map((l, i) =>
      l + 2 * center.reduce((sum, x, j) => sum + q[i * n + j]! * x, 0)
    );
    const steepest = slope.reduce((top, g) => Math.max(top, Math.abs(g)), 0);
    const curved = q.reduce((top, x) => Math.max(top, Math.abs(x)), 0);
    const plain = form.evaluate(center) - radius * steepest - radius * radius * curved;
    assert(l1Minimum(form, center, radius).lower >= plain - 1e-12);
  }
  // −x² of one input: the end of the interval
  const form = randomForm(1, 1, 1), { lower, upper } = l1Minimum(form, [0], 2);
  const ends = Math.min(0, form.evaluate([2]), form.evaluate([-2]));
  assertAlmostEquals(lower, ends, 1e-9);
  assertAlmostEquals(upper, ends, 1e-9);
});

Deno.test("l1Minimum() refuses a center or a radius that is none", () => {
  const form = randomForm(3, 2, 1);
  assertThrows(() => l1Minimum(form, [0, 0], 1), TypeError);
  assertThrows(() => l1Minimum(form, [0, 0, NaN], 1), RangeError);
  assertThrows(() => l1Minimum(form, [0, 0, 0], -1), RangeError);
  assertThrows(() => l1Minimum(form, [0, 0, 0], NaN), RangeError);
  assertThrows(() => l1Minimum(form, [0, 0, 2], 1, { domain: [0, 1] }), RangeError);
});
