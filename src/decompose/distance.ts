import { frobeniusNorm, matmul, type Matrix, matrix } from "../linalg/mod.ts";
import { inner, neuronGram, type Pair } from "./grams.ts";
import { symmetricForm } from "./quadratic_form.ts";
import { row, stackColumns, stackRows } from "./rows.ts";
import type { Working } from "./working.ts";

/** Neurons with their readout, in the coordinates of a {@linkcode Working}. */
export interface Components extends Pair {
  /** [outputs, components]. */
  readonly readout: Matrix;
}

/** What an error may deviate by before it is measured form by form, relative to ‖B‖_F. */
const PRECISION = 1e-11;
/** Multiplications that are spent on small errors at most. */
const EFFORT = 2e10;
/** What the difference of inner products cannot tell from 0. */
export const FLOOR = 2e-8;

/**
 * ‖B − B̂‖_F / ‖B‖_F from factors: by inner products of neurons, and where those cancel, form by form,
 * as long as that is affordable; else errors below 2e-8 are reported as 2e-8.
 */
export function relativeDistance(work: Working, parts: Components): number {
  const own = neuronGram(parts, parts);
  const square = inner(parts.readout, matmul(parts.readout, own));
  if (work.energy === 0) return square === 0 ? 0 : Infinity;
  const cross = inner(parts.readout, matmul(work.readout, neuronGram(work, parts)));
  const coarse = Math.sqrt(Math.max(0, (work.energy - 2 * cross + square) / work.energy));
  // components that cancel each other bring the rounding of their own size
  const rounding = 2 ** -52 * (1 + lengths(parts.readout, own) ** 2 / work.energy);
  if (rounding < PRECISION * coarse) return coarse;
  return explicitDistance(work, parts) ?? Math.max(coarse, FLOOR);
}

/** Σ of the norms of all components. */
function lengths(readout: Matrix, gram: Matrix): number {
  const count = gram.rows, squares = new Float64Array(count);
  readout.data.forEach((value, i) => squares[i % count] = squares[i % count]! + value * value);
  return squares.reduce(
    (sum, x, r) => sum + Math.sqrt(x * Math.max(0, gram.data[r * count + r]!)),
    0,
  );
}

/** The same, from the difference of every output's form, or nothing where that takes too long. */
function explicitDistance(work: Working, parts: Components): number | undefined {
  const { size } = work, outputs = work.readout.rows;
  const pair = {
    left: stackRows([work.left, parts.left]),
    right: stackRows([work.right, parts.right]),
  };
  if (outputs * pair.left.rows * size * size > EFFORT) return undefined;
  const readout = stackColumns([
    work.readout,
    matrix(outputs, parts.readout.columns, parts.readout.data.map((value) => -value)),
  ]);
  let total = 0;
  for (let o = 0; o < outputs; o++) {
    total += frobeniusNorm(symmetricForm(row(readout, o), pair, size)) ** 2;
  }
  return Math.sqrt(total / work.energy);
}
