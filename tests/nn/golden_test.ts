import { assert, assertEquals } from "@std/assert";
import * as data from "../../src/data/mod.ts";
import { configure } from "../../src/kernels/mod.ts";
import * as train from "../../src/train/mod.ts";
import { firstDigits } from "../support/digits.ts";
import { mnistModel, readGoldenJson } from "../support/fixtures.ts";
import { leakChecked } from "../support/leaks.ts";

interface Logits {
  readonly logits: number[][];
  readonly logits_float64_arithmetic: number[][];
  readonly labels: number[];
  readonly pred: number[];
}

const images = (): Float32Array => Float32Array.from(firstDigits("test", 16), (byte) => byte / 255);

for (const kernels of ["fast", "strict"] as const) {
  leakChecked(`Model.predict() gives the logits of the reference on MNIST (${kernels})`, () => {
    configure({ kernels });
    try {
      using model = mnistModel();
      const expected = readGoldenJson<Logits>("mnist/logits16.json");
      const found = model.predict(images());
      for (const rows of [expected.logits, expected.logits_float64_arithmetic]) {
        rows.flat().forEach((logit, i) =>
          assert(Math.abs(found[i]! - logit) < 2e-5, `logit ${i}: ${found[i]}, not ${logit}`)
        );
      }
      const predicted = Array.from({ length: 16 }, (_, i) => {
        const row = found.subarray(10 * i, 10 * i + 10);
        return row.indexOf(Math.max(...row));
      });
      assertEquals(predicted, expected.pred);
    } finally {
      configure({ kernels: "fast" });
    }
  });
}

leakChecked(
  "evaluate() of the reference network on the test images of MNIST finds 9684 right",
  async () => {
    const { test } = await data.mnist();
    using model = mnistModel();
    const meta = readGoldenJson<{ test_correct: number; test_loss: number }>("mnist/meta.json");
    const { correct, count, loss, accuracy, confusion } = train.evaluate(model, test);
    assertEquals([correct, count, accuracy], [9684, 10_000, 0.9684]);
    assertEquals(correct, meta.test_correct);
    assert(Math.abs(loss - meta.test_loss) < 1e-6, `${loss} is not ${meta.test_loss}`);
    assertEquals(confusion.flat().reduce((a, b) => a + b), 10_000);
    assertEquals(confusion.reduce((sum, row, i) => sum + row[i]!, 0), 9684);
  },
);
