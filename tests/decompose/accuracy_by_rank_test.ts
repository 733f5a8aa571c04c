import { assert, assertEquals, assertThrows } from "@std/assert";
import * as data from "../../src/data/mod.ts";
import { accuracyByRank, eigen, interactions } from "../../src/decompose/mod.ts";
import * as nn from "../../src/nn/mod.ts";
import { mnistModel, readGoldenJson } from "../support/fixtures.ts";
import { leakChecked } from "../support/leaks.ts";
import { forward, network } from "../support/networks.ts";
import { numbers } from "../support/numbers.ts";

const SHAPE = { name: "", inputs: 9, before: [6], neurons: 4, after: [3] };

function rowsFor(model: nn.Model, count: number, seed: number): data.Dataset {
  const inputs = numbers(seed).floats(count * model.inputs, -2, 2);
  const labels = Array.from({ length: count }, (_, i) => {
    const y = forward(model, inputs.subarray(i * model.inputs, (i + 1) * model.inputs));
    return y.indexOf(Math.max(...y));
  });
  return data.dataset({ inputs, labels, classes: model.outputs });
}

for (const bias of ["none", "all"] as const) {
  leakChecked(`accuracyByRank() counts what the kept eigenpairs get right (bias: ${bias})`, () => {
    using model = network(SHAPE, bias, 5);
    const whole = interactions(model), count = 700, rows = rowsFor(model, count, 6);
    const ranks = [1, 2, 3, 4, 6, 50];
    for (const space of ["input", "embedding"] as const) {
      const found = accuracyByRank(whole, rows, { ranks, space });
      assertEquals(found.map(({ rank }) => rank), ranks);
      for (const { rank, accuracy } of found) {
        const parts = [0, 1, 2].map((o) => eigen(whole.output(o), { rank, space }));
        let right = 0, close = 0;
        for (let i = 0; i < count; i++) {
          const x = data.row(rows, i), y = parts.map((part) => part.evaluate(x));
          if (y.indexOf(Math.max(...y)) === rows.labels[i]) right++;
          const [first, second] = y.toSorted((a, b) => b - a);
          if (first! - second! < 1e-4) close++;
        }
        assert(
          Math.abs(Math.round(accuracy * count) - right) <= close,
          `rank ${rank}: ${accuracy}, ${right}`,
        );
      }
      assert(found[0]!.accuracy < 1 && found.at(-1)!.accuracy > 0.995);
    }
  });
}

leakChecked("accuracyByRank() sorts its ranks, and ends its own with all of them", () => {
  using model = network(SHAPE, "none", 7);
  const whole = interactions(model), rows = rowsFor(model, 40, 8);
  assertEquals(accuracyByRank(whole, rows).map(({ rank }) => rank), [1, 2, 3, 5, 6]);
  const ranks = Object.freeze([3, 1, 3, 2]);
  const found = accuracyByRank(whole, rows, { ranks });
  assertEquals(found.map(({ rank }) => rank), [1, 2, 3, 3]);
  assertEquals(found[2], found[3]);
  assertEquals(accuracyByRank(whole, rows, { ranks: [] }), []);
});

leakChecked("accuracyByRank() takes fewer classes than outputs", () => {
  using model = network(SHAPE, "all", 9);
  const rows = data.dataset({ inputs: numbers(10).floats(18), labels: [0, 1], classes: 2 });
  const [only] = accuracyByRank(interactions(model), rows, { ranks: [6] });
  assert([0, 0.5, 1].includes(only!.accuracy));
});

leakChecked("accuracyByRank() refuses other sizes and ranks that are none", () => {
  using model = network(SHAPE, "none", 11);
  const whole = interactions(model);
  const wide = data.dataset({ inputs: new Float32Array(20), labels: [0, 1] });
  const many = data.dataset({ inputs: new Float32Array(18), labels: [0, 3] });
  const fit = data.dataset({ inputs: new Float32Array(18), labels: [0, 1] });
  assertThrows(() => accuracyByRank(whole, wide), TypeError, "rows of 10 in 2 classes");
  assertThrows(() => accuracyByRank(whole, many), TypeError, "in 4 classes");
  for (const rank of [0, -1, 1.5, NaN, Infinity]) {
    assertThrows(() => accuracyByRank(whole, fit, { ranks: [1, rank] }), RangeError, "≥ 1");
  }
  using direct = nn.sequential([nn.bilinear(9, 2)]);
  assertThrows(
    () => accuracyByRank(interactions(direct), fit, { space: "embedding" }),
    TypeError,
    "use the input space",
  );
});

leakChecked("accuracyByRank() of the MNIST network is what the reference measured", async () => {
  const { decomposition: { topk_acc: expected } } = readGoldenJson<
    { decomposition: { topk_acc: Record<string, number> } }
  >("mnist/meta.json");
  const { test } = await data.mnist();
  using model = mnistModel();
  const ranks = Object.keys(expected).map(Number);
  assertEquals(ranks, [1, 2, 5, 10, 20, 256]);
  for (
    const { rank, accuracy } of accuracyByRank(interactions(model), test, {
      ranks,
      space: "embedding",
    })
  ) {
    // two images of 10,000 may lie so close to a boundary that f32 decides
    const gap = Math.abs(accuracy - expected[rank]!);
    assert(gap < 2.5e-4, `rank ${rank}: ${accuracy}, not ${expected[rank]}`);
  }
});
