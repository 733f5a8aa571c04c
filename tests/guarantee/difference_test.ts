import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { interactions, truncate } from "../../src/decompose/mod.ts";
import { compression, equivalence, modelDifference } from "../../src/guarantee/mod.ts";
import * as nn from "../../src/nn/mod.ts";
import { network } from "../support/networks.ts";
import { numbers } from "../support/numbers.ts";

const SHAPE = { name: "", inputs: 6, before: [5], neurons: 7, after: [3] };

/** A point at most so far from a center, mostly on the sphere. */
function near(
  draw: ReturnType<typeof numbers>,
  center: ArrayLike<number>,
  radius: number,
): Float32Array {
  const raw = draw.doubles(center.length), size = Math.hypot(...raw);
  const length = radius * (1 - 1e-6) * (draw.next() < 0.7 ? 1 : draw.next());
  return Float32Array.from(raw, (x, i) => center[i]! + x / size * length);
}

/** The model with its weights rounded to steps of the largest / 2^bits. */
function quantised(model: nn.Model, layers: nn.Layer[], bits: number): nn.Model {
  const smaller = nn.sequential(layers), values: Record<string, Float32Array> = {};
  for (const [name, parameter] of model.parameters) {
    const data = parameter.toArray(), top = data.reduce((m, x) => Math.max(m, Math.abs(x)), 0);
    const step = top / 2 ** bits;
    values[name] = Float32Array.from(data, (x) => Math.round(x / step) * step);
  }
  smaller.assign(values);
  return smaller;
}

Deno.test("modelDifference() is attained, and no sampled input separates the models more", () => {
  for (let seed = 0; seed < 20; seed++) {
    const bias = seed % 2 === 0 ? "all" : "none", a = network(SHAPE, bias, seed);
    const b = network(
      { ...SHAPE, before: seed % 3 === 0 ? [] : [4], neurons: 4 },
      bias,
      100 + seed,
    );
    const draw = numbers(seed), center = draw.doubles(6), radius = draw.next(0.1, 2);
    const { bound, worst, gap, output, input, exact, rounding } = modelDifference(a, b, {
      center,
      radius,
    });
    assert(exact && gap === bound - worst && gap >= 0 && gap < 1e-9 * (1 + bound));
    const [first, second] = [interactions(a), interactions(b)];
    assertAlmostEquals(
      Math.abs(first.evaluate(input)[output]! - second.evaluate(input)[output]!),
      bound,
      1e-9 * (1 + bound),
    );
    assert(Math.hypot(...input.map((x, i) => x - center[i]!)) <= radius * (1 + 1e-9));
    for (let i = 0; i < 200; i++) {
      const x = near(draw, center, radius), other = second.evaluate(x);
      for (const [o, y] of first.evaluate(x).entries()) assert(Math.abs(y - other[o]!) <= bound);
      const run = b.predict(x);
      for (const [o, y] of a.predict(x).entries()) {
        assert(Math.abs(y - run[o]!) <= bound + rounding && rounding < 0.01);
      }
    }
    a[Symbol.dispose]();
    b[Symbol.dispose]();
  }
});

Deno.test("modelDifference() of deep networks bounds every sampled difference", () => {
  const layers = (): nn.Layer[] => [
    nn.linear(4, 5),
    nn.residual([nn.bilinear(5, 5, { bias: false })]),
    nn.rmsNorm(5),
    nn.bilinear(5, 4, { gate: "silu" }),
    nn.linear(4, 2),
  ];
  for (let seed = 0; seed < 10; seed++) {
    const model = nn.sequential(layers(), { seed }), smaller = quantised(model, layers(), 7);
    const draw = numbers(seed), center = draw.doubles(4), radius = 10 ** draw.next(-2, -0.5);
    const { bound, worst, exact } = modelDifference(model, smaller, { center, radius });
    assert(!exact && worst <= bound + 1e-5);
    for (let i = 0; i < 200; i++) {
      const x = near(draw, center, radius), other = smaller.predict(x);
      model.predict(x).forEach((y, o) => assert(Math.abs(y - other[o]!) <= bound + 1e-5));
    }
    // the affine parts cancel: the bound is far below that of two models without relation
    const stranger = nn.sequential(layers(), { seed: seed + 50 });
    assert(bound < modelDifference(model, stranger, { center, radius }).bound);
  }
});

Deno.test("equivalence() certifies a model and itself and refutes with an input that separates", () => {
  const model = network(SHAPE, "all", 3), smaller = truncate(model, { rank: 2 }).model;
  const itself = modelDifference(model, model, { radius: 3 });
  const same = equivalence(model, model, { radius: 3, tolerance: 1.1 * itself.rounding });
  assertEquals(same.verdict, "certified");
  const { bound, rounding } = modelDifference(model, smaller, { radius: 2 });
  const enough = 1.0001 * (bound + rounding);
  assertEquals(equivalence(model, smaller, { radius: 2, tolerance: enough }).verdict, "certified");
  const answer = equivalence(model, smaller, { radius: 2, tolerance: 0.99 * bound });
  assert(answer.verdict === "refuted" && answer.distance <= 2);
  const other = smaller.predict(answer.point);
  const apart = model.predict(answer.point).map((y, o) => Math.abs(y - other[o]!));
  assert(Math.max(...apart) > 0.99 * bound);
  const close = equivalence(model, smaller, { radius: 2, tolerance: bound * (1 - 1e-13) });
  assert(close.verdict === "unknown" && close.reason.length > 0);
});

Deno.test("equivalence() certifies no tolerance that the models in f32 exceed", () => {
  const layers = (): nn.Layer[] => [nn.bilinear(6, 20, { bias: false }), nn.linear(20, 3)];
  const model = nn.sequential(layers(), { seed: 1 }), same = nn.sequential(layers());
  // the same neurons from the last to the first: the same polynomial, added up in another order
  const [first, second] = ["0.weight", "1.weight"].map((name) =>
    model.parameters.get(name)!.toArray()
  );
  same.assign({
    "0.weight": first!.map((_, i) =>
      first![i < 120 ? (19 - ~~(i / 6)) * 6 + i % 6 : (59 - ~~(i / 6)) * 6 + i % 6]!
    ),
    "1.weight": second!.map((_, i) => second![~~(i / 20) * 20 + 19 - i % 20]!),
    "1.bias": model.parameters.get("1.bias")!,
  });
  const radius = 3, x = numbers(8).floats(100 * 6);
  for (let row = 0; row < x.length; row += 6) {
    const own = x.subarray(row, row + 6), length = Math.hypot(...own);
    own.forEach((value, i) => own[i] = 0.999 * radius * value / length);
  }
  const other = same.predict(x);
  const apart = Math.max(...model.predict(x).map((y, i) => Math.abs(y - other[i]!)));
  const { bound, rounding } = modelDifference(model, same, { radius });
  assert(bound < 0.1 * apart && apart <= bound + rounding, "the two differ by rounding alone");
  for (const tolerance of [bound, 2 * bound, 0.9 * apart]) {
    assert(equivalence(model, same, { radius, tolerance }).verdict !== "certified");
  }
  // where f32 overflows nothing is said of what it gives
  assertEquals(equivalence(model, same, { radius: 1e25, tolerance: 1e300 }).verdict, "unknown");
});

Deno.test("compression() never certifies a label that changes, and certifies most of a fine one", () => {
  let certified = 0, total = 0;
  for (let seed = 0; seed < 12; seed++) {
    const bias = seed % 2 === 0 ? "all" : "none", model = network(SHAPE, bias, 40 + seed);
    const bits = 3 + seed % 8, layers = model.config.layers.map((config) => nn.fromConfig(config));
    const smaller = quantised(model, layers, bits), draw = numbers(seed);
    const center = draw.doubles(6), radius = 1;
    const { marginLoss, labelsKept, difference } = compression(model, smaller, { center, radius });
    const rows = Array.from({ length: 120 }, () => near(draw, center, radius));
    const { verdicts, labels, spare } = labelsKept(Float32Array.from(rows.flatMap((x) => [...x])));
    rows.forEach((x, row) => {
      const before = model.predict(x), after = smaller.predict(x);
      const classOf = (y: Float32Array): number => y.indexOf(Math.max(...y));
      assertEquals(labels[row], classOf(before));
      if (verdicts[row] === "certified") assertEquals(classOf(after), labels[row]);
      assertEquals(verdicts[row] === "refuted", classOf(after) !== labels[row]);
      if (verdicts[row] === "certified") assert(spare[row]! > 0);
      for (let a = 0; a < 3; a++) {
        for (let b = 0; b < 3; b++) {
          const lost = before[a]! - before[b]! - (after[a]! - after[b]!);
          assert(lost <= marginLoss.data[a * 3 + b]! + 1e-5);
        }
      }
    });
    assert(difference.bound >= 0);
    if (bits >= 9) {
      total += rows.length;
      certified += verdicts.filter((verdict) => verdict === "certified").length;
    }
    const far = labelsKept(center.map((x) => x + 10));
    assert(far.verdicts[0] !== "certified" && Number.isNaN(far.spare[0]!));
    assertThrows(() => labelsKept([1, 2]), TypeError);
    assertThrows(() => labelsKept([1, 2, 3, 4, 5, NaN]), RangeError);
  }
  assert(certified > 0.5 * total, `${certified} of ${total}`);
});

Deno.test("compression() of deep and of linear networks certifies only labels that stay", () => {
  const kinds: (() => nn.Layer[])[] = [
    () => [nn.linear(4, 5), nn.relu(), nn.linear(5, 3)],
    () => [nn.bilinear(4, 5), nn.bilinear(5, 3)],
    () => [nn.linear(4, 3)],
  ];
  for (const [seed, layers] of kinds.entries()) {
    const model = nn.sequential(layers(), { seed }), smaller = quantised(model, layers(), 9);
    const draw = numbers(seed), { labelsKept } = compression(model, smaller, { radius: 0.5 });
    const rows = Array.from({ length: 40 }, () => near(draw, [0, 0, 0, 0], 0.5));
    const { verdicts } = labelsKept(Float32Array.from(rows.flatMap((x) => [...x])));
    verdicts.forEach((verdict, row) => {
      const classOf = (y: Float32Array): number => y.indexOf(Math.max(...y));
      const same = classOf(model.predict(rows[row]!)) === classOf(smaller.predict(rows[row]!));
      assert(verdict !== "certified" || same);
    });
    assert(verdicts.filter((verdict) => verdict === "certified").length > 4, `${verdicts}`);
  }
});

Deno.test("modelDifference() is infinite where numbers overflow", () => {
  const layers = (): nn.Layer[] => [nn.bilinear(4, 5), nn.bilinear(5, 5), nn.bilinear(5, 2)];
  const a = nn.sequential(layers(), { seed: 1 }), b = nn.sequential(layers(), { seed: 2 });
  for (const radius of [1e30, 1e160, 1e308]) {
    const { bound, worst } = modelDifference(a, b, { radius });
    assert(bound >= worst && worst >= 0 && bound > 1e30);
  }
  assertEquals(modelDifference(a, b, { radius: 1e308 }).bound, Infinity);
});

Deno.test("modelDifference() refuses models and balls that do not fit", () => {
  const a = network(SHAPE, "all", 1), b = nn.sequential([nn.bilinear(5, 3)]);
  assertThrows(() => modelDifference(a, b, { radius: 1 }), TypeError);
  assertThrows(() => modelDifference(a, a, { radius: -1 }), RangeError);
  assertThrows(
    () => modelDifference(a, a, { radius: 1, center: [NaN, 0, 0, 0, 0, 0] }),
    RangeError,
  );
  assertThrows(() => equivalence(a, a, { radius: 1, tolerance: NaN }), RangeError);
  assertThrows(() => compression(a, b, { radius: 1 }), TypeError);
});
