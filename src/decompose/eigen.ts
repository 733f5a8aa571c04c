import { eigh, frobeniusNorm, matmul, type Matrix, matrix } from "../linalg/mod.ts";
import { type Goal, type Rank, requireRank } from "./goal.ts";
import type { Basis, Interactions, Space } from "./interactions.ts";
import { oriented } from "./leading.ts";
import { leadingPairs } from "./leading_pairs.ts";
import { LARGE } from "./plan.ts";
import { type QuadraticForm, symmetricForm } from "./quadratic_form.ts";

/** Options of {@linkcode eigen}. */
export interface EigenOptions {
  /**
   * How many eigenpairs to keep at most, the largest by |value| first, or a goal of energy or logit
   * error; all that are not zero unless said. Those that are zero are never kept, but for one where all
   * are.
   */
  readonly rank?: Rank;
  /** Where to diagonalise; the input space unless said. */
  readonly space?: Space;
  /**
   * What becomes of biases: `separate` leaves the linear and the constant part beside the quadratic
   * one; `homogeneous` appends the constant 1 to the input and puts all three into one form. `separate`
   * unless said; without biases there is no difference but the length of the vectors.
   */
  readonly bias?: "separate" | "homogeneous";
  /**
   * Covariance Σ of the inputs [inputs, inputs], whose norm ‖Σ^½·Q·Σ^½‖_F then counts: eigenpairs are ranked
   * by what they contribute to the variance. See {@linkcode moments}.
   */
  readonly weight?: Matrix;
}

/** A quadratic form as Σ valueᵢ · (vectorᵢ·x)² + linear·x + constant. */
export interface Eigen {
  /** The form that was decomposed. */
  readonly form: QuadraticForm;
  /** Where it was diagonalised. */
  readonly space: Space;
  /** What became of biases: see {@linkcode EigenOptions}. */
  readonly bias: "separate" | "homogeneous";
  /** Eigenvalues, the largest by absolute value first. */
  readonly values: Float64Array;
  /**
   * One row for each value [rank, inputs], or [rank, inputs + 1] when homogeneous, the last for the
   * constant 1. Orthonormal in the input space; in the embedding space the eigenvectors are Eᵀ times
   * orthonormal ones, and with a weight Σ they satisfy v·Σ·v' = 0 and v·Σ·v = 1. The entry of largest magnitude is positive.
   */
  readonly vectors: Matrix;
  /** Linear part [inputs]; zero when homogeneous. */
  readonly linear: Float64Array;
  /** Constant part; zero when homogeneous. */
  readonly constant: number;
  /** ‖Q − Σ λvvᵀ‖_F / ‖Q‖_F of what was left out, in the space of the decomposition, dimensionless. */
  readonly relativeError: number;
  /** No ‖Q·v − λ·v‖ over ‖Q‖ is larger, as the eigensolver measured it, dimensionless. */
  readonly residual: number;
  /**
   * All eigenvalues of the form that can differ from zero, ascending, 0 where only rounding does; only
   * those kept where the others were not computed.
   */
  readonly spectrum: Float64Array;
  /** Whether the spectrum is complete: it is not where few eigenpairs of a large layer were asked for. */
  readonly complete: boolean;
  /** ‖Q‖_F in the space of the decomposition. */
  readonly norm: number;
  /** (vectorᵢ·x) for every kept pair [rank]. */
  project(input: ArrayLike<number>): Float64Array;
  /** Value of the kept part at one input [inputs]. */
  evaluate(input: ArrayLike<number>): number;
}

/**
 * Eigenvectors of one output from the weights alone: a small symmetric matrix in coordinates of
 * dimension min(inputs, 2·neurons, embedding width) is diagonalised and mapped back, so the
 * [inputs, inputs] form is never made. Of layers from 1024 inputs and 512 neurons on, a rank that is a
 * small number is found by Lanczos iteration on the factors, without a QR; the error is then exact down
 * to 1e-8. Source: Pearce et al. 2024 (2410.08417).
 *
 * @throws {RangeError} when the rank is no whole number ≥ 1, or space or bias is none; {TypeError} when the embedding space is
 * asked for and there is none; {ConvergenceError} when the eigensolver fails.
 * @example
 * ```ts
 * import { decompose, nn } from "@odot/odot";
 * const model = nn.sequential([nn.bilinear(2, 1, { bias: false })]);
 * model.assign({ "0.weight": [1, 0, 0, 1] }); // x·y
 * const { values, vectors } = decompose.eigen(decompose.interactions(model).output(0));
 * console.log(values, vectors.data); // ±½, with (1, 1)/√2 and (1, −1)/√2
 * ```
 */
export function eigen(form: QuadraticForm, options: EigenOptions = {}): Eigen {
  const { space = "input", bias = "separate", rank, weight } = options;
  requireOptions(options);
  const count = typeof rank === "number" ? rank : undefined;
  const large = form.interactions.inputs >= LARGE &&
    2 * form.interactions.neurons >= LARGE && !form.interactions.embedding;
  if (count && large && space === "input" && bias === "separate" && !weight) {
    const found = leadingPairs(form, count);
    if (found) return assembled({ form, space, bias, ...found });
  }
  const { interactions, neuronWeights } = form;
  const plain = interactions.basis(weight ?? space);
  const homogeneous = bias === "homogeneous";
  const basis = homogeneous ? withConstant(plain, interactions) : plain;
  const size = basis.left.columns;
  const small = symmetricForm(neuronWeights, basis, size);
  if (homogeneous) {
    const corner = size * size - 1;
    small.data[corner] = small.data[corner]! +
      form.direction.reduce((total, weight, o) => total + weight * interactions.outputBias[o]!, 0);
  }
  const solved = eigh(small);
  const floor = rounding(neuronWeights, basis, solved.values);
  const spectrum = solved.values.map((value) => Math.abs(value) <= floor ? 0 : value);
  const order = [...spectrum.keys()]
    .sort((a, b) => Math.abs(spectrum[b]!) - Math.abs(spectrum[a]!) || b - a);
  const nonzero = spectrum.reduce((count, value) => value === 0 ? count : count + 1, 0);
  const sorted = order.map((i) => spectrum[i]!);
  const most = Math.max(1, nonzero);
  const wanted = rank === undefined || count ? count ?? most : reaching(rank as Goal, sorted);
  const kept = order.slice(0, Math.min(wanted, most));
  return assembled({
    ...{ form, space, bias, spectrum, residual: solved.residual, complete: true },
    norm: lengthOf(sorted),
    values: Float64Array.from(kept, (i) => spectrum[i]!),
    vectors: oriented(mapped(basis, solved.vectors, kept)),
    relativeError: leftOut(sorted, kept.length),
  });
}

function requireOptions({ rank, weight, space, bias }: EigenOptions): void {
  if (typeof rank === "number" && (!Number.isSafeInteger(rank) || rank < 1)) {
    throw new RangeError(`Cannot keep ${rank} eigenpairs: the rank is a whole number ≥ 1`);
  }
  if (space !== undefined && space !== "input" && space !== "embedding") {
    throw new RangeError(`Cannot diagonalise in the space "${space}": choose input or embedding`);
  }
  if (bias !== undefined && bias !== "separate" && bias !== "homogeneous") {
    throw new RangeError(`Cannot take biases as "${bias}": choose separate or homogeneous`);
  }
  if (typeof rank === "object") {
    requireRank(rank, 1, "eigenpairs");
    if ("accuracyDrop" in rank) {
      throw new TypeError(
        "Cannot hold one form against an accuracy, which all outputs make together: use truncate(), or a goal of energy or logitError",
      );
    }
    if ("logitError" in rank && (weight || space === "embedding" || bias === "homogeneous")) {
      throw new TypeError(
        "Cannot bound a logit error but with separate biases in the plain input space: leave out weight, space and bias",
      );
    }
  }
  if (weight && (space === "embedding" || bias === "homogeneous")) {
    throw new TypeError(
      "Cannot weight the embedding space or homogeneous biases: leave out space and bias",
    );
  }
}

/** How many of the values, the largest by |value| first, reach a goal. */
function reaching(goal: Goal, sorted: readonly number[]): number {
  const enough = (count: number): boolean => {
    if ("logitError" in goal) {
      return Math.abs(sorted[count] ?? 0) * goal.radius ** 2 <= goal.logitError;
    }
    const error = leftOut(sorted, count);
    if ("relativeError" in goal) return error <= goal.relativeError + 1e-12;
    return "energy" in goal && 1 - error ** 2 >= goal.energy - 1e-12;
  };
  let count = 1;
  while (count < sorted.length && !enough(count)) count++;
  return count;
}

/** The `count` largest eigenpairs of a decomposition that has as many or more. */
export function fewer(whole: Eigen, count: number): Eigen {
  if (count >= whole.values.length) return whole;
  const { values, vectors, norm } = whole;
  const lost = lengthOf([...values.subarray(count)]);
  const before = whole.relativeError * norm;
  return assembled({
    ...whole,
    values: values.slice(0, count),
    vectors: matrix(count, vectors.columns, vectors.data.subarray(0, count * vectors.columns)),
    relativeError: norm === 0 ? 0 : Math.hypot(lost / norm, before / norm),
  });
}

type Parts = Omit<Eigen, "project" | "evaluate" | "linear" | "constant">;

function assembled(parts: Parts): Eigen {
  const { form, bias, values, vectors } = parts, { inputs } = form.interactions;
  const homogeneous = bias === "homogeneous";
  const linear = homogeneous ? new Float64Array(inputs) : form.linear;
  const constant = homogeneous ? 0 : form.constant;
  const project = (input: ArrayLike<number>): Float64Array => projections(vectors, inputs, input);
  return {
    ...parts,
    ...{ linear, constant, project },
    evaluate: (input) => {
      let total = constant;
      project(input).forEach((activation, i) => total += values[i]! * activation * activation);
      linear.forEach((weight, i) => total += weight * input[i]!);
      return total;
    },
  };
}

/** The coordinates and one more for the constant 1, which the biases multiply. */
function withConstant(basis: Basis, { leftBias, rightBias, inputs }: Interactions): Basis {
  const widen = (factor: Matrix, bias: Float64Array): Matrix => {
    const { rows, columns, data } = factor, wide = new Float64Array(rows * (columns + 1));
    for (let k = 0; k < rows; k++) {
      wide.set(data.subarray(k * columns, (k + 1) * columns), k * (columns + 1));
      wide[k * (columns + 1) + columns] = bias[k]!;
    }
    return matrix(rows, columns + 1, wide);
  };
  const made = { left: widen(basis.left, leftBias), right: widen(basis.right, rightBias) };
  if (!basis.rows) return made;
  const { rows, columns, data } = basis.rows;
  const wide = new Float64Array((rows + 1) * (inputs + 1));
  for (let i = 0; i < rows; i++) {
    wide.set(data.subarray(i * columns, (i + 1) * columns), i * (inputs + 1));
  }
  wide[wide.length - 1] = 1;
  return { ...made, rows: matrix(rows + 1, inputs + 1, wide) };
}

/** The kept eigenvectors as rows in input coordinates. */
function mapped(basis: Basis, vectors: Matrix, kept: readonly number[]): Matrix {
  const size = vectors.rows, rows = matrix(kept.length, size);
  kept.forEach((column, row) => {
    for (let i = 0; i < size; i++) rows.data[row * size + i] = vectors.data[i * size + column]!;
  });
  return basis.rows ? matmul(rows, basis.rows) : rows;
}

/**
 * Eigenvalues up to here are rounding: that of the eigensolver, and that of the sum over neurons, which
 * may cancel each other.
 */
function rounding(weights: Float64Array, { left, right }: Basis, values: Float64Array): number {
  const size = left.columns;
  // scaled by its largest entry, so that squares neither overflow nor vanish
  const length = ({ data }: Matrix, k: number): number => {
    let largest = 0, sum = 0;
    for (let i = k * size; i < (k + 1) * size; i++) largest = Math.max(largest, Math.abs(data[i]!));
    if (largest === 0) return 0;
    for (let i = k * size; i < (k + 1) * size; i++) sum += (data[i]! / largest) ** 2;
    return largest * Math.sqrt(sum);
  };
  const summed = weights.reduce(
    (sum, weight, k) =>
      weight === 0 ? sum : sum + Math.abs(weight) * length(left, k) * length(right, k),
    0,
  );
  const largest = values.reduce((top, value) => Math.max(top, Math.abs(value)), 0);
  return Math.max(size * largest, 4 * summed) * 2 ** -52;
}

/** √Σλ², without overflow or underflow on the way. */
function lengthOf(values: readonly number[]): number {
  return frobeniusNorm(matrix(1, values.length, values));
}

/** √(Σ λ² of the values left out / Σ λ² of all), the largest coming first. */
function leftOut(sorted: readonly number[], kept: number): number {
  const largest = Math.abs(sorted[0] ?? 0);
  if (largest === 0) return 0;
  // relative to the largest, so that squares neither overflow nor vanish
  const energy = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + (value / largest) ** 2, 0);
  // from the values left out themselves: the difference of two sums would lose small errors
  return Math.sqrt(energy(sorted.slice(kept)) / energy(sorted));
}

function projections(vectors: Matrix, inputs: number, input: ArrayLike<number>): Float64Array {
  if (input.length !== inputs) {
    throw new TypeError(`Cannot project ${input.length} numbers: an input has ${inputs}`);
  }
  const { rows, columns, data } = vectors, result = new Float64Array(rows);
  for (let r = 0; r < rows; r++) {
    let total = columns > inputs ? data[r * columns + inputs]! : 0;
    for (let i = 0; i < inputs; i++) total += data[r * columns + i]! * input[i]!;
    result[r] = total;
  }
  return result;
}
