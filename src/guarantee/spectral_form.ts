import type { Basis, Interactions, QuadraticForm } from "../decompose/mod.ts";
import { eigh, matmul, type Matrix, matrix } from "../linalg/mod.ts";
import { times, timesTransposed } from "./row_product.ts";
import { frobeniusAbove, gamma, normAbove, rowNormsAbove, SLACK, UNIT_F64 } from "./rounding.ts";

/**
 * A quadratic form in its eigen coordinates z = project(x): Σ valuesᵢ zᵢ² + Σ linearᵢ zᵢ + constant.
 * There are orthonormal vectors, within `errors.coordinates` of the ones used here, for which this
 * differs from the form by no more than {@linkcode formError}.
 */
export interface SpectralForm {
  /** The form that was diagonalised. */
  readonly form: QuadraticForm;
  /** Number of inputs. */
  readonly inputs: number;
  /** Eigenvalues, ascending, zeros included [rank]. */
  readonly values: Float64Array;
  /** Linear part in the coordinates [rank]. */
  readonly linear: Float64Array;
  /** Constant part. */
  readonly constant: number;
  /** Dimension of what no coordinate sees, inputs − rank: the form is constant along it. */
  readonly nullity: number;
  /** Small eigenvectors as columns [rank, rank], in the coordinates of `coordinates.basis`. */
  readonly rotation: Matrix;
  /** The basis that the forms of a model share. */
  readonly coordinates: Coordinates;
  /** How far it may be from the form, rounding and eigensolver included. */
  readonly errors: SpectralErrors;
}

/** How far a {@linkcode SpectralForm} may be from its form. */
export interface SpectralErrors {
  /** ‖Q − VΛVᵀ‖₂ at most. */
  readonly quadratic: number;
  /** Length of the difference of the linear parts, at most. */
  readonly linear: number;
  /** Difference of the constants, at most. */
  readonly constant: number;
  /** ‖project(x) − Vᵀx‖ / ‖x‖ at most, dimensionless. */
  readonly coordinates: number;
}

/** Orthonormal coordinates shared by all forms of a model, and how far they are from exact. */
export interface Coordinates {
  /** Whose forms they hold. */
  readonly interactions: Interactions;
  /** The coordinates. */
  readonly basis: Basis;
  /** Their number. */
  readonly rank: number;
  /** ‖PPᵀ − I‖_F of the rows P at most, dimensionless. */
  readonly skewness: number;
  /** ‖W − LP‖_F at most, W being the left factor and L its coordinates. */
  readonly left: number;
  /** The same for the right factor. */
  readonly right: number;
}

/** The shared coordinates of a model's forms: one QR, and what it is off by, measured. */
export function coordinatesOf(interactions: Interactions): Coordinates {
  const basis = interactions.basis("input"), { rows } = basis, rank = basis.left.columns;
  const shared = { interactions, basis, rank };
  if (!rows) return { ...shared, skewness: 0, left: 0, right: 0 };
  const size = frobeniusAbove(rows);
  const overlap = matmul(rows, rows, "NT");
  for (let i = 0; i < rank; i++) overlap.data[i * rank + i]! -= 1;
  const skewness = SLACK * (frobeniusAbove(overlap) + gamma(rows.columns + 2) * size * size);
  const off = (factor: Matrix, small: Matrix): number => {
    const made = matmul(small, rows);
    const gap = frobeniusAbove(
      matrix(made.rows, made.columns, made.data.map((x, i) => factor.data[i]! - x)),
    );
    const rounding = gamma(rank + 2) * frobeniusAbove(small) * size;
    // to the exactly orthonormal rows nearest to P
    return SLACK * (gap + rounding + frobeniusAbove(small) * skewness);
  };
  return {
    ...shared,
    skewness,
    left: off(interactions.left, basis.left),
    right: off(interactions.right, basis.right),
  };
}

/**
 * A quadratic form in eigen coordinates of dimension min(inputs, 2·neurons, embedding width), with its
 * error bounds: residual and orthogonality of every step are measured, and the rounding of the measuring
 * added (METHODS T1; Weyl's inequality).
 *
 * @throws {ConvergenceError} when the eigensolver fails.
 */
export function spectralForm(
  form: QuadraticForm,
  coordinates: Coordinates = coordinatesOf(form.interactions),
): SpectralForm {
  const { interactions, neuronWeights, linear, constant } = form, { basis, rank } = coordinates;
  const { neurons, outputs, inputs, leftBias, rightBias } = interactions;
  const small = halfSum(neuronWeights, basis);
  const { values, vectors } = eigh(small);
  const solver = eigenErrors(small, values, vectors);
  // eigenvalues that are rounding count as 0, so that what is flat stays flat
  const largest = values.reduce((top, x) => Math.max(top, Math.abs(x)), 0);
  const flat = 4 * rank * UNIT_F64 * largest;
  values.forEach((x, i) => values[i] = Math.abs(x) <= flat ? 0 : x);
  const magnitudes = matmul(
    matrix(1, outputs, form.direction.map(Math.abs)),
    matrix(outputs, neurons, interactions.readout.data.map(Math.abs)),
  ).data;
  const left = frobeniusAbove(basis.left), right = frobeniusAbove(basis.right);
  const most = magnitudes.reduce((top, x) => Math.max(top, x), 0) * SLACK;
  const crossed = coordinates.left * (right + coordinates.right) + left * coordinates.right;
  const quadratic = solver.quadratic + flat + most * (crossed +
        gamma(2 * neurons + outputs + 8) * (left + coordinates.left) * (right + coordinates.right));
  const onLeft = normAbove(magnitudes.map((x, k) => x * rightBias[k]!));
  const onRight = normAbove(magnitudes.map((x, k) => x * leftBias[k]!));
  const projecting = projectionError(coordinates, vectors, solver.skewness);
  const spans = onLeft * (left + coordinates.left) + onRight * (right + coordinates.right);
  let constants = 0;
  form.direction.forEach((x, o) => constants += Math.abs(x * interactions.outputBias[o]!));
  magnitudes.forEach((x, k) => constants += x * Math.abs(leftBias[k]! * rightBias[k]!));
  const along = rotated(coordinates, vectors, linear), moved = new Float64Array(rank);
  along.forEach((x, i) => {
    if (values[i] !== 0 || Math.abs(x) > projecting * spans) return;
    moved[i] = x;
    along[i] = 0;
  });
  return {
    form,
    inputs,
    values,
    linear: along,
    constant,
    nullity: inputs - rank,
    rotation: vectors,
    coordinates,
    errors: {
      quadratic: SLACK * quadratic,
      linear: SLACK * (onLeft * coordinates.left + onRight * coordinates.right +
        (projecting + gamma(2 * neurons + outputs + 8)) * spans + normAbove(moved)),
      constant: SLACK * gamma(neurons + 2 * outputs + 8) * constants,
      coordinates: projecting,
    },
  };
}

/** Eigen coordinates of an input [rank]. */
export function project(spectral: SpectralForm, input: ArrayLike<number>): Float64Array {
  return rotated(spectral.coordinates, spectral.rotation, input);
}

/** Rows of inputs [rows, inputs] in the coordinates that all forms of a model share [rows, rank]. */
export function share({ basis }: Coordinates, rows: Matrix): Matrix {
  return basis.rows ? timesTransposed(rows, basis.rows) : rows;
}

/** Eigen coordinates [rows, rank] of rows in the shared coordinates. */
export function turn({ rotation }: SpectralForm, shared: Matrix): Matrix {
  return times(shared, rotation);
}

/** The input [inputs] that has these eigen coordinates [rank] and nothing outside them. */
export function lift(spectral: SpectralForm, point: Float64Array): Float64Array {
  const { coordinates: { basis, rank }, rotation } = spectral;
  const small = matmul(rotation, matrix(rank, 1, point));
  return basis.rows ? matmul(basis.rows, small, "TN").data : small.data;
}

/** Bound on the difference between the form and its eigen coordinates at every input this long. */
export function formError({ errors }: SpectralForm, length: number): number {
  return SLACK * (errors.quadratic * length * length + errors.linear * length + errors.constant);
}

/** Gradient in eigen coordinates, 2Λz + l [rank], at eigen coordinates z. */
export function gradientAt({ values, linear }: SpectralForm, z: Float64Array): Float64Array {
  return z.map((coordinate, i) => 2 * values[i]! * coordinate + linear[i]!);
}

function rotated(coordinates: Coordinates, rotation: Matrix, x: ArrayLike<number>): Float64Array {
  return times(share(coordinates, matrix(1, x.length, x)), rotation).data;
}

/** ½(Lᵀ diag(α) M + Mᵀ diag(α) L) [rank, rank]. */
function halfSum(weights: Float64Array, { left, right }: Basis): Matrix {
  const size = left.columns;
  const weighted = right.data.map((x, i) => x * weights[Math.floor(i / size)]!);
  const { data } = matmul(left, matrix(left.rows, size, weighted), "TN");
  return matrix(
    size,
    size,
    data.map((x, at) => {
      const i = Math.floor(at / size), j = at % size;
      return (x + data[j * size + i]!) / 2;
    }),
  );
}

/** How far VΛVᵀ with exactly orthonormal V near the computed ones may be from the matrix. */
function eigenErrors(
  a: Matrix,
  values: Float64Array,
  vectors: Matrix,
): { quadratic: number; skewness: number } {
  const n = a.rows, size = frobeniusAbove(vectors), norm = frobeniusAbove(a);
  const gap = matmul(a, vectors);
  const largest = values.reduce((top, x) => Math.max(top, Math.abs(x)), 0);
  gap.data.forEach((x, i) => gap.data[i] = x - vectors.data[i]! * values[i % n]!);
  const overlap = matmul(vectors, vectors, "TN");
  for (let i = 0; i < n; i++) overlap.data[i * n + i]! -= 1;
  const skewness = SLACK * (frobeniusAbove(overlap) + gamma(n + 2) * size * size);
  const residual = frobeniusAbove(gap) + gamma(n + 4) * size * (norm + largest);
  return { quadratic: SLACK * (residual + skewness * (norm + largest)), skewness };
}

function projectionError({ basis, skewness, rank }: Coordinates, z: Matrix, skew: number): number {
  const turning = gamma(rank + 2) * frobeniusAbove(z) + skew;
  if (!basis.rows) return SLACK * turning;
  const along = gamma(basis.rows.columns + 2) * normAbove(rowNormsAbove(basis.rows)) + skewness;
  return SLACK * 1.1 * (along + turning);
}
