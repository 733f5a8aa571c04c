import { assert, assertEquals, assertThrows } from "@std/assert";
import { interactions } from "../../src/decompose/mod.ts";
import { atLeast, atMost, range } from "../../src/guarantee/mod.ts";
import * as nn from "../../src/nn/mod.ts";
import { distance, network, NETWORKS } from "../support/networks.ts";
import { numbers } from "../support/numbers.ts";

for (const { name, shape, bias, seed } of NETWORKS) {
  Deno.test(`atMost() and atLeast() decide limits on both sides of the range (${name})`, () => {
    using model = network(shape, bias, seed);
    const draw = numbers(seed), center = draw.floats(shape.inputs);
    for (const about of [{ center }, {}]) {
      const options = { output: 0, radius: draw.next(0.2, 2), ...about };
      const { lower, upper } = range(interactions(model).output(0), options);
      const room = 0.01 * (upper - lower) + 1e-4 * (Math.abs(upper) + Math.abs(lower));
      const above = atMost(model, { ...options, limit: upper + room });
      const under = atLeast(model, { ...options, limit: lower - room });
      assert(above.verdict === "certified" && above.certificate.end === upper);
      assert(under.verdict === "certified" && under.certificate.end === lower);
      const high = atMost(model, { ...options, limit: upper - room });
      const low = atLeast(model, { ...options, limit: lower + room });
      assert(high.verdict === "refuted", high.verdict);
      assert(low.verdict === "refuted", low.verdict);
      assert(model.predict(high.point)[0]! > upper - room);
      assert(model.predict(low.point)[0]! < lower + room);
      for (const { point } of [high, low]) {
        const middle = "center" in about ? about.center : new Float32Array(shape.inputs);
        const reach = distance(Float64Array.from(point, (x, i) => x - middle![i]!));
        assert(reach <= options.radius);
      }
    }
  });
}

Deno.test("atMost() is unknown where only the rounding of f32 decides", () => {
  using model = network(NETWORKS[0]!.shape, "all", 5);
  const { greatest } = range(interactions(model).output(0), { radius: 1 });
  const answer = atMost(model, { output: 0, radius: 1, limit: greatest.value * (1 + 1e-9) });
  assert(answer.verdict === "unknown" && answer.lower <= answer.upper && answer.gap > 0);
});

Deno.test("atMost() refuses what is no question, and proves nothing of NaN", () => {
  using model = nn.sequential([nn.bilinear(2, 2)], { seed: 1 });
  assertThrows(() => atMost(model, { output: 0, limit: NaN, radius: 1 }), RangeError, "NaN");
  assertThrows(() => atMost(model, { output: 2, limit: 1, radius: 1 }), RangeError, "0 to 1");
  assertThrows(() => atMost(model, { output: 0, limit: 1, radius: -1 }), RangeError, "-1");
  assertThrows(
    () => atMost(model, { output: 0, limit: 1, radius: 1, center: [1] }),
    TypeError,
    "2",
  );
  using gated = nn.sequential([nn.bilinear(2, 2, { gate: "silu" })]);
  assertThrows(() => atMost(gated, { output: 0, limit: 1, radius: 1 }), TypeError, "gate of silu");
  model.parameters.get("0.bias")!.set([0, NaN, 0, 0]);
  assertEquals(atMost(model, { output: 0, limit: 1, radius: 1 }).verdict, "unknown");
});
