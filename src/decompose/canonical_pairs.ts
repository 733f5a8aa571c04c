import { eigh, type Matrix, matrix } from "../linalg/mod.ts";
import type { Components } from "./distance.ts";
import { columnsAsRows, row, stackColumns, stackRows } from "./rows.ts";

/**
 * Neurons of a form Σ λ·v·vᵀ, the fewest possible: a positive and a negative eigenpair share one,
 * √λ⁺v⁺ ∓ √|λ⁻|v⁻, so there are max(p, q). Rows of left and right [neurons, size].
 */
export function pairedSquares(
  values: ArrayLike<number>,
  vectors: Matrix,
): { left: Matrix; right: Matrix } {
  const order = Array.from(values, (_, i) => i);
  const positive = order.filter((i) => values[i]! > 0),
    negative = order.filter((i) => values[i]! < 0);
  const count = Math.max(positive.length, negative.length), size = vectors.columns;
  const left = matrix(count, size), right = matrix(count, size);
  for (let k = 0; k < count; k++) {
    const [l, r] = [row(left, k), row(right, k)];
    for (const [index, sign] of [[positive[k], 1], [negative[k], -1]] as const) {
      if (index === undefined) continue;
      const length = Math.sqrt(Math.abs(values[index]!));
      row(vectors, index).forEach((value, i) => {
        l[i] = l[i]! + sign * length * value;
        r[i] = r[i]! + length * value;
      });
    }
  }
  return { left, right };
}

/** Eigenvalues of a small symmetric matrix that are more than rounding, with their vectors as rows. */
export function squaresOf(form: Matrix): { values: Float64Array; vectors: Matrix } {
  const solved = eigh(form), size = form.rows;
  const largest = solved.values.reduce((top, value) => Math.max(top, Math.abs(value)), 0);
  const kept = [...solved.values.keys()]
    .filter((i) => Math.abs(solved.values[i]!) > size * largest * 2 ** -52)
    .sort((a, b) => Math.abs(solved.values[b]!) - Math.abs(solved.values[a]!) || b - a);
  return {
    values: Float64Array.from(kept, (i) => solved.values[i]!),
    vectors: columnsAsRows(solved.vectors, kept),
  };
}

/** The neurons of a form, read out along one direction [outputs]. */
export function canonicalPairs(form: Matrix, direction: Float64Array): Components {
  const { values, vectors } = squaresOf(form);
  const { left, right } = pairedSquares(values, vectors);
  const readout = matrix(direction.length, left.rows);
  direction.forEach((weight, o) => readout.data.fill(weight, o * left.rows, (o + 1) * left.rows));
  return { left, right, readout };
}

/** Neurons of several parts as one list. */
export function joined(parts: readonly Components[], size: number, outputs: number): Components {
  const some = parts.filter(({ left }) => left.rows > 0);
  if (some.length === 0) {
    return { left: matrix(0, size), right: matrix(0, size), readout: matrix(outputs, 0) };
  }
  return {
    left: stackRows(some.map(({ left }) => left)),
    right: stackRows(some.map(({ right }) => right)),
    readout: stackColumns(some.map(({ readout }) => readout)),
  };
}
