import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertNotEquals,
  assertThrows,
} from "@std/assert";
import {
  encodeBfloat16,
  encodeFloat16,
  readSafetensors,
  writeSafetensors,
} from "../../src/formats/mod.ts";
import { heapUsage } from "../../src/kernels/mod.ts";
import * as nn from "../../src/nn/mod.ts";
import { ones, random, reshape, scope, tensor, zeros } from "../../src/tensor/mod.ts";
import { leakChecked } from "../support/leaks.ts";

const make = (seed?: number): nn.Model =>
  nn.sequential(
    [nn.linear(4, 6), nn.bilinear(6, 5, { bias: false }), nn.linear(5, 3)],
    seed === undefined ? {} : { seed },
  );

/** All weights of a model. */
const weights = (model: nn.Model): Record<string, number[]> =>
  Object.fromEntries(
    [...model.parameters].map(([name, parameter]) => [name, [...parameter.toArray()]]),
  );

leakChecked("sequential() names the parameters by layer, in order", () => {
  using model = make();
  assertEquals([...model.parameters].map(([name, { shape }]) => [name, shape]), [
    ["0.weight", [6, 4]],
    ["0.bias", [6]],
    ["1.weight", [10, 6]],
    ["2.weight", [3, 5]],
    ["2.bias", [3]],
  ]);
  assertEquals([model.inputs, model.outputs, model.layers.length], [4, 3, 3]);
  assertEquals(model.config, {
    type: "sequential",
    layers: [
      { type: "linear", inputs: 4, outputs: 6, bias: true },
      { type: "bilinear", inputs: 6, outputs: 5, bias: false },
      { type: "linear", inputs: 5, outputs: 3, bias: true },
    ],
  });
  assertEquals(JSON.parse(JSON.stringify(model.config)), model.config);
});

leakChecked("sequential() draws the same weights for the same seed, and others for another", () => {
  using one = make(3);
  using same = make(3);
  using other = make(4);
  using unseeded = make();
  using zero = make(0);
  assertEquals(weights(one), weights(same));
  assertEquals(weights(unseeded), weights(zero));
  for (const name of one.parameters.keys()) {
    assertNotEquals(weights(one)[name], weights(other)[name], name);
  }
});

leakChecked("sequential() draws layers of one shape differently", () => {
  using model = nn.sequential([nn.linear(4, 4), nn.linear(4, 4)], { seed: 1 });
  assertNotEquals(weights(model)["0.weight"], weights(model)["1.weight"]);
});

leakChecked("sequential() applies its layers one after the other", () => {
  using model = make(1);
  scope(() => {
    const x = random(2).normal([7, 4]);
    const expected = model.layers.reduce((value, layer) => layer(value), x);
    assertEquals(model(x).toArray(), expected.toArray());
  });
});

leakChecked(
  "sequential() refuses no layers, neighbours that do not fit, and a layer used twice",
  () => {
    assertThrows(
      () => nn.sequential([]),
      TypeError,
      "Cannot make a model of no layers: give at least one",
    );
    scope(() => {
      assertThrows(
        () => nn.sequential([nn.linear(4, 6), nn.linear(5, 3)]),
        TypeError,
        "Cannot join layer 0 to layer 1: it gives 6 outputs and the next takes 5 inputs",
      );
      const layer = nn.linear(4, 4);
      assertThrows(
        () => nn.sequential([layer, layer]),
        TypeError,
        "Cannot use one layer twice: make layer 1 anew",
      );
      assertThrows(() => nn.sequential([nn.linear(1, 1)], { seed: -1 }), RangeError, "as seed");
    });
  },
);

leakChecked("Model refuses inputs of another width", () => {
  using model = make();
  scope(() => {
    for (const wrong of [zeros([2, 5]), zeros([4]), zeros([1, 4, 5]), zeros([])]) {
      assertThrows(
        () => model(wrong),
        TypeError,
        `Cannot apply the model to ${wrong}: it takes [batch, 4]`,
      );
    }
    assertEquals(model(zeros([0, 4])).shape, [0, 3]);
    const deep = random(1).normal([2, 3, 4]), flat = model(reshape(deep, [6, 4]));
    assertEquals(model(deep).shape, [2, 3, 3]);
    assertEquals(model(deep).toArray(), flat.toArray());
  });
});

leakChecked(
  "Model.assign() takes tensors, typed arrays, plain arrays, and arrays with a shape",
  () => {
    using source = make(8);
    using target = make(9);
    const values = weights(source);
    scope(() =>
      target.assign({
        "0.weight": source.parameters.get("0.weight")!,
        "0.bias": Float32Array.from(values["0.bias"]!),
        "1.weight": { shape: [10, 6], data: Float64Array.from(values["1.weight"]!) },
        "2.weight": values["2.weight"]!,
        "2.bias": tensor(values["2.bias"]!),
      })
    );
    assertEquals(weights(target), values);
  },
);

leakChecked("Model.assign() sets only what is named", () => {
  using model = make(1);
  const before = weights(model);
  model.assign({ "0.bias": [1, 2, 3, 4, 5, 6] });
  assertEquals(weights(model), { ...before, "0.bias": [1, 2, 3, 4, 5, 6] });
  model.assign({});
});

leakChecked("Model.assign() reads tensors of safetensors files by their dtype", () => {
  using model = nn.sequential([nn.linear(2, 1), nn.linear(1, 1, { bias: false })]);
  const file = writeSafetensors({
    "0.weight": { dtype: "F16", shape: [1, 2], data: encodeFloat16(Float32Array.of(0.5, -2)) },
    "0.bias": { dtype: "I64", shape: [1], data: BigInt64Array.of(-3n) },
    "1.weight": { dtype: "BF16", shape: [1, 1], data: encodeBfloat16(Float32Array.of(1.5)) },
  });
  model.assign(readSafetensors(file).tensors);
  assertEquals(weights(model), { "0.weight": [0.5, -2], "0.bias": [-3], "1.weight": [1.5] });
});

leakChecked("Model.assign() sets nothing when one entry is wrong", () => {
  using model = make(2);
  const before = weights(model), good = { "0.bias": [1, 1, 1, 1, 1, 1] };
  const wrong: [Record<string, nn.ParameterValues>, new () => Error, string][] = [
    [
      { "3.weight": [1] },
      ReferenceError,
      'Cannot assign "3.weight": the model has 0.weight, 0.bias, 1.weight, 2.weight, 2.bias',
    ],
    [{ toString: [1] }, ReferenceError, 'Cannot assign "toString"'],
    [{ "2.bias": [1, 2] }, TypeError, 'Cannot assign 2 values to "2.bias": it takes [3]'],
    [
      { "0.weight": { shape: [4, 6], data: new Float32Array(24) } },
      TypeError,
      'Cannot assign [4, 6] to "0.weight": it takes [6, 4]',
    ],
    [{ "0.weight": { shape: [6, 4], data: new Float32Array(23) } }, TypeError, '"0.weight"'],
    [
      { "2.bias": [0, NaN, 0] },
      RangeError,
      'Cannot assign to "2.bias": value 1 is NaN, and must be finite in f32',
    ],
    [{ "2.bias": [0, 0, -Infinity] }, RangeError, "value 2 is -Infinity"],
    [{ "2.bias": Float64Array.of(1e300, 0, 0) }, RangeError, "value 0 is 1e+300"],
  ];
  for (const [values, type, message] of wrong) {
    for (const all of [{ ...good, ...values }, { ...values, ...good }]) {
      assertThrows(() => model.assign(all), type, message);
      assertEquals(weights(model), before, message);
    }
  }
});

leakChecked("Model.predict() gives the rows that the model gives, one or many", () => {
  using model = make(6);
  const values = scope(() => random(1).normal([5, 4]).toArray());
  const expected = scope(() => model(tensor(values, [5, 4])).toArray());
  assertEquals(model.predict(values), expected);
  assertEquals(model.predict([...values]), expected);
  assertEquals(model.predict(Float64Array.from(values)), expected);
  for (let row = 0; row < 5; row++) {
    assertEquals(
      model.predict(values.subarray(4 * row, 4 * row + 4)),
      expected.subarray(3 * row, 3 * row + 3).slice(),
    );
  }
  assertEquals(model.predict([]).length, 0);
});

leakChecked("Model.predict() gives the same for every row past 2048 of them", () => {
  using model = make(6);
  for (const rows of [2047, 2048, 2049, 5000]) {
    const values = scope(() => random(rows).uniform([rows, 4]).toArray());
    const all = model.predict(values);
    assertEquals(all.length, 3 * rows);
    for (const row of [0, 1, 2039, 2040, 2041, rows - 8].filter((row) => row + 8 <= rows)) {
      assertEquals(
        all.slice(3 * row, 3 * (row + 8)),
        model.predict(values.subarray(4 * row, 4 * (row + 8))),
        `rows from ${row} of ${rows}`,
      );
    }
  }
});

leakChecked(
  "Model.predict() of one row differs by rounding alone from the row among others",
  () => {
    using model = make(6);
    const values = scope(() => random(1).uniform([20, 4]).toArray());
    const all = model.predict(values);
    for (let row = 0; row < 20; row++) {
      const alone = model.predict(values.subarray(4 * row, 4 * row + 4));
      alone.forEach((value, i) => assertAlmostEquals(value, all[3 * row + i]!, 1e-6));
    }
  },
);

leakChecked("Model.predict() refuses partial rows and values that f32 cannot hold", () => {
  using model = make();
  assertThrows(
    () => model.predict([1, 2, 3, 4, 5]),
    TypeError,
    "Cannot predict from 5 values: a row has 4, and there must be whole rows",
  );
  for (const wrong of [NaN, Infinity, -Infinity, 1e300]) {
    assertThrows(
      () => model.predict([1, 2, 3, wrong]),
      RangeError,
      `Cannot predict: value 3 is ${wrong}, and must be finite in f32`,
    );
  }
});

leakChecked("Model leaves no memory behind", () => {
  const { blocks } = heapUsage();
  const model = make();
  assertEquals(heapUsage().blocks, blocks + 5);
  model.predict(new Float32Array(40));
  assertThrows(() => model.predict([NaN, 0, 0, 0]), RangeError);
  assertThrows(() => model.assign({ "0.bias": [1] }), TypeError);
  assertEquals(heapUsage().blocks, blocks + 5);
  const x = ones([3, 4]);
  model(x)[Symbol.dispose]();
  x[Symbol.dispose]();
  assertEquals(heapUsage().blocks, blocks + 5);
  model[Symbol.dispose]();
  assertEquals(heapUsage().blocks, blocks);
  assertThrows(() => model.predict([1, 2, 3, 4]), ReferenceError, "has been freed");
  assertEquals(heapUsage().blocks, blocks);
  assert(model.parameters.get("0.weight")!.alive === false);
});
