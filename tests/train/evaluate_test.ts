import { assert, assertEquals, assertThrows } from "@std/assert";
import * as data from "../../src/data/mod.ts";
import * as nn from "../../src/nn/mod.ts";
import * as train from "../../src/train/mod.ts";
import { random, scope } from "../../src/tensor/mod.ts";
import { leakChecked } from "../support/leaks.ts";

/** Random rows in 4 classes. */
function rows(count: number): data.Dataset {
  const inputs = scope(() => random(count).normal([count, 3]).toArray());
  return data.dataset({
    inputs,
    labels: Uint8Array.from(random(1).words(count), (word) => word % 4),
    classes: 4,
  });
}

leakChecked("evaluate() counts what predict() says, row by row", () => {
  using model = nn.sequential([nn.bilinear(3, 6), nn.linear(6, 5)], { seed: 2 });
  for (const count of [1, 7, 1999, 2000, 2001, 4500]) {
    const source = rows(count), outputs = model.predict(source.inputs);
    const confusion = Array.from({ length: 5 }, () => Array<number>(5).fill(0));
    let loss = 0, correct = 0;
    for (let i = 0; i < count; i++) {
      const row = [...outputs.subarray(5 * i, 5 * i + 5)], label = source.labels[i]!;
      const predicted = row.indexOf(Math.max(...row));
      confusion[label]![predicted]!++;
      if (predicted === label) correct++;
      loss += Math.log(row.reduce((sum, v) => sum + Math.exp(v), 0)) - row[label]!;
    }
    const found = train.evaluate(model, source);
    assertEquals(found.confusion, confusion);
    assertEquals([found.correct, found.count, found.accuracy], [correct, count, correct / count]);
    assert(Math.abs(found.loss - loss / count) < 1e-5, `${found.loss}, not ${loss / count}`);
    assertEquals(found.confusion.flat().reduce((a, b) => a + b), count);
    assertEquals(found.confusion.reduce((sum, row, i) => sum + row[i]!, 0), correct);
  }
});

leakChecked("evaluate() does not change the model, and gives the same when repeated", () => {
  using model = nn.sequential([nn.bilinear(3, 6), nn.linear(6, 4)], { seed: 2 });
  const source = rows(50);
  assertEquals(train.evaluate(model, source), train.evaluate(model, source));
});

leakChecked("evaluate() counts a row whose outputs are NaN as wrong", () => {
  using model = nn.sequential([nn.linear(3, 4)]);
  model.parameters.get("0.bias")!.set([0, NaN, 0, 0]);
  const { accuracy, correct, loss, confusion } = train.evaluate(model, rows(10));
  assertEquals([accuracy, correct, confusion.flat().reduce((a, b) => a + b)], [0, 0, 0]);
  assert(Number.isNaN(loss));
});

leakChecked("evaluate() refuses data of another width or with more classes", () => {
  scope(() => {
    assertThrows(
      () => train.evaluate(nn.sequential([nn.linear(2, 4)]), rows(5)),
      TypeError,
      "Cannot use data with this model: rows of 3 in 4 classes, but the model takes 2 and gives 4",
    );
    assertThrows(() => train.evaluate(nn.sequential([nn.linear(3, 3)]), rows(5)), TypeError);
  });
});
