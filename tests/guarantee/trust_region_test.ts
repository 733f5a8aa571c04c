import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { type Domain, maximize, minimize } from "../../src/guarantee/trust_region.ts";
import { numbers } from "../support/numbers.ts";

const at = (values: ArrayLike<number>, gradient: ArrayLike<number>, x: ArrayLike<number>): number =>
  Array.from(values, (value, i) => (value * x[i]! + gradient[i]!) * x[i]!).reduce(
    (a, b) => a + b,
    0,
  );

Deno.test("minimize() solves the hard case of −x₁² + x₂² + x₂", () => {
  const { value, lower, step, multiplier, hard } = minimize(
    Float64Array.of(-1, 1),
    Float64Array.of(0, 1),
    1,
    "ball",
  );
  assertAlmostEquals(value, -9 / 8, 1e-15);
  assertAlmostEquals(lower, -9 / 8, 1e-13);
  assertAlmostEquals(Math.abs(step[0]!), Math.sqrt(15) / 4, 1e-15);
  assertAlmostEquals(step[1]!, -1 / 4, 1e-15);
  assertEquals([multiplier, hard], [1, true]);
});

Deno.test("minimize() finds −2 at (−1, 0) for −x₁² + x₂² + x₁", () => {
  const { value, step, multiplier, hard } = minimize(
    Float64Array.of(-1, 1),
    Float64Array.of(1, 0),
    1,
    "ball",
  );
  assertAlmostEquals(value, -2, 1e-15);
  assertAlmostEquals(step[0]!, -1, 1e-15);
  assertAlmostEquals(multiplier, 1.5, 1e-14);
  assertEquals(hard, false);
});

/** Smallest value on a circle or disc, by a fine scan refined about its best points. */
function scan2(
  values: Float64Array,
  gradient: Float64Array,
  radius: number,
  domain: Domain,
): number {
  let best = Infinity;
  const circle = (angle: number): number =>
    at(values, gradient, [radius * Math.cos(angle), radius * Math.sin(angle)]);
  let [center, width] = [0, Math.PI];
  for (let round = 0; round < 6; round++) {
    let where = center;
    for (let i = -60; i <= 60; i++) {
      const angle = center + i * width / 60, value = circle(angle);
      if (value < best) [best, where] = [value, angle];
    }
    [center, width] = [where, width / 12];
  }
  const inner = values.map((value, i) => -gradient[i]! / (2 * value));
  if (domain === "ball" && values.every((x) => x > 0) && Math.hypot(...inner) <= radius) {
    best = Math.min(best, at(values, gradient, inner));
  }
  return best;
}

for (const domain of ["ball", "sphere"] as const) {
  Deno.test(`minimize() agrees with a scan of 1500 problems in the plane, hard ones among them (${domain})`, () => {
    const draw = numbers(7);
    for (let trial = 0; trial < 1500; trial++) {
      const values = draw.doubles(2, -2, 2), gradient = draw.doubles(2, -2, 2);
      if (trial % 3 === 1) gradient[values[0]! < values[1]! ? 0 : 1] = 0;
      if (trial % 7 === 2) values[1] = values[0]!;
      if (trial % 11 === 3) gradient.fill(0);
      if (trial % 13 === 4) gradient[values[0]! < values[1]! ? 0 : 1]! *= 1e-13;
      const radius = draw.next(0.01, 3);
      const { value, lower, step } = minimize(values, gradient, radius, domain);
      const found = scan2(values, gradient, radius, domain);
      const scale = Math.max(1, Math.abs(found));
      assert(Math.abs(value - found) < 1e-6 * scale, `trial ${trial}: ${value}, scan ${found}`);
      assert(
        lower <= found + 1e-12 * scale,
        `trial ${trial}: the bound ${lower} is above ${found}`,
      );
      assert(value - lower < 1e-12 * scale, `trial ${trial}: gap ${value - lower}`);
      assertAlmostEquals(at(values, gradient, step), value, 1e-13 * scale);
      assert(Math.hypot(...step) <= radius * (1 + 1e-15));
      if (domain === "sphere") assertAlmostEquals(Math.hypot(...step), radius, 1e-14 * radius);
    }
  });
}

Deno.test("minimize() is below every one of many points in three and more dimensions", () => {
  const draw = numbers(8);
  for (let trial = 0; trial < 400; trial++) {
    const n = 3 + trial % 4, values = draw.doubles(n), gradient = draw.doubles(n);
    if (trial % 3 === 0) gradient[values.indexOf(Math.min(...values))] = 0;
    const radius = draw.next(0.1, 2);
    const ball = minimize(values, gradient, radius, "ball");
    const sphere = minimize(values, gradient, radius, "sphere");
    const top = maximize(values, gradient, radius, "ball");
    assert(ball.value - ball.lower < 1e-12 && sphere.value - sphere.lower < 1e-12);
    for (let i = 0; i < 40; i++) {
      const x = draw.doubles(n), length = Math.hypot(...x);
      const onto = x.map((y) => y * radius / length), within = onto.map((y) => y * draw.next(0, 1));
      assert(at(values, gradient, onto) >= sphere.lower);
      assert(at(values, gradient, within) >= ball.lower);
      assert(at(values, gradient, within) <= top.upper);
    }
  }
});

Deno.test("minimize() keeps its digits where the gradient nearly misses the lowest eigenvector", () => {
  for (const tiny of [1e-8, 1e-12, 1e-16, 1e-40]) {
    const { value, lower, step } = minimize(
      Float64Array.of(-1, 1),
      Float64Array.of(tiny, 1),
      1,
      "ball",
    );
    assertAlmostEquals(value, -9 / 8 - tiny * Math.sqrt(15) / 4, 1e-14);
    assert(value - lower < 1e-13 && step[0]! < 0);
  }
});

Deno.test("minimize() of nothing, or within no distance, is zero", () => {
  assertEquals(minimize(Float64Array.of(-1), Float64Array.of(1), 0, "ball").lower, 0);
  assertEquals(minimize(new Float64Array(0), new Float64Array(0), 1, "sphere").value, 0);
});
