// A model and data that are small enough to report on in a test.
import { type Dataset, dataset } from "../../src/data/mod.ts";
import { bilinear, linear, type Model, sequential } from "../../src/nn/mod.ts";
import { adamw } from "../../src/optim/mod.ts";
import { type EpochEvent, fit } from "../../src/train/mod.ts";

/** Images of 4 × 4 in three classes: bright left, right or middle, and some too noisy to tell. */
export function tinyImages(): Dataset {
  const count = 90, inputs = new Float32Array(count * 16);
  const labels = Array.from({ length: count }, (_, i) => i % 3);
  let state = 1;
  const noise = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  labels.forEach((label, i) => {
    for (let pixel = 0; pixel < 16; pixel++) {
      const lit = [[0], [3], [1, 2]][label]!.includes(pixel % 4);
      inputs[i * 16 + pixel] = (lit ? 0.5 : 0) + noise();
    }
  });
  return dataset({ name: "tiny", inputs, labels, image: { width: 4, height: 4 } });
}

/** A trained model and how it was trained; the caller disposes of the model. */
export function tinyModel(
  data: Dataset,
  options: { bias?: boolean } = {},
): { model: Model; history: EpochEvent[] } {
  const { bias = false } = options;
  const model = sequential([
    bilinear(data.features, 6, { bias }),
    linear(6, data.classes, { bias }),
  ], { seed: 1 });
  const optimizer = adamw(model, { learningRate: 0.02 });
  const history = [
    ...fit(model, data, { optimizer, epochs: 4, batchSize: 16, validation: data, seed: 0 }),
  ];
  optimizer[Symbol.dispose]();
  return { model, history };
}
