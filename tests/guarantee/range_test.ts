import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { fromFactors, type Interactions, interactions } from "../../src/decompose/mod.ts";
import { attack, boxAround, boxMinimum, certifyBox, range } from "../../src/guarantee/mod.ts";
import { matmul, matrix } from "../../src/linalg/mod.ts";
import * as nn from "../../src/nn/mod.ts";
import { distance, forward, network, NETWORKS } from "../support/networks.ts";
import { numbers } from "../support/numbers.ts";

/** Σ values·x² + linear·x + constant as a network of one output: a neuron for every square and 1·(linear·x). */
function diagonal(
  values: readonly number[],
  linear: readonly number[],
  constant = 0,
): Interactions {
  const n = values.length, unit = (k: number): number[] => values.map((_, i) => i === k ? 1 : 0);
  const left = [...values.flatMap((_, k) => unit(k)), ...linear];
  const right = [...values.flatMap((_, k) => unit(k)), ...values.map(() => 0)];
  return fromFactors({
    left: matrix(n + 1, n, left),
    right: matrix(n + 1, n, right),
    leftBias: new Float64Array(n + 1),
    rightBias: Float64Array.from({ length: n + 1 }, (_, k) => k === n ? 1 : 0),
    readout: matrix(1, n + 1, [...values, 1]),
    outputBias: Float64Array.of(constant),
  });
}

Deno.test("range() gives −9/8 at (±√15/4, −¼), the hard case", () => {
  const { lower, least } = range(diagonal([-1, 1], [0, 1]).output(0), { radius: 1 });
  assertAlmostEquals(lower, -9 / 8, 1e-12);
  assertAlmostEquals(least.value, -9 / 8, 1e-14);
  assertAlmostEquals(Math.abs(least.point[0]!), Math.sqrt(15) / 4, 1e-14);
  assertAlmostEquals(least.point[1]!, -1 / 4, 1e-14);
  assertAlmostEquals(least.multiplier, 1, 1e-14);
  assert(least.hard);
});

Deno.test("range() gives −2 at (−1, 0) with multiplier 3/2", () => {
  const { lower, least } = range(diagonal([-1, 1], [1, 0]).output(0), { radius: 1 });
  assertAlmostEquals(lower, -2, 1e-12);
  assertAlmostEquals(least.point[0]!, -1, 1e-14);
  assertAlmostEquals(least.multiplier, 1.5, 1e-13);
  assert(!least.hard);
});

for (const domain of ["ball", "sphere"] as const) {
  for (const measured of ["plain", "weights", "matrix"] as const) {
    Deno.test(`range() encloses every point and attains both ends (${domain}, ${measured})`, () => {
      NETWORKS.forEach(({ name, shape, bias, seed }) => {
        using model = network(shape, bias, seed);
        const n = shape.inputs, draw = numbers(seed), all = interactions(model);
        const form = all.outputs > 1 ? all.difference(0, 1) : all.output(0);
        const value = (x: Float64Array): number => {
          const y = forward(model, x);
          return all.outputs > 1 ? y[0]! - y[1]! : y[0]!;
        };
        const weights = draw.doubles(n, 0.2, 3), root = matrix(n, n, draw.doubles(n * n));
        const full = matmul(root, root, "TN");
        for (let i = 0; i < n; i++) full.data[i * n + i]! += 0.3;
        const length = (x: Float64Array): number =>
          measured === "plain"
            ? distance(x)
            : measured === "weights"
            ? Math.sqrt(x.reduce((sum, y, i) => sum + weights[i]! * y * y, 0))
            : Math.sqrt(
              x.reduce(
                (sum, y, i) => sum + y * x.reduce((s, w, j) => s + full.data[i * n + j]! * w, 0),
                0,
              ),
            );
        const metric = measured === "plain"
          ? {}
          : { metric: measured === "weights" ? weights : full };
        const center = draw.doubles(n), radius = draw.next(0.1, 2);
        const found = range(form, { center, radius, domain, ...metric });
        const { lower, upper, least, greatest } = found;
        const width = 1e-9 * (1 + Math.abs(lower) + Math.abs(upper));
        assert(
          least.value >= lower && least.value - lower < width,
          `${name}: lower end ${least.value - lower}`,
        );
        assert(greatest.value <= upper && upper - greatest.value < width, `${name}: upper end`);
        for (const { point, value: at } of [least, greatest]) {
          const step = length(point.map((x, i) => x - center[i]!));
          assert(step <= radius * (1 + 1e-12), `${name}: outside by ${step / radius - 1}`);
          if (domain === "sphere") assertAlmostEquals(step, radius, 1e-10);
          assertAlmostEquals(value(point), at, width);
        }
        for (let i = 0; i < 60; i++) {
          const step = draw.doubles(n), size = length(step);
          const reach = radius * (domain === "ball" && i % 2 ? draw.next(0, 1) : 1) / size;
          const y = value(step.map((x, j) => center[j]! + reach * x));
          assert(y >= lower && y <= upper, `${name}: ${y} outside [${lower}, ${upper}]`);
        }
      });
    });
  }
}

Deno.test("range() of a form that vanishes is its constant", () => {
  const { lower, upper } = range(diagonal([0, 0], [0, 0], 3).output(0), { radius: 5 });
  assertAlmostEquals(lower, 3, 1e-12);
  assertAlmostEquals(upper, 3, 1e-12);
});

Deno.test("range() within no distance is the value at the centre", () => {
  const form = diagonal([2, -1], [1, 0]).output(0);
  const { lower, upper } = range(form, { center: [1, 2], radius: 0 });
  assertAlmostEquals(lower, -1, 1e-12);
  assertAlmostEquals(upper, -1, 1e-12);
});

Deno.test("range() and certifyBox() take no word for another, which would bound another set", () => {
  const model = nn.sequential([nn.bilinear(2, 2, { bias: false })]);
  model.assign({ "0.weight": [1, 0, 0, 1, 1, 0, 0, 1] });
  const form = interactions(model).output(0);
  for (const domain of ["Ball", "", [0, 1], null]) {
    const options = { radius: 1, domain: domain as unknown as "ball" };
    assertThrows(() => range(form, options), RangeError, '"ball", "sphere"');
  }
  for (const norm of ["l2", "L1", null]) {
    const options = { radius: 0.1, norm: norm as unknown as "l1" };
    assertThrows(() => certifyBox(model, [1, 0], options), RangeError, '"linf", "l1"');
  }
  assertThrows(() => certifyBox(model, [1, 0], { radius: 0.1, seconds: NaN }), RangeError);
  const norm = "l1" as "l2";
  assertThrows(() => attack(model, [1, 0], { radius: 0.1, norm }), RangeError, '"l2", "linf"');
  const methods = ["best"] as unknown as ["branch"], box = boxAround([1, 0], 1);
  assertThrows(() => boxMinimum(form, box, { methods }), RangeError, "semidefinite");
});

Deno.test("range() refuses a negative radius, NaN, and sizes that do not fit", () => {
  const form = diagonal([1, 1], [0, 0]).output(0);
  for (const radius of [-1, NaN, Infinity]) {
    assertThrows(() => range(form, { radius }), RangeError, `${radius}`);
  }
  assertThrows(() => range(form, { radius: 1, center: [1] }), TypeError, "an input has 2");
  assertThrows(() => range(form, { radius: 1, center: [1, NaN] }), RangeError, "NaN");
  assertThrows(() => range(form, { radius: 1, metric: [1, 0] }), RangeError, "above 0");
  assertThrows(() => range(form, { radius: 1, metric: [1] }), TypeError, "2 inputs");
  assertThrows(
    () => range(form, { radius: 1, metric: matrix(2, 2, [1, 0, 0, -1]) }),
    RangeError,
    "positive definite",
  );
  assertEquals(range(form, { radius: 0 }).least.point, new Float64Array(2));
});
