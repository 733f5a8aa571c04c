import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import {
  boundaryStep,
  closestBoundary,
  provenDistance,
} from "../../src/guarantee/closest_boundary.ts";
import { numbers } from "../support/numbers.ts";

const at = (
  values: ArrayLike<number>,
  gradient: ArrayLike<number>,
  margin: number,
  x: ArrayLike<number>,
): number =>
  Array.from(values, (value, i) => (value * x[i]! + gradient[i]!) * x[i]!)
    .reduce((a, b) => a + b, margin);

/** Distance to the boundary along a unit direction. */
function along(
  values: Float64Array,
  gradient: Float64Array,
  margin: number,
  u: readonly number[],
): number {
  const a = values.reduce((sum, value, i) => sum + value * u[i]! ** 2, 0);
  const b = gradient.reduce((sum, slope, i) => sum + slope * u[i]!, 0);
  const root = b * b - 4 * a * margin;
  if (root < 0) return Infinity;
  // the smallest positive root of margin + b t + a t², written so that nothing cancels
  const t = 2 * margin / (-b + Math.sqrt(root)), s = 2 * margin / (-b - Math.sqrt(root));
  return Math.min(t > 0 ? t : Infinity, s > 0 ? s : Infinity);
}

/** The shortest distance over all directions in two or three dimensions, refined about the best. */
function scan(values: Float64Array, gradient: Float64Array, margin: number): number {
  const flat = values.length === 2;
  const reach = ([a, b]: readonly number[]): number =>
    along(
      values,
      gradient,
      margin,
      flat
        ? [Math.cos(a!), Math.sin(a!)]
        : [Math.sin(b!) * Math.cos(a!), Math.sin(b!) * Math.sin(a!), Math.cos(b!)],
    );
  const steps = flat ? 90 : 14;
  let [best, place, width] = [Infinity, [0, Math.PI / 2], Math.PI];
  for (let round = 0; round < 14; round++) {
    let next = place;
    for (let i = -steps; i <= steps; i++) {
      for (let j = flat ? 0 : -steps; j <= (flat ? 0 : steps); j++) {
        const tried = [place[0]! + i * width / steps, place[1]! + j * width / (2 * steps)];
        const found = reach(tried);
        if (found < best) [best, next] = [found, tried];
      }
    }
    [place, width] = [next, width / (flat ? 20 : 3)];
  }
  return best;
}

Deno.test("closestBoundary() gives 1 for x² − y² + 1 at the origin", () => {
  const values = Float64Array.of(1, -1), gradient = new Float64Array(2);
  const found = closestBoundary(values, gradient, 1);
  assertEquals([found.distance, found.multiplier], [1, 1]);
  assertEquals(boundaryStep(values, gradient, found), Float64Array.of(0, 1));
});

Deno.test("closestBoundary() solves the hard case: .9574271 at (−1/6, ±.9428090)", () => {
  const values = Float64Array.of(2, -1), gradient = Float64Array.of(1, 0);
  const found = closestBoundary(values, gradient, 1);
  assertAlmostEquals(found.distance, 0.9574271, 5e-8);
  const step = boundaryStep(values, gradient, found);
  assertAlmostEquals(step[0]!, -1 / 6, 1e-15);
  assertAlmostEquals(Math.abs(step[1]!), 0.942809, 5e-8);
  assertAlmostEquals(provenDistance(values, gradient, 1, found), found.distance, 1e-13);
});

Deno.test("closestBoundary() of a linear margin is margin / ‖g‖", () => {
  const found = closestBoundary(new Float64Array(2), Float64Array.of(3, 4), 2);
  assertAlmostEquals(found.distance, 0.4, 1e-15);
});

Deno.test("closestBoundary() is infinite where the margin stays above 0", () => {
  const away = (values: number[], gradient: number[], margin: number): number =>
    closestBoundary(Float64Array.from(values), Float64Array.from(gradient), margin).distance;
  assertEquals(away([1, 2], [1, 1], 1), Infinity);
  assertEquals(away([1, 0], [1, 0], 1), Infinity);
  assertEquals(away([0, 0], [0, 0], 1), Infinity);
  assert(away([1, 0], [1, 1e-9], 1) > 1e6);
  assert(away([1, 2], [3, 1], 1) < Infinity);
  assert(away([1, -1e-12], [1, 0], 1) < Infinity);
});

for (const [dimensions, trials] of [[2, 1500], [3, 200]] as const) {
  Deno.test(`closestBoundary() agrees with a scan of ${trials} problems in ${dimensions} dimensions`, () => {
    const draw = numbers(dimensions);
    let finite = 0;
    for (let trial = 0; trial < trials; trial++) {
      const values = draw.doubles(dimensions, -1.5, 1.5),
        gradient = draw.doubles(dimensions, -2, 2);
      const lowest = values.indexOf(Math.min(...values)), margin = draw.next(0.05, 2);
      if (trial % 3 === 1) gradient[lowest] = 0;
      if (trial % 5 === 2) values[0] = values[1]!;
      if (trial % 7 === 3) values.forEach((x, i) => values[i] = Math.abs(x));
      if (trial % 11 === 4) gradient.fill(0);
      if (trial % 13 === 5) values.fill(0);
      if (trial % 17 === 6) gradient[lowest]! *= 1e-12;
      const found = closestBoundary(values, gradient, margin),
        expected = scan(values, gradient, margin);
      const what = `trial ${trial}: ${found.distance}, scan ${expected}`;
      if (found.distance === Infinity || expected === Infinity || expected > 1e6) {
        assert(found.distance > 1e4 && expected > 1e4, what);
        continue;
      }
      finite++;
      assert(Math.abs(found.distance - expected) < 1e-5 * expected, what);
      assert(found.distance < expected * (1 + 1e-12), what);
      const step = boundaryStep(values, gradient, found);
      assertAlmostEquals(Math.hypot(...step), found.distance, 1e-12 * expected);
      assertAlmostEquals(at(values, gradient, margin, step), 0, 1e-9 * margin * (1 + expected));
      const proven = provenDistance(values, gradient, margin, found);
      assert(proven <= expected * (1 + 1e-15), `proven ${proven}, ${what}`);
      assert(found.distance - proven < 1e-7 * expected, `proven ${proven}, ${what}`);
    }
    assert(finite > trials * 0.7);
  });
}

Deno.test("provenDistance() proves nothing false with any multiplier", () => {
  const draw = numbers(4);
  for (let trial = 0; trial < 500; trial++) {
    const values = draw.doubles(5), gradient = draw.doubles(5), margin = draw.next(0.1, 1);
    const { distance } = closestBoundary(values, gradient, margin);
    const depth = Math.max(0, -Math.min(...values)), shift = draw.next(0, 2);
    const proven = provenDistance(values, gradient, margin, { shift, multiplier: shift + depth });
    assert(proven <= distance, `${proven} above ${distance}`);
  }
});
