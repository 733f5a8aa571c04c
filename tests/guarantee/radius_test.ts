import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { interactions } from "../../src/decompose/mod.ts";
import { forwardErrors } from "../../src/guarantee/forward_error.ts";
import { classPairs, radii, radius } from "../../src/guarantee/mod.ts";
import { matrix } from "../../src/linalg/mod.ts";
import * as nn from "../../src/nn/mod.ts";
import { distance, forward, network, NETWORKS } from "../support/networks.ts";
import { numbers } from "../support/numbers.ts";

const largest = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((best, x, i, all) => x > all[best]! ? i : best, 0);

const CLASSIFIERS = NETWORKS.filter(({ shape }) => shape.name !== "one neuron");

Deno.test("radius() of the XOR output (x − y)² against ½ at (1, 0) is (1 − 1/√2)/√2", () => {
  using model = nn.sequential([nn.bilinear(2, 1, { bias: false }), nn.linear(1, 2)]);
  model.assign({ "0.weight": [1, -1, 1, -1], "1.weight": [1, 0], "1.bias": [0, 0.5] });
  const found = radius(model, [1, 0]);
  assertAlmostEquals(found.radius, (1 - 1 / Math.SQRT2) / Math.SQRT2, 1e-15);
  assertAlmostEquals(found.radius, 0.2071067811865, 1e-12);
  assert(found.lower < found.radius && found.radius - found.lower < 1e-5);
  assertEquals([found.label, found.predicted, found.rival], [0, 0, 1]);
});

for (const { name, shape, bias, seed } of CLASSIFIERS) {
  Deno.test(`radius() is where the class changes, and nothing nearer changes it (${name})`, () => {
    using model = network(shape, bias, seed);
    const draw = numbers(seed), n = shape.inputs, pairs = classPairs(model);
    const inputs = draw.floats(n * 12), batch = radii(pairs, inputs);
    for (let row = 0; row < 12; row++) {
      const x = inputs.subarray(row * n, (row + 1) * n), found = radius(pairs, x);
      assertEquals([batch.predicted[row], batch.labels[row]], [found.predicted, found.label]);
      assert(
        Math.abs(batch.radius[row]! - found.radius) <= 1e-9 * found.radius ||
          batch.radius[row] === found.radius,
      );
      // where the margin only touches 0, as with one input and no bias, f32 decides how much is proven
      const touching = name === "one input, bias: none" ? 1e-2 : 1e-6;
      assert(
        Math.abs(batch.lower[row]! - found.lower) <= touching * found.radius ||
          batch.lower[row] === found.lower,
      );
      assert(found.lower <= found.radius && found.rivals.length === pairs.classes - 1);
      if (found.radius === Infinity) continue;
      const logits = forward(model, found.point), scale = distance(logits) + 1;
      assertAlmostEquals(logits[found.label]!, logits[found.rival]!, 1e-6 * scale);
      assertAlmostEquals(distance(found.change), found.radius, 1e-9 * found.radius);
      const beyond = forward(model, found.change.map((step, i) => x[i]! + step * 1.001));
      // without biases a network of one input is 0 at 0, where its classes meet and do not change
      if (name !== "one input, bias: none") {
        assert(largest(beyond) !== found.label, "nothing changes beyond it");
      }
      for (let i = 0; i < 60; i++) {
        const step = draw.doubles(n), length = distance(step);
        // random directions, and directions near the shortest one
        const turned = i % 2
          ? step.map((y, j) => found.change[j]! / found.radius + 0.1 * y / length)
          : step;
        const size = found.radius * 0.999 / distance(turned);
        const y = turned.map((z, j) => x[j]! + z * size);
        assertEquals(largest(forward(model, y)), found.label, "an adversary within the radius");
        const nearer = Float32Array.from(
          turned,
          (z, j) => x[j]! + z * size * 0.999 * found.lower / found.radius,
        );
        assertEquals(
          largest(model.predict(nearer)),
          found.label,
          "the model in f32 within `lower`",
        );
      }
    }
  });
}

Deno.test("radius() is homogeneous without biases, and at most ‖x‖", () => {
  for (const { shape, seed } of CLASSIFIERS.filter(({ bias }) => bias === "none")) {
    using model = network(shape, "none", seed);
    const pairs = classPairs(model), draw = numbers(seed + 1);
    for (let trial = 0; trial < 5; trial++) {
      const x = draw.floats(shape.inputs), one = radius(pairs, x);
      for (const factor of [2, 0.25, 16]) {
        const scaled = radius(pairs, x.map((y) => y * factor));
        assertEquals(scaled.rival, one.rival);
        assertAlmostEquals(scaled.radius / factor, one.radius, 1e-11 * one.radius);
      }
      assert(one.radius <= distance(x) * (1 + 1e-12));
    }
  }
});

Deno.test("forwardErrors() bounds what f32 does, at an input and around it", () => {
  for (const { name, shape, bias, seed } of NETWORKS) {
    using model = network(shape, bias, seed);
    const draw = numbers(seed), n = shape.inputs, all = interactions(model);
    const x = draw.floats(n, -4, 4), bounds = forwardErrors(model).of(matrix(1, n, x));
    for (const reach of [0, 0.5, 3]) {
      for (let i = 0; i < 10; i++) {
        const step = draw.doubles(n), length = distance(step);
        const y = Float32Array.from(x, (value, j) => value + step[j]! * reach * 0.999 / length);
        const found = model.predict(y), exact = forward(model, y), folded = all.evaluate(y);
        found.forEach((value, o) => {
          const bound = bounds.at(0, o, reach);
          assert(
            Math.abs(value - exact[o]!) <= bound,
            `${name}: ${value - exact[o]!} above ${bound}`,
          );
          assert(Math.abs(value - folded[o]!) <= bound);
          assert(bound < 1e-2 * (1 + distance(exact)) * (1 + reach) ** 2 * 10, `${name}: ${bound}`);
        });
      }
    }
    assertEquals(bounds.at(0, 0, 1e30), Infinity);
  }
});

Deno.test("forwardErrors() refuses layers that it does not understand", () => {
  using gated = nn.sequential([nn.bilinear(2, 2, { gate: "relu" })]);
  using deep = nn.sequential([nn.bilinear(2, 2), nn.bilinear(2, 2)]);
  using activated = nn.sequential([nn.linear(2, 2), nn.relu()]);
  assertThrows(() => forwardErrors(gated), TypeError, "a gate");
  assertThrows(() => forwardErrors(deep), TypeError, "the second");
  assertThrows(() => forwardErrors(activated), TypeError, "activation");
});

Deno.test("radius() of an input that is already misclassified is 0", () => {
  using model = network(NETWORKS[0]!.shape, "all", 5);
  const x = numbers(3).floats(12), { predicted } = radius(model, x);
  const label = (predicted + 1) % 4, found = radius(model, x, { label });
  assertEquals([found.radius, found.lower, found.rival], [0, 0, predicted]);
  assertEquals(radii(model, x, { labels: [label] }).radius[0], 0);
});

Deno.test("radius() is infinite where no rival ever wins, and says how far f32 is proven", () => {
  using model = nn.sequential([nn.bilinear(2, 2, { bias: false }), nn.linear(2, 2)]);
  model.assign({
    "0.weight": [1, 0, 0, 1, 1, 0, 0, 1],
    "1.weight": [1, 1, 0, 0],
    "1.bias": [1, 0],
  });
  const found = radius(model, [0.5, 0.5]);
  assertEquals(found.radius, Infinity);
  assert(found.lower > 100 && found.lower < Infinity, `${found.lower}`);
  assertEquals(found.change, new Float64Array(2));
  assertEquals(radii(model, [0.5, 0.5]).radius[0], Infinity);
});

Deno.test("radius() is infinite for a sum of squares in factors that are not orthogonal", () => {
  for (const bias of [false, true]) {
    using model = nn.sequential([nn.bilinear(12, 4, { bias: false }), nn.linear(4, 2)]);
    const draw = numbers(12), half = draw.floats(4 * 12);
    model.assign({
      "0.weight": [...half, ...half],
      "1.weight": [1, 2, 0.5, 1, 0, 0, 0, 0],
      "1.bias": [bias ? 0.5 : 1e-3, 0],
    });
    const found = radius(model, draw.floats(12));
    assertEquals(found.radius, Infinity);
    assert(found.lower > 0.5, `${found.lower}`);
  }
});

Deno.test("radii() reports progress and stops when told", () => {
  using model = network(NETWORKS[0]!.shape, "none", 6);
  const stop = new AbortController(), inputs = numbers(4).floats(12 * 2500), seen: number[] = [];
  radii(model, inputs, { progress: (done, total) => seen.push(done / total) });
  assertEquals(seen.at(-1), 1);
  assert(seen.length > 1);
  assertThrows(
    () => radii(model, inputs, { signal: stop.signal, progress: () => stop.abort() }),
    DOMException,
  );
  assertThrows(() => classPairs(model, { signal: AbortSignal.abort() }), DOMException);
  assertEquals(radii(model, []).count, 0);
});

Deno.test("radius() refuses models without an exact form, other sizes, NaN and unknown labels", () => {
  using gated = nn.sequential([nn.bilinear(2, 2, { gate: "relu" }), nn.linear(2, 2)]);
  using deep = nn.sequential([nn.bilinear(2, 2), nn.bilinear(2, 2)]);
  using single = nn.sequential([nn.bilinear(2, 1)]);
  using model = nn.sequential([nn.bilinear(2, 2)]);
  assertThrows(() => radius(gated, [1, 2]), TypeError, "gate of relu");
  assertThrows(() => radius(deep, [1, 2]), TypeError, "2 bilinear layers");
  assertThrows(() => radius(single, [1, 2]), TypeError, "1 output");
  assertThrows(() => radius(model, [1, 2, 3]), TypeError, "an input has 2");
  assertThrows(() => radius(model, [1, 2, 3, 4]), TypeError, "use radii");
  assertThrows(() => radius(model, [1, NaN]), RangeError, "NaN");
  assertThrows(() => radius(model, [1, 1e300]), RangeError, "finite in f32");
  assertThrows(() => radius(model, [1, 2], { label: 2 }), RangeError, "0 to 1");
  assertThrows(() => radii(model, [1, 2], { labels: [0, 1] }), TypeError, "2 labels");
  assertThrows(() => radii(model, [1, 2, 3]), TypeError, "an input has 2");
});
