// Modular addition, whose eigenspaces are planes and whose neurons are known, and blocks in general.
import { assert, assertEquals } from "@std/assert";
import {
  blockTerm,
  canonical,
  cp,
  eigen,
  fromFactors,
  hosvd,
  interactions,
  truncate,
} from "../../src/decompose/mod.ts";
import { matrix } from "../../src/linalg/mod.ts";
import { assertRelative } from "../support/fixtures.ts";
import { leakChecked } from "../support/leaks.ts";
import { modularAddition, outerSum, skewness } from "../support/networks.ts";
import { numbers } from "../support/numbers.ts";
import { denseOf, randomLayer, relativeGap } from "./layers.ts";

for (const p of [5, 7, 13, 31]) {
  leakChecked(`cp() finds the three neurons that add modulo ${p}, from any writing of them`, () => {
    using model = modularAddition(p);
    const whole = interactions(model);
    assert(cp(whole, { rank: 3 }).relativeError < 1e-6);
    const { model: written } = truncate(whole, { rank: 4 });
    using many = written;
    const layer = interactions(many);
    assertEquals(layer.neurons, 2 * p);
    const found = cp(layer, { rank: 3 });
    assert(found.relativeError < 1e-6, `${found.relativeError}`);
    assert(cp(layer, { rank: 2 }).relativeError > 0.4);
    using three = found.toModel();
    const row = new Float32Array(2 * p);
    for (let a = 0; a < p; a++) {
      const b = (3 * a + 1) % p;
      row.fill(0);
      row[a] = row[p + b] = 1;
      const logits = three.predict(row);
      assertEquals(logits.indexOf(Math.max(...logits)), (a + b) % p);
    }
  });

  leakChecked(`blockTerm() recovers the degenerate planes of addition modulo ${p}`, () => {
    using model = modularAddition(p);
    const whole = interactions(model);
    const { blocks, relativeError, interactions: near } = blockTerm(whole, {
      rank: 4,
      blockRank: 2,
    });
    // the weights are f32
    assert(relativeError < 1e-6, `${relativeError}`);
    assertEquals(blocks.length, 4);
    const strength = hosvd(whole).singularValues[0]! / 2;
    for (const { values, vectors, pattern } of blocks) {
      assertRelative(values.map(Math.abs), [strength, strength], 1e-5, "a plane");
      assert(values[0]! * values[1]! > 0);
      assert(skewness(vectors) < 1e-12);
      assert(Math.abs(Math.hypot(...pattern) - 1) < 1e-12);
    }
    for (const q of [0, 1, p - 1]) {
      // eigenspaces of a class are planes, ±p/4 twice each: compare projectors, not vectors
      const [exact, own] = [eigen(whole.output(q)), eigen(near.output(q))];
      assertRelative(own.values.slice(0, 4).sort(), [-p / 4, -p / 4, p / 4, p / 4], 1e-5, "values");
      for (const sign of [1, -1]) {
        const plane = ({ values, vectors }: typeof own): Float64Array =>
          outerSum(values.map((value) => sign * value > 1 ? 1 : 0), vectors);
        assertRelative(plane(own), plane(exact), 1e-5, `plane of ${sign * p / 4}, class ${q}`);
      }
    }
    const mixed = blockTerm(whole, { rank: 3, blockRank: 2, signature: "indefinite" });
    assert(mixed.relativeError < 1e-6);
    assert(blockTerm(whole, { rank: 2, blockRank: 2 }).relativeError > 0.5);
  });
}

leakChecked("blockTerm() of one output is the truncation of its eigenvalues", () => {
  for (let seed = 0; seed < 20; seed++) {
    const layer = randomLayer("plain", [8, 5, 1], 60 + seed), form = layer.output(0);
    for (const rank of [1, 2, 4]) {
      const found = blockTerm(layer, { rank: 1, blockRank: rank, signature: "indefinite" });
      const expected = eigen(form, { rank });
      assertRelative([found.relativeError], [expected.relativeError], 1e-9, "error");
    }
  }
});

leakChecked("blockTerm() recovers planted blocks", () => {
  const draw = numbers(3), left = matrix(4, 9, draw.doubles(36));
  // two definite blocks of rank 2, each with its own pattern
  const readout = matrix(5, 4);
  for (let o = 0; o < 5; o++) {
    const [a, b] = [draw.next(-1, 1), draw.next(-1, 1)];
    readout.data.set([a, a, b, b], 4 * o);
  }
  const layer = fromFactors({
    ...{ left, right: left, readout, outputBias: new Float64Array(5) },
    ...{ leftBias: new Float64Array(4), rightBias: new Float64Array(4) },
  });
  const found = blockTerm(layer, { rank: 2, blockRank: 2, sweeps: 1000, tolerance: 1e-12 });
  assert(found.relativeError < 1e-4, `${found.relativeError}`);
  assert(found.trace.every((value, i) => i === 0 || value <= found.trace[i - 1]!));
});

leakChecked("canonical() writes one form with max(p, q) neurons, whatever its biases", () => {
  const draw = numbers(4);
  for (let seed = 0; seed < 30; seed++) {
    const kind = seed % 2 ? "biased" : "plain";
    const layer = randomLayer(kind, [...draw.whole(1, 1, 6), 20, 3], 80 + seed);
    const form = layer.output(seed % 3), found = canonical(form);
    const { spectrum } = eigen(form, kind === "plain" ? {} : { bias: "homogeneous" });
    const positive = spectrum.filter((value) => value > 0).length;
    const negative = spectrum.filter((value) => value < 0).length;
    // the bias of the output is free, so at most one eigenvalue changes its sign
    const slack = kind === "plain" ? 0 : 1;
    assert(Math.abs(found.neurons - Math.max(positive, negative)) <= slack);
    assertEquals(found.before, 20);
    assert(found.relativeError < 1e-12);
    const x = draw.doubles(layer.inputs);
    const expected = form.evaluate(x);
    assert(Math.abs(found.apply(x)[0]! - expected) < 1e-10 * (1 + Math.abs(expected)));
  }
});

leakChecked("canonical() folds neurons that vanish, repeat or add up from others", () => {
  const plain = randomLayer("biased", [9, 4, 3], 6), draw = numbers(8);
  const rows = (source: { data: Float64Array }, width: number, times: readonly number[][]) =>
    matrix(
      times.length,
      width,
      times.flatMap((mix) =>
        Array.from(
          { length: width },
          (_, i) => mix.reduce((sum, weight, k) => sum + weight * source.data[k * width + i]!, 0),
        )
      ),
    );
  const one = (k: number, size = 1): number[] =>
    Array.from({ length: 4 }, (_, i) => i === k ? size : 0);
  // neurons 4 and 5 vanish, 6 and 7 are multiples of neuron 1
  const lefts = [one(0), one(1), one(2), one(3), [0, 0, 0, 0], [0, 0, 0, 0], one(1), one(1)];
  const rights = [one(0), one(1), one(2), one(3), [0, 0, 0, 0], one(2), one(1, -3), one(1)];
  const layer = fromFactors({
    left: rows(plain.left, 9, lefts),
    right: rows(plain.right, 9, rights),
    leftBias: rows({ data: plain.leftBias }, 1, lefts).data,
    rightBias: rows({ data: plain.rightBias }, 1, rights).data,
    readout: matrix(3, 8, draw.doubles(24)),
    outputBias: plain.outputBias,
  });
  const found = canonical(layer);
  assertEquals([found.neurons, found.before, found.method], [4, 8, "dependence"]);
  const x = draw.doubles(9);
  assertRelative(found.apply(x), layer.evaluate(x), 1e-12, "outputs");
  using model = found.toModel();
  assertRelative(model.predict(x), layer.evaluate(x), 1e-4, "in f32");
  assert(relativeGap(denseOf(layer), found.toDense().data) < 1e-12);
});
