import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import {
  boundaryPoints,
  classPairs,
  closedFormRadii,
  radii,
  radius,
} from "../../src/guarantee/mod.ts";
import * as nn from "../../src/nn/mod.ts";
import { distance, forward, network, NETWORKS } from "../support/networks.ts";
import { numbers } from "../support/numbers.ts";

const CLASSIFIERS = NETWORKS.filter(({ shape }) =>
  shape.name !== "one neuron" && shape.name !== "one input"
);

Deno.test("boundaryPoints() are those of radius(), on the boundary", () => {
  for (const { shape, bias, seed } of CLASSIFIERS) {
    using model = network(shape, bias, seed);
    const n = shape.inputs, inputs = numbers(seed).floats(20 * n), pairs = classPairs(model);
    const found = boundaryPoints(pairs, inputs);
    for (let i = 0; i < 20; i++) {
      if (found.radius[i] === Infinity) continue;
      const point = found.points.subarray(i * n, (i + 1) * n), logits = forward(model, point);
      const [label, rival] = [found.labels[i]!, found.rival[i]!];
      assertAlmostEquals(logits[label]!, logits[rival]!, 1e-5 * (1 + distance(logits)));
      const x = inputs.subarray(i * n, (i + 1) * n);
      const step = distance(Float64Array.from(point, (y, j) => y - x[j]!));
      assertAlmostEquals(step, found.radius[i]!, 1e-5 * (1 + step));
    }
  }
});

Deno.test("boundaryPoints() weigh margins so that they differentiate the radius by every weight", () => {
  for (const { name, shape, bias, seed } of CLASSIFIERS.filter((_, i) => i % 2 === 0)) {
    using model = network(shape, bias, seed);
    const n = shape.inputs, x = numbers(seed).floats(n);
    const { points, weights, labels, rival, radius: [before] } = boundaryPoints(model, x);
    if (before === Infinity || before! < 1e-2) continue;
    const label = labels[0]!, other = rival[0]!;
    const margin = (): number => {
      const y = forward(model, points);
      return y[label]! - y[other]!;
    };
    for (const [place, parameter] of model.parameters) {
      const values = parameter.toArray() as Float32Array, turn = numbers(7).doubles(values.length);
      const h = 2 ** -9;
      const at = (factor: number, what: () => number): number => {
        parameter.set(values.map((value, i) => value + factor * h * turn[i]!));
        const result = what();
        parameter.set(values);
        return result;
      };
      const exact = (): number => radii(model, x, { labels: [label] }).radius[0]!;
      // differences of h and h/2, extrapolated
      const slope = (what: () => number): number => {
        const coarse = (at(1, what) - at(-1, what)) / 2, fine = at(0.5, what) - at(-0.5, what);
        return (4 * fine - coarse) / 3 / h;
      };
      const expected = slope(exact), found = weights[0]! * slope(margin);
      assertAlmostEquals(found, expected, 2e-2 * (Math.abs(expected) + 0.02), `${name}: ${place}`);
    }
  }
});

Deno.test("boundaryPoints() give no weight where there is no boundary, or the label is wrong", () => {
  using model = nn.sequential([nn.bilinear(2, 2, { bias: false }), nn.linear(2, 2)]);
  model.assign({
    "0.weight": [1, 0, 0, 1, 1, 0, 0, 1],
    "1.weight": [1, 1, 0, 0],
    "1.bias": [1, 0],
  });
  const found = boundaryPoints(model, [1, 2, 3, 4], { labels: [0, 1] });
  assertEquals([...found.weights], [0, 0]);
  assertEquals([...found.radius], [Infinity, 0]);
  assertEquals([...found.points], [1, 2, 3, 4]);
});

Deno.test("closedFormRadii() are below the exact radii, and equal to them where the margin is linear", () => {
  for (const { shape, bias, seed } of CLASSIFIERS) {
    using model = network(shape, bias, seed);
    const pairs = classPairs(model), inputs = numbers(seed).floats(24 * shape.inputs);
    const low = closedFormRadii(pairs, inputs), exact = radii(pairs, inputs);
    assertEquals(low.labels, exact.labels);
    low.radius.forEach((bound, i) => assert(bound <= exact.radius[i]! * (1 + 1e-12) && bound > 0));
  }
  using linear = nn.sequential([nn.bilinear(2, 2)]);
  linear.assign({ "0.weight": [3, 4, 0, 0, 0, 0, 0, 0], "0.bias": [2, 0, 1, 1] });
  assertAlmostEquals(closedFormRadii(linear, [0, 0]).radius[0]!, 0.4, 1e-15);
  assertAlmostEquals(radius(linear, [0, 0]).radius, 0.4, 1e-15);
});

Deno.test("closedFormRadii() weigh margins at five points so that they differentiate the bound", () => {
  let compared = 0;
  for (const { name, shape, bias, seed } of CLASSIFIERS) {
    using model = network(shape, bias, seed);
    const n = shape.inputs, x = numbers(seed).floats(n);
    const { points, weights, labels, rival } = closedFormRadii(model, x);
    const label = labels[0]!, other = rival[0]!;
    const margins = (): number =>
      weights.reduce((sum, weight, p) => {
        const y = forward(model, points.subarray(p * n, (p + 1) * n));
        return sum + weight * (y[label]! - y[other]!);
      }, 0);
    const bound = (): number => {
      const found = closedFormRadii(model, x, { labels: [label] });
      return found.rival[0] === other ? found.radius[0]! : NaN;
    };
    for (const [place, parameter] of model.parameters) {
      const values = parameter.toArray() as Float32Array, turn = numbers(7).doubles(values.length);
      const h = 2 ** -10;
      const at = (factor: number, what: () => number): number => {
        parameter.set(values.map((value, i) => value + factor * h * turn[i]!));
        const result = what();
        parameter.set(values);
        return result;
      };
      const slope = (what: () => number): number => {
        const coarse = (at(1, what) - at(-1, what)) / 2, fine = at(0.5, what) - at(-0.5, what);
        return (4 * fine - coarse) / 3 / h;
      };
      const expected = slope(bound), found = slope(margins);
      if (Number.isNaN(expected)) continue;
      compared++;
      assertAlmostEquals(found, expected, 1e-2 * (Math.abs(expected) + 0.05), `${name}: ${place}`);
    }
  }
  assert(compared > 40, `${compared}`);
});
