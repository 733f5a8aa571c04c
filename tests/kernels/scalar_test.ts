import { assert, assertEquals } from "@std/assert";
import { cosPi, expOf, logOf } from "../../src/kernels/mod.ts";
import { numbers } from "../support/numbers.ts";

/** Largest error of one function over points, relative to what `size` says. */
function worst(
  points: Iterable<number>,
  found: (x: number) => number,
  exact: (x: number) => number,
  size: (value: number) => number,
): [error: number, at: number] {
  let error = 0, at = NaN;
  for (const x of points) {
    const gap = Math.abs(found(x) - exact(x)) / size(exact(x));
    if (!(gap <= error)) [error, at] = [gap, x];
  }
  return [error, at];
}

const relative = Math.abs, absolute = (): number => 1;

Deno.test("cosPi() is within 4e-16 of the cosine, and exact where it is 0, ½·√… or ±1", () => {
  for (let k = -9; k <= 9; k++) {
    assertEquals([cosPi(k), Math.abs(cosPi(k + 0.5))], [k % 2 === 0 ? 1 : -1, 0], `${k}`);
  }
  assertEquals(cosPi(2 ** 53), 1);
  const [error, at] = worst(
    numbers(1).doubles(100_000, -1, 1),
    cosPi,
    (t) => Math.cos(Math.PI * t),
    absolute,
  );
  // π·t itself is rounded before Math.cos sees it: half a unit of a number up to π
  assert(error < 4e-16 + 2.3e-16, `cosPi(${at}) is wrong by ${error}`);
  const draw = numbers(2);
  for (const t of draw.doubles(1000, 0, 0.5)) {
    assertEquals(cosPi(-t), cosPi(t));
    for (const turn of [2, -2, 64]) {
      const moved = t + turn; // rounded; cosPi sees the same number both times
      assertEquals(cosPi(moved), cosPi(moved - turn), `${t} and ${turn}`);
    }
  }
  for (const t of [NaN, Infinity, -Infinity]) assertEquals(cosPi(t), NaN);
});

Deno.test("expOf() is within 4e-16 of the exponential over all of f64", () => {
  const draw = numbers(3);
  const points = [
    ...draw.doubles(20_000, -708, 709.7),
    ...draw.doubles(20_000, -1, 1),
    709.78,
    1e-300,
  ];
  const [error, at] = worst(points, expOf, Math.exp, relative);
  assert(error < 4.5e-16, `expOf(${at}) is wrong by ${error}`);
  assertEquals([0, -0, 710, 1e300, Infinity, -746, -1e300, -Infinity, NaN].map(expOf), [
    ...[1, 1, Infinity, Infinity, Infinity, 0, 0, 0, NaN],
  ]);
  for (const x of [-709, -730, -745]) {
    assert(Math.abs(expOf(x) - Math.exp(x)) <= 2 ** -1073, `expOf(${x}) among the subnormals`);
  }
});

Deno.test("logOf() is within 4e-16 of the logarithm over all of f64", () => {
  const draw = numbers(4);
  const powers = Array.from(draw.doubles(20_000, -1074, 1023.9), (power) => 2 ** power);
  const points = [...powers, ...draw.doubles(20_000, 0.5, 2), 10_000, 2 ** -1074, Number.MAX_VALUE];
  const [error, at] = worst(points, logOf, Math.log, (value) => Math.max(Math.abs(value), 0.5));
  assert(error < 4.5e-16, `logOf(${at}) is wrong by ${error}`);
  const [near, place] = worst(
    Array.from(draw.doubles(1000, -1e-3, 1e-3), (x) => 1 + x),
    logOf,
    Math.log,
    relative,
  );
  assert(near < 4.5e-16, `logOf(${place}) is wrong by ${near}`);
  const corners = [1, 0, -0, -1, -Infinity, NaN, Infinity];
  assertEquals(corners.map(logOf), [0, -Infinity, -Infinity, NaN, NaN, NaN, Infinity]);
});
