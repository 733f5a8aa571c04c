// Logic gates, whose eigenvalues are known in closed form or to four digits.
import { assert, assertEquals } from "@std/assert";
import { eigen, fromFactors, type Interactions, interactions } from "../../src/decompose/mod.ts";
import { matrix } from "../../src/linalg/mod.ts";
import * as nn from "../../src/nn/mod.ts";
import { assertRelative } from "../support/fixtures.ts";
import { leakChecked } from "../support/leaks.ts";
import { rowOf } from "../support/networks.ts";

const TABLE = [[0, 0], [0, 1], [1, 0], [1, 1]] as const;

/** Two neurons without bias: the sum of (w·x)(v·x). */
function gate(w: readonly number[], v: readonly number[]): nn.Model {
  const h = w.length / 2;
  const model = nn.sequential([
    nn.bilinear(2, h, { bias: false }),
    nn.linear(h, 1, { bias: false }),
  ]);
  model.assign({ "0.weight": [...w, ...v], "1.weight": Array(h).fill(1) });
  return model;
}

const WITHOUT_BIAS = [
  { name: "AND", w: [1, 0], v: [0, 1], truth: [0, 0, 0, 1], values: [-0.5, 0.5] },
  // x² + y² − xy
  { name: "OR", w: [1, -1, 0, 1], v: [1, 0, 0, 1], truth: [0, 1, 1, 1], values: [0.5, 1.5] },
  { name: "XOR", w: [1, -1], v: [1, -1], truth: [0, 1, 1, 0], values: [2] },
];

for (const { name, w, v, truth, values } of WITHOUT_BIAS) {
  leakChecked(`eigen() of ${name} without bias has the eigenvalues ${values.join(" and ")}`, () => {
    using model = gate(w, v);
    const form = interactions(model).output(0), found = eigen(form);
    assertRelative(found.values.slice().sort(), values, 1e-15, "values");
    TABLE.forEach((x, i) => assertRelative([1, found.evaluate(x)], [1, truth[i]!], 1e-15, "value"));
    const homogeneous = eigen(form, { bias: "homogeneous" });
    assertRelative(homogeneous.values.slice().sort(), values, 1e-15, "homogeneous values");
    for (let r = 0; r < homogeneous.vectors.rows; r++) {
      assert(Math.abs(rowOf(homogeneous.vectors, r)[2]!) < 1e-15, "the constant takes no part");
    }
  });
}

leakChecked("eigen() of XOR is the square of (x − y)", () => {
  using model = gate([1, -1], [1, -1]);
  const { values, vectors, spectrum } = eigen(interactions(model).output(0));
  assertRelative(values, [2], 1e-15, "values");
  assertRelative([1, ...spectrum], [1, 0, 2], 1e-15, "spectrum");
  assertRelative(vectors.data, [Math.SQRT1_2, -Math.SQRT1_2], 1e-15, "vector");
});

/**
 * A gate with biases as the form of (x, y, 1) of least Frobenius norm: x² = x on bits, so a third of
 * each linear weight lies on the diagonal and a third on each of its two places in the border.
 */
function homogeneousGate(truth: readonly number[]): Interactions {
  const [t00, t01, t10, t11] = truth as [number, number, number, number];
  const [a, b, c] = [t10 - t00, t01 - t00, t11 - t10 - t01 + t00];
  const rows = [[a / 3, c / 2, a / 3], [c / 2, b / 3, b / 3], [a / 3, b / 3, t00]] as const;
  // Σ_i (M·(x, 1))_i (x, 1)_i, a neuron a row
  return fromFactors({
    left: matrix(3, 2, rows.flatMap(([x, y]) => [x, y])),
    right: matrix(3, 2, [1, 0, 0, 1, 0, 0]),
    leftBias: Float64Array.from(rows, ([, , one]) => one),
    rightBias: Float64Array.of(0, 0, 1),
    readout: matrix(1, 3, [1, 1, 1]),
    outputBias: new Float64Array(1),
  });
}

const WITH_BIAS = [
  { name: "AND", truth: [0, 0, 0, 1], values: [-0.5, 0, 0.5] },
  { name: "OR", truth: [0, 1, 1, 1], values: [-0.5620, 0.3954, 0.8333] },
  { name: "XOR", truth: [0, 1, 1, 0], values: [-0.9107, 0.2440, 1.3333] },
  { name: "XNOR", truth: [1, 0, 0, 1], values: [-1.3333, 0.3333, 1.3333] },
  { name: "NAND", truth: [1, 1, 1, 0], values: [-0.5, 0.5, 1] },
  { name: "NOR", truth: [1, 0, 0, 0], values: [-0.8333, -0.0458, 1.2125] },
];

for (const { name, truth, values } of WITH_BIAS) {
  leakChecked(`eigen() of ${name} with bias has the eigenvalues ${values.join(", ")}`, () => {
    const form = homogeneousGate(truth).output(0), found = eigen(form, { bias: "homogeneous" });
    assertRelative([1, ...found.spectrum], [1, ...values], 6e-5, "values");
    const separate = eigen(form);
    TABLE.forEach((x, i) => {
      assertRelative([1, found.evaluate(x)], [1, truth[i]!], 1e-14, "homogeneous");
      assertRelative([1, separate.evaluate(x)], [1, truth[i]!], 1e-14, "separate");
    });
  });
}

leakChecked("eigen() of homogeneous biases takes the bias of the output in", () => {
  for (const kinds of [[1], [0.5, -2]]) {
    using model = nn.sequential([nn.bilinear(2, 1), nn.linear(1, kinds.length)]);
    model.assign({
      "0.weight": [0, 0, 0, 0],
      "0.bias": [0, 0],
      "1.weight": kinds.map(() => 1),
      "1.bias": kinds,
    });
    kinds.forEach((constant, o) => {
      const { values, vectors } = eigen(interactions(model).output(o), { bias: "homogeneous" });
      assertEquals([...values], [constant]);
      assertEquals([...vectors.data], [0, 0, 1]);
    });
  }
});
