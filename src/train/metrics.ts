import { batches, type Dataset, gather } from "../data/mod.ts";
import type { Model } from "../nn/mod.ts";
import { scope, softmax } from "../tensor/mod.ts";
import { checkFit } from "./evaluate.ts";

/** Rows whose confidence lies in one interval. */
export interface CalibrationBin {
  /** Confidence from (inclusive), 0 to 1. */
  readonly from: number;
  /** Confidence up to, 0 to 1. */
  readonly to: number;
  /** Rows in the interval. */
  readonly count: number;
  /** Mean confidence of these rows; 0 where there are none. */
  readonly confidence: number;
  /** Share of these rows that are right; 0 where there are none. */
  readonly accuracy: number;
}

/** Whether a model is as sure as it is right. */
export interface Calibration {
  /** Σ count/total · |accuracy − confidence| over the bins, 0 to 1. */
  readonly expectedError: number;
  /** Largest |accuracy − confidence| of a bin with rows, 0 to 1. */
  readonly maximumError: number;
  /** Mean squared distance of the probabilities from the one-hot label, 0 to 2. */
  readonly brier: number;
  /** The intervals, from the least sure to the surest. */
  readonly bins: readonly CalibrationBin[];
}

/** Rows that are computed at a time. */
const ROWS = 2000;

/**
 * Calibration of a model on a dataset: confidence is the largest softmax probability, in bins of equal
 * width. Source: Guo et al. 2017; Brier 1950.
 *
 * @throws {TypeError} when the sizes do not fit; {RangeError} when the number of bins is no whole number ≥ 1.
 */
export function calibration(model: Model, source: Dataset, bins = 15): Calibration {
  checkFit(model, source);
  if (!Number.isSafeInteger(bins) || bins < 1) {
    throw new RangeError(`Cannot make ${bins} bins: give a whole number ≥ 1`);
  }
  const counts = Array<number>(bins).fill(0);
  const sure = Array<number>(bins).fill(0), right = Array<number>(bins).fill(0);
  let brier = 0;
  for (const rows of batches(source, { size: ROWS })) {
    scope(() => {
      const { inputs } = gather(source, rows);
      const outputs = softmax(model(inputs)), all = outputs.toArray(), n = model.outputs;
      rows.forEach((row, i) => {
        const own = all.subarray(i * n, (i + 1) * n), label = source.labels[row]!;
        // NaN goes to the first bin, where it makes every error NaN: nothing is calibrated by it
        const top = Math.max(...own), bin = Math.min(bins - 1, Math.floor(top * bins) || 0);
        counts[bin]!++;
        sure[bin]! += top;
        if (own.indexOf(top) === label) right[bin]!++;
        own.forEach((p, j) => brier += (p - (j === label ? 1 : 0)) ** 2);
      });
    });
  }
  const made = counts.map((count, i): CalibrationBin => ({
    from: i / bins,
    to: (i + 1) / bins,
    count,
    confidence: count ? sure[i]! / count : 0,
    accuracy: count ? right[i]! / count : 0,
  }));
  const gaps = made.map(({ accuracy, confidence }) => Math.abs(accuracy - confidence));
  return {
    expectedError: made.reduce((sum, { count }, i) => sum + gaps[i]! * count, 0) / source.count,
    maximumError: Math.max(...gaps),
    brier: brier / source.count,
    bins: made,
  };
}
