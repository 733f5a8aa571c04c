import { batches, type Dataset, gather } from "../data/mod.ts";
import { load } from "../edge/mod.ts";
import type { Model } from "../nn/mod.ts";
import { scope } from "../tensor/mod.ts";

/** A model beside its packed file, on the same rows. */
export interface Comparison {
  /** Rows that were compared. */
  readonly rows: number;
  /** Share of rows whose largest output is the label, of the model, 0 to 1. */
  readonly before: number;
  /** The same of the packed file, as the edge runs it. */
  readonly after: number;
  /** after − before. */
  readonly change: number;
  /** Share of rows that both put into the same class, right or wrong, 0 to 1. */
  readonly agreement: number;
  /** Largest |difference| of an output, in the outputs' unit. */
  readonly largestDifference: number;
}

/** Rows that the model computes at a time. */
const ROWS = 500;

/**
 * Runs a model and its packed file on the same rows; the file on the kernels of the edge, as it will run.
 *
 * @throws {TypeError} when the sizes do not fit or there are no rows; {FormatError} when the bytes are no
 * model.
 */
export function compare(model: Model, bytes: Uint8Array, source: Dataset): Comparison {
  const small = load(bytes), { inputs, outputs } = model;
  const fits = small.inputs === inputs && small.outputs === outputs &&
    source.features === inputs && source.classes <= outputs && source.count > 0;
  if (!fits) {
    throw new TypeError(
      `Cannot compare on ${source.name}: ${source.count} rows of ${source.features} in ${source.classes} classes; the model takes ${inputs} and gives ${outputs}, the file takes ${small.inputs} and gives ${small.outputs}`,
    );
  }
  let before = 0, after = 0, agreed = 0, difference = 0;
  for (const rows of batches(source, { size: ROWS })) {
    const x = scope(() => gather(source, rows).inputs.toArray()) as Float32Array;
    const expected = model.predict(x);
    rows.forEach((row, i) => {
      const whole = expected.subarray(i * outputs, (i + 1) * outputs);
      const packed = small.predict(x.subarray(i * inputs, (i + 1) * inputs));
      const label = source.labels[row]!, a = largest(whole), b = largest(packed);
      if (a === label) before++;
      if (b === label) after++;
      if (a === b) agreed++;
      whole.forEach((value, o) => difference = Math.max(difference, Math.abs(value - packed[o]!)));
    });
  }
  const { count } = source;
  return {
    rows: count,
    before: before / count,
    after: after / count,
    change: (after - before) / count,
    agreement: agreed / count,
    largestDifference: difference,
  };
}

function largest(values: Float32Array): number {
  return values.indexOf(Math.max(...values));
}
