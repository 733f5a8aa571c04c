import type { Matrix } from "../linalg/mod.ts";
import { requireFactors, requireRoom, text } from "./checks.ts";
import type { DenseTensor } from "./dense_tensor.ts";
import { count } from "./modes.ts";
import { doubles, product, withBlocks } from "../kernels/mod.ts";
import { khatriRao } from "./products.ts";
import { signOf } from "./singular.ts";

/** A sum of weighted rank-one tensors: X̂ = Σᵣ weightᵣ · a⁰ᵣ ∘ a¹ᵣ ∘ ⋯. */
export interface CpTensor {
  /** Weights [R], in the unit of the tensor. */
  readonly weights: Float64Array;
  /** Factors [Iₙ, R], one a mode. */
  readonly factors: readonly Matrix[];
}

/**
 * The tensor that weights and factors stand for.
 *
 * @throws {TypeError} when the factors differ in their columns; {RangeError} when it does not fit.
 */
export function cpToTensor({ weights, factors }: CpTensor): DenseTensor {
  const shape = factors.map(({ rows }) => rows), action = "Cannot form a tensor";
  requireFactors(factors, shape, weights.length, action);
  requireRoom(count(shape), `${action} ${text(shape)}`, "keep its factors");
  const weighted = factors.map((factor, mode) =>
    mode === 0 ? timesColumns(factor, weights) : factor
  );
  const split = splitOf(shape);
  return { shape, data: spread(joined(weighted.slice(0, split)), joined(weighted.slice(split))) };
}

/** The Khatri–Rao product of factors; a single one as it is. */
export function joined(factors: readonly Matrix[]): Matrix {
  return factors.length === 1 ? factors[0]! : khatriRao(...factors);
}

/** Entries of A·Bᵀ. */
export function spread(a: Matrix, b: Matrix): Float64Array {
  const m = a.rows, n = b.rows, k = a.columns;
  return withBlocks([m * k * 8, n * k * 8, m * n * 8], (left, right, c) => {
    doubles(left!, m * k).set(a.data);
    doubles(right!, n * k).set(b.data);
    product({ type: "f64", form: "NT", m, n, k, a: left!, b: right!, c: c! });
    return doubles(c!, m * n).slice();
  });
}

/**
 * Where the modes are cut in two so that the products of the sizes on both sides are smallest together: a
 * tensor is then a matrix, and Khatri–Rao products are only as long as a side of it.
 */
export function splitOf(shape: readonly number[]): number {
  let best = 1, least = Infinity;
  for (let split = 1; split < shape.length; split++) {
    const sides = count(shape.slice(0, split)) + count(shape.slice(split));
    if (sides < least) [best, least] = [split, sides];
  }
  return best;
}

/** How many numbers weights and factors hold. */
export function cpCount({ weights, factors }: CpTensor): number {
  return factors.reduce((sum, { data }) => sum + data.length, weights.length);
}

function timesColumns({ rows, columns, data }: Matrix, by: Float64Array): Matrix {
  return { rows, columns, data: data.map((value, i) => value * by[i % columns]!) };
}

/** Lengths of the columns. */
export function columnLengths({ rows, columns, data }: Matrix): Float64Array {
  const sums = new Float64Array(columns);
  for (let i = 0, at = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++, at++) sums[j]! += data[at]! * data[at]!;
  }
  return sums.map(Math.sqrt);
}

/**
 * The same sum in its normal form: columns of length 1, weights ≥ 0 and descending, the entry of largest
 * magnitude positive in every column but those of the first factor, which take the signs. A component of
 * zeros keeps them.
 */
export function normalForm(factors: readonly Matrix[]): CpTensor {
  const weights = new Float64Array(factors[0]!.columns).fill(1), signs = weights.slice();
  const unit = factors.map((factor, mode) => {
    const lengths = columnLengths(factor),
      by = lengths.map((length) => length > 0 ? 1 / length : 0);
    lengths.forEach((length, r) => {
      weights[r]! *= length;
      if (mode > 0 && signOf(factor, r) < 0) {
        by[r] = -by[r]!;
        signs[r] = -signs[r]!;
      }
    });
    return timesColumns(factor, by);
  });
  unit[0] = timesColumns(unit[0]!, signs);
  const order = [...weights.keys()].sort((i, j) => weights[j]! - weights[i]! || i - j);
  return {
    weights: Float64Array.from(order, (r) => weights[r]!),
    factors: unit.map((factor) => takeColumns(factor, order)),
  };
}

/** Columns in another order. */
export function takeColumns({ rows, columns, data }: Matrix, order: readonly number[]): Matrix {
  const width = order.length;
  const result = new Float64Array(rows * width);
  for (let i = 0; i < rows; i++) {
    order.forEach((from, to) => result[i * width + to] = data[i * columns + from]!);
  }
  return { rows, columns: width, data: result };
}
