import { assert, assertAlmostEquals, assertEquals, assertStrictEquals } from "@std/assert";
import { assertThrows } from "@std/assert";
import { deploy, interpret, io, nn } from "../../mod.ts";
import { type Explanation, load } from "../../src/edge/mod.ts";
import { leakChecked } from "../support/leaks.ts";
import { network, NETWORKS } from "../support/networks.ts";
import { row } from "../support/edge.ts";

function sumOfParts({ evidence, linear, constant, remainder }: Explanation): number {
  const sum = evidence.reduce((total, { contribution }) => total + contribution, 0);
  return sum + linear + constant + remainder;
}

for (const { name, shape, bias, seed } of NETWORKS) {
  leakChecked(`explain() agrees with interpret.explain, and its parts add up: ${name}`, () => {
    const model = network(shape, bias, seed), x = row(model.inputs, seed);
    const small = load(deploy.pack(model, { eigenvectors: 3 }).bytes);
    for (let output = 0; output < model.outputs; output++) {
      const expected = interpret.explain(model, x, { output, top: 999 });
      const found = small.explain(x, { output });
      const size = expected.contributions.reduce((sum, part) => sum + Math.abs(part), 0) +
        Math.abs(expected.linear) + Math.abs(expected.constant) + 1e-6;
      assertEquals([found.output, found.prediction], [output, expected.prediction]);
      assertEquals(found.logits, small.predict(x));
      assertAlmostEquals(found.logit, expected.logit, 1e-5 * size);
      assertAlmostEquals(found.linear, expected.linear, 1e-5 * size);
      assertAlmostEquals(found.constant, expected.constant, 1e-5 * size);
      assertAlmostEquals(sumOfParts(found), found.logit, 1e-12 * size);
      for (const { eigenvalue, activation, contribution } of found.evidence) {
        assertAlmostEquals(contribution, eigenvalue * activation ** 2, 1e-12 * size);
        // equal eigenvalues may come with other vectors: compare where the value is there
        const same = expected.evidence.filter((one) =>
          Math.abs(one.eigenvalue - eigenvalue) <= 1e-6 * Math.abs(eigenvalue)
        );
        assert(eigenvalue === 0 || same.length > 0, "an eigenvalue of the output");
        if (same.length === 1) {
          assertAlmostEquals(contribution, same[0]!.contribution, 1e-4 * size);
        }
      }
    }
    model[Symbol.dispose]();
  });
}

leakChecked("explain() lists the largest contributions first, by |value|", () => {
  const model = nn.sequential([nn.bilinear(20, 30), nn.linear(30, 3)], { seed: 1 });
  for (const precision of ["f32", "f16", "int8"] as const) {
    const small = load(deploy.pack(model, { precision, eigenvectors: 12 }).bytes);
    assertEquals(small.eigenvectors, 12);
    for (let seed = 0; seed < 20; seed++) {
      const { evidence } = small.explain(row(20, seed));
      const sizes = evidence.map(({ contribution }) => Math.abs(contribution));
      assertEquals(sizes, sizes.toSorted((a, b) => b - a));
      assertEquals(new Set(evidence.map(({ index }) => index)).size, 12);
    }
  }
  model[Symbol.dispose]();
});

leakChecked("explain() leaves only rounding as remainder when every eigenvector is packed", () => {
  const model = nn.sequential([nn.bilinear(6, 9), nn.linear(9, 3)], { seed: 1 });
  const small = load(deploy.pack(model, { eigenvectors: 99 }).bytes);
  assertEquals(small.eigenvectors, 6);
  const { remainder, logit } = small.explain(row(6, 1));
  assert(Math.abs(remainder) < 1e-5 * Math.max(1, Math.abs(logit)), `remainder ${remainder}`);
  model[Symbol.dispose]();
});

leakChecked("eigenvector() gives the vector whose product with the input is the activation", () => {
  const model = nn.sequential([nn.bilinear(9, 12), nn.linear(12, 3)], { seed: 1 });
  for (const [precision, tolerance] of [["f32", 1e-6], ["f16", 1e-6], ["int8", 1e-4]] as const) {
    const small = load(deploy.pack(model, { precision, eigenvectors: 3 }).bytes), x = row(9, 4);
    for (const { index, activation } of small.explain(x, { output: 2 }).evidence) {
      const vector = small.eigenvector(2, index);
      const product = vector.reduce((sum, value, i) => sum + value * x[i]!, 0);
      assertAlmostEquals(product, activation, tolerance);
      assertAlmostEquals(vector.reduce((sum, value) => sum + value * value, 0), 1, 2e-2);
    }
    for (const [output, index] of [[3, 0], [0, 3], [-1, 0], [0, 0.5]] as const) {
      assertThrows(() => small.eigenvector(output, index), RangeError, "3 of each of 3 outputs");
    }
  }
  model[Symbol.dispose]();
});

leakChecked("explain() returns one object, the model's own", () => {
  const model = nn.sequential([nn.bilinear(6, 9), nn.linear(9, 3)], { seed: 1 });
  const small = load(deploy.pack(model, { eigenvectors: 2 }).bytes);
  const first = small.explain(row(6, 1));
  assertStrictEquals(small.explain(row(6, 2)), first);
  model[Symbol.dispose]();
});

leakChecked("explain() refuses what it cannot explain", () => {
  const model = nn.sequential([nn.bilinear(6, 9), nn.linear(9, 3)], { seed: 1 }), x = row(6, 1);
  assertThrows(() => load(io.save(model)).explain(x), TypeError, "deploy.pack(model, {");
  const small = load(deploy.pack(model, { eigenvectors: 2 }).bytes);
  for (const output of [-1, 3, 0.5, NaN]) {
    assertThrows(() => small.explain(x, { output }), RangeError, "the outputs are 0 to 2");
  }
  assertThrows(() => small.explain(row(5, 1)), TypeError, "one row of 6");
  assertThrows(() => small.explain([0, 0, NaN, 0, 0, 0]), RangeError, "value 2 is NaN");
  assertThrows(() => small.explain(new Array(6).fill(1e30)), RangeError, "scale the input down");
  model[Symbol.dispose]();
});
