import { assert, assertEquals, assertThrows } from "@std/assert";
import { fromFactors, interactions } from "../../src/decompose/mod.ts";
import { matrix } from "../../src/linalg/mod.ts";
import * as nn from "../../src/nn/mod.ts";
import { assertRelative } from "../support/fixtures.ts";
import { leakChecked } from "../support/leaks.ts";
import { forward, network, NETWORKS, polarised } from "../support/networks.ts";
import { numbers } from "../support/numbers.ts";

for (const { name, shape, bias, seed } of NETWORKS) {
  leakChecked(`interactions() evaluates as the layers do (${name})`, () => {
    using model = network(shape, bias, seed);
    const whole = interactions(model), draw = numbers(seed + 1);
    assertEquals(
      [whole.inputs, whole.neurons, whole.outputs],
      [model.inputs, shape.neurons, model.outputs],
    );
    for (let trial = 0; trial < 5; trial++) {
      const x = draw.floats(shape.inputs, -2, 2);
      assertRelative(whole.evaluate(x), forward(model, x), 1e-13, "outputs in f64");
      assertRelative([1, ...whole.evaluate(x)], [1, ...model.predict(x)], 2e-5, "predict");
    }
  });

  leakChecked(`output() is the polynomial that the values of the network give (${name})`, () => {
    using model = network(shape, bias, seed);
    const whole = interactions(model), n = shape.inputs;
    for (let o = 0; o < whole.outputs; o++) {
      const form = whole.output(o);
      const expected = polarised((x) => forward(model, x)[o]!, n);
      const scale = Math.max(1, ...expected.dense.map(Math.abs));
      const close = (a: ArrayLike<number>, b: ArrayLike<number>, what: string) =>
        assertRelative([scale, ...Array.from(a)], [scale, ...Array.from(b)], 1e-13, what);
      close(form.dense().data, expected.dense, "Q");
      close(form.linear, expected.linear, "linear");
      close([form.constant], [expected.constant], "constant");
      if (bias === "none") {
        assertEquals(form.constant, 0);
        assert(form.linear.every((value) => value === 0), "no bias, but a linear part");
      }
    }
  });

  leakChecked(`output() has xᵀQx + linear·x + constant as its value (${name})`, () => {
    using model = network(shape, bias, seed);
    const whole = interactions(model), n = shape.inputs, draw = numbers(seed + 2);
    for (let o = 0; o < whole.outputs; o++) {
      const form = whole.output(o), dense = form.dense().data, x = draw.doubles(n, -3, 3);
      let sum = form.constant, magnitude = Math.abs(form.constant);
      for (let i = 0; i < n; i++) {
        sum += form.linear[i]! * x[i]!;
        magnitude += Math.abs(form.linear[i]! * x[i]!);
        for (let j = 0; j < n; j++) {
          assertEquals(dense[i * n + j], dense[j * n + i]);
          sum += dense[i * n + j]! * x[i]! * x[j]!;
          magnitude += Math.abs(dense[i * n + j]! * x[i]! * x[j]!);
        }
      }
      assert(Math.abs(sum - form.evaluate(x)) <= 1e-12 * magnitude);
      assertEquals(form.evaluate(x), whole.evaluate(x)[o]);
    }
  });
}

leakChecked("dense() is ½(Wᵀdiag(α)V + Vᵀdiag(α)W)", () => {
  using model = network({ name: "", inputs: 5, before: [], neurons: 4, after: [3] }, "all", 7);
  const [n, h] = [5, 4], whole = interactions(model);
  const weight = model.parameters.get("0.weight")!.toArray();
  const readout = model.parameters.get("1.weight")!.toArray();
  const biases = model.parameters.get("0.bias")!.toArray();
  const direction = [0.3, -2, 0.7];
  const alpha = Array.from(
    { length: h },
    (_, k) => direction.reduce((sum, u, o) => sum + u * readout[o * h + k]!, 0),
  );
  const dense = new Float64Array(n * n), linear = new Float64Array(n);
  for (let k = 0; k < h; k++) {
    for (let i = 0; i < n; i++) {
      const [w, v] = [weight[k * n + i]!, weight[(h + k) * n + i]!];
      linear[i] = linear[i]! + alpha[k]! * (biases[h + k]! * w + biases[k]! * v);
      for (let j = 0; j < n; j++) {
        const crossed = w * weight[(h + k) * n + j]! + v * weight[k * n + j]!;
        dense[i * n + j] = dense[i * n + j]! + alpha[k]! * crossed / 2;
      }
    }
  }
  const form = whole.direction(direction);
  assertRelative(form.neuronWeights, alpha, 1e-14, "α");
  assertRelative(form.dense().data, dense, 1e-14, "Q");
  assertRelative(form.linear, linear, 1e-14, "diag(c)W + diag(b)V, weighted");
});

leakChecked("interactions() folds a readout into the outputs and not into the factors", () => {
  using model = network({ name: "", inputs: 3, before: [2], neurons: 3, after: [3] }, "none", 9);
  const whole = interactions(model), x = [0.5, -1, 2];
  const { left, right, readout } = whole;
  const through = (factor: typeof left) =>
    Array.from({ length: 3 }, (_, o) => {
      let total = 0;
      for (let k = 0; k < 3; k++) {
        for (let i = 0; i < 3; i++) {
          total += readout.data[o * 3 + k]! * factor.data[k * 3 + i]! * x[i]!;
        }
      }
      return total;
    });
  const [l, r] = [through(left), through(right)], exact = forward(model, x);
  assertRelative(whole.evaluate(x), exact, 1e-13, "U((WEx) ⊙ (VEx))");
  assert(l.some((value, o) => Math.abs(value * r[o]! - exact[o]!) > 0.1), "(UWEx) ⊙ (UVEx)");
});

leakChecked("difference(), centered() and direction() are sums of outputs", () => {
  for (const bias of ["none", "all"] as const) {
    using model = network({ name: "", inputs: 4, before: [3], neurons: 5, after: [4] }, bias, 11);
    const whole = interactions(model), x = numbers(12).doubles(4);
    const y = forward(model, x), mean = y.reduce((sum, value) => sum + value, 0) / 4;
    const cases = [
      [whole.difference(2, 0), y[2]! - y[0]!],
      [whole.difference(1, 1), 0],
      [whole.centered(3), y[3]! - mean],
      [whole.direction([1, -2, 0, 0.5]), y[0]! - 2 * y[1]! + 0.5 * y[3]!],
      [whole.direction(Float32Array.of(0, 0, 0, 0)), 0],
    ] as const;
    for (const [form, expected] of cases) {
      const parts = polarised((at) => form.evaluate(at), 4);
      assertRelative([10, form.evaluate(x)], [10, expected], 1e-13, "value");
      assertRelative([1, ...form.dense().data], [1, ...parts.dense], 1e-13, "Q");
      assertRelative([1, ...form.linear], [1, ...parts.linear], 1e-13, "linear");
      assertRelative([1, form.constant], [1, parts.constant], 1e-13, "constant");
    }
  }
});

leakChecked("interactions() refuses models without one bilinear layer", () => {
  using none = nn.sequential([nn.linear(3, 2)]);
  using two = nn.sequential([nn.bilinear(3, 2), nn.bilinear(2, 2)]);
  assertThrows(() => interactions(none), TypeError, "0 bilinear layers");
  assertThrows(() => interactions(two), TypeError, "2 bilinear layers");
});

leakChecked("output() and its kin refuse what does not exist", () => {
  using model = nn.sequential([nn.bilinear(3, 2), nn.linear(2, 4)]);
  const whole = interactions(model);
  for (const bad of [-1, 4, 1.5, NaN, Infinity]) {
    assertThrows(() => whole.output(bad), RangeError, "the outputs are 0 to 3");
    assertThrows(() => whole.centered(bad), RangeError, "the outputs are 0 to 3");
    assertThrows(() => whole.difference(bad, 0), RangeError, "the outputs are 0 to 3");
    assertThrows(() => whole.difference(0, bad), RangeError, "the outputs are 0 to 3");
  }
  assertThrows(() => whole.direction([1, 2, 3]), TypeError, "3 weights");
  assertThrows(() => whole.direction([]), TypeError, "0 weights");
  assertThrows(() => whole.direction([1, NaN, 0, 0]), RangeError, "weight 1 is NaN");
  assertThrows(() => whole.evaluate([1, 2]), TypeError, "an input has 3");
  assertThrows(() => whole.output(0).evaluate([1, 2, 3, 4]), TypeError, "an input has 3");
  assertThrows(() => whole.basis("embedding"), TypeError, "no linear layer comes before");
});

leakChecked("fromFactors() computes with factors in f64 and refuses what does not fit", () => {
  const draw = numbers(3);
  const factors = {
    left: matrix(2, 3, draw.doubles(6)),
    right: matrix(2, 3, draw.doubles(6)),
    leftBias: draw.doubles(2),
    rightBias: draw.doubles(2),
    readout: matrix(1, 2, draw.doubles(2)),
    outputBias: draw.doubles(1),
  };
  const x = draw.doubles(3);
  const sum = (data: Float64Array, k: number, bias: number) =>
    bias + data[3 * k]! * x[0]! + data[3 * k + 1]! * x[1]! + data[3 * k + 2]! * x[2]!;
  const expected = [0, 1].reduce(
    (total, k) =>
      total + factors.readout.data[k]! * sum(factors.left.data, k, factors.leftBias[k]!) *
        sum(factors.right.data, k, factors.rightBias[k]!),
    factors.outputBias[0]!,
  );
  assertRelative(fromFactors(factors).evaluate(x), [expected], 1e-14, "value");
  const wrong = [
    { right: matrix(2, 4) },
    { right: matrix(3, 3) },
    { leftBias: new Float64Array(3) },
    { rightBias: new Float64Array(1) },
    { readout: matrix(1, 3) },
    { outputBias: new Float64Array(2) },
    { embedding: { matrix: matrix(2, 4), left: matrix(2, 2), right: matrix(2, 2) } },
    { embedding: { matrix: matrix(2, 3), left: matrix(2, 3), right: matrix(2, 2) } },
    { embedding: { matrix: matrix(2, 3), left: matrix(2, 2), right: matrix(1, 2) } },
  ];
  for (const part of wrong) {
    assertThrows(() => fromFactors({ ...factors, ...part }), TypeError, "Cannot join factors");
  }
});

leakChecked("interactions() stay as they were when the model changes or goes", () => {
  const model = network({ name: "", inputs: 3, before: [2], neurons: 2, after: [2] }, "all", 5);
  const whole = interactions(model), x = [1, 2, 3], before = whole.evaluate(x);
  for (const parameter of model.parameters.values()) {
    parameter.set(new Float32Array(parameter.size));
  }
  model[Symbol.dispose]();
  assertEquals(whole.evaluate(x), before);
  assert(before.some((value) => value !== 0));
});
