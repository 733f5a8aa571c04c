import { assert, assertEquals, assertThrows } from "@std/assert";
import { certify, classPairs, radius } from "../../src/guarantee/mod.ts";
import * as nn from "../../src/nn/mod.ts";
import { distance, network, NETWORKS } from "../support/networks.ts";
import { numbers } from "../support/numbers.ts";

const largest = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((best, x, i, all) => x > all[best]! ? i : best, 0);

const gap = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  distance(Float64Array.from(a, (x, i) => x - b[i]!));

for (
  const { name, shape, bias, seed } of NETWORKS.filter(({ shape }) => shape.name !== "one neuron")
) {
  Deno.test(`certify() certifies below the radius and refutes above it (${name})`, () => {
    using model = network(shape, bias, seed);
    const pairs = classPairs(model), draw = numbers(seed);
    let certified = 0;
    for (let trial = 0; trial < 6; trial++) {
      const x = draw.floats(shape.inputs), found = radius(pairs, x);
      const inside = certify(pairs, x, { radius: found.lower * 0.99 });
      if (inside.verdict === "certified") certified++;
      assert(inside.verdict !== "refuted", "refuted where the radius is proven");
      if (found.radius === Infinity || name === "one input, bias: none") continue;
      const outside = certify(pairs, x, { radius: found.radius * 1.02 });
      assert(outside.verdict === "refuted", `${outside.verdict} above ${found.radius}`);
      assert(largest(model.predict(outside.point)) !== found.label, "the point is classified well");
      assert(gap(outside.point, x) <= outside.distance && outside.distance <= found.radius * 1.02);
    }
    assert(certified >= 4, `${certified} of 6`);
  });
}

/** Networks and inputs for which a counterexample is known, at a known distance. */
function* planted(): Generator<
  { name: string; model: nn.Model; x: Float32Array; at: Float32Array }
> {
  const quadric = (weights: number[], readout: number[], bias: number[]): nn.Model => {
    const inputs = weights.length / (2 * readout.length / bias.length);
    const model = nn.sequential([
      nn.bilinear(inputs, readout.length / bias.length, { bias: false }),
      nn.linear(readout.length / bias.length, bias.length),
    ]);
    model.assign({ "0.weight": weights, "1.weight": readout, "1.bias": bias });
    return model;
  };
  // x² − y² + 1 against 0: the hard case
  yield {
    name: "a saddle seen from its centre",
    model: quadric([1, 0, 0, 1, 1, 0, 0, 1], [1, -1, 0, 0], [1, 0]),
    x: Float32Array.of(0, 0),
    at: Float32Array.of(0, 1.001),
  };
  // the class changes on a thin shell only: x² − 4 is below 0.01·… within
  yield {
    name: "a thin stripe of another class",
    model: quadric([1, 0, 1, 0], [1, 0], [-1e-4, 0]),
    x: Float32Array.of(1, 0),
    at: Float32Array.of(0, 0),
  };
  yield {
    name: "weights of 10¹⁵",
    model: quadric([1e15, 0, 0, 1e15, 1e15, 0, 0, 1e15], [1, -1, 0, 0], [0, 0]),
    x: Float32Array.of(1, 0.5),
    at: Float32Array.of(0.7, 0.8),
  };
  yield {
    name: "weights of 10⁻¹⁵",
    model: quadric([1e-15, 0, 0, 1e-15, 1e-15, 0, 0, 1e-15], [1, -1, 0, 0], [0, 0]),
    x: Float32Array.of(1, 0.5),
    at: Float32Array.of(0.7, 0.8),
  };
  yield {
    name: "a product that f32 cannot hold",
    model: quadric([1e20, 0, 1e20, 0], [1, 0], [0, 1]),
    x: Float32Array.of(1e-3, 0),
    at: Float32Array.of(0, 0),
  };
  const draw = numbers(77);
  for (let trial = 0; trial < 60; trial++) {
    const { shape, bias } = NETWORKS[(trial * 7) % NETWORKS.length]!;
    if (shape.after.length === 0 && shape.neurons < 2) continue;
    const model = network(shape, bias, 1000 + trial), x = draw.floats(shape.inputs);
    const label = largest(model.predict(x));
    // by blind search, so that no part of the solver is trusted
    let best: Float32Array | undefined;
    for (let i = 0; i < 300; i++) {
      const step = draw.doubles(shape.inputs), size = draw.next(0, 2) / distance(step);
      const y = Float32Array.from(x, (value, j) => value + size * step[j]!);
      if (largest(model.predict(y)) !== label && (!best || gap(y, x) < gap(best, x))) best = y;
    }
    if (best) yield { name: `network ${trial}`, model, x, at: best };
    else model[Symbol.dispose]();
  }
}

Deno.test("certify() certifies no planted counterexample away", () => {
  let count = 0;
  for (const { name, model, x, at } of planted()) {
    const reach = gap(at, x);
    for (const factor of [1, 1.0001, 1.5, 10, 1e6]) {
      const { verdict } = certify(model, x, { radius: reach * factor });
      assert(verdict !== "certified", `${name}: certified within ${reach * factor}`);
      if (factor === 1.5 && name.startsWith("network")) assertEquals(verdict, "refuted", name);
    }
    assert(radius(model, x).lower <= reach, `${name}: a proven radius beyond ${reach}`);
    model[Symbol.dispose]();
    count++;
  }
  assert(count > 40, `${count} planted`);
});

Deno.test("certify() does not trust a margin that f32 cannot see", () => {
  // (1 + 2⁻³⁰) against 1 is a margin of 2⁻³⁰, which f32 sums of 1 round away
  using model = nn.sequential([nn.bilinear(3, 3, { bias: false }), nn.linear(3, 2)]);
  model.assign({
    "0.weight": [1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0, 0, 1, 0, 0, 0, 1],
    "1.weight": [1, 2 ** -30, 0, 1, 0, 0],
    "1.bias": [0, 0],
  });
  const answer = certify(model, [1, 1, 1], { radius: 1e-12 });
  assert(answer.verdict !== "certified");
});

Deno.test("certify() certifies an input alone, within no distance or hardly any", () => {
  using model = network(NETWORKS[0]!.shape, "all", 5);
  const x = numbers(3).floats(12);
  for (const tiny of [0, 1e-300, 1e-30, 1e-12, 1e-6]) {
    assertEquals(certify(model, x, { radius: tiny }).verdict, "certified", `${tiny}`);
  }
});

Deno.test("certify() refutes with the input itself where the label is already wrong", () => {
  using model = network(NETWORKS[0]!.shape, "all", 5);
  const x = numbers(3).floats(12), { predicted } = radius(model, x);
  const answer = certify(model, x, { radius: 0, label: (predicted + 1) % 4 });
  assert(answer.verdict === "refuted" && answer.distance === 0);
  assertEquals([...answer.point], [...x]);
});

Deno.test("certify() answers unknown within rounding of the radius, with bounds and the reason", () => {
  using model = network(NETWORKS[0]!.shape, "all", 5);
  const x = numbers(3).floats(12), found = radius(model, x);
  const answer = certify(model, x, { radius: (found.lower + found.radius) / 2 });
  assert(answer.verdict === "unknown", answer.verdict);
  assertEquals([answer.lower, answer.upper], [found.lower, found.radius]);
  assertEquals(answer.gap, found.radius - found.lower);
  assert(/rounding of the model in f32/.test(answer.reason));
});

Deno.test("certify() answers unknown to NaN and refuses a negative radius", () => {
  using model = nn.sequential([nn.bilinear(2, 2)], { seed: 1 });
  for (const bad of [NaN, Infinity, 1e300]) {
    const answer = certify(model, [1, bad], { radius: 0.1 });
    assert(answer.verdict === "unknown" && answer.reason.includes(`${bad}`));
    assert(Number.isNaN(answer.gap));
  }
  for (const bad of [-1, NaN, Infinity]) {
    assertThrows(() => certify(model, [1, 1], { radius: bad }), RangeError, `${bad}`);
  }
  assertThrows(() => certify(model, [1, 1, 1], { radius: 1 }), TypeError, "an input has 2");
  assertThrows(() => certify(model, [1, 1], { radius: 1, label: 5 }), RangeError, "0 to 1");
  model.parameters.get("0.weight")!.set(new Float32Array(8).fill(NaN));
  const answer = certify(model, [1, 1], { radius: 0.1 });
  assert(answer.verdict === "unknown" && answer.reason.includes("0.weight"));
});
