/**
 * What a report says about a model, as plain data.
 *
 * @module
 */

import { type Dataset, row } from "../data/mod.ts";
import {
  accuracyByRank,
  type EffectiveRank,
  effectiveRank,
  type RankAccuracy,
} from "../decompose/mod.ts";
import { type Explainer, explainer } from "../interpret/mod.ts";
import type { Model } from "../nn/mod.ts";
import { evaluate, type Evaluation } from "../train/mod.ts";

/** How far the parts of an explanation are from the whole. */
export interface Exactness {
  /** Logits that were taken apart and put together again. */
  readonly count: number;
  /** Largest |logit − sum of its parts| among them, in the units of the output. */
  readonly residual: number;
  /** Largest |logit of the model in f32 − logit of the explanation in f64|, in the units of the output. */
  readonly rounding: number;
  /** Largest |logit| among them, in the units of the output. */
  readonly largest: number;
}

/** What {@linkcode modelFindings} found. */
export interface ModelFindings {
  /** Accuracy, loss and confusion on the test data. */
  readonly evaluation: Evaluation;
  /** The eigenvectors of every output, and explanations made of them. */
  readonly explainer: Explainer;
  /** Accuracy when every output keeps so many of its eigenvectors. */
  readonly accuracyByRank: readonly RankAccuracy[];
  /** How many eigenvalues matter, for every output. */
  readonly effectiveRanks: readonly EffectiveRank[];
  /** The largest output of every test row [count]. */
  readonly predictions: Int32Array;
  /** Label's logit minus the best other one, of every test row [count]; below 0 where it is wrong. */
  readonly margins: Float64Array;
  /** How well parts add up. */
  readonly exactness: Exactness;
}

/** Called while long work goes on: what is done now, and the share of all work behind it, 0 to 1. */
export type ReportProgress = (stage: string, share: number) => void;

/** Rows that are predicted at a time. */
const ROWS = 2000;

/** Rows whose logits are taken apart and put together again. */
const CHECKED = 50;

/**
 * Measures, decomposes and checks a model with one bilinear layer: all that a report shows.
 *
 * @throws {TypeError} when the model has not exactly one bilinear layer or does not fit the data.
 */
export function modelFindings(
  model: Model,
  test: Dataset,
  options: { readonly onProgress?: ReportProgress } = {},
): ModelFindings {
  const progress = options.onProgress ?? (() => {});
  progress("measuring accuracy", 0);
  const evaluation = evaluate(model, test);
  const { predictions, margins } = outcomes(model, test);
  progress("finding eigenvectors", 0.15);
  const explained = explainer(model);
  progress("measuring accuracy by rank", 0.35);
  const ranks = accuracyByRank(explained.interactions, test, { eigens: explained.eigens });
  progress("checking that parts add up", 0.95);
  const exactness = check(explained, model, test);
  progress("done", 1);
  return {
    evaluation,
    explainer: explained,
    accuracyByRank: ranks,
    effectiveRanks: explained.eigens.map(({ spectrum }) => effectiveRank(spectrum)),
    predictions,
    margins,
    exactness,
  };
}

/** The smallest measured rank whose accuracy is at most `drop` below that of all eigenvectors. */
export function sufficientRank(
  ranks: readonly RankAccuracy[],
  full: number,
  drop: number = 0.005,
): RankAccuracy | undefined {
  return ranks.find(({ accuracy }) => accuracy >= full - drop);
}

/** {@linkcode sufficientRank} of a model, where that is fewer than all its eigenvectors. */
export function fewerRank(
  { accuracyByRank: ranks, evaluation, explainer: { eigens } }: ModelFindings,
): RankAccuracy | undefined {
  const found = sufficientRank(ranks, evaluation.accuracy);
  const all = Math.max(...eigens.map(({ spectrum }) => spectrum.length));
  return found && found.rank < all ? found : undefined;
}

function outcomes(
  model: Model,
  test: Dataset,
): Pick<ModelFindings, "predictions" | "margins"> {
  const { count, features, inputs, divisor, labels } = test, { outputs } = model;
  const predictions = new Int32Array(count), margins = new Float64Array(count);
  for (let start = 0; start < count; start += ROWS) {
    const end = Math.min(count, start + ROWS);
    const values = new Float32Array((end - start) * features);
    values.set(inputs.subarray(start * features, end * features));
    if (divisor !== 1) { for (let i = 0; i < values.length; i++) values[i] = values[i]! / divisor; }
    const logits = model.predict(values);
    for (let index = start; index < end; index++) {
      const at = (index - start) * outputs, label = labels[index]!;
      let best = 0, rival = -Infinity;
      for (let output = 0; output < outputs; output++) {
        const logit = logits[at + output]!;
        if (logit > logits[at + best]!) best = output;
        if (output !== label && logit > rival) rival = logit;
      }
      predictions[index] = best;
      margins[index] = logits[at + label]! - (outputs > 1 ? rival : 0);
    }
  }
  return { predictions, margins };
}

function check(explained: Explainer, model: Model, test: Dataset): Exactness {
  const rows = Math.min(CHECKED, test.count);
  let residual = 0, rounding = 0, largest = 0;
  for (let index = 0; index < rows; index++) {
    const input = row(test, index), predicted = model.predict(input);
    predicted.forEach((value, output) => {
      const taken = explained.explain(input, { output, top: 0 });
      residual = Math.max(residual, taken.residual);
      rounding = Math.max(rounding, Math.abs(value - taken.logit));
      largest = Math.max(largest, Math.abs(taken.logit));
    });
  }
  return { count: rows * model.outputs, residual, rounding, largest };
}
