import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { eigen, interactions, truncate } from "../../src/decompose/mod.ts";
import {
  adversarialMasks,
  attack,
  boxPairs,
  certifyBox,
  classPairs,
  maskEffect,
  minimalAttack,
  radius,
} from "../../src/guarantee/mod.ts";
import { analytic, byTape, marginGradient } from "../../src/guarantee/attack_gradient.ts";
import { heapUsage } from "../../src/kernels/mod.ts";
import { matrix } from "../../src/linalg/mod.ts";
import * as nn from "../../src/nn/mod.ts";
import { firstDigits } from "../support/digits.ts";
import { mnistModel } from "../support/fixtures.ts";
import { network, NETWORKS } from "../support/networks.ts";
import { numbers } from "../support/numbers.ts";

const SHAPE = { name: "", inputs: 6, before: [5], neurons: 7, after: [3] };

Deno.test("marginGradient() by factors is that of the tape, and that of differences", () => {
  for (
    const { shape, bias, seed } of NETWORKS.filter(({ shape }) =>
      (shape.after.at(-1) ?? shape.neurons) > 1
    )
  ) {
    const model = network(shape, bias, seed), draw = numbers(seed), rows = 3, n = shape.inputs;
    const x = matrix(rows, n, draw.floats(rows * n)), labels = [0, 1, 0];
    const exact = analytic(model)(x, labels), taped = byTape(model)(x, labels);
    const size = exact.gradients.data.reduce((top, g) => Math.max(top, Math.abs(g)), 1);
    exact.gradients.data.forEach((g, i) =>
      assertAlmostEquals(g, taped.gradients.data[i]!, 1e-4 * size)
    );
    assertEquals([...exact.rivals], [...taped.rivals]);
    for (let i = 0; i < n; i++) {
      const step = 1e-5,
        at = (sign: number): Float64Array => {
          const moved = matrix(rows, n, x.data);
          for (let row = 0; row < rows; row++) moved.data[row * n + i]! += sign * step;
          return marginGradient(model)(moved, labels).margins;
        };
      const up = at(1), down = at(-1);
      for (let row = 0; row < rows; row++) {
        const slope = (up[row]! - down[row]!) / (2 * step);
        assertAlmostEquals(exact.gradients.data[row * n + i]!, slope, 1e-5 * size);
      }
    }
    model[Symbol.dispose]();
  }
});

Deno.test("attack() stays in its ball and its domain, and says what the model says", () => {
  for (let seed = 0; seed < 20; seed++) {
    const gated = seed % 3 === 0;
    const model = gated
      ? nn.sequential([nn.bilinear(6, 8, { gate: "gelu" }), nn.rmsNorm(8), nn.linear(8, 3)], {
        seed,
      })
      : network(SHAPE, "all", seed);
    const draw = numbers(seed), inputs = draw.floats(5 * 6, 0, 1), limit = draw.next(0, 1);
    const norm = seed % 2 === 0 ? "l2" : "linf";
    const blocks = heapUsage().blocks;
    const { points, margins, distances, found } = attack(model, inputs, {
      radius: limit,
      norm,
      domain: [0, 1],
      seed,
    });
    assertEquals(heapUsage().blocks, blocks);
    const before = model.predict(inputs), after = model.predict(points);
    for (let row = 0; row < 5; row++) {
      let size = 0;
      for (let i = row * 6; i < row * 6 + 6; i++) {
        const change = Math.abs(points[i]! - inputs[i]!);
        size = norm === "l2" ? Math.hypot(size, change) : Math.max(size, change);
        assert(points[i]! >= 0 && points[i]! <= 1);
      }
      assert(size <= limit && Math.abs(size - distances[row]!) < 1e-12);
      const own = before.subarray(row * 3, row * 3 + 3), label = own.indexOf(Math.max(...own));
      const now = after.subarray(row * 3, row * 3 + 3);
      assertEquals(found[row], now.indexOf(Math.max(...now)) === label ? 0 : 1);
      const rival = Math.max(...now.filter((_, o) => o !== label));
      assertAlmostEquals(margins[row]!, now[label]! - rival, 1e-6);
      const start = own[label]! - Math.max(...own.filter((_, o) => o !== label));
      assert(margins[row]! <= start + 1e-5);
    }
    const again = attack(model, inputs, { radius: limit, norm, domain: [0, 1], seed });
    assertEquals([...again.points], [...points]);
    model[Symbol.dispose]();
  }
});

Deno.test("attack() never succeeds inside the certified radius, and nearly always just outside", () => {
  let beaten = 0, total = 0;
  for (let seed = 0; seed < 25; seed++) {
    const model = network(SHAPE, seed % 2 === 0 ? "all" : "none", seed), pairs = classPairs(model);
    const draw = numbers(seed);
    for (let i = 0; i < 4; i++) {
      const input = draw.floats(6), { radius: exact, lower } = radius(pairs, input);
      if (!Number.isFinite(exact) || lower === 0) continue;
      const inside = attack(model, input, { radius: 0.999 * lower, restarts: 3 });
      assertEquals(inside.found[0], 0);
      total++;
      beaten += attack(model, input, { radius: 1.02 * exact, restarts: 3 }).found[0]!;
      const { point, distance, certified } = minimalAttack(pairs, input);
      assert(certified <= distance && distance <= exact * 1.001 + 1e-5);
      const label = (x: ArrayLike<number>): number => {
        const y = model.predict(x);
        return y.indexOf(Math.max(...y));
      };
      assert(label(point) !== label(input));
    }
    model[Symbol.dispose]();
  }
  assert(total > 60 && beaten > 0.9 * total, `${beaten} of ${total}`);
});

Deno.test("minimalAttack() finds nothing where there is no boundary", () => {
  const model = nn.sequential([nn.bilinear(2, 1, { bias: false }), nn.linear(1, 2)]);
  model.assign({ "0.weight": [1, 1, 1, 1], "1.weight": [1, 0], "1.bias": [1, 0] }); // 1 + (x + y)² > 0
  const { distance, radius: exact } = minimalAttack(model, [0.3, 0.1]);
  assertEquals([distance, exact], [Infinity, Infinity]);
});

Deno.test("attacks on digits never beat a certificate, in L2 and in L∞", () => {
  // a small network that runs in no time and still reads digits
  const whole = mnistModel(), { model } = truncate(whole, { rank: 6 });
  whole[Symbol.dispose]();
  const count = 6,
    bytes = firstDigits("test", count),
    images = Float32Array.from(bytes, (x) => x / 255);
  const pairs = boxPairs(model);
  let certified = 0;
  for (const norm of ["linf", "l1"] as const) {
    const limit = norm === "linf" ? 0.02 : 1;
    for (let i = 0; i < 2; i++) {
      const image = images.subarray(i * 784, (i + 1) * 784);
      const answer = certifyBox(pairs, image, { radius: limit, norm, domain: [0, 1] });
      if (answer.verdict !== "certified") continue;
      certified++;
      const found = attack(model, image, {
        radius: norm === "linf" ? limit : limit / 28,
        norm: "linf",
        domain: [0, 1],
      });
      if (norm === "linf") {
        assertEquals(found.found[0], 0);
        assert(found.margins[0]! >= answer.certificate.margin);
      }
    }
  }
  assert(certified >= 2, `${certified}`);
  const labels = Int32Array.from({ length: count }, (_, i) => {
    const { label, lower } = radius(pairs.pairs, images.subarray(i * 784, (i + 1) * 784));
    const own = attack(model, images.subarray(i * 784, (i + 1) * 784), {
      radius: 0.99 * lower,
      steps: 20,
    });
    assertEquals(own.found[0], 0);
    return label;
  });
  // a mask towards 3 moves more digits than the same pixels in another order
  const { masks, crosstalk } = adversarialMasks(interactions(model), 3, { count: 3 });
  assert(crosstalk < 1e-10);
  const effects = [1, -1].map((sign) =>
    maskEffect(model, images, labels, masks.data.subarray(0, 784), { target: 3, length: 6 * sign })
  );
  const best = effects.reduce((a, b) => a.toTarget > b.toTarget ? a : b);
  assert(best.toTarget >= best.shuffledToTarget && best.accuracy <= best.shuffledAccuracy);
  model[Symbol.dispose]();
});

Deno.test("adversarialMasks() excite one eigenvector each, in both spaces", () => {
  const model = network({ name: "", inputs: 14, before: [9], neurons: 8, after: [3] }, "none", 5);
  const all = interactions(model);
  for (const space of ["input", "embedding"] as const) {
    const { masks, values, crosstalk } = adversarialMasks(all, 1, { count: 3, space });
    const { values: spectrum, vectors } = eigen(all.output(1), { space });
    const kept = [...spectrum.keys()].filter((i) => spectrum[i]! > 0).slice(0, masks.rows);
    assertEquals([...values], kept.map((i) => spectrum[i]!));
    assert(crosstalk < 1e-9);
    for (let r = 0; r < masks.rows; r++) {
      const mask = masks.data.subarray(r * 14, (r + 1) * 14);
      assertAlmostEquals(Math.hypot(...mask), 1, 1e-12);
      kept.forEach((vector, at) => {
        let along = 0;
        for (let i = 0; i < 14; i++) along += vectors.data[vector * 14 + i]! * mask[i]!;
        assert(at === r ? along > 0 : Math.abs(along) < 1e-9);
      });
    }
  }
  assertThrows(() => adversarialMasks(all, 7), RangeError);
  assertThrows(() => adversarialMasks(all, 0, { count: 0 }), RangeError);
  assertThrows(() => maskEffect(model, [1], [0], [1], { target: 0, length: 1 }), TypeError);
});

Deno.test("attack() refuses what it cannot attack", () => {
  const model = network(SHAPE, "all", 1), input = new Float32Array(6);
  const refused = (options: Parameters<typeof attack>[2], error = RangeError as ErrorConstructor) =>
    assertThrows(() => attack(model, input, options), error);
  refused({ radius: -1 });
  refused({ radius: NaN });
  refused({ radius: 1, steps: 0 });
  refused({ radius: 1, restarts: 0.5 });
  refused({ radius: 1, labels: [3] });
  refused({ radius: 1, labels: [0, 1] }, TypeError);
  refused({ radius: 1, domain: [0.5, 1] });
  assertThrows(() => attack(model, [0, NaN, 0, 0, 0, 0], { radius: 1 }), RangeError);
  assertThrows(() => attack(model, [0, 0], { radius: 1 }), TypeError);
  const one = nn.sequential([nn.bilinear(6, 1)]);
  assertThrows(() => attack(one, input, { radius: 1 }), TypeError);
});
