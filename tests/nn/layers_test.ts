import { assert, assertEquals, assertThrows } from "@std/assert";
import { heapUsage } from "../../src/kernels/mod.ts";
import * as nn from "../../src/nn/mod.ts";
import { bilinear, linear, random, scope, tensor } from "../../src/tensor/mod.ts";
import { leakChecked } from "../support/leaks.ts";

leakChecked(
  "linear() and bilinear() have parameters of the promised shapes, a bias unless told",
  () => {
    scope(() => {
      const shapes = (layer: nn.Layer) =>
        [...layer.parameters].map(([name, { shape }]) => [name, shape]);
      assertEquals(shapes(nn.linear(5, 3)), [["weight", [3, 5]], ["bias", [3]]]);
      assertEquals(shapes(nn.bilinear(5, 3)), [["weight", [6, 5]], ["bias", [6]]]);
      assertEquals(shapes(nn.linear(5, 3, { bias: false })), [["weight", [3, 5]]]);
      assertEquals(shapes(nn.bilinear(5, 3, { bias: false })), [["weight", [6, 5]]]);
      assertEquals(nn.bilinear(5, 3, { bias: false }).config, {
        type: "bilinear",
        inputs: 5,
        outputs: 3,
        bias: false,
      });
    });
  },
);

leakChecked("linear() and bilinear() compute what the operations of their name do", () => {
  scope(() => {
    const x = random(1).normal([4, 5]);
    for (const [make, operation] of [[nn.linear, linear], [nn.bilinear, bilinear]] as const) {
      for (const bias of [false, true]) {
        const layer = make(5, 3, { bias });
        layer.initialize(random(2));
        const [weight, row] = [...layer.parameters.values()];
        assertEquals(layer(x).toArray(), operation(x, weight!, row).toArray());
      }
    }
  });
});

leakChecked("bilinear() keeps W in the upper rows and V in the lower", () => {
  scope(() => {
    const layer = nn.bilinear(2, 1);
    layer.parameters.get("weight")!.set([1, 2, 3, 4]);
    layer.parameters.get("bias")!.set([10, -1]);
    assertEquals(layer(tensor([[1, 1]])).item(), (1 + 2 + 10) * (3 + 4 - 1));
  });
});

leakChecked(
  "linear() and bilinear() refuse sizes that are no whole number ≥ 1, and take no memory",
  () => {
    const { blocks } = heapUsage();
    for (const wrong of [0, -1, 1.5, NaN, Infinity]) {
      assertThrows(
        () => nn.linear(wrong, 3),
        RangeError,
        `Cannot make a linear layer: it has inputs ${wrong}, and it must be a whole number ≥ 1`,
      );
      assertThrows(() => nn.bilinear(3, wrong), RangeError, `it has outputs ${wrong}`);
    }
    assertEquals(heapUsage().blocks, blocks);
  },
);

leakChecked("sequential() draws weights and biases from U(±1/√inputs)", () => {
  using model = nn.sequential([nn.linear(400, 300), nn.bilinear(300, 100)], { seed: 5 });
  for (const [name, parameter] of model.parameters) {
    const inputs = name.startsWith("0") ? 400 : 300, bound = 1 / Math.sqrt(inputs);
    const values = [...parameter.toArray()], { length } = values;
    assert(values.every((value) => Math.abs(value) <= bound * (1 + 1e-6)), name);
    const mean = values.reduce((a, b) => a + b) / length;
    const variance = values.reduce((a, b) => a + b * b, 0) / length;
    assert(Math.abs(mean) < 5 * bound / Math.sqrt(3 * length), `${name}: mean ${mean}`);
    // a fourth moment of 1/5: the relative deviation of the variance is √(0.8/n)
    const relative = variance / (bound * bound / 3) - 1;
    assert(Math.abs(relative) < 5 * Math.sqrt(0.8 / length), `${name}: variance off ${relative}`);
  }
});
