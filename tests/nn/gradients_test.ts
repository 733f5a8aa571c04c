import { assert, assertEquals } from "@std/assert";
import { valueAndGrad } from "../../src/autodiff/mod.ts";
import * as nn from "../../src/nn/mod.ts";
import {
  crossEntropy,
  indices,
  multiply,
  scope,
  sum,
  type Tensor,
  tensor,
} from "../../src/tensor/mod.ts";
import { assertRelative, type FixtureArray, gradientCases } from "../support/fixtures.ts";
import { leakChecked } from "../support/leaks.ts";

/** f32 against f64, relative to the largest element; the largest seen was 3.5e-7. */
const TOLERANCE = 1e-6;

const cases = gradientCases();
const load = ({ data, shape }: FixtureArray): Tensor => tensor(data, shape);

/** A layer of every gated case, and the names of its parameters in the reference by ours. */
const LAYERS: Readonly<
  Record<string, { layer: () => nn.Layer; names: Readonly<Record<string, string>> }>
> = {
  linear_nobias: { layer: () => nn.linear(7, 4, { bias: false }), names: { weight: "w" } },
  linear_bias: { layer: () => nn.linear(7, 4), names: { weight: "w", bias: "b" } },
  bilinear: { layer: () => nn.bilinear(6, 4, { bias: false }), names: { weight: "w" } },
  bilinear_bias: { layer: () => nn.bilinear(6, 4), names: { weight: "w", bias: "b" } },
  reglu: gatedLayer("relu"),
  geglu_erf: gatedLayer("gelu"),
  geglu_tanh: gatedLayer("gelu-tanh"),
  swiglu: gatedLayer("silu"),
  glu_sigmoid: gatedLayer("sigmoid"),
  rmsnorm: { layer: () => nn.rmsNorm(8), names: {} },
  rmsnorm_scale: { layer: () => nn.rmsNorm(8, { scale: true }), names: { weight: "g" } },
  mlp_bilinear: {
    layer: () => nn.block([nn.bilinear(6, 8, { bias: false }), nn.linear(8, 6, { bias: false })]),
    names: { "0.weight": "w", "1.weight": "p" },
  },
  causal_attention_rotary: {
    layer: () => nn.attention(8, { heads: 2 }),
    names: { qkv: "qkv", output: "o" },
  },
  transformer_layer: {
    layer: () => nn.transformer(8, { heads: 2, hidden: 12, blocks: 2 }),
    names: { "0.1.qkv": "qkv", "0.1.output": "o", "1.1.weight": "w", "1.2.weight": "p" },
  },
};

function gatedLayer(gate: nn.BilinearConfig["gate"] & string): (typeof LAYERS)[string] {
  return { layer: () => nn.bilinear(6, 4, { bias: false, gate }), names: { weight: "w" } };
}

for (const [name, { layer: make, names }] of Object.entries(LAYERS)) {
  leakChecked(`layers give the outputs and gradients of the reference: ${name}`, () => {
    const { inputs, output, cotangent, loss, grads } = cases[name]!;
    scope(() => {
      const layer = make(), x = load(inputs["x"]!), weights = load(cotangent!);
      assertEquals([...layer.parameters.keys()], Object.keys(names));
      for (const [ours, theirs] of Object.entries(names)) {
        layer.parameters.get(ours)!.set(inputs[theirs]!.data);
      }
      const found = layer(x);
      assertEquals(found.shape, output!.shape);
      assertRelative(found.toArray(), output!.data, TOLERANCE, "output");
      const { value, gradients } = valueAndGrad(
        () => sum(multiply(layer(x), weights)),
        new Map([["x", x], ...layer.parameters]),
      );
      // the loss cancels terms of both signs, so it is measured by their size
      const size = output!.data.reduce((a, y, i) => a + Math.abs(y * cotangent!.data[i]!), 0);
      assertRelative([(value - loss) / size], [0], TOLERANCE, "loss");
      for (const [ours, gradient] of gradients) {
        const expected = grads[ours === "x" ? "x" : names[ours]!]!;
        assertEquals(gradient.shape, expected.shape);
        assertRelative(gradient.toArray(), expected.data, TOLERANCE, `gradient of ${ours}`);
      }
    });
  });
}

/** The rows of a matrix with the lower half above the upper. */
const swapped = (data: readonly number[]): number[] => [
  ...data.slice(data.length / 2),
  ...data.slice(0, data.length / 2),
];

leakChecked("bilinear() with swapped halves is the GLU of PyTorch, which gates the second", () => {
  const { inputs, output, cotangent, grads } = cases["glu_torch"]!;
  scope(() => {
    const layer = nn.bilinear(6, 4, { bias: false, gate: "sigmoid" }), x = load(inputs["x"]!);
    layer.parameters.get("weight")!.set(swapped(inputs["w"]!.data));
    assertRelative(layer(x).toArray(), output!.data, TOLERANCE, "output");
    const { gradients } = valueAndGrad(
      () => sum(multiply(layer(x), load(cotangent!))),
      new Map([["x", x], ...layer.parameters]),
    );
    const weight = swapped([...gradients.get("weight")!.toArray()]);
    assertRelative(weight, grads["w"]!.data, TOLERANCE, "gradient of the weight");
    assertRelative(gradients.get("x")!.toArray(), grads["x"]!.data, TOLERANCE, "gradient of x");
  });
});

for (
  const [name, smoothing] of [
    ["softmax_cross_entropy", 0],
    ["softmax_cross_entropy_smooth0.1", 0.1],
  ] as const
) {
  leakChecked(`crossEntropy() gives loss and gradient of the reference: ${name}`, () => {
    const { inputs, loss, grads } = cases[name]!;
    scope(() => {
      const logits = load(inputs["logits"]!), labels = indices(inputs["labels"]!.data);
      const { value, gradients } = valueAndGrad(
        () => crossEntropy(logits, labels, smoothing),
        new Map([["logits", logits]]),
      );
      assertRelative([value], [loss], TOLERANCE, "loss");
      assertRelative(gradients.get("logits")!.toArray(), grads["logits"]!.data, TOLERANCE);
    });
  });
}

leakChecked("meanSquaredError() gives loss and gradient of the reference: mse_mean", () => {
  const { inputs, loss, grads } = cases["mse_mean"]!;
  scope(() => {
    const prediction = load(inputs["pred"]!), target = load(inputs["target"]!);
    const { value, gradients } = valueAndGrad(
      () => nn.meanSquaredError(prediction, target),
      new Map([["prediction", prediction]]),
    );
    assertRelative([value], [loss], TOLERANCE, "loss");
    assertRelative(gradients.get("prediction")!.toArray(), grads["pred"]!.data, TOLERANCE);
  });
});

for (const [name, residual] of [["model_small", false], ["model_small_residual", true]] as const) {
  leakChecked(`a model gives logits, loss and gradients of the reference: ${name}`, () => {
    const { inputs, logits, loss, grads } = cases[name]!;
    const middle = nn.bilinear(8, 8, { bias: false });
    using model = nn.sequential([
      nn.linear(12, 8, { bias: false }),
      residual ? nn.residual([middle]) : middle,
      nn.linear(8, 5, { bias: false }),
    ]);
    const names: Readonly<Record<string, string>> = {
      "0.weight": "embed.weight",
      [residual ? "1.0.weight" : "1.weight"]: "blocks.0.weight",
      "2.weight": "head.weight",
    };
    model.assign(
      Object.fromEntries(
        Object.entries(names).map(([ours, theirs]) => [ours, inputs[theirs]!]),
      ),
    );
    scope(() => {
      const x = load(inputs["x"]!), labels = indices(inputs["labels"]!.data);
      assertRelative(model(x).toArray(), logits!.data, TOLERANCE, "logits");
      const { value, gradients } = valueAndGrad(
        () => crossEntropy(model(x), labels),
        model.parameters,
      );
      assertRelative([value], [loss], TOLERANCE, "loss");
      for (const [ours, gradient] of gradients) {
        assertRelative(gradient.toArray(), grads[names[ours]!]!.data, TOLERANCE, ours);
      }
    });
  });
}

Deno.test("every case of grad_checks.json is held to by a test of layers or of the tape", () => {
  const tested = new Set([
    ...Object.keys(LAYERS),
    ...["glu_torch", "mse_mean", "model_small", "model_small_residual"],
    ...["softmax_cross_entropy", "softmax_cross_entropy_smooth0.1"],
    "softmax_cross_entropy_large_logits", // tests/autodiff/golden_test.ts, with a tolerance of its own
  ]);
  for (const name of Object.keys(cases)) assert(tested.has(name), `nothing tests ${name}`);
});
