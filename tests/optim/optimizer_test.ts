import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { valueAndGrad } from "../../src/autodiff/mod.ts";
import { heapUsage } from "../../src/kernels/mod.ts";
import * as nn from "../../src/nn/mod.ts";
import * as optim from "../../src/optim/mod.ts";
import { crossEntropy, indices, random, scope, type Tensor, tensor } from "../../src/tensor/mod.ts";
import { assertRelative } from "../support/fixtures.ts";
import { leakChecked } from "../support/leaks.ts";

const one = (parameter: Tensor): optim.Trainable => ({ parameters: new Map([["w", parameter]]) });

const make = (seed = 1): nn.Model =>
  nn.sequential([nn.linear(6, 5), nn.bilinear(5, 4, { bias: false }), nn.linear(4, 3)], { seed });

const weights = (model: optim.Trainable): Record<string, number[]> =>
  Object.fromEntries([...model.parameters].map(([name, one]) => [name, [...one.toArray()]]));

/** The gradients of batch number `batch`, `rows` rows of it. */
function gradientsOf(model: nn.Model, batch: number, rows = 8): Map<string, Tensor> {
  return scope(() => {
    const x = random(batch, 7).normal([rows, 6]);
    const labels = indices(Array.from({ length: rows }, (_, i) => (i + batch) % 3));
    return valueAndGrad(() => crossEntropy(model(x), labels), model.parameters).gradients;
  });
}

const step = (model: nn.Model, optimizer: optim.Optimizer, batch: number): void =>
  scope(() => optimizer.step(gradientsOf(model, batch)));

/** Every optimizer, with everything the frame offers. */
const ALL: Readonly<Record<string, (model: nn.Model) => optim.Optimizer>> = {
  adamw: (model) => optim.adamw(model, { learningRate: 0.01 }),
  "adamw, largest": (model) => optim.adamw(model, { secondMoment: "largest" }),
  "adam, clipped": (model) => optim.adam(model, { weightDecay: 0.1, clip: { norm: 0.1 } }),
  sgd: (model) => optim.sgd(model, { momentum: 0.9 }),
  "sgd, nesterov": (model) => optim.sgd(model, { momentum: 0.9, variant: "nesterov" }),
  muon: (model) => optim.muon(model, { others: ["2.weight"] }),
  "adamw, accumulating": (model) => optim.adamw(model, { accumulate: 3 }),
  "adamw, unit columns": (model) => optim.adamw(model, { unitColumns: ["1.weight"] }),
  "muon, everything": (model) =>
    optim.muon(model, {
      ...{ accumulate: 4, clip: { norm: 0.5, value: 0.1 }, unitColumns: /^0\.weight/ },
      groups: [{ match: /bias/, weightDecay: 0, learningRate: 2 }],
    }),
};

for (const [name, optimize] of Object.entries(ALL)) {
  leakChecked(`restore() goes on as if training had never stopped, bit for bit: ${name}`, () => {
    for (const stop of [0, 1, 5]) {
      using whole = make();
      using first = optimize(whole);
      for (let i = 0; i < stop; i++) step(whole, first, i);
      using again = make(9);
      again.assign(Object.fromEntries(whole.parameters)); // a model that was loaded, then an optimizer
      using second = optimize(again);
      const state = Object.fromEntries([...first.state].map(([key, one]) => [key, one.toArray()]));
      first.learningRate /= 3;
      second.restore(JSON.parse(JSON.stringify(first.counters)), state);
      assertEquals(second.counters, first.counters);
      for (let i = stop; i < stop + 6; i++) {
        step(whole, first, i);
        step(again, second, i);
        assertEquals(weights(again), weights(whole), `stopped at ${stop}, call ${i}`);
      }
      assertEquals(second.counters, first.counters);
      assert(first.steps > 0);
      assertNotEquals(weights(whole), scope(() => weights(make())), "it trains");
    }
  });

  leakChecked(`step() allocates nothing that stays, and leaves the gradients: ${name}`, () => {
    using model = make();
    using optimizer = optimize(model);
    const gradients = gradientsOf(model, 1), before = weights({ parameters: gradients });
    const { blocks } = heapUsage();
    for (let i = 0; i < 5; i++) optimizer.step(gradients);
    assertEquals(heapUsage().blocks, blocks);
    assertEquals(weights({ parameters: gradients }), before);
    for (const gradient of gradients.values()) gradient[Symbol.dispose]();
  });

  leakChecked(`config says what the optimizer is, as plain data: ${name}`, () => {
    using model = make();
    using optimizer = optimize(model);
    using same = optimize(model);
    assertEquals(JSON.parse(JSON.stringify(optimizer.config)), optimizer.config);
    assertEquals(same.config, optimizer.config);
    assertEquals(optimizer.config["type"], name.split(",")[0]);
  });
}

leakChecked("config differs where settings do", () => {
  using model = make();
  const configs = Object.values(ALL).map((optimize) => {
    using optimizer = optimize(model);
    return JSON.stringify(optimizer.config);
  });
  assertEquals(new Set(configs).size, configs.length);
});

leakChecked("restore() sets all or nothing", () => {
  using model = make();
  using optimizer = optim.adamw(model, { accumulate: 2 });
  step(model, optimizer, 0);
  const { counters } = optimizer, before = weights({ parameters: optimizer.state });
  const good = Object.fromEntries(
    [...optimizer.state].map(([name, { size }]) => [name, new Float32Array(size).fill(3)]),
  );
  const { "0.bias.first": _, ...missing } = good;
  const wrong: [optim.OptimizerCounters, Record<string, Float32Array>, string][] = [
    [counters, missing, 'Cannot restore the optimizer: "0.bias.first" is missing'],
    [counters, { ...good, extra: new Float32Array(1) }, 'it has no "extra"'],
    [
      counters,
      { ...good, "0.bias.first": new Float32Array(4) },
      '"0.bias.first" has 4 values, and f32[5] takes 5',
    ],
    [{ ...counters, steps: -1 }, good, "at step -1: give a whole number ≥ 0"],
    [{ ...counters, steps: NaN }, good, "at step NaN"],
    [{ ...counters, pending: 2 }, good, "with 2 gradients waiting: it updates at every 2"],
    [{ ...counters, pending: 0.5 }, good, "with 0.5 gradients waiting"],
    [{ ...counters, learningRate: NaN }, good, "Cannot use learningRate NaN"],
  ];
  for (const [count, state, message] of wrong) {
    assertThrows(() => optimizer.restore(count, state), Error, message);
    assertEquals(optimizer.counters, counters);
    assertEquals(weights({ parameters: optimizer.state }), before);
  }
});

leakChecked("accumulate averages small batches into one large, whatever comes between", () => {
  using small = make();
  using large = make();
  using accumulating = optim.adamw(small, { learningRate: 0.01, accumulate: 4 });
  using plain = optim.adamw(large, { learningRate: 0.01 });
  for (let update = 1; update <= 3; update++) {
    scope(() => {
      const x = random(update).normal([32, 6]).toArray();
      const labels = Array.from({ length: 32 }, (_, i) => i % 3);
      const gradients = (model: nn.Model, from: number, to: number): Map<string, Tensor> =>
        valueAndGrad(
          () =>
            crossEntropy(
              model(tensor(x.subarray(6 * from, 6 * to), [to - from, 6])),
              indices(labels.slice(from, to)),
            ),
          model.parameters,
        ).gradients;
      const before = weights(small);
      for (let part = 0; part < 4; part++) {
        assertEquals(weights(small), before, "no update before the last");
        assertEquals([accumulating.steps, accumulating.counters.pending], [update - 1, part]);
        accumulating.step(gradients(small, 8 * part, 8 * part + 8));
      }
      plain.step(gradients(large, 0, 32));
    });
    assertEquals([accumulating.steps, accumulating.counters.pending], [update, 0]);
    for (const [name, found] of Object.entries(weights(small))) {
      assertRelative(found, weights(large)[name]!, 1e-5, `${name} after update ${update}`);
    }
  }
});

leakChecked("clip cuts every element to the value", () => {
  scope(() => {
    const parameter = tensor([0, 0, 0, 0]);
    const options = { learningRate: 1, clip: { value: 0.5 } };
    optim.sgd(one(parameter), options).step(new Map([["w", tensor([3, -0.25, -8, 0.5])]]));
    assertEquals([...parameter.toArray()], [-0.5, 0.25, 0.5, -0.5]);
  });
});

leakChecked(
  "clip brings the norm of all gradients together to the limit, and small ones pass",
  () => {
    for (const [size, limit] of [[10, 1], [10, 0.01], [1e-3, 1], [1, 1e9]] as const) {
      scope(() => {
        const shapes = [[3, 4], [7], [1, 1]];
        const parameters = new Map(
          shapes.map((shape, i) => [
            `${i}`,
            tensor(new Float32Array(shape.reduce((a, b) => a * b)), shape),
          ]),
        );
        const gradients = new Map(
          shapes.map((shape, i) => [`${i}`, random(i).normal(shape, { deviation: size })]),
        );
        const norm = (of: ReadonlyMap<string, Tensor>): number =>
          Math.hypot(...[...of.values()].flatMap((each) => [...each.toArray()]));
        const optimizer = optim.sgd({ parameters }, { learningRate: 1, clip: { norm: limit } });
        optimizer.step(new Map([...gradients, ["stranger", tensor([1e9])]])); // not of the model
        const before = norm(gradients),
          after = norm(parameters),
          expected = Math.min(before, limit);
        assert(Math.abs(after / expected - 1) < 2e-6 + 1e-6 / before, `${before} became ${after}`);
        const factor = after / before;
        for (const [name, parameter] of parameters) {
          const wanted = gradients.get(name)!.toArray().map((value) => -factor * value);
          assertRelative(parameter.toArray(), wanted, 1e-5, "the direction stays");
        }
      });
    }
  },
);

leakChecked(
  "groups have a learning rate and a weight decay of their own, the first match counts",
  () => {
    scope(() => {
      const parameters = new Map(
        ["0.weight", "0.bias", "1.weight", "1.bias"].map((name) => [name, tensor([1])]),
      );
      const seen: string[] = [];
      const optimizer = optim.adamw({ parameters }, {
        ...{ learningRate: 0.1, weightDecay: 1 },
        groups: [
          { match: /bias$/g, weightDecay: 0 }, // g: the pattern must not go on where it stopped
          { match: ["1.weight", "1.bias"], learningRate: 0.5 },
          { match: (name) => (seen.push(name), false), learningRate: 0 },
        ],
      });
      for (let i = 0; i < 2; i++) {
        optimizer.step(new Map([...parameters.keys()].map((name) => [name, tensor([0])])));
      }
      // zero gradients: only the decay moves, by 1 − rate · decay a step
      const expected = { "0.weight": 0.9 ** 2, "0.bias": 1, "1.weight": 0.95 ** 2, "1.bias": 1 };
      for (const [name, value] of Object.entries(expected)) {
        assertRelative(parameters.get(name)!.toArray(), [value], 1e-6, name);
      }
      assertEquals(new Set(seen), new Set(["0.weight"]));
    });
  },
);

/** Norms of the columns of a matrix [rows, columns]. */
function columnNorms(x: ArrayLike<number>, columns: number): number[] {
  return Array.from({ length: columns }, (_, j) => {
    let square = 0;
    for (let at = j; at < x.length; at += columns) square += x[at]! ** 2;
    return Math.sqrt(square);
  });
}

leakChecked("unitColumns keeps columns at norm 1 through every step, of every optimizer", () => {
  const unitColumns = ["1.weight"];
  const kinds = [
    (model: nn.Model) => optim.adamw(model, { learningRate: 0.1, weightDecay: 0.5, unitColumns }),
    (model: nn.Model) => optim.sgd(model, { learningRate: 0.5, momentum: 0.9, unitColumns }),
    (model: nn.Model) => optim.muon(model, { learningRate: 0.1, unitColumns }),
  ];
  for (const kind of kinds) {
    using model = make();
    const matrix = model.parameters.get("1.weight")!, start = matrix.toArray();
    using optimizer = kind(model);
    const norms = columnNorms(start, 5);
    assertRelative(
      matrix.toArray(),
      start.map((value, at) => value / norms[at % 5]!),
      1e-6,
      "start",
    );
    for (let i = 0; i < 20; i++) {
      step(model, optimizer, i);
      for (const norm of columnNorms(matrix.toArray(), 5)) {
        assert(Math.abs(norm - 1) < 1e-6, `a column of norm ${norm} after step ${i + 1}`);
      }
    }
    assertNotEquals(columnNorms(model.parameters.get("2.weight")!.toArray(), 4), [1, 1, 1, 1]);
  }
});

leakChecked("unitColumns takes from the gradient its part along each column", () => {
  scope(() => {
    const start = random(1).normal([6, 3]), gradient = random(2).normal([6, 3]);
    const parameter = tensor(start.toArray(), [6, 3]);
    const optimizer = optim.sgd(one(parameter), { learningRate: 1e-3, unitColumns: /w/ });
    const unit = parameter.toArray(), g = gradient.toArray();
    optimizer.step(new Map([["w", gradient]]));
    const used = optimizer.state.get("w.velocity")!.toArray(); // no momentum: the gradient as used
    for (let j = 0; j < 3; j++) {
      let along = 0, before = 0;
      for (let at = j; at < 18; at += 3) {
        along += used[at]! * unit[at]!;
        before += g[at]! * unit[at]!;
      }
      assert(
        Math.abs(along) < 1e-6 && Math.abs(before) > 0.01,
        `column ${j}: ${before} to ${along}`,
      );
      for (let at = j; at < 18; at += 3) {
        assert(Math.abs(used[at]! - (g[at]! - before * unit[at]!)) < 1e-6, `number ${at}`);
      }
    }
  });
});

leakChecked("an optimizer refuses options that are none, and takes no memory", () => {
  using model = make();
  const { blocks } = heapUsage();
  const wrong: [optim.OptimizerOptions, string][] = [
    [{ accumulate: 0 }, "Cannot accumulate 0 gradients: give a whole number ≥ 1"],
    [{ accumulate: 2.5 }, "Cannot accumulate 2.5 gradients"],
    [{ clip: { norm: 0 } }, "Cannot clip gradients to norm 0: it must be above 0"],
    [{ clip: { value: NaN } }, "Cannot clip gradients to value NaN"],
    [{ groups: [{ match: /x/, learningRate: -1 }] }, "Cannot use the learningRate of a group -1"],
    [{ groups: [{ match: /x/, weightDecay: NaN }] }, "Cannot use the weightDecay of a group NaN"],
    [
      { unitColumns: /bias/ },
      'Cannot keep the columns of "0.bias" at unit norm: f32[5] is no matrix',
    ],
  ];
  for (const [options, message] of wrong) {
    for (const kind of [optim.adam, optim.adamw, optim.sgd, optim.muon]) {
      assertThrows(() => kind(model, options), Error, message);
    }
  }
  model.assign({ "2.weight": [1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1] });
  assertThrows(
    () => optim.sgd(model, { unitColumns: ["2.weight"] }),
    RangeError,
    'Cannot keep the columns of "2.weight" at unit norm: column 1 is zero; draw it anew',
  );
  assertEquals(heapUsage().blocks, blocks);
});

leakChecked("step() changes nothing when the learning rate or a gradient is none", () => {
  using model = make();
  for (const optimize of Object.values(ALL)) {
    using optimizer = optimize(model);
    const before = weights(model), { counters } = optimizer;
    scope(() => {
      const gradients = gradientsOf(model, 0);
      for (const rate of [NaN, -1, Infinity]) {
        optimizer.learningRate = rate;
        const message = `Cannot use learningRate ${rate}: it must be at least 0 and finite`;
        assertThrows(() => optimizer.step(gradients), RangeError, message);
      }
      optimizer.learningRate = counters.learningRate;
      gradients.get("2.bias")![Symbol.dispose]();
      assertThrows(() => optimizer.step(gradients), ReferenceError, "freed");
      gradients.delete("2.bias");
      assertThrows(() => optimizer.step(gradients), ReferenceError, '"2.bias" is missing');
    });
    assertEquals([weights(model), optimizer.counters], [before, counters]);
  }
});
