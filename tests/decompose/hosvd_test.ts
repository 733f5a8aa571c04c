import { assert, assertEquals } from "@std/assert";
import { fromFactors, hosvd, inputModes, tensorTrain, tucker } from "../../src/decompose/mod.ts";
import * as io from "../../src/io/mod.ts";
import * as multilinear from "../../src/multilinear/mod.ts";
import { frobeniusNorm, matmul, matrix, svd } from "../../src/linalg/mod.ts";
import { assertRelative } from "../support/fixtures.ts";
import { leakChecked } from "../support/leaks.ts";
import { skewness } from "../support/networks.ts";
import { denseOf, layers, randomLayer, relativeGap } from "./layers.ts";

leakChecked("hosvd() finds the singular values of the unfolded tensor, small ones included", () => {
  for (const { name, layer } of layers(10, 100)) {
    const { singularValues, directions, forms } = hosvd(layer), n = layer.inputs;
    const dense = denseOf(layer), largest = Math.max(...dense.map(Math.abs)) || 1;
    // scaled, as the squares inside would overflow
    const { values } = svd(matrix(layer.outputs, n * n, dense.map((value) => value / largest)));
    const padded = Float64Array.from({ length: layer.outputs }, (_, i) => values[i] ?? 0);
    assertRelative(singularValues.map((value) => value / largest), padded, 1e-12, name);
    assert(skewness(directions) < 1e-12, name);
    forms.forEach((form, i) => {
      const norm = frobeniusNorm(form.dense()) / largest;
      assertRelative([padded[0]! || 1, norm], [padded[0]! || 1, padded[i]!], 1e-12, `${name} ${i}`);
    });
  }
});

leakChecked("hosvd() measures singular values that squares would lose", () => {
  const layer = randomLayer("plain", [6, 5, 2], 1), { left, right, readout } = layer;
  // the second output is the first but for 1e-11
  const close = readout.data.slice();
  for (let k = 0; k < 5; k++) close[5 + k] = close[k]! + 1e-11 * (k - 2);
  const near = fromFactors({ ...layer, left, right, readout: matrix(2, 5, close) });
  const { singularValues } = hosvd(near);
  const difference = near.difference(1, 0), expected = frobeniusNorm(difference.dense()) / 2;
  const of = hosvd(near, { rank: 1 }).relativeError * Math.hypot(...singularValues);
  assert(singularValues[1]! > 0.01 * expected && singularValues[1]! < 4 * expected);
  assertRelative([of], [singularValues[1]!], 1e-9, "error");
});

leakChecked("inputModes() finds the singular values of the tensor unfolded by inputs", () => {
  for (const { name, layer } of layers(8, 300)) {
    const { outputs, inputs: n } = layer, dense = denseOf(layer);
    const largest = Math.max(...dense.map(Math.abs)) || 1;
    const unfolded = matrix(n, outputs * n);
    dense.forEach((value, at) => {
      const o = Math.floor(at / (n * n)), i = Math.floor(at / n) % n, j = at % n;
      unfolded.data[i * outputs * n + o * n + j] = value / largest;
    });
    const { values } = svd(unfolded),
      { singularValues, vectors, relativeError } = inputModes(layer);
    // square roots of eigenvalues lose half the digits of the smallest
    singularValues.forEach((value, i) =>
      assert(Math.abs(value / largest - (values[i] ?? 0)) < 1e-6 * (values[0]! + 1e-300), name)
    );
    assert(skewness(vectors) < 1e-12 && relativeError < 1e-7, name);
    const one = inputModes(layer, { rank: 1 });
    const lost = Math.hypot(...values.slice(1)) / (Math.hypot(...values) || 1);
    assertRelative([1, one.relativeError], [1, lost], 1e-7, name);
    assertEquals(one.vectors.rows, 1);
  }
});

leakChecked("tucker() keeps an orthonormal basis and a core that is the projected tensor", () => {
  for (const [kind, seed] of [["plain", 1], ["biased", 2], ["deficient", 3]] as const) {
    const layer = randomLayer(kind, [8, 6, 5], seed);
    for (const rank of [[1, 1], [2, 3], [5, 4], [5, 8]] as const) {
      const found = tucker(layer, { rank }), { core, inputFactor: p, outputFactor: a } = found;
      assertEquals([...core.shape], [rank[0], rank[1], rank[1]]);
      assert(skewness(p) < 1e-12 && skewness(a) < 1e-12);
      for (let i = 0; i < rank[0]; i++) {
        const form = layer.direction(a.data.slice(5 * i, 5 * i + 5)).dense();
        const projected = matmul(matmul(p, form), p, "NT");
        const size = rank[1] * rank[1];
        const own = core.data.subarray(i * size, (i + 1) * size);
        assertRelative([10, ...own], [10, ...projected.data], 1e-12, "core");
      }
      assert(found.relativeError <= found.errorBound!);
    }
    assert(tucker(layer).relativeError < 1e-12);
  }
});

leakChecked(
  "tucker() improves on the higher-order SVD, or says that there is nothing to improve",
  () => {
    let better = 0;
    for (let seed = 0; seed < 30; seed++) {
      const layer = randomLayer("plain", [7, 6, 4], 500 + seed);
      const { trace, converged } = tucker(layer, { rank: [2, 3], sweeps: 200 });
      assert(converged);
      if (trace.at(-1)! < trace[0]! - 1e-6) better++;
    }
    assert(better > 20, `${better}`);
  },
);

leakChecked(
  "tucker().toModel() is a linear, a bilinear and a linear layer that can be saved",
  () => {
    const layer = randomLayer("biased", [40, 12, 4], 5);
    const found = tucker(layer, { rank: [3, 4] });
    using model = found.toModel();
    assertEquals(model.layers.map(({ config }) => config.type), ["linear", "bilinear", "linear"]);
    using again = io.load(io.save(model));
    const x = new Float32Array(40).fill(0.1);
    assertEquals([...again.predict(x)], [...model.predict(x)]);
    assertRelative([10, ...model.predict(x)], [10, ...found.apply(x)], 1e-5, "outputs");
  },
);

leakChecked("tensorTrain() contracts to what toDense() forms, at its best for each bond", () => {
  for (const { name, layer } of layers(5, 700)) {
    const { outputs, inputs: n } = layer, most = Math.min(n, 2 * layer.neurons);
    const train = tensorTrain(layer, { rank: [Math.min(2, outputs), Math.min(3, most)] });
    const [a, g, b] = train.cores, [r, s] = train.ranks;
    assertEquals([a.shape, g.shape, b.shape], [[1, outputs, r], [r, n, s], [s, n, 1]]);
    const formed = new Float64Array(outputs * n * n);
    for (let o = 0; o < outputs; o++) {
      for (let i = 0; i < n; i++) {
        for (let p = 0; p < r; p++) {
          for (let q = 0; q < s; q++) {
            const weight = a.data[o * r + p]! * g.data[(p * n + i) * s + q]!;
            for (let j = 0; j < n; j++) {
              const at = (o * n + i) * n + j;
              formed[at] = formed[at]! + weight * b.data[q * n + j]!;
            }
          }
        }
      }
    }
    assert(relativeGap(train.toDense().data, formed) < 1e-13, name);
    assert(train.symmetricError <= train.relativeError + 1e-12, name);
  }
});

leakChecked("factored decompositions agree with those of the dense tensor", () => {
  for (const { name, layer } of layers(6, 900)) {
    if (name.startsWith("huge") || name.startsWith("tiny") || name.startsWith("zero")) continue;
    const { outputs, inputs: n } = layer, most = Math.min(n, 2 * layer.neurons);
    const dense = multilinear.denseTensor([outputs, n, n], denseOf(layer));
    const [r, s] = [Math.min(2, outputs), Math.min(3, most)];
    const train = tensorTrain(layer, { rank: [r, s] });
    const expected = multilinear.tensorTrain(dense, { rank: [Math.min(r, n * n), s] });
    const chain = Math.abs(train.relativeError - expected.relativeError);
    assert(chain < 1e-10 + (expected.relativeError < 1e-7 ? 1e-7 : 0), `${name}: ${chain}`);

    const core = tucker(layer, { rank: [r, s], sweeps: 500, tolerance: 1e-13 });
    // either may end in another optimum, and the dense one is free to give both inputs another basis
    const free = multilinear.tucker(dense, { rank: [r, s, s], sweeps: 500, tolerance: 1e-13 });
    assert(core.relativeError < 1.3 * free.relativeError + 0.02, `${name}: ${core.relativeError}`);
  }
});
