import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { classPairs, intervalRadii, radii } from "../../src/guarantee/mod.ts";
import * as nn from "../../src/nn/mod.ts";
import { network, NETWORKS } from "../support/networks.ts";
import { numbers } from "../support/numbers.ts";

Deno.test("intervalRadii() are below the exact radii, and equal to them where one row decides", () => {
  for (const { name, shape, bias, seed } of NETWORKS) {
    if (shape.name === "one neuron") continue;
    using model = network(shape, bias, seed);
    const inputs = numbers(seed).floats(12 * shape.inputs), pairs = classPairs(model);
    const found = intervalRadii(pairs, inputs), exact = radii(pairs, inputs);
    found.forEach((value, i) => {
      assert(
        value <= exact.radius[i]! * (1 + 1e-9) && (value > 0 || exact.radius[i]! < 1e-6),
        name,
      );
    });
  }
  // 3x + 4y + 2 against 1: one linear function, so both are (2 − 1)/5 at the origin
  using linear = nn.sequential([nn.bilinear(2, 2)]);
  linear.assign({ "0.weight": [3, 4, 0, 0, 0, 0, 0, 0], "0.bias": [2, 1, 1, 1] });
  assertAlmostEquals(intervalRadii(linear, [0, 0])[0]!, 0.2, 1e-9);
  assertEquals([...intervalRadii(linear, [0, 0], { labels: [1] })], [0]);
});

Deno.test("intervalRadii() refuses what radii() refuses", () => {
  using model = nn.sequential([nn.bilinear(2, 2)], { seed: 1 });
  assertThrows(() => intervalRadii(model, [1, NaN]), RangeError, "finite");
  assertThrows(() => intervalRadii(model, [1, 2, 3]), TypeError);
  assertThrows(() => intervalRadii(model, [1, 2], { labels: [2] }), RangeError, "0 to 1");
  assertThrows(() => intervalRadii(model, [1, 2], { labels: [0, 1] }), TypeError);
});
