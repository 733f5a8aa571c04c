import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import * as data from "../../src/data/mod.ts";
import * as nn from "../../src/nn/mod.ts";
import * as train from "../../src/train/mod.ts";
import { leakChecked } from "../support/leaks.ts";

/** A model that gives the same logits [0, log odds] for every row, and rows of which some are class 1. */
function constantModel(logOdds: number): nn.Model {
  const model = nn.sequential([nn.linear(1, 2)]);
  model.assign({ "0.weight": [0, 0], "0.bias": [0, logOdds] });
  return model;
}

function labelled(ones: number, count: number): data.Dataset {
  return data.dataset({
    inputs: new Float32Array(count),
    labels: Uint8Array.from({ length: count }, (_, i) => i < ones ? 1 : 0),
    classes: 2,
  });
}

leakChecked("calibration() is perfect where a model is right as often as it is sure", () => {
  for (const [ones, count] of [[3, 4], [9, 10], [99, 100], [1, 2]] as const) {
    using model = constantModel(Math.log(ones / (count - ones)));
    const p = ones / count, found = train.calibration(model, labelled(ones, count));
    assertAlmostEquals(found.expectedError, 0, 1e-6);
    assertAlmostEquals(found.maximumError, 0, 1e-6);
    assertAlmostEquals(found.brier, 2 * p * (1 - p), 1e-6);
  }
});

leakChecked("calibration() of a model that is always sure and always wrong is the worst", () => {
  using model = constantModel(1000);
  const { expectedError, maximumError, brier, bins } = train.calibration(model, labelled(0, 7));
  assertEquals([expectedError, maximumError, brier], [1, 1, 2]);
  assertEquals(bins.length, 15);
  assertEquals(bins.at(-1), { from: 14 / 15, to: 1, count: 7, confidence: 1, accuracy: 0 });
  assert(bins.slice(0, -1).every(({ count }) => count === 0));
});

leakChecked("calibration() is that of its bins, whatever their number and the rows", () => {
  using model = nn.sequential([nn.bilinear(1, 3), nn.linear(3, 4)], { seed: 3 });
  for (const count of [1, 1999, 2001]) {
    const source = data.dataset({
      inputs: Float32Array.from({ length: count }, (_, i) => 8 * i / count - 4),
      labels: Uint8Array.from({ length: count }, (_, i) => i % 4),
      classes: 4,
    });
    const { accuracy } = train.evaluate(model, source);
    for (const bins of [1, 2, 15, 100]) {
      const found = train.calibration(model, source, bins);
      assertEquals(found.bins.reduce((sum, bin) => sum + bin.count, 0), count);
      const right = found.bins.reduce((sum, bin) => sum + bin.count * bin.accuracy, 0);
      assertAlmostEquals(right / count, accuracy, 1e-12);
      for (const { from, to, count, confidence } of found.bins) {
        assert(count === 0 || (confidence >= from - 1e-6 && confidence <= to + 1e-6));
      }
      const gaps = found.bins.map((bin) => Math.abs(bin.accuracy - bin.confidence));
      assertAlmostEquals(
        found.expectedError,
        found.bins.reduce((sum, bin, i) => sum + bin.count * gaps[i]!, 0) / count,
        1e-12,
      );
      assert(found.maximumError >= found.expectedError - 1e-12);
      assert(found.brier >= 0 && found.brier <= 2);
    }
  }
});

leakChecked("calibration() of outputs that are NaN is NaN: they prove nothing", () => {
  using model = nn.sequential([nn.linear(1, 2)]);
  model.parameters.get("0.bias")!.set([NaN, 0]);
  const { expectedError, maximumError, brier } = train.calibration(model, labelled(1, 3));
  assertEquals([expectedError, maximumError, brier], [NaN, NaN, NaN]);
});

leakChecked("calibration() refuses data that do not fit, and numbers of bins that are none", () => {
  using model = constantModel(0);
  const wide = data.dataset({ inputs: new Float32Array(4), labels: [0, 1] });
  assertThrows(() => train.calibration(model, wide), TypeError, "rows of 2");
  for (const bins of [0, -1, 1.5, NaN, Infinity]) {
    assertThrows(() => train.calibration(model, labelled(1, 2), bins), RangeError, "bins");
  }
});
