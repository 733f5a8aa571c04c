import { assertEquals } from "@std/assert";
import { valueAndGrad } from "../../src/autodiff/mod.ts";
import {
  bilinear,
  crossEntropy,
  indices,
  linear,
  multiply,
  scope,
  softmax,
  sum,
  type Tensor,
  tensor,
} from "../../src/tensor/mod.ts";
import { assertRelative, type FixtureArray, gradientCases } from "../support/fixtures.ts";
import { leakChecked } from "../support/leaks.ts";

/** f32 against f64 on small sums, relative to the largest element. */
const TOLERANCE = 1e-6;

const cases = gradientCases();
const load = ({ data, shape }: FixtureArray): Tensor => tensor(data, shape);

const layers: Readonly<Record<string, (inputs: Readonly<Record<string, Tensor>>) => Tensor>> = {
  linear_nobias: ({ x, w }) => linear(x!, w!),
  linear_bias: ({ x, w, b }) => linear(x!, w!, b!),
  bilinear: ({ x, w }) => bilinear(x!, w!),
  bilinear_bias: ({ x, w, b }) => bilinear(x!, w!, b!),
  mlp_bilinear: ({ x, w, p }) => linear(bilinear(x!, w!), p!),
};

for (const [name, apply] of Object.entries(layers)) {
  leakChecked(`valueAndGrad() gives the gradients of the reference: ${name}`, () => {
    const { inputs, output, cotangent, loss, grads } = cases[name]!;
    scope(() => {
      const tensors = Object.fromEntries(
        Object.entries(inputs).map(([key, array]) => [key, load(array)]),
      );
      assertRelative(apply(tensors).toArray(), output!.data, TOLERANCE, "output");
      const weights = load(cotangent!);
      const { value, gradients } = valueAndGrad(
        () => sum(multiply(apply(tensors), weights)),
        new Map(Object.entries(tensors)),
      );
      // the loss cancels terms of both signs, so it is measured by their size
      const size = output!.data.reduce((a, y, i) => a + Math.abs(y * cotangent!.data[i]!), 0);
      assertRelative([(value - loss) / size], [0], TOLERANCE, "loss");
      assertEquals([...gradients.keys()].sort(), Object.keys(grads).sort());
      for (const [key, gradient] of gradients) {
        assertRelative(gradient.toArray(), grads[key]!.data, TOLERANCE, `gradient of ${key}`);
      }
    });
  });
}

for (const name of ["softmax_cross_entropy", "softmax_cross_entropy_large_logits"]) {
  leakChecked(`valueAndGrad() gives the gradients of the reference: ${name}`, () => {
    const { inputs, probs, loss, grads } = cases[name]!;
    scope(() => {
      const logits = load(inputs["logits"]!), labels = indices(inputs["labels"]!.data);
      // logits of order 200 are known to 200 · 2⁻²⁴ in f32, and probabilities move by as much
      const largest = Math.max(...inputs["logits"]!.data.map(Math.abs));
      const tolerance = TOLERANCE * Math.max(1, largest / 8);
      assertRelative(softmax(logits).toArray(), probs!.data, tolerance, "probabilities");
      const { value, gradients } = valueAndGrad(
        () => crossEntropy(logits, labels),
        new Map([["logits", logits]]),
      );
      assertRelative([value], [loss], TOLERANCE, "loss");
      assertRelative(
        gradients.get("logits")!.toArray(),
        grads["logits"]!.data,
        tolerance,
        "gradient",
      );
    });
  });
}

leakChecked("valueAndGrad() gives the gradients of the reference: model_small", () => {
  const { inputs, logits, loss, grads } = cases["model_small"]!;
  scope(() => {
    const x = load(inputs["x"]!), labels = indices(inputs["labels"]!.data);
    const parameters = new Map(Object.keys(grads).map((key) => [key, load(inputs[key]!)]));
    const model = (): Tensor =>
      linear(
        bilinear(linear(x, parameters.get("embed.weight")!), parameters.get("blocks.0.weight")!),
        parameters.get("head.weight")!,
      );
    assertRelative(model().toArray(), logits!.data, TOLERANCE, "logits");
    const { value, gradients } = valueAndGrad(() => crossEntropy(model(), labels), parameters);
    assertRelative([value], [loss], TOLERANCE, "loss");
    for (const [key, gradient] of gradients) {
      assertRelative(gradient.toArray(), grads[key]!.data, TOLERANCE, `gradient of ${key}`);
    }
  });
});
