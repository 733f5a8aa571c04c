import { batches, type Dataset, gather } from "../data/mod.ts";
import type { Model } from "../nn/mod.ts";
import { argmax, crossEntropy, scope, type Tensor } from "../tensor/mod.ts";

/** How a model does on a dataset. */
export interface Evaluation {
  /** Share of rows whose largest output is the label, 0 to 1. */
  readonly accuracy: number;
  /** Rows whose largest output is the label. */
  readonly correct: number;
  /** Rows in all. */
  readonly count: number;
  /** Mean cross-entropy, nats. */
  readonly loss: number;
  /** Rows by label and prediction [classes][classes]. */
  readonly confusion: readonly (readonly number[])[];
}

/** Rows that are computed at a time. */
const ROWS = 2000;

/** Throws a TypeError when a model does not take the rows of a dataset or lacks a class. */
export function checkFit(model: Model, source: Dataset): void {
  if (model.inputs !== source.features || model.outputs < source.classes) {
    throw new TypeError(
      `Cannot use ${source.name} with this model: rows of ${source.features} in ${source.classes} classes, but the model takes ${model.inputs} and gives ${model.outputs}`,
    );
  }
}

/** Labels as they were predicted: the largest output of every row, −1 where one is NaN. */
export function predictions(outputs: Tensor): Int32Array {
  const found = argmax(outputs);
  return Int32Array.from(found.toArray());
}

/**
 * Accuracy, loss and confusion of a model on a dataset.
 *
 * @throws {TypeError} when the sizes of the model and the dataset do not fit.
 */
export function evaluate(model: Model, source: Dataset): Evaluation {
  checkFit(model, source);
  const confusion = Array.from(
    { length: model.outputs },
    () => Array<number>(model.outputs).fill(0),
  );
  let loss = 0, correct = 0;
  for (const rows of batches(source, { size: ROWS })) {
    scope(() => {
      const { inputs, labels } = gather(source, rows);
      const outputs = model(inputs);
      loss += crossEntropy(outputs, labels).item() * rows.length;
      predictions(outputs).forEach((predicted, i) => {
        const label = source.labels[rows[i]!]!;
        if (predicted === label) correct++;
        if (predicted >= 0) confusion[label]![predicted]!++;
      });
    });
  }
  const { count } = source;
  return { accuracy: correct / count, correct, count, loss: loss / count, confusion };
}
