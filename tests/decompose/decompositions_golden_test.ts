// The network that the reference trained on MNIST, decomposed by every method: figures of its dense tensor,
// and the order in which errors and accuracies must come.
import { assert, assertEquals } from "@std/assert";
import * as data from "../../src/data/mod.ts";
import {
  blockTerm,
  cp,
  hosvd,
  type Interactions,
  interactions,
  type LayerApproximation,
  symmetricCp,
  tensorTrain,
  truncate,
  tucker,
} from "../../src/decompose/mod.ts";
import * as io from "../../src/io/mod.ts";
import { eigh, matrix } from "../../src/linalg/mod.ts";
import * as train from "../../src/train/mod.ts";
import { assertRelative, mnistModel } from "../support/fixtures.ts";
import { leakChecked } from "../support/leaks.ts";

const { test } = await data.mnist();
const digits = data.split(test, { testShare: 0.1 }).test;

function accuracy(found: LayerApproximation): number {
  using model = found.toModel();
  return train.evaluate(model, digits).accuracy;
}

function assertRises(values: readonly number[], what: string): void {
  values.forEach((value, i) => assert(i === 0 || value > values[i - 1]!, `${what}: ${values}`));
}

leakChecked("hosvd() of the MNIST network has the singular values of its dense tensor", () => {
  using model = mnistModel();
  const whole = interactions(model), gram = matrix(10, 10);
  const forms = Array.from({ length: 10 }, (_, o) => whole.output(o).dense().data);
  forms.forEach((a, i) =>
    forms.forEach((b, j) => {
      let sum = 0;
      for (let k = 0; k < a.length; k++) sum += a[k]! * b[k]!;
      gram.data[10 * i + j] = sum;
    })
  );
  const { singularValues } = hosvd(whole), squares = [...eigh(gram).values].reverse();
  assertRelative(singularValues, squares.map(Math.sqrt), 1e-12, "singular values");
  // the smallest is no rounding: networks of this kind have .1 to .3 of the largest
  const ratio = singularValues[9]! / singularValues[0]!;
  assert(ratio > 0.1 && ratio < 0.31, `${ratio}`);
  const found = [1, 3, 6, 9].map((rank) => hosvd(whole, { rank }));
  assertRises(found.map(accuracy), "accuracy");
  assertEquals(accuracy(hosvd(whole)), train.evaluate(model, digits).accuracy);
});

leakChecked(
  "cp() of the MNIST network: 10, 25 and 50 neurons come in the order of their errors",
  () => {
    using model = mnistModel();
    const whole = interactions(model), exact = train.evaluate(model, digits).accuracy;
    const found = [10, 25, 50].map((rank) => cp(whole, { rank, sweeps: 12, restarts: 1 }));
    const errors = found.map(({ relativeError }) => relativeError);
    const accuracies = found.map(accuracy);
    assertRises(errors.map((error) => -error), "errors");
    assert(accuracies[0]! < accuracies[1]! - 0.05, `${accuracies}`);
    assert(accuracies[1]! > exact - 0.02, `${accuracies}`);
    // a NumPy run on networks of 64 neurons left .47 to .78, .16 to .56 and .05 to .34
    assert(errors[0]! < 0.6 && errors[1]! < 0.25 && errors[2]! < 0.1, `${errors}`);
    assert(accuracies[2]! > exact - 0.02, `${accuracies}`);
    using small = found[2]!.toModel();
    using loaded = io.load(io.save(small));
    const x = Float32Array.from({ length: 784 }, (_, i) => (i % 7) / 7);
    assertEquals([...loaded.predict(x)], [...small.predict(x)]);
  },
);

leakChecked("the methods of the MNIST network come in the order that theory gives them", () => {
  using model = mnistModel();
  const whole: Interactions = interactions(model);
  // a pattern of its own for every square, or for blocks of them, or a core between: ever more freedom
  const squares = symmetricCp(whole, { rank: 20, sweeps: 60, restarts: 1 }).relativeError;
  const pairs = cp(whole, { rank: 20, sweeps: 12, restarts: 1 }).relativeError;
  const core = tucker(whole, { rank: [10, 20], sweeps: 4 });
  const chain = tensorTrain(whole, { rank: [10, 20] });
  const blocks = blockTerm(whole, { rank: 10, blockRank: 4, sweeps: 2, signature: "indefinite" });
  assert(squares > pairs && pairs > core.relativeError && core.relativeError > chain.relativeError);
  assert(core.relativeError <= core.errorBound! && chain.relativeError <= chain.errorBound!);
  assert(chain.symmetricError < chain.relativeError);
  assert(blocks.relativeError < 0.6, `${blocks.relativeError}`);
});

leakChecked(
  "truncate() of the MNIST network keeps its accuracy with the eigenvectors it needs",
  () => {
    using model = mnistModel();
    const exact = train.evaluate(model, digits).accuracy;
    const found = truncate(model, { rank: { accuracyDrop: 0.01, on: digits } });
    using smaller = found.model;
    assert(train.evaluate(smaller, digits).accuracy >= exact - 0.01 - 1e-3);
    assert(found.neurons < 250, `${found.neurons}`);
  },
);
