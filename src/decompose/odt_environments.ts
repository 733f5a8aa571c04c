import { eigh, identity, matmul, type Matrix, matrix, transpose } from "../linalg/mod.ts";
import type { BilinearMap, DeepInteractions } from "./deep_interactions.ts";

/** One state of a chain in coordinates that are orthonormal as tensors of the input. */
export interface Gauge {
  /** state = up · coordinates [width, dimension]. */
  readonly up: Matrix;
  /** coordinates = down · state [dimension, width]; down · up = I. */
  readonly down: Matrix;
}

/** A chain in orthonormal coordinates of every state. */
export interface Orthogonal {
  /** One for every state, the outputs last [depth + 1]. */
  readonly gauges: readonly Gauge[];
  /** The maps between the coordinates. */
  readonly layers: readonly BilinearMap[];
}

/** Eigenvalues below this multiple of dimension · largest are rounding. */
const ROUNDING = 4 * 2 ** -52;

/**
 * From the input up: every state in coordinates whose tensors of the input are orthonormal, by the
 * Gram matrices of the products of neurons (S-recursion of METHODS 11), O(depth · k² · width). Dooms
 * et al. 2025 (2504.02667) do this step by RQ of the full cores.
 *
 * @throws {RangeError} when the entries leave the range of f64.
 */
export function orthogonalise({ embedding, layers, widths }: DeepInteractions): Orthogonal {
  const gauges = [embedding ? gaugeOf(embedding) : plain(widths[0]!)];
  const orthogonal = layers.map((layer) => {
    const { up } = gauges.at(-1)!;
    const left = unitRows(matmul(layer.left, up)), right = unitRows(matmul(layer.right, up));
    const scaled = matrix(layer.readout.rows, layer.readout.columns, layer.readout.data);
    scaled.data.forEach((value, i) => {
      const k = i % scaled.columns;
      scaled.data[i] = value * left.lengths[k]! * right.lengths[k]!;
    });
    if (!scaled.data.every(Number.isFinite)) {
      throw new RangeError(
        "Cannot orthogonalise the network: its coefficients exceed the largest f64; scale its weights down",
      );
    }
    const gauge = gaugeOf(scaled, neuronGram(left.rows, right.rows));
    gauges.push(gauge);
    return {
      left: left.rows,
      right: right.rows,
      readout: matmul(gauge.down, scaled),
    };
  });
  return { gauges, layers: orthogonal };
}

function plain(size: number): Gauge {
  const same = identity(size);
  return { up: same, down: same };
}

/** Orthonormal coordinates of P·z where ⟨z, z⟩ = gram; the identity where none is given. */
function gaugeOf(p: Matrix, gram?: Matrix): Gauge {
  const size = p.rows, tops = rowLargest(p);
  const even = scaledRows(p, tops.map((top) => 1 / (top || 1)));
  const raw = symmetric(matmul(gram ? matmul(even, gram) : even, even, "NT"));
  // coordinates of very different size keep their own precision
  const lengths = Float64Array.from(
    tops,
    (_, i) => Math.sqrt(Math.max(0, raw.data[i * size + i]!)),
  );
  raw.data.forEach((value, at) => {
    const by = lengths[Math.floor(at / size)]! * lengths[at % size]!;
    raw.data[at] = by > 0 ? value / by : 0;
  });
  const { values, vectors } = eigh(symmetric(raw));
  const floor = ROUNDING * size * Math.max(...values, 0);
  const nonzero = [...values.keys()].filter((i) => values[i]! > floor).reverse();
  // a state of zeros keeps one direction, of zeros
  const kept = nonzero.length > 0 ? nonzero : [0];
  const up = matrix(size, kept.length), down = matrix(kept.length, size);
  kept.forEach((column, j) => {
    const root = Math.sqrt(Math.max(0, values[column]!));
    for (let i = 0; i < size; i++) {
      const entry = vectors.data[i * size + column]!, unit = lengths[i]! * tops[i]!;
      up.data[i * kept.length + j] = unit * entry * root;
      down.data[j * size + i] = unit > 0 && root > 0 ? entry / root / unit : 0;
    }
  });
  if (!up.data.every(Number.isFinite) || !down.data.every(Number.isFinite)) {
    throw new RangeError(
      "Cannot orthogonalise the network: its coefficients leave the range of f64; scale its weights towards 1",
    );
  }
  return { up, down };
}

/**
 * ⟨pₖ, pⱼ⟩ of the products of neurons, pₖ = sym(aₖ ⊗ bₖ), from rows aₖ and bₖ:
 * ½[(AAᵀ) ∘ (BBᵀ) + (ABᵀ) ∘ (BAᵀ)] [neurons, neurons].
 */
function neuronGram(a: Matrix, b: Matrix): Matrix {
  const own = matmul(a, a, "NT"), other = matmul(b, b, "NT"), cross = matmul(a, b, "NT");
  const n = a.rows;
  own.data.forEach((value, at) => {
    const i = Math.floor(at / n), j = at % n;
    own.data[at] = (value * other.data[at]! + cross.data[at]! * cross.data[j * n + i]!) / 2;
  });
  return own;
}

/**
 * From the outputs down: G of every state in orthonormal coordinates [dimension, dimension], so that
 * its eigenvalues are the squared singular values of the network cut at one occurrence of the state,
 * in units of scale². Every trace is ‖Θ‖²/scale².
 */
export function environments(
  { gauges, layers }: Orthogonal,
): { readonly matrices: readonly Matrix[]; readonly scale: number } {
  const head = gauges.at(-1)!.up;
  const scale = head.data.reduce((top, value) => Math.max(top, Math.abs(value)), 0) || 1;
  const unit = matrix(head.rows, head.columns, head.data.map((value) => value / scale));
  const matrices = [symmetric(matmul(unit, unit, "TN"))];
  for (const { left, right, readout } of [...layers].reverse()) {
    const m = matmul(matmul(readout, matrices[0]!, "TN"), readout);
    const both = stacked(left, right), gram = matmul(both, both, "NT"), n = left.rows;
    // the sibling of a left side is the right side, and the reverse
    const weights = matrix(2 * n, 2 * n);
    for (let i = 0; i < 2 * n; i++) {
      for (let j = 0; j < 2 * n; j++) {
        weights.data[i * 2 * n + j] = m.data[(i % n) * n + j % n]! / 4 *
          gram.data[((i + n) % (2 * n)) * 2 * n + (j + n) % (2 * n)]!;
      }
    }
    matrices.unshift(symmetric(matmul(matmul(both, weights, "TN"), both)));
  }
  return { matrices, scale };
}

function stacked(a: Matrix, b: Matrix): Matrix {
  const result = matrix(a.rows + b.rows, a.columns);
  result.data.set(a.data);
  result.data.set(b.data, a.data.length);
  return result;
}

function symmetric(a: Matrix): Matrix {
  const other = transpose(a);
  return matrix(a.rows, a.rows, a.data.map((value, i) => (value + other.data[i]!) / 2));
}

function rowLargest({ rows, columns, data }: Matrix): number[] {
  return Array.from(
    { length: rows },
    (_, i) =>
      data.subarray(i * columns, (i + 1) * columns)
        .reduce((top, value) => Math.max(top, Math.abs(value)), 0),
  );
}

function scaledRows({ rows, columns, data }: Matrix, factors: ArrayLike<number>): Matrix {
  return matrix(rows, columns, data.map((value, i) => value * factors[Math.floor(i / columns)]!));
}

/** Rows of length 1, or of zeros, and their lengths. */
function unitRows(a: Matrix): { rows: Matrix; lengths: Float64Array } {
  const tops = rowLargest(a), even = scaledRows(a, tops.map((top) => top > 0 ? 1 / top : 0));
  const lengths = Float64Array.from(tops, (top, i) => {
    const own = even.data.subarray(i * a.columns, (i + 1) * a.columns);
    return top * Math.sqrt(own.reduce((sum, value) => sum + value * value, 0));
  });
  const inverse = tops.map((top, i) => top > 0 ? top / lengths[i]! : 0);
  return { rows: scaledRows(even, inverse), lengths };
}
