import { assert, assertEquals, assertThrows } from "@std/assert";
import { eigen, interactions } from "../../src/decompose/mod.ts";
import { explain, explainer, type Explanation } from "../../src/interpret/mod.ts";
import * as nn from "../../src/nn/mod.ts";
import { assertRelative, mnistModel, readGoldenJson } from "../support/fixtures.ts";
import { firstDigits } from "../support/digits.ts";
import { leakChecked } from "../support/leaks.ts";
import { forward, network, NETWORKS, rowOf } from "../support/networks.ts";
import { numbers } from "../support/numbers.ts";

/** Magnitude of the parts of an explanation. */
function magnitude({ contributions, linear, constant }: Explanation): number {
  return contributions.reduce((sum, part) => sum + Math.abs(part), Math.abs(linear)) +
    Math.abs(constant);
}

const partsOf = ({ evidence, remainder, linear, constant }: Explanation): number =>
  evidence.reduce((sum, { contribution }) => sum + contribution, 0) + remainder + linear + constant;

for (const { name, shape, bias, seed } of NETWORKS) {
  leakChecked(`explain() gives parts that add up to the logit (${name})`, () => {
    using model = network(shape, bias, seed);
    const whole = interactions(model), draw = numbers(seed + 5);
    const outputs = [undefined, ...Array.from({ length: whole.outputs }, (_, o) => o)];
    const spaces = shape.before.length ? ["input", "embedding"] as const : ["input"] as const;
    for (const space of spaces) {
      for (const kind of ["separate", "homogeneous"] as const) {
        const many = explainer(model, { space, bias: kind });
        assertEquals(many.eigens.length, whole.outputs);
        for (const output of outputs) {
          const x = draw.doubles(shape.inputs, -2, 2), exact = forward(model, x);
          const [top] = draw.whole(1, 0, 5), chosen = output === undefined ? {} : { output };
          const found = explain(model, x, { space, bias: kind, top: top!, ...chosen });
          const scale = magnitude(found);
          assertRelative(found.logits, exact, 1e-13, "logits");
          assertEquals(found.prediction, found.logits.indexOf(Math.max(...found.logits)));
          assertEquals(found.output, output ?? found.prediction);
          assertEquals(found.logit, found.logits[found.output]);
          assert(Math.abs(partsOf(found) - found.logit) <= 1e-12 * scale, "parts and logit");
          assert(found.residual <= 1e-12 * scale, `residual ${found.residual}`);
          if (kind === "homogeneous") assertEquals([found.linear, found.constant], [0, 0]);

          const all = eigen(whole.output(found.output), { space, bias: kind });
          assertEquals(found.evidence.length, Math.min(top!, all.values.length));
          assertEquals(found.contributions.length, all.values.length);
          found.contributions.forEach((part, i) =>
            i && assert(Math.abs(part) <= Math.abs(found.contributions[i - 1]!), "not sorted")
          );
          found.evidence.forEach(({ eigenvalue, activation, contribution, vector }, i) => {
            assertEquals(contribution, found.contributions[i]);
            assertEquals(contribution, eigenvalue * activation * activation);
            const at = all.values.indexOf(eigenvalue);
            assertEquals(vector, rowOf(all.vectors, at));
            assertEquals(activation, all.project(x)[at]);
          });
          assertEquals(many.explain(x, { top: top!, ...chosen }), found);
          assertEquals(explain(whole, x, { space, bias: kind, top: top!, ...chosen }), found);
        }
      }
    }
  });
}

leakChecked("explain() lists ten eigenvectors, none, or all of them", () => {
  using model = network({ name: "", inputs: 15, before: [], neurons: 12, after: [2] }, "all", 3);
  const x = numbers(4).floats(15);
  assertEquals(explain(model, x).evidence.length, 10);
  const none = explain(model, x, { top: 0 });
  assertEquals(none.evidence, []);
  assertRelative([none.remainder], [none.contributions.reduce((a, b) => a + b, 0)], 1e-13);
  for (const top of [15, 16, 1e9]) {
    const all = explain(model, x, { top });
    assertEquals([all.evidence.length, all.remainder], [15, 0]);
  }
});

leakChecked("explain() of one neuron is the product of its two sides", () => {
  using model = nn.sequential([nn.bilinear(2, 1)]);
  model.assign({ "0.weight": [1, 0, 0, 1], "0.bias": [2, 3] });
  // (x + 2)(y + 3) = xy + 3x + 2y + 6 at (4, −1): −4 + 12 − 2 + 6
  const { logit, linear, constant, evidence, prediction } = explain(model, [4, -1]);
  assertEquals([logit, linear, constant, prediction], [12, 10, 6, 0]);
  assertRelative(evidence.map(({ contribution }) => contribution), [-6.25, 2.25], 1e-14);
  assertRelative(evidence.map(({ eigenvalue }) => eigenvalue), [-0.5, 0.5], 1e-14);
});

leakChecked("explain() of an input of zeros is zero without biases", () => {
  using model = network({ name: "", inputs: 4, before: [], neurons: 3, after: [3] }, "none", 5);
  const zero = explain(model, new Float64Array(4));
  assertEquals([zero.logit, zero.linear, zero.constant, zero.remainder, zero.residual], [
    0,
    0,
    0,
    0,
    0,
  ]);
  assertEquals([zero.output, zero.prediction], [0, 0]);
});

leakChecked("explain() refuses inputs, outputs and counts that are none", () => {
  using model = nn.sequential([nn.bilinear(3, 2)]);
  const many = explainer(model), x = [1, 2, 3];
  for (const bad of [[], [1, 2], [1, 2, 3, 4], new Float32Array(6)]) {
    assertThrows(() => explain(model, bad), TypeError, "the model takes 3");
    assertThrows(() => many.explain(bad), TypeError, "the model takes 3");
  }
  for (const bad of [NaN, Infinity, -Infinity]) {
    assertThrows(() => explain(model, [1, bad, 3]), RangeError, `input 1 is ${bad}`);
    assertThrows(() => many.explain([1, bad, 3]), RangeError, `input 1 is ${bad}`);
  }
  assertThrows(() => explain(model, { length: 3, 0: 1, 2: 1 }), RangeError, "input 1 is undefined");
  for (const output of [-1, 2, 0.5, NaN, Infinity]) {
    assertThrows(() => explain(model, x, { output }), RangeError, "the outputs are 0 to 1");
    assertThrows(() => many.explain(x, { output }), RangeError, "the outputs are 0 to 1");
  }
  for (const top of [-1, 1.5, NaN, Infinity]) {
    assertThrows(() => explain(model, x, { top }), RangeError, "whole number ≥ 0");
    assertThrows(() => many.explain(x, { top }), RangeError, "whole number ≥ 0");
  }
  assertThrows(() => explain(model, x, { space: "embedding" }), TypeError, "use the input space");
  assertThrows(() => explainer(model, { space: "embedding" }), TypeError, "use the input space");
  using flat = nn.sequential([nn.linear(3, 2)]);
  assertThrows(() => explain(flat, x), TypeError, "0 bilinear layers");
  assertThrows(() => explainer(flat), TypeError, "0 bilinear layers");
});

leakChecked("explain() refuses logits that exceed f64", () => {
  using model = nn.sequential([nn.bilinear(1, 1, { bias: false })]);
  model.assign({ "0.weight": [1, 1] });
  assertThrows(() => explain(model, [1e200]), RangeError, "exceed");
  assertThrows(() => explainer(model).explain([1e200]), RangeError, "exceed");
  assertEquals(explain(model, [1e150]).logit, 1e150 * 1e150);
});

leakChecked("explain() of the MNIST network explains its predictions", () => {
  const { pred } = readGoldenJson<{ pred: number[] | { data: number[] } }>("mnist/logits16.json");
  const expected = Array.isArray(pred) ? pred : pred.data;
  const pixels = firstDigits("test", 16);
  using model = mnistModel();
  const whole = interactions(model);
  for (let row = 0; row < 2; row++) {
    const x = Float32Array.from(pixels.subarray(784 * row, 784 * row + 784), (p) => p / 255);
    for (const space of ["embedding", "input"] as const) {
      const found = explain(whole, x, { space });
      assertEquals(found.prediction, expected[row]);
      assertEquals(found.evidence[0]!.vector.length, 784);
      assert(Math.abs(partsOf(found) - found.logit) < 1e-10 * magnitude(found));
    }
  }
});
