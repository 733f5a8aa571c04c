import { assert } from "@std/assert";
import { valueAndGrad } from "../../src/autodiff/mod.ts";
import * as data from "../../src/data/mod.ts";
import { configure } from "../../src/kernels/mod.ts";
import type * as nn from "../../src/nn/mod.ts";
import * as optim from "../../src/optim/mod.ts";
import { crossEntropy, scope } from "../../src/tensor/mod.ts";
import {
  assertRelative,
  mnistModel,
  readGoldenJson,
  REFERENCE_NAMES,
} from "../support/fixtures.ts";
import { firstDigits } from "../support/digits.ts";
import { leakChecked } from "../support/leaks.ts";

interface Gradient {
  readonly norm: number;
  readonly sum: number;
  readonly first8: readonly number[];
  readonly at_100_100k: readonly number[];
}

interface Train64 {
  readonly labels: readonly number[];
  readonly float64: { readonly loss: number; readonly grads: Readonly<Record<string, Gradient>> };
  readonly "adamw_lr1e-3_wd0.5_losses_float64": readonly number[];
}

const { train64 } = readGoldenJson<{ train64: Train64 }>("mnist/meta.json");

const images = data.dataset({
  inputs: firstDigits("training", 64),
  labels: train64.labels,
  divisor: 255,
});

const everyRow = Uint32Array.from({ length: 64 }, (_, i) => i);

/** Loss and gradients on all 64 images, handed to `use`. */
function differentiate(
  model: nn.Model,
  use: (value: number, gradients: ReturnType<typeof valueAndGrad>["gradients"]) => void,
): void {
  scope(() => {
    const { inputs, labels } = data.gather(images, everyRow);
    const { value, gradients } = valueAndGrad(
      () => crossEntropy(model(inputs), labels),
      model.parameters,
    );
    use(value, gradients);
  });
}

for (const kernels of ["fast", "strict"] as const) {
  leakChecked(
    `valueAndGrad() of the network on MNIST is that of the reference (${kernels})`,
    () => {
      configure({ kernels });
      using model = mnistModel();
      try {
        differentiate(model, (value, gradients) => {
          assertRelative([value], [train64.float64.loss], 2e-6, "loss");
          for (const [ours, theirs] of Object.entries(REFERENCE_NAMES)) {
            const found = gradients.get(ours)!.toArray(), expected = train64.float64.grads[theirs]!;
            const norm = Math.sqrt(found.reduce((sum, value) => sum + value * value, 0));
            assertRelative([norm], [expected.norm], 1e-5, `norm of ${theirs}`);
            // sums of signed numbers: measured by the norm that they could reach together
            const sum = found.reduce((sum, value) => sum + value, 0);
            assert(
              Math.abs(sum - expected.sum) < 1e-6 * norm * Math.sqrt(found.length),
              `sum of ${theirs}: ${sum}, not ${expected.sum}`,
            );
            const last = found.length === 2560 ? 2559 : 100_000;
            const picked = [...found.subarray(0, 8), found[100]!, found[2000]!, found[last]!];
            const largest = found.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
            [...expected.first8, ...expected.at_100_100k].forEach((value, i) =>
              assert(
                Math.abs(picked[i]! - value) < 5e-6 * largest,
                `entry ${i} of ${theirs}: ${picked[i]}, not ${value}`,
              )
            );
          }
        });
      } finally {
        configure({ kernels: "fast" });
      }
    },
  );
}

leakChecked("adamw() on the network and 64 digits gives the six losses of the reference", () => {
  using model = mnistModel();
  using optimizer = optim.adamw(model, { learningRate: 1e-3, weightDecay: 0.5 });
  // Adam divides by the size of the gradient: entries near zero take a full step whose sign hangs on
  // the rounding, so f32 and f64 part by about 1e-5 (PyTorch's own two differ by 4e-6).
  train64["adamw_lr1e-3_wd0.5_losses_float64"].forEach((expected, step) =>
    differentiate(model, (value, gradients) => {
      assertRelative([value], [expected], 2e-5, `loss before step ${step + 1}`);
      optimizer.step(gradients);
    })
  );
});
