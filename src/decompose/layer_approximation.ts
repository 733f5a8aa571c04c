import { type Matrix, matrix } from "../linalg/mod.ts";
import { type Approximation, type DenseTensor, denseTensor } from "../multilinear/mod.ts";
import type { Model } from "../nn/mod.ts";
import { fromFactors, type Interactions } from "./interactions.ts";
import { affineParts, balanced, network, type Neurons } from "./network.ts";
import { bytesText, MEMORY_LIMIT } from "./plan.ts";
import { row, stackColumns, stackRows } from "./rows.ts";

/** Options of forming a tensor. */
export interface DenseOptions {
  /** Bytes that the tensor may take; 2 GiB unless said. */
  readonly memoryLimit?: number;
}

/** An approximation of a layer's interaction tensor, which computes what the layer computes, nearly. */
export interface LayerApproximation extends Approximation {
  /**
   * The approximation as an interaction tensor of its own, in factors: it can be evaluated, decomposed
   * and compared like the one it comes from, whose linear and constant parts it keeps whole.
   */
  readonly interactions: Interactions;
  /** Bytes that `toDense()` would take: 8 · outputs · inputs². */
  readonly denseBytes: number;
  /** Outputs [outputs] of the approximated layer at one input [inputs]. */
  apply(input: ArrayLike<number>): Float64Array;
  /** The tensor [outputs, inputs, inputs]. @throws {RangeError} when it exceeds the memory limit. */
  toDense(options?: DenseOptions): DenseTensor;
  /**
   * A network of these factors that runs, saves and loads like any other; the caller disposes of it.
   * @throws {RangeError} when a weight exceeds the largest f32.
   */
  toModel(): Model;
}

/** What a method found, apart from what all results share. */
export interface Found {
  /** Neurons of the approximation in input coordinates. */
  readonly neurons: Neurons;
  /** Vectors in whose span all neurons lie [width, inputs], and the neurons in their coordinates. */
  readonly embedding?: { readonly matrix: Matrix; readonly left: Matrix; readonly right: Matrix };
  /** The whole approximation where the method has already put the biases in. */
  readonly interactions?: Interactions;
  readonly relativeError: number;
  readonly errorBound?: number;
  readonly trace: readonly number[];
  readonly converged: boolean;
  readonly parameterCount: number;
  /** One output's form where the method's tensor is not the symmetric one of its neurons. */
  readonly slice?: (output: number) => Matrix;
}

/** The common part of every result. */
export function layerApproximation(original: Interactions, found: Found): LayerApproximation {
  const { relativeError, errorBound, trace, converged, parameterCount, slice } = found;
  const { outputs, inputs } = original;
  const interactions = found.interactions ?? withAffine(original, found);
  const denseBytes = 8 * outputs * inputs * inputs;
  return {
    ...{ relativeError, trace, converged, parameterCount, interactions, denseBytes },
    ...(errorBound !== undefined && { errorBound }),
    apply: (input) => interactions.evaluate(input),
    toModel: () => network(interactions),
    toDense: ({ memoryLimit = MEMORY_LIMIT } = {}) => {
      if (denseBytes > memoryLimit) {
        throw new RangeError(
          `Cannot form [${outputs}, ${inputs}, ${inputs}]: it takes ${
            bytesText(denseBytes)
          }, the limit is ${
            bytesText(memoryLimit)
          }; use the factors, form one output by interactions.output(o).dense(), or raise memoryLimit`,
        );
      }
      const all = new Float64Array(outputs * inputs * inputs);
      for (let o = 0; o < outputs; o++) {
        const { data } = slice ? slice(o) : interactions.output(o).dense();
        all.set(data, o * inputs * inputs);
      }
      return denseTensor([outputs, inputs, inputs], all);
    },
  };
}

/** The neurons and, where the original has linear parts, one more neuron for each: (linear·x)·1. */
function withAffine(original: Interactions, { neurons, embedding }: Found): Interactions {
  const { outputs, inputs } = original;
  // a network has at least one neuron, be its outputs 0
  const some = neurons.left.rows > 0 ? neurons : {
    left: matrix(1, inputs),
    right: matrix(1, inputs),
    readout: matrix(outputs, 1),
  };
  const { left, right, readout } = embedding ? some : balanced(some);
  const { linear, constant } = affineParts(original), count = left.rows;
  const affine = [...constant.keys()].filter((o) => row(linear, o).some((value) => value !== 0));
  if (affine.length === 0) {
    return fromFactors({
      ...{ left, right, readout, outputBias: constant },
      ...{ leftBias: new Float64Array(count), rightBias: new Float64Array(count) },
      ...(embedding && { embedding }),
    });
  }
  const forms = matrix(affine.length, inputs), picks = matrix(outputs, affine.length);
  const rightBias = new Float64Array(count + affine.length).fill(1, count);
  affine.forEach((o, k) => {
    forms.data.set(row(linear, o), k * inputs);
    picks.data[o * affine.length + k] = 1;
  });
  return fromFactors({
    left: stackRows([left, forms]),
    right: stackRows([right, matrix(affine.length, inputs)]),
    ...{ leftBias: new Float64Array(count + affine.length), rightBias, outputBias: constant },
    readout: stackColumns([readout, picks]),
    ...(embedding && { embedding: widened(embedding, forms) }),
  });
}

/** An embedding that also hands the linear parts on. */
function widened(
  embedding: NonNullable<Found["embedding"]>,
  forms: Matrix,
): NonNullable<Found["embedding"]> {
  const { matrix: rows, left, right } = embedding, extra = forms.rows;
  const padded = (side: Matrix, own: Matrix): Matrix =>
    stackRows([
      stackColumns([side, matrix(side.rows, extra)]),
      stackColumns([matrix(extra, rows.rows), own]),
    ]);
  const unit = matrix(extra, extra);
  for (let i = 0; i < extra; i++) unit.data[i * extra + i] = 1;
  return {
    matrix: stackRows([rows, forms]),
    left: padded(left, unit),
    right: padded(right, matrix(extra, extra)),
  };
}
