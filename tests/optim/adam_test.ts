import { assert, assertEquals, assertThrows } from "@std/assert";
import { valueAndGrad } from "../../src/autodiff/mod.ts";
import * as nn from "../../src/nn/mod.ts";
import * as optim from "../../src/optim/mod.ts";
import { crossEntropy, indices, ones, scope, type Tensor, tensor } from "../../src/tensor/mod.ts";
import {
  assertRelative,
  type FixtureArray,
  gradientCases,
  readGoldenJson,
  REFERENCE_NAMES,
} from "../support/fixtures.ts";
import { leakChecked } from "../support/leaks.ts";

interface Trajectory {
  readonly param0: FixtureArray;
  readonly grads: readonly FixtureArray[];
  readonly lr_used: readonly number[];
  readonly params_after_step: readonly FixtureArray[];
  readonly final_state: {
    readonly step: number;
    readonly exp_avg: FixtureArray;
    readonly exp_avg_sq: FixtureArray;
    readonly max_exp_avg_sq?: FixtureArray;
  };
}

type Steps = {
  readonly steps: readonly (Readonly<Record<string, FixtureArray>> & {
    readonly loss_before_step: number;
  })[];
};

/** f32 against f64 over five steps, relative to the largest element. */
const TOLERANCE = 1e-6;

const fixtures = readGoldenJson<Record<string, unknown>>("optimizers.json");

const one = (parameter: Tensor): optim.Trainable => ({ parameters: new Map([["w", parameter]]) });

const settings: Readonly<Record<string, optim.AdamOptions>> = {
  "adam_l2_lr1e-2_wd0.1": { learningRate: 1e-2, weightDecay: 0.1 },
  "adamw_amsgrad": { learningRate: 1e-2, weightDecay: 0.1, secondMoment: "largest" },
  "adamw_lr1e-3_wd0.5": { learningRate: 1e-3, weightDecay: 0.5 },
  "adamw_lr1e-2_wd0": { learningRate: 1e-2, weightDecay: 0 },
  "adamw_lr1e-2_wd0.1_b0.9_0.95": { learningRate: 1e-2, weightDecay: 0.1, betas: [0.9, 0.95] },
  "adamw_cosine_T5": { weightDecay: 0.5 },
};

for (const [name, options] of Object.entries(settings)) {
  const make = name.startsWith("adam_") ? optim.adam : optim.adamw;
  leakChecked(`${make.name}() takes the steps of the reference: ${name}`, () => {
    const { param0, grads, lr_used, params_after_step, final_state } = fixtures[name] as Trajectory;
    scope(() => {
      const parameter = tensor(param0.data, param0.shape);
      const optimizer = make(one(parameter), options);
      grads.forEach(({ data, shape }, i) => {
        if (name === "adamw_cosine_T5") optimizer.learningRate = lr_used[i]!;
        assertEquals(optimizer.learningRate, lr_used[i]);
        optimizer.step(new Map([["w", tensor(data, shape)]]));
        assertEquals(optimizer.steps, i + 1);
        assertRelative(
          parameter.toArray(),
          params_after_step[i]!.data,
          TOLERANCE,
          `weights after step ${i + 1}`,
        );
      });
      assertEquals(optimizer.steps, final_state.step);
      const { state } = optimizer;
      assertRelative(
        state.get("w.first")!.toArray(),
        final_state.exp_avg.data,
        TOLERANCE,
        "first moment",
      );
      assertRelative(
        state.get("w.second")!.toArray(),
        final_state.exp_avg_sq.data,
        TOLERANCE,
        "second moment",
      );
      const largest = final_state.max_exp_avg_sq;
      assertEquals(state.has("w.maximum"), largest !== undefined);
      if (largest) assertRelative(state.get("w.maximum")!.toArray(), largest.data, TOLERANCE);
    });
  });
}

for (const precision of ["f32", "f64"]) {
  const name = `model_small_adamw_lr1e-2_wd0.5_${precision}`;
  leakChecked(`adamw() trains a model as the reference does: ${name}`, () => {
    const { inputs } = gradientCases()["model_small"]!;
    const model = nn.sequential([
      nn.linear(12, 8, { bias: false }),
      nn.bilinear(8, 8, { bias: false }),
      nn.linear(8, 5, { bias: false }),
    ]);
    const pairs = Object.entries(REFERENCE_NAMES);
    model.assign(Object.fromEntries(pairs.map(([ours, theirs]) => [ours, inputs[theirs]!])));
    const optimizer = optim.adamw(model, { learningRate: 1e-2, weightDecay: 0.5 });
    for (const expected of (fixtures[name] as Steps).steps) {
      scope(() => {
        const x = tensor(inputs["x"]!.data, inputs["x"]!.shape);
        const labels = indices(inputs["labels"]!.data);
        const { value, gradients } = valueAndGrad(
          () => crossEntropy(model(x), labels),
          model.parameters,
        );
        assertRelative([value], [expected.loss_before_step], TOLERANCE, "loss");
        optimizer.step(gradients);
      });
      for (const [ours, theirs] of pairs) {
        assertRelative(
          model.parameters.get(ours)!.toArray(),
          expected[theirs]!.data,
          TOLERANCE,
          `${theirs} after step ${optimizer.steps}`,
        );
      }
    }
    model[Symbol.dispose]();
    optimizer[Symbol.dispose]();
  });
}

leakChecked("adamw() has two moments of zeros for every parameter", () => {
  using model = nn.sequential([nn.linear(3, 2)]);
  using optimizer = optim.adamw(model);
  assertEquals([...optimizer.state].map(([name, { shape }]) => [name, shape]), [
    ["0.weight.first", [2, 3]],
    ["0.weight.second", [2, 3]],
    ["0.bias.first", [2]],
    ["0.bias.second", [2]],
  ]);
  for (const moment of optimizer.state.values()) assert(moment.toArray().every((v) => v === 0));
  assertEquals([optimizer.steps, optimizer.learningRate], [0, 1e-3]);
});

leakChecked("adamw() has PyTorch's defaults", () => {
  scope(() => {
    const parameter = ones([1]), optimizer = optim.adamw(one(parameter));
    optimizer.step(new Map([["w", tensor([0.5])]]));
    // the first step is learningRate against the sign of the gradient, after the decay
    assertRelative([parameter.item()], [1 - 1e-3 * 0.01 - 1e-3 * 0.5 / (0.5 + 1e-8)], 1e-7);
  });
});

leakChecked("adamw() decays the weights alone when gradients are zero", () => {
  scope(() => {
    const parameter = tensor([2, -4, 0]);
    const optimizer = optim.adamw(one(parameter), { learningRate: 0.1, weightDecay: 0.5 });
    optimizer.step(new Map([["w", tensor([0, 0, 0])]]));
    assertRelative(parameter.toArray(), [1.9, -3.8, 0], 1e-7);
  });
});

leakChecked("adamw() obeys a learning rate that is set between steps", () => {
  scope(() => {
    const parameter = ones([1]), gradients = new Map([["w", ones([1])]]);
    const optimizer = optim.adamw(one(parameter), { learningRate: 0.1, weightDecay: 0 });
    optimizer.learningRate = 0;
    optimizer.step(gradients);
    assertEquals([parameter.item(), optimizer.steps], [1, 1]);
    optimizer.learningRate = 0.25;
    optimizer.step(gradients);
    assertRelative([parameter.item()], [0.75], 1e-6);
  });
});

leakChecked("adamw() refuses options out of range", () => {
  scope(() => {
    const model = one(ones([1]));
    const wrong: [optim.AdamOptions, string][] = [
      [
        { learningRate: -1 },
        "Cannot use learningRate -1: it must be at least 0 and finite",
      ],
      [{ learningRate: NaN }, "Cannot use learningRate NaN"],
      [{ learningRate: Infinity }, "Cannot use learningRate Infinity"],
      [{ weightDecay: -0.1 }, "Cannot use weightDecay -0.1"],
      [{ epsilon: -1e-9 }, "Cannot use epsilon -1e-9"],
      [{ betas: [1, 0.9] }, "Cannot use beta1 1: it must be at least 0 and below 1"],
      [{ betas: [0.9, NaN] }, "Cannot use beta2 NaN"],
    ];
    for (const [options, message] of wrong) {
      assertThrows(() => optim.adamw(model, options), RangeError, message);
      assertThrows(() => optim.adam(model, options), RangeError, message);
    }
  });
});

leakChecked("adamw() changes nothing when a gradient or the learning rate is wrong", () => {
  using model = nn.sequential([nn.linear(3, 2)], { seed: 1 });
  using optimizer = optim.adamw(model);
  const before = [...model.parameters.values()].map((parameter) => [...parameter.toArray()]);
  scope(() => {
    const weight = ones([2, 3]), bias = ones([2]), freed = ones([2]);
    freed[Symbol.dispose]();
    const step = (...entries: [string, Tensor][]) => () => optimizer.step(new Map(entries));
    assertThrows(
      step(["0.weight", weight]),
      ReferenceError,
      'Cannot step: the gradient of "0.bias" is missing',
    );
    assertThrows(
      step(["0.weight", ones([3, 2])], ["0.bias", bias]),
      TypeError,
      'Cannot step: "0.weight" is f32[2, 3], its gradient f32[3, 2]',
    );
    assertThrows(step(["0.weight", weight], ["0.bias", ones([3])]), TypeError, '"0.bias"');
    assertThrows(step(["0.weight", weight], ["0.bias", indices([1, 2])]), TypeError, "i32[2]");
    assertThrows(step(["0.weight", weight], ["0.bias", freed]), ReferenceError, "freed");
    for (const wrong of [NaN, -1, Infinity]) {
      optimizer.learningRate = wrong;
      assertThrows(
        step(["0.weight", weight], ["0.bias", bias]),
        RangeError,
        `Cannot use learningRate ${wrong}`,
      );
    }
  });
  assertEquals(optimizer.steps, 0);
  assertEquals(
    [...model.parameters.values()].map((parameter) => [...parameter.toArray()]),
    before,
  );
  assert([...optimizer.state.values()].every((moment) => moment.toArray().every((v) => v === 0)));
});

leakChecked("adamw() frees its moments, not the model", () => {
  using model = nn.sequential([nn.linear(3, 2)]);
  const optimizer = optim.adamw(model);
  optimizer[Symbol.dispose]();
  assert([...optimizer.state.values()].every((moment) => !moment.alive));
  assert([...model.parameters.values()].every((parameter) => parameter.alive));
});
