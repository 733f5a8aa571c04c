import { assert, assertEquals, assertThrows } from "@std/assert";
import { heapUsage } from "../../src/kernels/mod.ts";
import * as io from "../../src/io/mod.ts";
import * as nn from "../../src/nn/mod.ts";
import { indices, random, scope, type Tensor } from "../../src/tensor/mod.ts";
import { leakChecked } from "../support/leaks.ts";

/** A model with every type of layer and every option, and an input of it. */
const MODELS: Readonly<Record<string, { layers: () => nn.Layer[]; input: () => Tensor }>> = {
  linear: { layers: () => [nn.linear(4, 3, { bias: false })], input: rows },
  "gates of every kind": {
    layers: () => [
      nn.bilinear(4, 5),
      nn.bilinear(5, 4, { gate: "relu" }),
      nn.bilinear(4, 4, { gate: "gelu", bias: false }),
      nn.bilinear(4, 4, { gate: "gelu-tanh" }),
      nn.bilinear(4, 4, { gate: "silu", beta: 1.702 }),
      nn.bilinear(4, 4, { gate: "sigmoid", halves: "tied" }),
      nn.bilinear(4, 2, { gate: "tanh" }),
    ],
    input: rows,
  },
  "activations of every kind": {
    layers: () => [
      ...[nn.relu(), nn.linear(4, 4), nn.gelu(), nn.gelu({ approximation: "tanh" })],
      ...[nn.silu(), nn.silu({ beta: 2 }), nn.sigmoid(), nn.tanh()],
    ],
    input: rows,
  },
  norms: {
    layers: () => [nn.rmsNorm(4), nn.rmsNorm(4, { scale: true, epsilon: 0.5 })],
    input: rows,
  },
  "residuals and blocks": {
    layers: () => [
      nn.residual([nn.linear(4, 6), nn.residual([nn.relu()], { scale: -2 }), nn.linear(6, 4)]),
      nn.block([nn.block([nn.linear(4, 4)]), nn.tanh()]),
    ],
    input: rows,
  },
  "a language model": {
    layers: () => [
      nn.embedding(7, 8),
      nn.transformer(8, { heads: 2, blocks: 2 }),
      nn.transformer(8, { heads: 4, blocks: 2, hidden: 5, gate: "silu" }),
      nn.block([nn.rmsNorm(8), nn.attention(8, { heads: 1, base: 100 })]),
      nn.linear(8, 7),
    ],
    input: tokens,
  },
  "an embedding inside a block": {
    layers: () => [nn.block([nn.embedding(7, 4), nn.relu()]), nn.linear(4, 2)],
    input: tokens,
  },
};

function rows(): Tensor {
  return random(5).normal([3, 4]);
}

function tokens(): Tensor {
  return indices([0, 6, 3, 3, 1, 5], [2, 3]);
}

for (const [name, { layers, input }] of Object.entries(MODELS)) {
  leakChecked(`save() and load() give back the same model: ${name}`, () => {
    using model = nn.sequential(layers(), { seed: 3 });
    assertEquals(nn.checkModelConfig(JSON.parse(JSON.stringify(model.config))), model.config);
    using copy = io.load(io.save(model));
    assertEquals(copy.config, model.config);
    assertEquals([copy.inputs, copy.outputs], [model.inputs, model.outputs]);
    assertEquals([...copy.parameters.keys()], [...model.parameters.keys()]);
    assertEquals(io.save(copy), io.save(model));
    scope(() => {
      const x = input(), y = model(x);
      assertEquals(copy(x).toArray(), y.toArray());
      assertEquals(y.shape, [...x.shape.slice(0, x.dtype === "i32" ? 2 : 1), model.outputs]);
      assert(y.toArray().every(Number.isFinite), `${y.toArray()}`);
    });
  });

  leakChecked(`allShapes() and countParameters() know a model before it is made: ${name}`, () => {
    using model = nn.sequential(layers(), { seed: 3 });
    const found = [...model.parameters].map(([key, { shape }]) => [key, shape]);
    assertEquals([...nn.allShapes(model.config.layers)].map(([key, shape]) => [key, shape]), found);
    const total = [...model.parameters.values()].reduce((sum, { size }) => sum + size, 0);
    assertEquals(nn.countParameters(model.config.layers), total);
  });

  leakChecked(`fromConfig() makes layers that leave their result and nothing else: ${name}`, () => {
    scope(() => {
      const { config } = nn.sequential(layers(), { seed: 3 });
      const made = config.layers.map(nn.fromConfig);
      assertEquals(made.map((layer) => layer.config), config.layers);
      nn.sequential(made, { seed: 3 });
      made.reduce((x, layer) => {
        const { blocks } = heapUsage(), y = layer(x);
        assertEquals(heapUsage().blocks, blocks + 1, JSON.stringify(layer.config));
        return y;
      }, input());
    });
  });
}

leakChecked("checkModelConfig() leaves out what no layer has, and never takes it for one", () => {
  const bad = [{ type: "bilinear", inputs: -1 }];
  const linear = { type: "linear", inputs: 3, outputs: 4, bias: false } as const;
  const given = {
    type: "sequential",
    layers: [{ ...linear, layers: bad, width: 9, scale: {} }],
    more: 1,
  };
  assertEquals(nn.checkModelConfig(given), { type: "sequential", layers: [linear] });
  const hostile = JSON.parse(
    '{"type":"sequential","layers":[{"type":"relu","__proto__":{"type":"linear","inputs":1}}]}',
  );
  assertThrows(() => nn.checkModelConfig(hostile), RangeError, 'layer 0 is of type "relu"');
  const inherited = { type: "sequential", layers: [Object.create({ ...linear })] };
  assertThrows(() => nn.checkModelConfig(inherited), RangeError, "layer 0 has inputs missing");
});

leakChecked("checkModelConfig() refuses layers that are none, and says which and why", () => {
  const block = (...layers: unknown[]) => ({ type: "block", layers });
  const residual = (...layers: unknown[]) => ({ type: "residual", scale: 1, layers });
  const attention = { type: "attention", width: 8, heads: 2, base: 10_000 };
  const linear = (inputs: number, outputs: number) => ({
    type: "linear",
    inputs,
    outputs,
    bias: false,
  });
  const embedding = { type: "embedding", count: 3, width: 4 };
  const deep = (depth: number): unknown =>
    depth === 0 ? { type: "activation", kind: "relu" } : block(deep(depth - 1));
  const wrong: [unknown[], string][] = [
    [[{ type: "toString" }], 'layer 0 is of type "toString"'],
    [[[]], "layer 0 is of type missing"],
    [[7], "layer 0 is 7, no layer"],
    [[{ type: "activation", kind: "toString" }], 'has kind "toString", and that is no activation'],
    [[{ type: "activation" }], "layer 0 has kind missing"],
    [
      [{ type: "activation", kind: "silu", beta: "2" }],
      'has beta "2", and it must be a finite number',
    ],
    [
      [{ ...linear(3, 4), type: "bilinear", gate: "none" }],
      'has gate "none", and that is no activation',
    ],
    [
      [{ ...linear(3, 4), type: "bilinear", gate: null }],
      "has gate null, and that is no activation",
    ],
    [
      [{ type: "rmsNorm", width: 4, scale: 1, epsilon: 1 }],
      "has scale 1, and it must be true or false",
    ],
    [[{ type: "rmsNorm", width: 4, scale: true }], "has epsilon missing"],
    [
      [{ type: "rmsNorm", width: 4, scale: true, epsilon: -1 }],
      "has epsilon -1, and it must be a finite number ≥ 0",
    ],
    [
      [{ ...attention, heads: 3 }],
      "layer 0 has 3 heads of 8 columns: each head needs an even number",
    ],
    [[{ ...attention, heads: 8 }], "layer 0 has 8 heads of 8 columns"],
    [[{ ...attention, heads: 0 }], "has heads 0, and it must be a whole number ≥ 1"],
    [[{ ...attention, base: 0 }], "has base 0, and it must be a finite number ≥ 1"],
    [[{ ...attention, base: -5 }], "has base -5"],
    [[{ ...attention, base: undefined }], "has base missing"],
    [[residual()], "layer 0 has layers [], and it must hold one layer or more"],
    [[{ type: "block", layers: { length: 1 } }], "it must hold one layer or more"],
    [[{ type: "residual", layers: [linear(3, 3)] }], "layer 0 has scale missing"],
    [[{ ...residual(linear(3, 3)), scale: "1" }], 'layer 0 has scale "1"'],
    [[linear(3, 3), block(linear(3, 2), null)], "layer 1.1 is null, no layer"],
    [[deep(65)], "lies more than 64 layers deep"],
    [[block(linear(3, 2), linear(3, 1))], "Cannot join layer 0 to layer 1: it gives 2 outputs"],
    [
      [linear(3, 2), block({ type: "activation", kind: "relu" }, linear(3, 1))],
      "it gives 2 outputs",
    ],
    [[residual(linear(3, 2))], "in layer 0: its layers turn 3 columns into 2, and must keep them"],
    [
      [linear(3, 4), embedding],
      "Cannot put an embedding in layer 1: it takes indices, so it is first",
    ],
    [
      [{ type: "activation", kind: "relu" }, block(embedding)],
      "Cannot put an embedding in layer 1",
    ],
    [[residual(embedding, linear(4, 4))], "Cannot add a residual in layer 0: it takes indices"],
  ];
  for (const [layers, message] of wrong) {
    const error = assertThrows(
      () => nn.checkModelConfig({ type: "sequential", layers }),
      Error,
      message,
    );
    assert(error instanceof RangeError || error instanceof TypeError, `${error}`);
    const metadata = {
      "odot.version": "1",
      "odot.model": JSON.stringify({ type: "sequential", layers }),
    };
    const refused = assertThrows(() => io.load(io.writeSafetensors({}, metadata)), io.FormatError);
    assert(refused.message.length < 400, refused.message);
  }
  nn.checkModelConfig({ type: "sequential", layers: [deep(64), linear(2, 2)] });
});

leakChecked("load() refuses an architecture as deep as a file can be", () => {
  for (const depth of [100, 10_000, 200_000]) {
    const open = '{"type":"block","layers":['.repeat(depth), close = "]}".repeat(depth);
    const text =
      `{"type":"sequential","layers":[${open}{"type":"activation","kind":"relu"}${close}]}`;
    const metadata = { "odot.version": "1", "odot.model": text };
    const file = io.writeSafetensors({}, metadata);
    const error = assertThrows(() => io.load(file), io.FormatError, "Cannot load a model");
    assert(error.message.length < 600, error.message);
  }
});
