import { identity, matmul, type Matrix, matrix, qr, transpose } from "../linalg/mod.ts";
import type { Layer, Model } from "../nn/mod.ts";
import { neuronGram } from "./grams.ts";
import { type QuadraticForm, quadraticForm } from "./quadratic_form.ts";
import { stackRows } from "./rows.ts";
import { weightedBasis } from "./weight.ts";

/**
 * The interaction tensor B [outputs, inputs, inputs] of a network with one bilinear layer, kept
 * factored, in f64: output o at x is Σ_k readout[o,k] · (left_k·x + leftBias_k)(right_k·x + rightBias_k)
 * + outputBias[o]. Linear layers before the bilinear one are folded into left and right, those after
 * it into the readout. Source: METHODS of Pearce et al. 2024 (2406.03947), with its linear term put right.
 */
export interface Interactions {
  /** Numbers in one input. */
  readonly inputs: number;
  /** Number of outputs. */
  readonly outputs: number;
  /** Number of hidden neurons, each a product of two linear forms. */
  readonly neurons: number;
  /** W folded [neurons, inputs]. */
  readonly left: Matrix;
  /** V folded [neurons, inputs]. */
  readonly right: Matrix;
  /** Added to W x [neurons]. */
  readonly leftBias: Float64Array;
  /** Added to V x [neurons]. */
  readonly rightBias: Float64Array;
  /** U folded [outputs, neurons]. */
  readonly readout: Matrix;
  /** Added to the outputs [outputs]. */
  readonly outputBias: Float64Array;
  /** The linear layers before the bilinear one, where there are any. */
  readonly embedding?: Embedding;
  /** Outputs [outputs] at one input [inputs], in f64. */
  evaluate(input: ArrayLike<number>): Float64Array;
  /** The quadratic form of one output. @throws {RangeError} when there is no such output. */
  output(index: number): QuadraticForm;
  /** The quadratic form of output a minus output b: above 0 where a wins. */
  difference(a: number, b: number): QuadraticForm;
  /** The quadratic form of output a minus the mean of all: what softmax sees of it. */
  centered(index: number): QuadraticForm;
  /**
   * The quadratic form of any combination of outputs [outputs].
   * @throws {TypeError} for another length; {RangeError} for a weight that is not finite.
   */
  direction(weights: ArrayLike<number>): QuadraticForm;
  /**
   * Coordinates in which every quadratic form is a small matrix; made once, on demand. They are
   * orthonormal, or, for a weight S² [inputs, inputs] that is positive semidefinite, such that the
   * Frobenius norm of a form in them is ‖S·Q·S‖_F: see {@linkcode moments}.
   */
  basis(space: Space | Matrix): Basis;
  /** Inner products of the neurons' symmetric forms [neurons, neurons]; made once, on demand. */
  gram(): Matrix;
}

/** What the bilinear layer saw before the embedding was folded in. */
export interface Embedding {
  /** E [width, inputs]. */
  readonly matrix: Matrix;
  /** W [neurons, width]. */
  readonly left: Matrix;
  /** V [neurons, width]. */
  readonly right: Matrix;
}

/**
 * Where a quadratic form is diagonalised: `input` gives eigenvectors that are orthonormal in the input
 * space; `embedding` those of the bilinear layer's own inputs, mapped back by Eᵀ, which are not.
 */
export type Space = "input" | "embedding";

/** Coordinates of a quadratic form: x·left_k = coordinates(x)·left[k]. */
export interface Basis {
  /** Rows map an input to its coordinates [rank, inputs]; absent where they are the input itself. */
  readonly rows?: Matrix;
  /** W in the coordinates [neurons, rank]. */
  readonly left: Matrix;
  /** V in the coordinates [neurons, rank]. */
  readonly right: Matrix;
}

/**
 * The interaction tensor of a model with exactly one bilinear layer and any number of linear ones.
 *
 * @throws {TypeError} when the model has no bilinear layer, or more than one.
 * @example
 * ```ts
 * import { decompose, nn } from "@odot/odot";
 * const model = nn.sequential([nn.bilinear(2, 3), nn.linear(3, 2)], { seed: 1 });
 * const interactions = decompose.interactions(model);
 * console.log(interactions.evaluate([1, 2])); // what model.predict([1, 2]) gives, in f64
 * ```
 */
export function interactions(model: Model): Interactions {
  model.layers.forEach(({ config }, i) => {
    const gated = config.type === "bilinear" && config.gate !== undefined;
    if ((config.type !== "bilinear" && config.type !== "linear") || gated) {
      throw new TypeError(
        `Cannot take the interactions of a model with ${
          gated ? `a gate of ${config.gate}` : `a layer of type ${config.type}`
        } (layer ${i}): only linear and ungated bilinear layers make outputs quadratic; ${
          gated
            ? "train or fine-tune it without a gate, which nn.bilinear leaves out unless said"
            : config.type === "residual"
            ? "decompose.deepInteractions and decompose.odt take it where what it holds is bilinear"
            : "put a bilinear layer in its place and train anew, or decompose the layers around it"
        }`,
      );
    }
  });
  const found = model.layers.filter(({ config }) => config.type === "bilinear").length;
  if (found !== 1) {
    throw new TypeError(
      `Cannot take the interactions of a model with ${found} bilinear layers: one is needed, its outputs are then quadratic${
        found > 1 ? "; for several, use decompose.deepInteractions or decompose.odt" : ""
      }`,
    );
  }
  const at = model.layers.findIndex(({ config }) => config.type === "bilinear");
  const before = model.layers.slice(0, at).map(affineMap).reduce<AffineMap | undefined>(
    (first, next) => first ? compose(next, first) : next,
    undefined,
  );
  const bilinear = affineMap(model.layers[at]!);
  const neurons = bilinear.matrix.rows / 2;
  const halves = before ? compose(bilinear, before) : bilinear;
  const after = model.layers.slice(at + 1).map(affineMap).reduce(
    (first, next) => compose(next, first),
    identityMap(neurons),
  );
  return fromFactors({
    left: rowsOf(halves.matrix, 0, neurons),
    right: rowsOf(halves.matrix, neurons, 2 * neurons),
    leftBias: halves.bias.slice(0, neurons),
    rightBias: halves.bias.slice(neurons),
    readout: after.matrix,
    outputBias: after.bias,
    ...(before && {
      embedding: {
        matrix: before.matrix,
        left: rowsOf(bilinear.matrix, 0, neurons),
        right: rowsOf(bilinear.matrix, neurons, 2 * neurons),
      },
    }),
  });
}

/** The factors of an interaction tensor: see {@linkcode Interactions}. */
export type Factors = Pick<
  Interactions,
  "left" | "right" | "leftBias" | "rightBias" | "readout" | "outputBias" | "embedding"
>;

/**
 * An interaction tensor from its factors.
 *
 * @throws {TypeError} when their sizes do not fit; {RangeError} for a weight that is not finite.
 */
export function fromFactors(factors: Factors): Interactions {
  const { left, right, leftBias, rightBias, readout, outputBias, embedding } = factors;
  const [neurons, inputs, outputs] = [left.rows, left.columns, readout.rows];
  const sizes = [right.rows, leftBias.length, rightBias.length, readout.columns];
  if (
    sizes.some((size) => size !== neurons) || right.columns !== inputs ||
    outputBias.length !== outputs
  ) {
    throw new TypeError(
      `Cannot join factors: left [${neurons}, ${inputs}] needs right and biases of its sizes, a readout [outputs, ${neurons}] and an output bias [outputs]`,
    );
  }
  if (embedding) {
    const { matrix: { rows: width, columns }, left, right } = embedding;
    const found = [columns, left.rows, right.rows, left.columns, right.columns];
    const needed = [inputs, neurons, neurons, width, width];
    if (found.some((size, i) => size !== needed[i])) {
      throw new TypeError(
        `Cannot join factors: an embedding [${width}, ${columns}] with left [${left.rows}, ${left.columns}] and right [${right.rows}, ${right.columns}] should be [${width}, ${inputs}] with twice [${neurons}, ${width}]`,
      );
    }
  }
  requireFinite(factors);
  const made = new Map<Space | Matrix, Basis>();
  const unit = (index: number): Float64Array => {
    if (!Number.isInteger(index) || index < 0 || index >= outputs) {
      throw new RangeError(`Cannot take output ${index}: the outputs are 0 to ${outputs - 1}`);
    }
    return Float64Array.from({ length: outputs }, (_, i) => (i === index ? 1 : 0));
  };
  let gram: Matrix | undefined;
  const result: Interactions = {
    ...factors,
    inputs,
    outputs,
    neurons,
    evaluate: (input) => evaluate(result, input),
    output: (index) => quadraticForm(result, unit(index)),
    difference: (a, b) => {
      const second = unit(b);
      return quadraticForm(result, unit(a).map((value, i) => value - second[i]!));
    },
    centered: (index) => quadraticForm(result, unit(index).map((value) => value - 1 / outputs)),
    direction: (weights) => quadraticForm(result, Float64Array.from(weights)),
    basis: (space) => {
      if (space === "embedding" && !embedding) {
        throw new TypeError(
          "Cannot work in the embedding space: no linear layer comes before the bilinear one; use the input space",
        );
      }
      const basis = made.get(space) ??
        (typeof space === "string" ? makeBasis(space, factors) : weightedBasis(factors, space));
      made.set(space, basis);
      return basis;
    },
    gram: () => gram ??= neuronGram(factors, factors),
  };
  return result;
}

/** One weight that is not finite would make every result NaN, somewhere later. */
function requireFinite(factors: Factors): void {
  const { left, right, readout, leftBias, rightBias, outputBias } = factors;
  const all = {
    left: left.data,
    right: right.data,
    readout: readout.data,
    ...{ leftBias, rightBias, outputBias },
  };
  for (const [name, data] of Object.entries(all)) {
    let bad = 0;
    while (bad < data.length && Number.isFinite(data[bad])) bad++;
    if (bad === data.length) continue;
    throw new RangeError(
      `Cannot take interactions: number ${bad} of ${name} is ${
        data[bad]
      }, and every weight must be finite; was training cut off by a divergence?`,
    );
  }
}

/** Coordinates of the smallest dimension that hold every quadratic form exactly. */
function makeBasis(space: Space, { left, right, embedding }: Factors): Basis {
  if (space === "embedding") {
    return { rows: embedding!.matrix, left: embedding!.left, right: embedding!.right };
  }
  const [neurons, inputs] = [left.rows, left.columns];
  const width = embedding?.matrix.rows ?? Infinity;
  if (Math.min(2 * neurons, width) >= inputs) return { left, right };
  if (width <= 2 * neurons) {
    // Eᵀ = Q·R, so W·E = (W·Rᵀ)·Qᵀ
    const { q, r } = qr(transpose(embedding!.matrix));
    return {
      rows: transpose(q),
      left: matmul(embedding!.left, r, "NT"),
      right: matmul(embedding!.right, r, "NT"),
    };
  }
  // [Wᵀ Vᵀ] = Q·R, so W and V are the two halves of Rᵀ·Qᵀ
  const { q, r } = qr(transpose(stackRows([left, right])));
  const coordinates = transpose(r);
  return {
    rows: transpose(q),
    left: rowsOf(coordinates, 0, neurons),
    right: rowsOf(coordinates, neurons, 2 * neurons),
  };
}

function evaluate(parts: Interactions, input: ArrayLike<number>): Float64Array {
  const { left, right, leftBias, rightBias, readout, outputBias, inputs, neurons } = parts;
  if (input.length !== inputs) {
    throw new TypeError(`Cannot evaluate at ${input.length} numbers: an input has ${inputs}`);
  }
  const hidden = new Float64Array(neurons);
  for (let k = 0; k < neurons; k++) {
    let l = leftBias[k]!, r = rightBias[k]!;
    for (let i = 0; i < inputs; i++) {
      l += left.data[k * inputs + i]! * input[i]!;
      r += right.data[k * inputs + i]! * input[i]!;
    }
    hidden[k] = l * r;
  }
  return outputBias.map((bias, o) => {
    let total = bias;
    for (let k = 0; k < neurons; k++) total += readout.data[o * neurons + k]! * hidden[k]!;
    return total;
  });
}

interface AffineMap {
  readonly matrix: Matrix;
  readonly bias: Float64Array;
}

function affineMap({ parameters }: Layer): AffineMap {
  const weight = parameters.get("weight")!, [rows, columns] = weight.shape as [number, number];
  return {
    matrix: matrix(rows, columns, Float64Array.from(weight.toArray())),
    bias: Float64Array.from(parameters.get("bias")?.toArray() ?? new Float32Array(rows)),
  };
}

function identityMap(size: number): AffineMap {
  return { matrix: identity(size), bias: new Float64Array(size) };
}

/** x → outer(inner(x)). */
function compose(outer: AffineMap, inner: AffineMap): AffineMap {
  const moved = matmul(outer.matrix, matrix(inner.bias.length, 1, inner.bias));
  return {
    matrix: matmul(outer.matrix, inner.matrix),
    bias: outer.bias.map((value, i) => value + moved.data[i]!),
  };
}

function rowsOf(source: Matrix, start: number, end: number): Matrix {
  const { columns, data } = source;
  return matrix(end - start, columns, data.subarray(start * columns, end * columns));
}
