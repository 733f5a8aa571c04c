import { assert, assertEquals, assertThrows } from "@std/assert";
import * as data from "../../src/data/mod.ts";
import {
  accuracyByRank,
  eigen,
  fromFactors,
  interactions,
  truncate,
  type Truncation,
} from "../../src/decompose/mod.ts";
import * as io from "../../src/io/mod.ts";
import { matrix } from "../../src/linalg/mod.ts";
import * as nn from "../../src/nn/mod.ts";
import { assertRelative, mnistModel } from "../support/fixtures.ts";
import { leakChecked } from "../support/leaks.ts";
import { distance, forward, network, NETWORKS, outerSum } from "../support/networks.ts";
import { numbers } from "../support/numbers.ts";

function parameterCount({ model }: Truncation): number {
  return [...model.parameters.values()].reduce((total, { size }) => total + size, 0);
}

for (const { name, shape, bias, seed } of NETWORKS) {
  leakChecked(`truncate() gives a network of the kept eigenpairs (${name})`, () => {
    using model = network(shape, bias, seed);
    const whole = interactions(model), draw = numbers(seed + 4);
    for (const rank of [1, 2, 3, 5, 100]) {
      const parts = Array.from(
        { length: whole.outputs },
        (_, o) => eigen(whole.output(o), { rank }),
      );
      const truncation = truncate(model, { rank });
      using smaller = truncation.model;
      const needed = parts.reduce((total, { values }) => {
        const positive = values.filter((value) => value > 0).length;
        return total + Math.max(positive, values.filter((value) => value < 0).length);
      }, 0);
      assertEquals(truncation.neurons, needed + (bias === "none" ? 0 : whole.outputs));
      assertEquals(smaller.layers[0]!.parameters.get("weight")!.shape[0], 2 * truncation.neurons);
      assertEquals(truncation.parameters, parameterCount(truncation));
      assertEquals([smaller.inputs, smaller.outputs], [model.inputs, model.outputs]);

      for (let trial = 0; trial < 3; trial++) {
        const x = draw.floats(shape.inputs), expected = parts.map((part) => part.evaluate(x));
        const scale = parts.reduce(
          (top, { values, constant }) =>
            Math.max(top, Math.abs(constant), 3 * Math.abs(values[0]!)),
          1,
        ) * shape.inputs;
        assertRelative([scale, ...smaller.predict(x)], [scale, ...expected], 2e-6, "outputs");
        if (rank === 100) {
          assertRelative(
            [scale, ...smaller.predict(x)],
            [scale, ...forward(model, x)],
            2e-6,
            "all",
          );
        }
      }

      const dense = parts.map((part) => part.form.dense().data);
      const left = dense.map((q, o) => distance(q, outerSum(parts[o]!.values, parts[o]!.vectors)));
      const error = distance(left) / distance(dense.map((q) => distance(q)));
      assert(Math.abs(truncation.relativeError - error) < 1e-13, `${truncation.relativeError}`);
      if (rank === 100) assertEquals(truncation.relativeError, 0);
    }
  });
}

leakChecked(
  "truncate() of a form with p values above and q below 0 takes max(p, q) neurons",
  () => {
    for (const [p, q] of [[3, 0], [0, 2], [3, 3], [1, 4], [4, 1]] as const) {
      // x₀² + … − …, each square a neuron
      const n = p + q, unit = new Float64Array(n * n);
      for (let i = 0; i < n; i++) unit[i * n + i] = i + 1;
      const whole = fromFactors({
        left: matrix(n, n, unit),
        right: matrix(n, n, unit),
        leftBias: new Float64Array(n),
        rightBias: new Float64Array(n),
        readout: matrix(1, n, Array.from({ length: n }, (_, i) => i < p ? 1 : -1)),
        outputBias: new Float64Array(1),
      });
      const truncation = truncate(whole, { rank: n });
      using model = truncation.model;
      assertEquals(truncation.neurons, Math.max(p, q));
      assertEquals([...model.parameters.keys()], ["0.weight", "1.weight"]);
      const x = numbers(n).doubles(n);
      assertRelative(model.predict(x), whole.evaluate(x), 1e-5, "value");
    }
  },
);

leakChecked("truncate() saves and loads like any other network", () => {
  for (const bias of ["none", "all"] as const) {
    using model = network({ name: "", inputs: 8, before: [5], neurons: 6, after: [3] }, bias, 3);
    using smaller = truncate(model, { rank: 2 }).model;
    using loaded = io.load(io.save(smaller));
    const x = numbers(4).floats(80);
    assertEquals(loaded.predict(x), smaller.predict(x));
    assertEquals(loaded.config, smaller.config);
    // and is decomposed like any other
    const again = interactions(smaller), whole = interactions(model);
    for (let o = 0; o < 3; o++) {
      const { values } = eigen(whole.output(o), { rank: 2 });
      assertRelative(eigen(again.output(o), { rank: 2 }).values, values, 1e-6, "eigenvalues");
    }
  }
});

leakChecked("truncate() at its own rank changes nothing", () => {
  using model = network({ name: "", inputs: 7, before: [], neurons: 5, after: [2] }, "all", 13);
  const first = truncate(model, { rank: 3 });
  using once = first.model;
  const second = truncate(once, { rank: 3 });
  using twice = second.model;
  // the weights of the first are rounded to f32, which leaves traces of other eigenvalues
  assert(second.relativeError < 1e-6);
  assertEquals(second.neurons, first.neurons);
  const x = numbers(14).floats(70);
  assertRelative(twice.predict(x), once.predict(x), 1e-5, "outputs");
});

leakChecked("truncate() of a network that is zero, or constant, runs", () => {
  const zero = new Float32Array(24);
  for (const bias of [false, true]) {
    using model = nn.sequential([nn.bilinear(4, 3, { bias }), nn.linear(3, 2, { bias })]);
    model.assign({ "0.weight": zero, "1.weight": zero.subarray(0, 6) });
    if (bias) model.assign({ "0.bias": zero.subarray(0, 6), "1.bias": [3, -1] });
    const truncation = truncate(model, { rank: 2 });
    using smaller = truncation.model;
    assertEquals([...smaller.predict([1, 2, 3, 4])], bias ? [3, -1] : [0, 0]);
    assertEquals(truncation.relativeError, 0);
    assert(truncation.neurons >= 1);
    assertEquals(truncation.parameters, parameterCount(truncation));
  }
});

leakChecked("truncate() keeps one output when another is zero", () => {
  using model = nn.sequential([
    nn.bilinear(2, 1, { bias: false }),
    nn.linear(1, 2, { bias: false }),
  ]);
  model.assign({ "0.weight": [1, 0, 0, 1], "1.weight": [0, 2] });
  const truncation = truncate(model, { rank: 4 });
  using smaller = truncation.model;
  assertEquals(truncation.neurons, 1);
  assertRelative(smaller.predict([3, 5]), [0, 30], 1e-6, "outputs");
});

leakChecked(
  "truncate() has a relative error at every scale, and refuses what f32 cannot hold",
  () => {
    const draw = numbers(15);
    const factors = {
      left: matrix(3, 4, draw.doubles(12)),
      right: matrix(3, 4, draw.doubles(12)),
      leftBias: new Float64Array(3),
      rightBias: new Float64Array(3),
      readout: matrix(2, 3, draw.doubles(6)),
      outputBias: new Float64Array(2),
    };
    const { relativeError, model } = truncate(fromFactors(factors), { rank: 1 });
    model[Symbol.dispose]();
    assert(relativeError > 0.01);
    const scaled = (by: number) =>
      fromFactors({ ...factors, readout: matrix(2, 3, factors.readout.data.map((x) => x * by)) });
    for (const by of [1e-250, 1e-30, 1e15, 1e60]) {
      const truncation = truncate(scaled(by), { rank: 1 });
      truncation.model[Symbol.dispose]();
      assertRelative([truncation.relativeError], [relativeError], 1e-12, `times ${by}`);
    }
    assertThrows(() => truncate(scaled(1e90), { rank: 1 }), RangeError, "Cannot truncate");
    assertThrows(() => truncate(scaled(1e250), { rank: 1 }), RangeError, "Cannot truncate");
  },
);

leakChecked("truncate() refuses ranks that are none, and models without one bilinear layer", () => {
  using model = nn.sequential([nn.bilinear(3, 2)]);
  for (const rank of [0, -1, 2.5, NaN, Infinity]) {
    assertThrows(() => truncate(model, { rank }), RangeError, "whole number ≥ 1");
  }
  using flat = nn.sequential([nn.linear(3, 2)]);
  assertThrows(() => truncate(flat, { rank: 1 }), TypeError, "0 bilinear layers");
});

leakChecked("truncate() of the MNIST network is as accurate as accuracyByRank() says", async () => {
  const { test } = await data.mnist();
  const count = 2000, rows = data.slice(test, 0, count);
  using model = mnistModel();
  const whole = interactions(model);
  const [expected] = accuracyByRank(whole, rows, { ranks: [8] });
  using smaller = truncate(whole, { rank: 8 }).model;
  let right = 0;
  for (let i = 0; i < count; i++) {
    const y = smaller.predict(data.row(rows, i));
    if (y.indexOf(Math.max(...y)) === rows.labels[i]) right++;
  }
  // one image may lie so close to a boundary that f32 decides
  assert(Math.abs(right - expected!.accuracy * count) <= 1.5, `${right}, ${expected!.accuracy}`);
  assert(expected!.accuracy > 0.9);
});
