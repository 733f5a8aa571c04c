// What every decomposition of a layer promises, on hundreds of small layers, against plain loops.
import { assert, assertEquals } from "@std/assert";
import {
  blockTerm,
  canonical,
  cp,
  hosvd,
  type Interactions,
  type LayerApproximation,
  symmetricCp,
  tensorTrain,
  tucker,
} from "../../src/decompose/mod.ts";
import { assertRelative } from "../support/fixtures.ts";
import { leakChecked } from "../support/leaks.ts";
import { numbers } from "../support/numbers.ts";
import { denseOf, layers, relativeGap } from "./layers.ts";

type Method = (layer: Interactions, rank: number) => LayerApproximation;

const size = ({ inputs, neurons }: Interactions): number => Math.min(inputs, 2 * neurons);
const few = { sweeps: 12, restarts: 1 };

const METHODS: Readonly<Record<string, Method>> = {
  hosvd: (layer, rank) => hosvd(layer, { rank: Math.min(rank, layer.outputs) }),
  tucker: (layer, rank) =>
    tucker(layer, {
      rank: [Math.min(rank, layer.outputs), Math.min(rank + 1, size(layer))],
      sweeps: 12,
    }),
  tensorTrain: (layer, rank) =>
    tensorTrain(layer, { rank: [Math.min(rank, layer.outputs), Math.min(rank + 1, size(layer))] }),
  cp: (layer, rank) => cp(layer, { rank: Math.min(rank, layer.neurons), ...few }),
  symmetricCp: (layer, rank) =>
    symmetricCp(layer, { rank: Math.min(rank, 2 * layer.neurons), ...few }),
  sparse: (layer, rank) =>
    symmetricCp(layer, { rank: Math.min(rank, 2 * layer.neurons), sparsity: 0.01, ...few }),
  blockTerm: (layer, rank) =>
    blockTerm(layer, {
      rank: Math.min(rank, layer.outputs),
      blockRank: Math.min(2, size(layer)),
      sweeps: 12,
    }),
  indefinite: (layer, rank) =>
    blockTerm(layer, {
      rank: Math.min(rank, layer.outputs),
      blockRank: Math.min(2, size(layer)),
      sweeps: 12,
      signature: "indefinite",
    }),
  canonical: (layer) => canonical(layer),
};

for (const [name, method] of Object.entries(METHODS)) {
  leakChecked(`${name}() tells its true error and computes what it formed, on 120 layers`, () => {
    const draw = numbers(7);
    for (const { name: which, layer } of layers(20, 1000)) {
      const [rank] = draw.whole(1, 1, 4), found = method(layer, rank!);
      const dense = denseOf(layer), formed = found.toDense();
      const what = `${which}, rank ${rank}`, gap = relativeGap(dense, formed.data);
      assertEquals(formed.shape, [layer.outputs, layer.inputs, layer.inputs]);
      assert(found.relativeError >= 0, what);
      // errors that rounding makes are not told to more than rounding
      const slack = 1e-10 + (gap < 1e-7 ? 1e-7 : 0);
      assert(
        Math.abs(found.relativeError - gap) <= slack,
        `${what}: ${found.relativeError}, ${gap}`,
      );
      if (found.errorBound !== undefined) {
        assert(found.relativeError <= found.errorBound + 1e-12, `${what}: above its bound`);
      }
      assert(found.trace.every(Number.isFinite), what);
      if (name !== "sparse") {
        for (const [i, error] of found.trace.entries()) {
          assert(i === 0 || error <= found.trace[i - 1]!, `${what}: error rose in sweep ${i}`);
        }
      }
      assert(Number.isSafeInteger(found.parameterCount) && found.parameterCount >= 0, what);

      // apply() is the polynomial of the symmetric part of what was formed, with all biases
      const x = draw.doubles(layer.inputs), n = layer.inputs;
      const exact = layer.evaluate(x), own = found.apply(x);
      const scale = dense.reduce((top, value) => Math.max(top, Math.abs(value)), 0) * n * n;
      for (let o = 0; o < layer.outputs; o++) {
        let quadratic = 0, original = 0;
        for (let i = 0; i < n * n; i++) {
          const product = x[Math.floor(i / n)]! * x[i % n]!;
          quadratic += formed.data[o * n * n + i]! * product;
          original += dense[o * n * n + i]! * product;
        }
        const expected = exact[o]! - original + quadratic;
        const allowed = 1e-12 * (scale + Math.abs(exact[o]!)) + 1e-300;
        assert(Math.abs(own[o]! - expected) <= 1e3 * allowed, `${what}: output ${o}`);
      }
    }
  });

  leakChecked(`${name}().toModel() runs as apply() says`, () => {
    const draw = numbers(9);
    for (const { name: which, layer } of layers(4, 3000)) {
      if (which.startsWith("huge") || which.startsWith("tiny")) continue;
      const found = method(layer, 2), x = draw.floats(layer.inputs);
      using model = found.toModel();
      const expected = found.apply(x);
      const scale = 1 + expected.reduce((top, value) => Math.max(top, Math.abs(value)), 0);
      assertRelative([10 * scale, ...model.predict(x)], [10 * scale, ...expected], 1e-5, which);
    }
  });

  leakChecked(`${name}() gives the same bits twice`, () => {
    for (const { layer } of layers(2, 5000)) {
      const [a, b] = [method(layer, 3), method(layer, 3)];
      assertEquals(a.toDense().data, b.toDense().data);
      assertEquals(a.trace, b.trace);
    }
  });
}
