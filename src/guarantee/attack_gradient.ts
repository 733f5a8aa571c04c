import { valueAndGrad } from "../autodiff/mod.ts";
import { interactions } from "../decompose/mod.ts";
import { matmul, type Matrix, matrix } from "../linalg/mod.ts";
import type { Model } from "../nn/mod.ts";
import { multiply, scope, sum, tensor } from "../tensor/mod.ts";

/** Margins of rows over their best rivals, and how they change with the inputs. */
export interface MarginGradients {
  /** Logit of the label minus the largest other one [rows]. */
  readonly margins: Float64Array;
  /** The class of that other one [rows]. */
  readonly rivals: Int32Array;
  /** Gradient of the margin [rows, inputs]. */
  readonly gradients: Matrix;
}

/** Margins and gradients of inputs [rows, inputs] with labels [rows]. */
export type MarginGradient = (inputs: Matrix, labels: ArrayLike<number>) => MarginGradients;

/** The analytic gradient, 2Qx + l from the factors, where the outputs are quadratic; else the tape's. */
export function marginGradient(model: Model): MarginGradient {
  return isQuadratic(model) ? analytic(model) : byTape(model);
}

/** Whether a model is one bilinear layer between linear ones. */
export function isQuadratic(model: Model): boolean {
  const types = model.layers.map(({ config }) => config);
  return types.every((config) =>
    config.type === "linear" || (config.type === "bilinear" && config.gate === undefined)
  ) && types.filter((config) => config.type === "bilinear").length === 1;
}

/** The margin's gradient in f64, all rows in four products. */
export function analytic(model: Model): MarginGradient {
  const { left, right, leftBias, rightBias, readout, outputBias, neurons, outputs } = interactions(
    model,
  );
  return (inputs, labels) => {
    const l = matmul(inputs, left, "NT"), r = matmul(inputs, right, "NT"), rows = inputs.rows;
    const hidden = matrix(rows, neurons);
    for (let at = 0; at < hidden.data.length; at++) {
      l.data[at] = l.data[at]! + leftBias[at % neurons]!;
      r.data[at] = r.data[at]! + rightBias[at % neurons]!;
      hidden.data[at] = l.data[at]! * r.data[at]!;
    }
    const logits = matmul(hidden, readout, "NT").data;
    for (let at = 0; at < logits.length; at++) logits[at] = logits[at]! + outputBias[at % outputs]!;
    const { margins, rivals, signs } = compare(logits, labels, outputs);
    const weights = matmul(matrix(rows, outputs, signs), readout);
    const onLeft = matrix(rows, neurons, weights.data.map((a, at) => a * r.data[at]!));
    const onRight = matrix(rows, neurons, weights.data.map((a, at) => a * l.data[at]!));
    const gradients = matmul(onLeft, left), other = matmul(onRight, right).data;
    for (let at = 0; at < other.length; at++) {
      gradients.data[at] = gradients.data[at]! + other[at]!;
    }
    return { margins, rivals, gradients };
  };
}

/** The margin's gradient of any model, in f32. */
export function byTape(model: Model): MarginGradient {
  return (inputs, labels) => {
    const logits = Float64Array.from(model.predict(inputs.data));
    const { margins, rivals, signs } = compare(logits, labels, model.outputs);
    return { margins, rivals, gradients: outputGradient(model, inputs, signs) };
  };
}

/** Gradient of Σ weights·outputs of every row, weights [rows · outputs], by the tape [rows, inputs]. */
export function outputGradient(model: Model, inputs: Matrix, weights: Float64Array): Matrix {
  const { rows, columns } = inputs;
  const { values } = scope(() => {
    const x = tensor(Float32Array.from(inputs.data), [rows, columns]);
    const factor = tensor(Float32Array.from(weights), [rows, model.outputs]);
    const { gradients } = valueAndGrad(
      () => sum(multiply(model(x), factor)),
      new Map([["x", x]]),
    );
    return { values: gradients.get("x")!.toArray() };
  });
  return matrix(rows, columns, values);
}

function compare(
  logits: Float64Array,
  labels: ArrayLike<number>,
  outputs: number,
): { margins: Float64Array; rivals: Int32Array; signs: Float64Array } {
  const rows = labels.length, margins = new Float64Array(rows), rivals = new Int32Array(rows);
  const signs = new Float64Array(rows * outputs);
  for (let row = 0; row < rows; row++) {
    const label = labels[row]!;
    let rival = label === 0 ? 1 : 0;
    for (let o = 0; o < outputs; o++) {
      if (o !== label && logits[row * outputs + o]! > logits[row * outputs + rival]!) rival = o;
    }
    margins[row] = logits[row * outputs + label]! - logits[row * outputs + rival]!;
    rivals[row] = rival;
    signs[row * outputs + label] = 1;
    signs[row * outputs + rival] = -1;
  }
  return { margins, rivals, signs };
}
