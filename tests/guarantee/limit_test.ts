import { assert, assertEquals, assertThrows } from "@std/assert";
import { interactions } from "../../src/decompose/mod.ts";
import { sealed } from "../../src/guarantee/certificate.ts";
import { atLeast, atMost, check, range } from "../../src/guarantee/mod.ts";
import * as io from "../../src/io/mod.ts";
import * as nn from "../../src/nn/mod.ts";
import { distance, network, NETWORKS } from "../support/networks.ts";
import { numbers } from "../support/numbers.ts";
import { changed } from "./tampering.ts";

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
      const bytes = io.save(model), middle = "center" in about ? center : center.map(() => 0);
      for (const { certificate: { file } } of [above, under]) {
        const checked = check(JSON.parse(JSON.stringify(file)), bytes, middle);
        assert(checked.verdict === "certified" && checked.slack <= room);
      }
      const high = atMost(model, { ...options, limit: upper - room });
      const low = atLeast(model, { ...options, limit: lower + room });
      assert(high.verdict === "refuted", high.verdict);
      assert(low.verdict === "refuted", low.verdict);
      assert(model.predict(high.point)[0]! > upper - room);
      assert(model.predict(low.point)[0]! < lower + room);
      for (const { point } of [high, low]) {
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
  assertThrows(
    () => atMost(model, { output: 0, limit: Infinity, radius: 1 }),
    RangeError,
    "finite",
  );
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

Deno.test("check() rejects a limit with any field, the model or the centre changed", () => {
  using model = network(NETWORKS[1]!.shape, "all", 6);
  const center = numbers(4).floats(12), about = { output: 1, radius: 0.4, center };
  const { upper } = range(interactions(model).output(1), about);
  const answer = atMost(model, { ...about, limit: upper + 1e-3 });
  assert(answer.verdict === "certified");
  const { file } = answer.certificate, bytes = io.save(model);
  assertEquals(check(file, bytes, center).verdict, "certified");
  for (const variant of changed(file)) {
    assertEquals(check(variant, bytes, center).verdict, "unknown", JSON.stringify(variant));
  }
  assertEquals(check(file, bytes, center.map((x, i) => i === 3 ? x + 1e-6 : x)).verdict, "unknown");
  for (const [name, parameter] of model.parameters) {
    const values = parameter.toArray() as Float32Array, other = values.slice();
    new Uint8Array(other.buffer)[0]! ^= 1;
    parameter.set(other);
    assertEquals(check(file, io.save(model), center).verdict, "unknown", name);
    parameter.set(values);
  }
});

Deno.test("check() never accepts a limit inside the range, whatever the multiplier", () => {
  const draw = numbers(10);
  let accepted = 0;
  for (const { shape, bias, seed } of NETWORKS) {
    using model = network(shape, bias, seed);
    const center = draw.floats(shape.inputs), bytes = io.save(model);
    const options = { output: 0, radius: draw.next(0.1, 2), center };
    const { lower, upper, least, greatest } = range(interactions(model).output(0), options);
    const room = 0.01 * (upper - lower) + 1e-4 * (Math.abs(upper) + Math.abs(lower));
    const answer = atMost(model, { ...options, limit: upper + room });
    assert(answer.verdict === "certified");
    const { file } = answer.certificate;
    for (let trial = 0; trial < 30; trial++) {
      const multiplier = file.multiplier * draw.next(0.2, 3);
      // where the exact value at a point of the ball is on the wrong side
      const high = { limit: greatest.value - 1e-9 * draw.next(0, 1) * room, multiplier };
      const low = { limit: least.value + room * draw.next(0, 2), multiplier };
      for (
        const lie of [high, { ...high, side: "atLeast" as const }, {
          ...low,
          side: "atLeast" as const,
        }]
      ) {
        if ("side" in lie && lie.limit <= least.value) continue;
        const checked = check(sealed({ ...file, ...lie }), bytes, center);
        assertEquals(checked.verdict, "unknown", JSON.stringify(lie));
      }
      const fair = sealed({ ...file, multiplier: file.multiplier * draw.next(1, 1.001) });
      if (check(fair, bytes, center).verdict === "certified") accepted++;
    }
  }
  assert(accepted > 500, `${accepted}`);
});
