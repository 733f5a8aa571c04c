import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import * as data from "../../src/data/mod.ts";
import { eigen, interactions } from "../../src/decompose/mod.ts";
import { ablate } from "../../src/interpret/mod.ts";
import * as nn from "../../src/nn/mod.ts";
import { evaluate } from "../../src/train/mod.ts";
import { random, scope } from "../../src/tensor/mod.ts";
import { leakChecked } from "../support/leaks.ts";
import { network, NETWORKS } from "../support/networks.ts";

function rowsFor({ inputs, outputs }: nn.Model, count: number): data.Dataset {
  return data.dataset({
    inputs: scope(() => random(count).normal([count, inputs]).toArray()),
    labels: Int32Array.from({ length: count }, (_, i) => i % outputs),
    classes: outputs,
  });
}

for (const { name, shape, bias, seed } of NETWORKS) {
  leakChecked(`ablate() predicts the change that it measures, to f32 (${name})`, () => {
    using source = network(shape, bias, seed);
    const rows = rowsFor(source, 40), output = source.outputs - 1;
    const { values, vectors } = eigen(interactions(source).output(output));
    for (const taken of [[0], [...values.keys()]]) {
      const found = ablate(source, rows, { output, eigenvectors: taken });
      using model = found.model;
      assertEquals([...found.eigenvalues], taken.map((i) => values[i]!));
      // sizes of what is added and taken away: rounding is relative to them
      let size = 0, predicted = 0;
      for (let i = 0; i < rows.count; i++) {
        const input = data.row(rows, i), logits = source.predict(input);
        const changes = taken.map((k) => {
          const activation = input.reduce(
            (sum, x, j) => sum + x * vectors.data[k * vectors.columns + j]!,
            0,
          );
          return -values[k]! * activation ** 2;
        });
        predicted += changes.reduce((a, b) => a + b, 0) / rows.count;
        size = Math.max(
          size,
          Math.abs(logits[output]!),
          ...changes.map(Math.abs),
          ...hidden(source, input),
        );
        model.predict(input).forEach((after, o) => {
          if (o !== output) assertAlmostEquals(after, logits[o]!, 1e-4 * Math.max(1, size));
        });
      }
      const allowed = 2e-5 * Math.max(1, size);
      assertAlmostEquals(found.predictedChange, predicted, allowed);
      assert(found.largestDifference < allowed, `${found.largestDifference}, not below ${allowed}`);
      assertAlmostEquals(found.measuredChange, found.predictedChange, allowed);
      assertEquals(found.accuracy.before, evaluate(source, rows).accuracy);
      assertEquals(found.accuracy.measured, evaluate(model, rows).accuracy);
    }
  });
}

/** Magnitudes of the products that the readout adds up. */
function hidden({ layers }: nn.Model, input: ArrayLike<number>): number[] {
  let x = Array.from(input), largest = 0;
  for (const { config, parameters } of layers) {
    const weight = parameters.get("weight")!.toArray(), bias = parameters.get("bias")?.toArray();
    const y = Array.from(
      { length: weight.length / x.length },
      (_, r) =>
        x.reduce(
          (sum, v, i) => sum + Math.abs(v * weight[r * x.length + i]!),
          Math.abs(bias?.[r] ?? 0),
        ),
    );
    x = config.type === "bilinear"
      ? y.slice(0, y.length / 2).map((v, i) => v * y[y.length / 2 + i]!)
      : y;
    largest = Math.max(largest, ...x);
  }
  return [largest];
}

leakChecked(
  "ablate() of every eigenvector leaves the linear and constant part of the output",
  () => {
    using source = network({ name: "", inputs: 5, before: [], neurons: 4, after: [2] }, "none", 3);
    const rows = rowsFor(source, 10), count = eigen(interactions(source).output(0)).values.length;
    const all = Array.from({ length: count }, (_, i) => i);
    using model = ablate(source, rows, { output: 0, eigenvectors: all }).model;
    for (let i = 0; i < rows.count; i++) {
      assertAlmostEquals(model.predict(data.row(rows, i))[0]!, 0, 1e-4);
    }
  },
);

leakChecked("ablate() counts an eigenvector that is named twice once", () => {
  using source = network({ name: "", inputs: 5, before: [], neurons: 4, after: [2] }, "all", 3);
  const rows = rowsFor(source, 10);
  const once = ablate(source, rows, { output: 1, eigenvectors: [1] });
  const twice = ablate(source, rows, { output: 1, eigenvectors: [1, 1] });
  assertEquals({ ...twice, model: 0 }, { ...once, model: 0 });
  once.model[Symbol.dispose]();
  twice.model[Symbol.dispose]();
});

leakChecked(
  "ablate() refuses outputs, eigenvectors and data that do not exist, and leaks nothing",
  () => {
    using source = network({ name: "", inputs: 5, before: [], neurons: 4, after: [2] }, "all", 3);
    const rows = rowsFor(source, 10);
    const count = eigen(interactions(source).output(0)).values.length;
    const wrong: [number, number[], string][] = [
      [2, [0], "the outputs are 0 to 1"],
      [-1, [0], "the outputs are 0 to 1"],
      [0, [], "eigenvector of none"],
      [0, [count], `output 0 has 0 to ${count - 1}`],
      [0, [-1], "eigenvector -1"],
      [0, [0, 0.5], "eigenvector 0.5"],
      [0, [NaN], "eigenvector NaN"],
    ];
    for (const [output, eigenvectors, message] of wrong) {
      assertThrows(() => ablate(source, rows, { output, eigenvectors }), RangeError, message);
    }
    const narrow = data.dataset({ inputs: new Float32Array(8), labels: [0, 1] });
    const classes = data.dataset({ inputs: new Float32Array(15), labels: [0, 1, 2] });
    for (const other of [narrow, classes]) {
      assertThrows(
        () => ablate(source, other, { output: 0, eigenvectors: [0] }),
        TypeError,
        "rows of",
      );
    }
    using gated = nn.sequential([nn.bilinear(5, 2, { gate: "relu" })]);
    assertThrows(() => ablate(gated, rows, { output: 0, eigenvectors: [0] }), TypeError, "relu");
  },
);
