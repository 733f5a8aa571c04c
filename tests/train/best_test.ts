import { assert, assertEquals, assertThrows } from "@std/assert";
import * as train from "../../src/train/mod.ts";
import { leakChecked } from "../support/leaks.ts";
import { begin, options, rows } from "./support.ts";

const weights = ({ model }: ReturnType<typeof begin>): unknown =>
  [...model.parameters].map(([name, parameter]) => [name, Array.from(parameter.toArray())]);

leakChecked(
  "keepBest() gives back the weights of the largest score, the first where several are",
  () => {
    const run = begin(), best = train.keepBest(run.model), seen: unknown[] = [];
    assertEquals([best.score, best.weights], [-Infinity, undefined]);
    const scores = [0.5, 0.9, 0.7, 0.9, NaN, -Infinity, 0.1, 0.2, 0.3, 0, 0, 0];
    const kept: boolean[] = [];
    for (const event of train.steps(run.model, rows, options(run))) {
      if (event.type !== "step") continue;
      seen.push(weights(run));
      kept.push(best.consider(scores[event.step - 1]!));
    }
    assertEquals(kept, [true, true, ...Array(10).fill(false)]);
    assertEquals(best.score, 0.9);
    best.restore();
    assertEquals(weights(run), seen[1]);
    run.free();
  },
);

leakChecked(
  "keepBest() has nothing to give back before a score, and none that is NaN counts",
  () => {
    const run = begin(), best = train.keepBest(run.model), before = weights(run);
    assert(!best.consider(NaN));
    assertThrows(() => best.restore(), RangeError, "no score was considered");
    assertEquals(weights(run), before);
    run.free();
  },
);

leakChecked("restore() takes up the best weights of a checkpoint", () => {
  const run = begin(), best = train.keepBest(run.model), checkpoints: Uint8Array[] = [];
  const scores = [0.2, 0.8, 0.5];
  for (const event of train.fit(run.model, rows, options(run))) {
    best.consider(scores[event.epoch - 1]!);
    checkpoints.push(train.checkpoint({ ...run, best, position: event.position }));
  }
  best.restore();
  const expected = weights(run);
  checkpoints.forEach((bytes, done) => {
    const resumed = begin({ seed: 9 }), again = train.keepBest(resumed.model);
    const from = train.restore(bytes, { ...resumed, best: again });
    assertEquals(again.score, Math.max(...scores.slice(0, done + 1)));
    for (const event of train.fit(resumed.model, rows, options(resumed, from))) {
      again.consider(scores[event.epoch - 1]!);
    }
    again.restore();
    assertEquals(weights(resumed), expected);
    resumed.free();
  });
  run.free();
});

leakChecked("resume() of best weights refuses what does not fit, and stays as it was", () => {
  const run = begin(), best = train.keepBest(run.model);
  best.consider(1);
  const { weights: kept } = best;
  assertThrows(() => best.resume(NaN, kept!), RangeError, "must be finite");
  assertThrows(() => best.resume(2, {}), TypeError, '"0.weight" has no values');
  const short = { ...kept, "1.bias": new Float32Array(1) };
  assertThrows(() => best.resume(2, short), TypeError, '"1.bias" has 1 values');
  assertEquals([best.score, best.weights], [1, kept]);
  run.free();
});
