import { eigh, matmul, type Matrix, matrix, qr, transpose } from "../linalg/mod.ts";
import type { Basis, Factors } from "./interactions.ts";

/** Eigenvalues of a covariance below this fraction of the largest count as directions without data. */
const EMPTY = 1e-12;

/**
 * Coordinates in which the norm of a form is that of the data: with S the root of the weight, W·x =
 * (W·S)·(S⁺·x) wherever x lies in the range of S, and forms become S·Q·S.
 */
export function weightedBasis({ left, right }: Factors, weight: Matrix): Basis {
  const { root, inverse } = roots(weight, left.columns);
  const [whiteLeft, whiteRight] = [matmul(left, root), matmul(right, root)];
  const [neurons, rank] = [left.rows, root.columns];
  // S = V·diag(√λ), so that coordinates are those of the eigenvectors with data
  if (2 * neurons >= rank) return { rows: inverse, left: whiteLeft, right: whiteRight };
  const stacked = matrix(2 * neurons, rank);
  stacked.data.set(whiteLeft.data);
  stacked.data.set(whiteRight.data, whiteLeft.data.length);
  const { q, r } = qr(transpose(stacked));
  const coordinates = transpose(r), size = coordinates.columns;
  return {
    rows: matmul(q, inverse, "TN"),
    left: matrix(neurons, size, coordinates.data.subarray(0, neurons * size)),
    right: matrix(neurons, size, coordinates.data.subarray(neurons * size)),
  };
}

/** S [inputs, rank] with S·Sᵀ = weight, and its pseudo-inverse [rank, inputs]. */
function roots(weight: Matrix, inputs: number): { root: Matrix; inverse: Matrix } {
  if (weight.rows !== inputs || weight.columns !== inputs) {
    throw new TypeError(
      `Cannot weight inputs by a matrix [${weight.rows}, ${weight.columns}]: give the covariance [${inputs}, ${inputs}] of the inputs, such as moments(data).covariance`,
    );
  }
  const { values, vectors } = eigh(weight), largest = values.at(-1) ?? 0;
  if (!(largest > 0) || values[0]! < -1e-8 * largest) {
    throw new RangeError(
      `Cannot weight inputs by a matrix with eigenvalues from ${
        values[0]
      } to ${largest}: a covariance has none below 0 and one above; symmetrise it, or add a small multiple of the identity`,
    );
  }
  const kept = [...values.keys()].filter((i) => values[i]! > EMPTY * largest);
  const root = matrix(inputs, kept.length), inverse = matrix(kept.length, inputs);
  kept.forEach((column, k) => {
    const deviation = Math.sqrt(values[column]!);
    for (let i = 0; i < inputs; i++) {
      const entry = vectors.data[i * inputs + column]!;
      root.data[i * kept.length + k] = entry * deviation;
      inverse.data[k * inputs + i] = entry / deviation;
    }
  });
  return { root, inverse };
}
