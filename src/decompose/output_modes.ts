import { eigh, frobeniusNorm, matmul, type Matrix } from "../linalg/mod.ts";
import { oriented } from "./leading.ts";
import { symmetricForm } from "./quadratic_form.ts";
import { columnsAsRows, pickRows, row } from "./rows.ts";
import { outputsOf, type Working } from "./working.ts";

/** The singular value decomposition of the tensor unfolded by outputs. */
export interface OutputModes {
  /** Singular values of the scaled tensor, descending [outputs]. */
  readonly values: Float64Array;
  /** Output directions as rows [outputs, outputs], orthonormal. */
  readonly directions: Matrix;
}

/** Singular values below this share of the largest are lost in their squares, and measured instead. */
const SMALL = 1e-6;
/** Multiplications that are spent on measuring them at most. */
const EFFORT = 2e10;

/** Singular values and directions by the eigenvectors of the outputs' inner products. */
export function outputModes(work: Working): OutputModes {
  const solved = eigh(outputsOf(work)), outputs = work.readout.rows;
  const descending = [...solved.values.keys()].reverse();
  const directions = columnsAsRows(solved.vectors, descending);
  const values = Float64Array.from(descending, (i) => Math.sqrt(Math.max(0, solved.values[i]!)));
  const doubtful = [...values.keys()].filter((i) => !(values[i]! > SMALL * values[0]!));
  if (doubtful.length * work.left.rows * work.size * work.size <= EFFORT) {
    const weights = matmul(directions, work.readout);
    for (const i of doubtful) {
      values[i] = frobeniusNorm(symmetricForm(row(weights, i), work, work.size));
    }
  }
  const order = [...Array(outputs).keys()].sort((a, b) => values[b]! - values[a]! || a - b);
  return {
    values: Float64Array.from(order, (i) => values[i]!),
    directions: oriented(pickRows(directions, order)),
  };
}

/** √(Σ σ² of the values from `kept` on / Σ σ² of all), of values in descending order. */
export function discarded(values: Float64Array, kept: number): number {
  const largest = values[0] ?? 0;
  if (largest === 0) return 0;
  // relative to the largest, and from the values left out themselves: nothing overflows or cancels
  const energy = (part: Float64Array): number =>
    part.reduce((sum, value) => sum + (value / largest) ** 2, 0);
  return Math.sqrt(energy(values.subarray(kept)) / energy(values));
}
