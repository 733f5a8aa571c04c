import type { Dataset } from "../data/mod.ts";
import { row } from "../data/mod.ts";
import { eigen, type Interactions, interactions } from "../decompose/mod.ts";
import { bilinear, linear, type Model, sequential } from "../nn/mod.ts";
import { evaluate } from "../train/mod.ts";

/** What taking eigenvectors out of one output does. */
export interface Ablation {
  /** The network without them, runnable; the caller disposes of it. */
  readonly model: Model;
  /** Eigenvalues that were taken out. */
  readonly eigenvalues: Float64Array;
  /** Mean over the rows of −Σ λ(v·x)², the exact change of the logit, from the decomposition in f64. */
  readonly predictedChange: number;
  /** The same as the two networks run it, in f32. */
  readonly measuredChange: number;
  /** Largest |predicted − measured| over the rows: rounding only. */
  readonly largestDifference: number;
  /** Accuracy before, and after as predicted and as measured, 0 to 1. */
  readonly accuracy: {
    readonly before: number;
    readonly predicted: number;
    readonly measured: number;
  };
}

/**
 * Takes eigenvectors out of one output, and compares the exact predicted effect with the measured one:
 * without eigenvector i the logit of x changes by −λᵢ(vᵢ·x)². Numbers count from the largest |λ|.
 *
 * @throws {RangeError} for an output or eigenvector that does not exist; {TypeError} when sizes do not fit.
 */
export function ablate(
  source: Model,
  rows: Dataset,
  { output, eigenvectors }: { readonly output: number; readonly eigenvectors: readonly number[] },
): Ablation {
  const whole = interactions(source);
  const before = evaluate(source, rows).accuracy;
  const { values, vectors } = eigen(whole.output(output));
  const wrong = eigenvectors.find((i) => !Number.isInteger(i) || i < 0 || i >= values.length);
  if (wrong !== undefined || eigenvectors.length === 0) {
    throw new RangeError(
      `Cannot take out eigenvector ${wrong ?? "of none"}: output ${output} has 0 to ${
        values.length - 1
      }`,
    );
  }
  const taken = [...new Set(eigenvectors)].map((i) => ({
    value: values[i]!,
    vector: vectors.data.slice(i * vectors.columns, (i + 1) * vectors.columns),
  }));
  const model = without(whole, output, taken);
  const change = (input: Float32Array): number =>
    taken.reduce((total, { value, vector }) => {
      const activation = vector.reduce((sum, weight, k) => sum + weight * input[k]!, 0);
      return total - value * activation * activation;
    }, 0);
  let predicted = 0, measured = 0, largestDifference = 0, right = 0;
  for (let i = 0; i < rows.count; i++) {
    const input = row(rows, i), logits = source.predict(input), after = model.predict(input);
    const [expected, found] = [change(input), after[output]! - logits[output]!];
    predicted += expected;
    measured += found;
    largestDifference = Math.max(largestDifference, Math.abs(expected - found));
    logits[output]! += expected;
    if (logits.indexOf(Math.max(...logits)) === rows.labels[i]) right++;
  }
  return {
    model,
    eigenvalues: Float64Array.from(taken, ({ value }) => value),
    predictedChange: predicted / rows.count,
    measuredChange: measured / rows.count,
    largestDifference,
    accuracy: {
      before,
      predicted: right / rows.count,
      measured: evaluate(model, rows).accuracy,
    },
  };
}

/** The network with neurons added that take λ(v·x)² away again. */
function without(
  whole: Interactions,
  output: number,
  taken: readonly { readonly value: number; readonly vector: Float64Array }[],
): Model {
  const { inputs, outputs, neurons, left, right, leftBias, rightBias, readout, outputBias } = whole;
  const count = neurons + taken.length;
  const weight = new Float32Array(2 * count * inputs), bias = new Float32Array(2 * count);
  const last = new Float32Array(outputs * count);
  weight.set(left.data);
  weight.set(right.data, count * inputs);
  bias.set(leftBias);
  bias.set(rightBias, count);
  for (let o = 0; o < outputs; o++) {
    last.set(readout.data.subarray(o * neurons, (o + 1) * neurons), o * count);
  }
  taken.forEach(({ value, vector }, i) => {
    weight.set(vector, (neurons + i) * inputs);
    weight.set(vector, (count + neurons + i) * inputs);
    last[output * count + neurons + i] = -value;
  });
  const model = sequential([bilinear(inputs, count), linear(count, outputs)]);
  model.assign({
    ...{ "0.weight": weight, "0.bias": bias, "1.weight": last },
    "1.bias": Float32Array.from(outputBias),
  });
  return model;
}
