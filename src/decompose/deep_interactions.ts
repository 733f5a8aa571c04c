import { identity, matmul, type Matrix, matrix } from "../linalg/mod.ts";
import type { Model } from "../nn/mod.ts";
import { type AffineStep, type BilinearStep, homogeneous, stepsOf } from "./deep_steps.ts";
import type { Interactions } from "./interactions.ts";

/** state → readout · ((left · state) ⊙ (right · state)). */
export interface BilinearMap {
  /** A [neurons, before]. */
  readonly left: Matrix;
  /** B [neurons, before]. */
  readonly right: Matrix;
  /** P [after, neurons]. */
  readonly readout: Matrix;
}

/**
 * A stack of bilinear layers as a plain chain of bilinear maps, in f64: a polynomial of degree 2^depth.
 * Linear layers are folded in. Where there are biases or residuals, every state begins with the constant
 * 1, so that the chain is homogeneous in [1; input]; the outputs come without it.
 */
export interface DeepInteractions {
  /** Numbers in one input. */
  readonly inputs: number;
  /** Number of outputs. */
  readonly outputs: number;
  /** Number of bilinear maps. */
  readonly depth: number;
  /** Whether states begin with the constant 1. */
  readonly constant: boolean;
  /** First state = embedding · [1; input] [width, 1 + inputs], or · input; absent where it is that itself. */
  readonly embedding?: Matrix;
  /** The bilinear maps, in order. */
  readonly layers: readonly BilinearMap[];
  /** Numbers of every state from the first to the outputs, the constant included [depth + 1]. */
  readonly widths: readonly number[];
  /** Outputs [outputs] at one input [inputs], in f64. */
  evaluate(input: ArrayLike<number>): Float64Array;
}

/** What {@linkcode fromChain} takes. */
export type Chain = Pick<DeepInteractions, "inputs" | "constant" | "embedding" | "layers">;

/**
 * The chain of bilinear maps of a model of linear layers, ungated bilinear layers, residuals and blocks
 * of these. A residual is widened: x + D((Wx) ⊙ (Vx)) has neurons xᵢ · 1 beside its own. Where a linear
 * layer narrows a state, the narrow state is a bond; all others are folded into their neighbours.
 *
 * @throws {TypeError} when a layer has no exact form (all are named, with what could be done) or no
 * layer is bilinear; {RangeError} when a weight is not finite.
 * @example
 * ```ts
 * import { decompose, nn } from "@odot/odot";
 * const model = nn.sequential([nn.bilinear(3, 4), nn.residual([nn.bilinear(4, 4)]), nn.linear(4, 2)]);
 * const deep = decompose.deepInteractions(model);
 * console.log(deep.widths); // [4, 5, 2]: the states, each with its constant, and the outputs
 * console.log(deep.evaluate([1, 2, 3])); // what model.predict([1, 2, 3]) gives, in f64
 * ```
 */
export function deepInteractions(source: Model | Interactions): DeepInteractions {
  const steps = "neurons" in source ? stepsOfOne(source) : stepsOf(source);
  if (steps.every(({ kind }) => kind === "affine")) {
    throw new TypeError(
      "Cannot take the interactions of this model: no layer is bilinear; the singular values of its matrix (linalg.svd) say all there is",
    );
  }
  const inputs = source.inputs, outputs = source.outputs;
  const layers: BilinearStep[] = [];
  let embedding: Matrix | undefined, run: Matrix[] = [];
  for (const step of steps) {
    if (step.kind === "affine") {
      run.push(step.matrix);
      continue;
    }
    const { below, above } = atWaist(run), last = layers.length - 1;
    run = [];
    if (below && last >= 0) layers[last] = after(layers[last]!, below);
    else if (below) embedding = below;
    layers.push(above ? before(step, above) : step);
  }
  const top = layers.length - 1, rest = product(run);
  const { readout } = rest ? after(layers[top]!, rest) : layers[top]!;
  // the outputs come without the constant
  layers[top] = {
    ...layers[top]!,
    readout: matrix(outputs, readout.columns, readout.data.slice(readout.columns)),
  };
  const chain = { inputs, constant: true, layers, ...(embedding && { embedding }) };
  return fromChain(withoutConstant(chain) ?? chain);
}

/** The steps of one bilinear layer that was read before. */
function stepsOfOne(source: Interactions): (AffineStep | BilinearStep)[] {
  const { left, right, leftBias, rightBias, readout, outputBias, inputs, embedding } = source;
  const narrow = embedding && embedding.matrix.rows < inputs ? embedding : undefined;
  const bilinear: BilinearStep = {
    kind: "bilinear",
    left: homogeneous(narrow?.left ?? left, leftBias),
    right: homogeneous(narrow?.right ?? right, rightBias),
    readout: identity(left.rows + 1),
  };
  const first: AffineStep[] = narrow
    ? [{ kind: "affine", matrix: homogeneous(narrow.matrix, new Float64Array(narrow.matrix.rows)) }]
    : [];
  return [...first, bilinear, { kind: "affine", matrix: homogeneous(readout, outputBias) }];
}

/** Maps that follow each other, split where the state between them is narrowest, first of equals. */
function atWaist(run: readonly Matrix[]): { below: Matrix | undefined; above: Matrix | undefined } {
  let at = 0, narrowest = run[0]?.columns ?? 0;
  run.forEach(({ rows }, i) => {
    if (rows < narrowest) [at, narrowest] = [i + 1, rows];
  });
  return { below: product(run.slice(0, at)), above: product(run.slice(at)) };
}

/** All maps one after another, or nothing where there is none. */
function product(run: readonly Matrix[]): Matrix | undefined {
  return run.length === 0 ? undefined : run.reduce((done, next) => matmul(next, done));
}

function before(step: BilinearStep, affine: Matrix): BilinearStep {
  return { ...step, left: matmul(step.left, affine), right: matmul(step.right, affine) };
}

function after(step: BilinearStep, affine: Matrix): BilinearStep {
  return { ...step, readout: matmul(affine, step.readout) };
}

/** The same chain in states without the constant, or undefined where something depends on it. */
function withoutConstant(chain: Chain): Chain | undefined {
  const { embedding, layers } = chain;
  if (embedding && !columnIsConstant(embedding)) return undefined;
  const stripped: BilinearMap[] = [];
  for (const [l, { left, right, readout }] of layers.entries()) {
    const neurons = Array.from({ length: left.rows }, (_, k) => k);
    const isConstant = (k: number): boolean => onlyConstant(left, k) && onlyConstant(right, k);
    const constant = neurons.filter(isConstant), kept = neurons.filter((k) => !isConstant(k));
    if (kept.some((k) => left.data[k * left.columns] || right.data[k * right.columns])) {
      return undefined;
    }
    const first = l === layers.length - 1 ? 0 : 1, rows = readout.rows - first;
    for (let i = first; i < readout.rows; i++) {
      if (constant.some((k) => readout.data[i * readout.columns + k])) return undefined;
    }
    const narrow = (a: Matrix): Matrix =>
      picked(a, kept, Array.from({ length: a.columns - 1 }, (_, j) => j + 1));
    stripped.push({
      left: narrow(left),
      right: narrow(right),
      readout: picked(readout, Array.from({ length: rows }, (_, i) => i + first), kept),
    });
  }
  const without = embedding && picked(
    embedding,
    Array.from({ length: embedding.rows - 1 }, (_, i) => i + 1),
    Array.from({ length: embedding.columns - 1 }, (_, j) => j + 1),
  );
  return {
    inputs: chain.inputs,
    constant: false,
    layers: stripped,
    ...(without && { embedding: without }),
  };
}

/** Whether a neuron's side is a multiple of the constant, and not zero. */
function onlyConstant({ columns, data }: Matrix, row: number): boolean {
  const own = data.subarray(row * columns, (row + 1) * columns);
  return own[0] !== 0 && own.subarray(1).every((value) => value === 0);
}

function columnIsConstant({ rows, columns, data }: Matrix): boolean {
  for (let i = 1; i < rows; i++) if (data[i * columns] !== 0) return false;
  return true;
}

/** The entries of a matrix in the given rows and columns. */
export function picked(
  { columns: width, data }: Matrix,
  rows: readonly number[],
  columns: readonly number[],
): Matrix {
  const result = matrix(rows.length, columns.length);
  rows.forEach((row, i) =>
    columns.forEach((column, j) =>
      result.data[i * columns.length + j] = data[row * width + column]!
    )
  );
  return result;
}

/** A chain of bilinear maps from its parts. @throws {TypeError} when their sizes do not fit. */
export function fromChain(parts: Chain): DeepInteractions {
  const { inputs, constant, embedding, layers } = parts, leaf = inputs + (constant ? 1 : 0);
  const widths = [embedding?.rows ?? leaf, ...layers.map(({ readout }) => readout.rows)];
  const fits = layers.length > 0 && (embedding?.columns ?? leaf) === leaf &&
    layers.every(({ left, right, readout }, l) =>
      left.columns === widths[l] && right.columns === widths[l] && left.rows === right.rows &&
      left.rows === readout.columns
    );
  if (!fits) {
    throw new TypeError(
      `Cannot join bilinear maps: a chain from ${leaf} numbers through states of ${
        widths.join(", ")
      } needs left and right [neurons, before] and a readout [after, neurons] in each`,
    );
  }
  return {
    ...parts,
    outputs: widths.at(-1)!,
    depth: layers.length,
    widths,
    evaluate: (input) => evaluate(parts, input),
  };
}

function evaluate(
  { inputs, constant, embedding, layers }: Chain,
  input: ArrayLike<number>,
): Float64Array {
  if (input.length !== inputs) {
    throw new TypeError(`Cannot evaluate at ${input.length} numbers: an input has ${inputs}`);
  }
  const leaf = Float64Array.from(constant ? [1, ...Array.from(input)] : Array.from(input));
  return layers.reduce((state, { left, right, readout }) => {
    const others = times(right, state);
    return times(readout, times(left, state).map((value, k) => value * others[k]!));
  }, embedding ? times(embedding, leaf) : leaf);
}

/** A · x. */
export function times({ rows, columns, data }: Matrix, x: Float64Array): Float64Array {
  const result = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    let total = 0;
    for (let j = 0; j < columns; j++) total += data[i * columns + j]! * x[j]!;
    result[i] = total;
  }
  return result;
}
