import { identity, type Matrix, matrix } from "../linalg/mod.ts";
import type { Layer, Model } from "../nn/mod.ts";

/** A map of states [1; h] to states [1; h′], linear in them or quadratic. */
export type Step = AffineStep | BilinearStep;

/** state → matrix · state. */
export interface AffineStep {
  readonly kind: "affine";
  /** [1 + after, 1 + before], its first row keeps the constant. */
  readonly matrix: Matrix;
}

/** state → readout · ((left · state) ⊙ (right · state)). */
export interface BilinearStep {
  readonly kind: "bilinear";
  /** [neurons, 1 + before]. */
  readonly left: Matrix;
  /** [neurons, 1 + before]. */
  readonly right: Matrix;
  /** [1 + after, neurons]. */
  readonly readout: Matrix;
}

/**
 * What each layer does to states that begin with the constant 1, exactly.
 *
 * @throws {TypeError} that names every layer without such a form; {RangeError} for a weight that is not
 * finite.
 */
export function stepsOf(model: Model): Step[] {
  const refused = model.layers.flatMap((layer, i) => inexact(layer, `${i}`));
  if (refused.length > 0) {
    throw new TypeError(
      `Cannot take the interactions of this model: ${
        refused.join("; ")
      }. Only linear and ungated bilinear layers, residuals and blocks of them make outputs polynomials`,
    );
  }
  for (const [name, parameter] of model.parameters) {
    const values = parameter.toArray(), bad = values.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) {
      throw new RangeError(
        `Cannot take the interactions of this model: entry ${bad} of ${name} is ${
          values[bad]
        }, all weights must be finite; go back to an earlier checkpoint`,
      );
    }
  }
  return model.layers.flatMap(steps);
}

/** What has no exact form, with its place and what could be done. */
function inexact({ config, layers }: Layer, place: string): string[] {
  const at = `layer ${place}`;
  switch (config.type) {
    case "linear":
      return [];
    case "bilinear":
      return config.gate === undefined
        ? []
        : [`${at} is gated by ${config.gate} (train it on without its gate)`];
    case "activation":
      return [`${at} is an activation, ${config.kind} (train with a bilinear layer in its place)`];
    case "rmsNorm":
      return [`${at} divides by the size of its input, rmsNorm (train without it)`];
    case "attention":
      return [`${at} is attention, which mixes rows by a softmax (take the layers after it alone)`];
    case "embedding":
      return [`${at} looks indices up, embedding (use a linear layer on one-hot rows)`];
    default:
      return layers.flatMap((inner, i) => inexact(inner, `${place}.${i}`));
  }
}

function steps(layer: Layer): Step[] {
  const { config, layers } = layer;
  if (config.type === "residual") {
    const inner = layers.flatMap(steps);
    return widened(inner, stateSize(inner[0]!) - 1, config.scale);
  }
  if (config.type === "block") return layers.flatMap(steps);
  const own = layer.parameters.get("weight")!, [rows, columns] = own.shape as [number, number];
  const weight = matrix(rows, columns, own.toArray());
  const bias = layer.parameters.get("bias")?.toArray() ?? new Float32Array(rows);
  if (config.type === "linear") return [{ kind: "affine", matrix: homogeneous(weight, bias) }];
  const half = rows / 2;
  const part = (start: number): Matrix =>
    homogeneous(
      matrix(half, columns, weight.data.slice(start * columns, (start + half) * columns)),
      bias.slice(start, start + half),
    );
  return [{ kind: "bilinear", left: part(0), right: part(half), readout: identity(half + 1) }];
}

/** [[1, 0], [bias, weight]]: an affine map as a linear one of states that begin with 1. */
export function homogeneous({ rows, columns, data }: Matrix, bias: ArrayLike<number>): Matrix {
  const result = matrix(rows + 1, columns + 1);
  result.data[0] = 1;
  for (let i = 0; i < rows; i++) {
    const at = (i + 1) * (columns + 1);
    result.data[at] = bias[i]!;
    result.data.set(data.subarray(i * columns, (i + 1) * columns), at + 1);
  }
  return result;
}

function stateSize(step: Step): number {
  return step.kind === "affine" ? step.matrix.columns : step.left.columns;
}

/**
 * x + scale · inner(x) as steps without a residual: x is carried along through every bilinear step by
 * neurons xᵢ · 1. Source: the widening of 2605.15183; METHODS 11c.
 */
export function widened(inner: readonly Step[], width: number, scale: number): Step[] {
  const split = matrix(1 + 2 * width, 1 + width), join = matrix(1 + width, 1 + 2 * width);
  split.data[0] = join.data[0] = 1;
  for (let i = 1; i <= width; i++) {
    split.data[i * (1 + width) + i] = split.data[(width + i) * (1 + width) + i] = 1;
    join.data[i * (1 + 2 * width) + i] = scale;
    join.data[i * (1 + 2 * width) + width + i] = 1;
  }
  return [
    { kind: "affine", matrix: split },
    ...inner.map((step): Step => carrying(step, width)),
    { kind: "affine", matrix: join },
  ];
}

/** A step that hands `width` more numbers on as they are. */
function carrying(step: Step, width: number): Step {
  const kept = identity(width);
  if (step.kind === "affine") return { kind: "affine", matrix: diagonalBlocks(step.matrix, kept) };
  const right = diagonalBlocks(step.right, matrix(width, width));
  for (let i = 0; i < width; i++) right.data[(step.right.rows + i) * right.columns] = 1;
  return {
    kind: "bilinear",
    left: diagonalBlocks(step.left, kept),
    right,
    readout: diagonalBlocks(step.readout, kept),
  };
}

/** [[a, 0], [0, b]]. */
export function diagonalBlocks(a: Matrix, b: Matrix): Matrix {
  const result = matrix(a.rows + b.rows, a.columns + b.columns);
  const place = ({ rows, columns, data }: Matrix, down: number, across: number): void => {
    for (let i = 0; i < rows; i++) {
      result.data.set(
        data.subarray(i * columns, (i + 1) * columns),
        (down + i) * result.columns + across,
      );
    }
  };
  place(a, 0, 0);
  place(b, a.rows, a.columns);
  return result;
}
