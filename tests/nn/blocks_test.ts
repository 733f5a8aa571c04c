import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { heapUsage } from "../../src/kernels/mod.ts";
import * as nn from "../../src/nn/mod.ts";
import {
  activate,
  add,
  bilinear,
  causalAttention,
  indices,
  linear,
  multiplyRow,
  random,
  rmsNorm,
  scale,
  scope,
  type Tensor,
  tensor,
  zeros,
} from "../../src/tensor/mod.ts";
import { leakChecked } from "../support/leaks.ts";

const weights = (model: nn.Model): Record<string, number[]> =>
  Object.fromEntries([...model.parameters].map(([name, one]) => [name, [...one.toArray()]]));

leakChecked("sequential() names the parameters of nested layers by their places", () => {
  using model = nn.sequential([
    nn.embedding(7, 8),
    nn.transformer(8, { heads: 2, hidden: 5 }),
    nn.residual([nn.rmsNorm(8, { scale: true }), nn.block([nn.linear(8, 8)])]),
    nn.linear(8, 7),
  ]);
  assertEquals([...model.parameters].map(([name, { shape }]) => [name, shape]), [
    ["0.weight", [7, 8]],
    ["1.0.1.qkv", [24, 8]],
    ["1.0.1.output", [8, 8]],
    ["1.1.1.weight", [10, 8]],
    ["1.1.2.weight", [8, 5]],
    ["2.0.weight", [8]],
    ["2.1.0.weight", [8, 8]],
    ["2.1.0.bias", [8]],
    ["3.weight", [7, 8]],
    ["3.bias", [7]],
  ]);
  assertEquals([model.inputs, model.outputs], [0, 7]);
  model.assign({ "1.0.1.output": new Float32Array(64).fill(0.5) });
  assertEquals(weights(model)["1.0.1.output"], Array(64).fill(0.5));
  assertThrows(
    () => model.predict([1, 2]),
    TypeError,
    "Cannot predict from numbers: this model takes indices; call model(indices(…))",
  );
});

leakChecked("transformer() is its parts put together by hand", () => {
  for (const gate of ["none", "silu"] as const) {
    using model = nn.sequential(
      [nn.transformer(8, { heads: 2, hidden: 6, gate, blocks: 3 })],
      { seed: 5 },
    );
    scope(() => {
      const x = random(1).normal([2, 5, 8]);
      const own = (name: string): Tensor => model.parameters.get(`0.${name}`)!;
      const attended = linear(
        causalAttention(linear(rmsNorm(x), own("0.1.qkv")), 2),
        own("0.1.output"),
      );
      const between = add(x, scale(attended, 1 / Math.sqrt(6)));
      const kind = gate === "none" ? undefined : { kind: gate, beta: 1 };
      const hidden = bilinear(rmsNorm(between), own("1.1.weight"), undefined, kind);
      const expected = add(between, linear(hidden, own("1.2.weight")));
      assertEquals(model(x).toArray(), expected.toArray());
    });
  }
  using wide = nn.sequential([nn.transformer(12, { heads: 2 })]);
  assertEquals(wide.parameters.get("0.1.1.weight")!.shape, [64, 12], "hidden is 8·12/3");
});

leakChecked("transformer() looks at the past alone", () => {
  using model = nn.sequential([nn.transformer(8, { heads: 2 })], { seed: 2 });
  scope(() => {
    const values = random(1).normal([1, 6, 8]).toArray();
    const before = model(tensor(values, [1, 6, 8])).toArray();
    values.fill(9, 4 * 8); // positions 4 and 5
    const after = model(tensor(values, [1, 6, 8])).toArray();
    assertEquals(after.slice(0, 32), before.slice(0, 32));
    assertNotEquals(after.slice(32), before.slice(32));
    const alone = model(tensor(values.slice(0, 8), [1, 1, 8])).toArray();
    assert(alone.every((value, i) => Math.abs(value - before[i]!) < 1e-5), "a length of 1");
  });
});

leakChecked("attention() depends on distances alone, not on where the text begins", () => {
  using model = nn.sequential([nn.attention(8, { heads: 2 })], { seed: 2 });
  scope(() => {
    // a first token that weighs nothing beside one that repeats: scores depend on i − j
    const token = [...random(1).normal([8]).toArray()];
    const same = model(tensor(Array(5).fill(token).flat(), [1, 5, 8])).toArray();
    for (let t = 1; t < 5; t++) {
      for (let j = 0; j < 8; j++) assert(Math.abs(same[8 * t + j]! - same[j]!) < 1e-5);
    }
  });
});

leakChecked("residual() adds its layers, scaled, to what came in", () => {
  using model = nn.sequential([nn.residual([nn.linear(4, 4), nn.tanh()], { scale: -0.5 })], {
    seed: 1,
  });
  scope(() => {
    const x = random(1).normal([3, 4]),
      own = (name: string) => model.parameters.get(`0.0.${name}`)!;
    const inner = activate(linear(x, own("weight"), own("bias")), "tanh");
    assertEquals(model(x).toArray(), add(x, scale(inner, -0.5)).toArray());
  });
});

leakChecked("rmsNorm() multiplies by its weight, which begins at 1", () => {
  using model = nn.sequential([nn.rmsNorm(4, { scale: true, epsilon: 0.1 })], { seed: 1 });
  assertEquals(weights(model), { "0.weight": [1, 1, 1, 1] });
  const factors = [1, -2, 0, 0.5];
  model.assign({ "0.weight": factors });
  scope(() => {
    const x = random(1).normal([3, 4]);
    assertEquals(model(x).toArray(), multiplyRow(rmsNorm(x, 0.1), tensor(factors)).toArray());
  });
});

leakChecked("embedding() gives the rows of its table, and refuses what is no index of it", () => {
  using model = nn.sequential([nn.embedding(3, 2)], { seed: 1 });
  model.assign({ "0.weight": [1, 2, 3, 4, 5, 6] });
  scope(() => {
    const found = model(indices([2, 0, 2, 1], [2, 2]));
    assertEquals([found.shape, [...found.toArray()]], [[2, 2, 2], [5, 6, 1, 2, 5, 6, 3, 4]]);
    const { blocks } = heapUsage(), high = indices([0, 3]), low = indices([-1]), rows = zeros([2]);
    assertThrows(() => model(high), RangeError, "index 1 is 3, and the rows are 0 to 2");
    assertThrows(() => model(low), RangeError, "index 0 is -1");
    assertThrows(() => model(rows), TypeError, "indices are i32, made by indices()");
    assertEquals(heapUsage().blocks, blocks + 3);
  });
});

leakChecked("containers refuse layers that do not fit, none, and settings that are none", () => {
  scope(() => {
    const wrong: [() => nn.Layer, string][] = [
      [
        () => nn.residual([nn.linear(3, 2)]),
        "its layers turn 3 columns into 2, and must keep them",
      ],
      [() => nn.residual([nn.embedding(3, 4)]), "it takes indices"],
      [() => nn.residual([]), "Cannot make a residual of no layers: give at least one"],
      [() => nn.block([]), "Cannot make a block of no layers"],
      [
        () => nn.block([nn.linear(3, 2), nn.linear(3, 2)]),
        "it gives 2 outputs and the next takes 3",
      ],
      [() => nn.block([nn.linear(3, 4), nn.embedding(9, 4)]), "Cannot put an embedding in layer 1"],
      [
        () => nn.residual([nn.relu()], { scale: NaN }),
        "Cannot make a residual layer: it has scale NaN, and it must be a finite number",
      ],
      [
        () => nn.attention(8, { heads: 3 }),
        "Cannot make an attention layer: it has 3 heads of 8 columns: each head needs an even number",
      ],
      [() => nn.attention(8, { heads: 2, base: 0 }), "it has base 0"],
      [() => nn.rmsNorm(4, { epsilon: -1 }), "it has epsilon -1"],
      [() => nn.embedding(0, 4), "it has count 0"],
      [() => nn.silu({ beta: Infinity }), "it has beta Infinity"],
      [() => nn.bilinear(3, 2, { gate: "swish" as "silu" }), 'it has gate "swish"'],
      [() => nn.transformer(8, { heads: 2, hidden: 0 }), "it has outputs 0"],
    ];
    for (const [make, message] of wrong) assertThrows(make, Error, message);
    const shared = nn.linear(4, 4);
    assertThrows(
      () => nn.sequential([shared, nn.block([nn.relu(), shared])]),
      TypeError,
      "Cannot use one layer twice: make layer 1.1 anew",
    );
    assertThrows(() => nn.sequential([nn.relu()]), TypeError, "layers without a size");
  });
});

leakChecked("bilinear() with tied halves begins as a square, of both gates and plain", () => {
  using model = nn.sequential([
    nn.bilinear(4, 3, { halves: "tied" }),
    nn.bilinear(3, 2, { halves: "tied", bias: false, gate: "silu" }),
    nn.bilinear(2, 2),
  ], { seed: 1 });
  const found = weights(model);
  assertEquals(found["0.weight"]!.slice(12), found["0.weight"]!.slice(0, 12));
  assertEquals(found["1.weight"]!.slice(6), found["1.weight"]!.slice(0, 6));
  assertNotEquals(found["2.weight"]!.slice(4), found["2.weight"]!.slice(0, 4));
  // tying changes V alone
  using apart = nn.sequential([nn.bilinear(4, 3)], { seed: 1 });
  assertEquals(found["0.weight"]!.slice(0, 12), weights(apart)["0.weight"]!.slice(0, 12));
  assertEquals(found["0.bias"], weights(apart)["0.bias"]);
});

leakChecked(
  "layers inside layers are drawn each by its own stream, the same for the same seed",
  () => {
    const make = (seed: number): nn.Model =>
      nn.sequential([
        nn.embedding(5, 8),
        nn.transformer(8, { heads: 2 }),
        nn.transformer(8, { heads: 2 }),
      ], {
        seed,
      });
    using one = make(3);
    using same = make(3);
    using other = make(4);
    assertEquals(weights(one), weights(same));
    for (const [name, values] of Object.entries(weights(one))) {
      assertNotEquals(values, weights(other)[name], name);
    }
    assertNotEquals(weights(one)["1.0.1.qkv"], weights(one)["2.0.1.qkv"]);
    // a flat model draws as before: its streams count the layers
    using flat = nn.sequential([nn.linear(4, 4), nn.linear(4, 4)], { seed: 2 });
    using nested = nn.sequential([nn.linear(4, 4), nn.block([nn.linear(4, 4)])], { seed: 2 });
    assertEquals(weights(flat)["0.weight"], weights(nested)["0.weight"]);
  },
);

leakChecked(
  "sequential() draws every layer by its law: embeddings N(0, 1), the others uniform",
  () => {
    using model = nn.sequential(
      [
        nn.embedding(300, 64),
        nn.attention(64, { heads: 4 }),
        nn.bilinear(64, 200, { gate: "silu" }),
      ],
      { seed: 5 },
    );
    for (const [name, values] of Object.entries(weights(model))) {
      const { length } = values, mean = values.reduce((a, b) => a + b) / length;
      const variance = values.reduce((a, b) => a + b * b, 0) / length;
      const normal = name === "0.weight", expected = normal ? 1 : 1 / 64 / 3;
      assert(Math.abs(mean) < 5 * Math.sqrt(expected / length), `${name}: mean ${mean}`);
      // relative deviation of the variance: √(2/n) for normal numbers, √(0.8/n) for uniform ones
      const spread = Math.sqrt((normal ? 2 : 0.8) / length);
      assert(Math.abs(variance / expected - 1) < 5 * spread, `${name}: variance ${variance}`);
      const most = values.reduce((top, value) => Math.max(top, Math.abs(value)), 0);
      if (normal) assert(most > 3 && most < 6, `${name} reaches ${most}`);
      else assert(most <= (1 + 1e-6) / 8, `${name} reaches ${most}`);
    }
  },
);

leakChecked("a disposed model frees the parameters of nested layers", () => {
  const { blocks } = heapUsage();
  const model = nn.sequential([nn.embedding(5, 8), nn.transformer(8, { heads: 2 })]);
  assertEquals(heapUsage().blocks, blocks + model.parameters.size);
  model[Symbol.dispose]();
  assertEquals(heapUsage().blocks, blocks);
});

leakChecked("meanSquaredError() leaves its result alone, and refuses other shapes", () => {
  scope(() => {
    const a = tensor([1, 2, 3]), b = tensor([1, 0, 0]), { blocks } = heapUsage();
    assertEquals(Math.fround(nn.meanSquaredError(a, b).item()), Math.fround(13 / 3));
    assertEquals(heapUsage().blocks, blocks + 1);
    assertThrows(() => nn.meanSquaredError(a, zeros([3, 1])), TypeError, "the shapes differ");
  });
});
