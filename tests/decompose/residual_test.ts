import { assert, assertEquals, assertThrows } from "@std/assert";
import { deepInteractions, fromFactors, interactions } from "../../src/decompose/mod.ts";
import { matrix } from "../../src/linalg/mod.ts";
import * as nn from "../../src/nn/mod.ts";
import { leakChecked } from "../support/leaks.ts";
import { network, NETWORKS } from "../support/networks.ts";
import { numbers } from "../support/numbers.ts";
import { deepForward, deepNetwork, filled } from "./odt_networks.ts";

leakChecked("deepInteractions() computes what the network does, biases and residuals too", () => {
  const depths = new Set<number>();
  for (let seed = 0; seed < 120; seed++) {
    const depth = 1 + seed % 4;
    using model = deepNetwork(seed, depth);
    const deep = deepInteractions(model), draw = numbers(seed + 1000);
    depths.add(deep.depth);
    assertEquals([deep.inputs, deep.outputs, deep.depth], [model.inputs, model.outputs, depth]);
    for (let trial = 0; trial < 3; trial++) {
      const x = draw.doubles(model.inputs), found = deep.evaluate(x);
      const exact = deepForward(model.layers, x), scale = deepForward(model.layers, x, true);
      exact.forEach((y, o) => {
        assert(Math.abs(y - found[o]!) <= 1e-13 * scale[o]!, `seed ${seed}: ${y} and ${found[o]}`);
      });
    }
  }
  assertEquals(depths.size, 4);
});

leakChecked("deepInteractions() agrees with interactions() at depth 1, from either", () => {
  for (const { name, shape, bias, seed } of NETWORKS) {
    using model = network(shape, bias, seed);
    const one = interactions(model), x = numbers(seed).doubles(shape.inputs);
    for (const deep of [deepInteractions(model), deepInteractions(one)]) {
      assertEquals(deep.constant, bias !== "none", name);
      assertEquals(deep.depth, 1);
      const expected = one.evaluate(x), found = deep.evaluate(x);
      const scale = deepForward(model.layers, x, true);
      expected.forEach((y, o) => assert(Math.abs(y - found[o]!) <= 1e-13 * scale[o]!, name));
    }
  }
});

leakChecked("deepInteractions() makes a bond of the narrowest state between two products", () => {
  using narrow = nn.sequential([
    nn.linear(9, 7, { bias: false }),
    nn.linear(7, 3, { bias: false }),
    nn.linear(3, 6, { bias: false }),
    nn.bilinear(6, 8, { bias: false }),
    nn.linear(8, 2, { bias: false }),
    nn.linear(2, 5, { bias: false }),
    nn.bilinear(5, 4, { bias: false }),
  ]);
  assertEquals(deepInteractions(narrow).widths, [3, 2, 4]);
  using wide = nn.sequential([
    nn.linear(3, 9),
    nn.bilinear(9, 2),
    nn.linear(2, 7),
    nn.bilinear(7, 4),
  ]);
  assertEquals(deepInteractions(wide).widths, [4, 3, 4]);
});

leakChecked("deepInteractions() widens a residual by one neuron an input", () => {
  using model = nn.sequential([nn.residual([nn.bilinear(3, 5), nn.linear(5, 3)], { scale: 0.25 })]);
  const { layers, constant } = deepInteractions(model);
  assert(constant);
  // five neurons of its own, three carried inputs, the constant
  assertEquals(layers.map(({ left }) => left.rows), [9]);
});

leakChecked("deepInteractions() carries inputs through a residual around two products", () => {
  using model = filled(
    nn.sequential([nn.residual([
      nn.bilinear(3, 4),
      nn.residual([nn.bilinear(4, 4)], { scale: -2 }),
      nn.linear(4, 3),
    ])]),
    numbers(8),
  );
  const deep = deepInteractions(model), x = [0.3, -0.7, 0.9];
  assertEquals(deep.depth, 2);
  const exact = deepForward(model.layers, x), found = deep.evaluate(x);
  exact.forEach((y, o) => assert(Math.abs(y - found[o]!) < 1e-13));
});

leakChecked("deepInteractions() names every layer without an exact form, and what to do", () => {
  using model = nn.sequential([
    nn.bilinear(4, 4, { gate: "silu" }),
    nn.relu(),
    nn.residual([nn.rmsNorm(4), nn.bilinear(4, 4)]),
  ]);
  assertThrows(
    () => deepInteractions(model),
    TypeError,
    "layer 0 is gated by silu (train it on without its gate); layer 1 is an activation, relu (train with a bilinear layer in its place); layer 2.0 divides by the size of its input, rmsNorm",
  );
  using words = nn.sequential([nn.embedding(9, 4), nn.transformer(4, { heads: 2 })]);
  assertThrows(() => deepInteractions(words), TypeError, "layer 1.0.1 is attention");
  using linear = nn.sequential([nn.linear(4, 2)]);
  assertThrows(() => deepInteractions(linear), TypeError, "no layer is bilinear");
});

leakChecked(
  "deepInteractions() refuses weights that are not finite, and inputs of another size",
  () => {
    using model = nn.sequential([nn.bilinear(2, 2), nn.bilinear(2, 1)]);
    assertThrows(() => deepInteractions(model).evaluate([1]), TypeError, "an input has 2");
    model.parameters.get("1.weight")!.set([1, NaN, 0, 0]);
    assertThrows(() => deepInteractions(model), RangeError, "entry 1 of 1.weight is NaN");
  },
);

Deno.test("deepInteractions() takes factors that no model made", () => {
  const one = fromFactors({
    left: matrix(1, 2, [1, 0]),
    right: matrix(1, 2, [0, 1]),
    leftBias: Float64Array.of(1),
    rightBias: Float64Array.of(-2),
    readout: matrix(2, 1, [3, -1]),
    outputBias: Float64Array.of(0, 5),
  });
  assertEquals([...deepInteractions(one).evaluate([2, 4])], [18, -1]);
});
