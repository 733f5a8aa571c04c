import { matmul, type Matrix, matrix } from "../linalg/mod.ts";
import type { Interactions } from "./interactions.ts";
import { inner, neuronGram, outputGram, type Pair } from "./grams.ts";

/**
 * An interaction tensor as the decompositions work on it: neurons in coordinates, scaled by powers of
 * two so that no product of weights overflows or vanishes.
 */
export interface Working extends Pair {
  /** Where it comes from. */
  readonly interactions: Interactions;
  /** U, scaled [outputs, neurons]. */
  readonly readout: Matrix;
  /** What the scaled tensor is multiplied by to give the true one, a power of two. */
  readonly scale: number;
  /** Numbers in one vector of the coordinates. */
  readonly size: number;
  /** Inner products of the neurons [neurons, neurons]. */
  readonly gram: Matrix;
  /** ‖B‖_F² of the scaled tensor. */
  readonly energy: number;
  /** Vectors of the coordinates, as rows, as vectors that multiply an input. */
  toInput(rows: Matrix): Matrix;
}

/** Where a decomposition works. */
export interface WorkingOptions {
  /** Covariance of the inputs [inputs, inputs]. */
  readonly weight?: Matrix | undefined;
  /** Whether to pay a QR for coordinates of dimension min(inputs, 2·neurons). */
  readonly compress: boolean;
}

/** The tensor in the coordinates of a weight, in those of its own range, or of the input. */
export function working(
  interactions: Interactions,
  { weight, compress }: WorkingOptions,
): Working {
  const basis = weight || compress ? interactions.basis(weight ?? "input") : interactions;
  const rows = "rows" in basis ? basis.rows : undefined;
  const [left, leftPower] = scaled(basis.left), [right, rightPower] = scaled(basis.right);
  const [readout, readoutPower] = scaled(interactions.readout);
  const gram = neuronGram({ left, right }, { left, right });
  return {
    ...{ interactions, left, right, readout, gram },
    scale: 2 ** (leftPower + rightPower + readoutPower),
    size: left.columns,
    energy: Math.max(0, inner(readout, matmul(readout, gram))),
    toInput: (vectors) => rows ? matmul(vectors, rows) : vectors,
  };
}

/** Eigenvalues of UKUᵀ are squares of the singular values of the outputs. */
export function outputsOf(work: Working): Matrix {
  return outputGram(work.readout, work.gram);
}

/** A matrix whose largest entry lies in [1, 2), and the power of two taken out. */
function scaled(source: Matrix): [Matrix, number] {
  let largest = 0;
  for (const value of source.data) if (Math.abs(value) > largest) largest = Math.abs(value);
  if (largest === 0) return [source, 0];
  const power = Math.max(-1000, Math.min(1000, Math.floor(Math.log2(largest))));
  const result = matrix(source.rows, source.columns, source.data), factor = 2 ** -power;
  for (let i = 0; i < result.data.length; i++) result.data[i] = result.data[i]! * factor;
  return [result, power];
}
