import { assertEquals, assertThrows } from "@std/assert";
import * as optim from "../../src/optim/mod.ts";
import { ones, scope, type Tensor, tensor } from "../../src/tensor/mod.ts";
import { assertRelative, type FixtureArray, readGoldenJson } from "../support/fixtures.ts";
import { leakChecked } from "../support/leaks.ts";

interface Trajectory {
  readonly param0: FixtureArray;
  readonly grads: readonly FixtureArray[];
  readonly lr_used: readonly number[];
  readonly params_after_step: readonly FixtureArray[];
  readonly final_state: { readonly momentum_buffer: FixtureArray };
}

/** f32 against f64 over five steps, relative to the largest element. */
const TOLERANCE = 1e-6;

const one = (parameter: Tensor): optim.Trainable => ({ parameters: new Map([["w", parameter]]) });

const settings: Readonly<Record<string, optim.SgdOptions>> = {
  "sgd_momentum0.9_wd0.1": { learningRate: 1e-2, momentum: 0.9, weightDecay: 0.1 },
  "sgd_nesterov": { momentum: 0.9, variant: "nesterov" },
};

for (const [name, options] of Object.entries(settings)) {
  leakChecked(`sgd() takes the steps of the reference: ${name}`, () => {
    const { param0, grads, lr_used, params_after_step, final_state } = readGoldenJson<
      Record<string, Trajectory>
    >("optimizers.json")[name]!;
    scope(() => {
      const parameter = tensor(param0.data, param0.shape);
      const optimizer = optim.sgd(one(parameter), options);
      grads.forEach(({ data, shape }, i) => {
        assertEquals(optimizer.learningRate, lr_used[i]);
        optimizer.step(new Map([["w", tensor(data, shape)]]));
        assertRelative(
          parameter.toArray(),
          params_after_step[i]!.data,
          TOLERANCE,
          `weights after step ${i + 1}`,
        );
      });
      const velocity = optimizer.state.get("w.velocity")!;
      assertRelative(velocity.toArray(), final_state.momentum_buffer.data, TOLERANCE, "velocity");
    });
  });
}

leakChecked("sgd() without momentum goes down the gradient", () => {
  scope(() => {
    const parameter = ones([2]), optimizer = optim.sgd(one(parameter), { learningRate: 0.5 });
    for (let i = 0; i < 2; i++) optimizer.step(new Map([["w", tensor([1, -0.5])]]));
    assertEquals([...parameter.toArray()], [0, 1.5]);
  });
});

leakChecked("sgd() refuses a momentum out of range, and Nesterov's variant without one", () => {
  scope(() => {
    const model = one(ones([1]));
    for (const momentum of [-0.1, 1, NaN]) {
      assertThrows(
        () => optim.sgd(model, { momentum }),
        RangeError,
        `Cannot use momentum ${momentum}`,
      );
    }
    assertThrows(
      () => optim.sgd(model, { variant: "nesterov" }),
      RangeError,
      "Cannot use Nesterov's variant without momentum: give one above 0",
    );
  });
});
