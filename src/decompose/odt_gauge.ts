import { eigh, identity, matmul, type Matrix, matrix, qr, svd, transpose } from "../linalg/mod.ts";
import type { BilinearMap, DeepInteractions } from "./deep_interactions.ts";
import { rowNorms, scaledRows, stackRows } from "./rows.ts";

/** One state of a chain in coordinates that are orthonormal as tensors of the input. */
export interface Gauge {
  /** state = up · coordinates [width, dimension]. */
  readonly up: Matrix;
  /** coordinates = down · state [dimension, width]. */
  readonly down: Matrix;
}

/** A chain in orthonormal coordinates of every state. */
export interface Orthogonal {
  /** One for every state, the outputs last [depth + 1]. */
  readonly gauges: readonly Gauge[];
  /** The maps between the coordinates, rows of left and right of length 1. */
  readonly layers: readonly BilinearMap[];
}

/** Most numbers that the products of neurons are written out in: 4 MB; beyond, Gram matrices are faster. */
export const EXPLICIT: number = 2 ** 19;
const EPSILON = 2 ** -52;

/** Vectors zₖ, one for each neuron, as rows or by their inner products. */
type Vectors = { readonly rows: Matrix } | { readonly gram: Matrix };

/**
 * From the input up: every state in coordinates whose tensors of the input are orthonormal. Products of
 * neurons are written out where they are few, and coordinates that are 0 to full precision left out;
 * else (`explicit` numbers at most) their Gram matrices do, O(k² · width), raised by rounding so that
 * nothing is left out. `done` is called after every map.
 * Source: Dooms et al. 2025 (2504.02667), by RQ of full cores; the Gram recursion, METHODS 11.
 *
 * @throws {RangeError} when the entries leave the range of f64.
 */
export function orthogonalise(
  deep: DeepInteractions,
  explicit: number = EXPLICIT,
  done: () => void = () => {},
): Orthogonal {
  const { embedding, layers } = deep;
  const gauges = [
    embedding ? gaugeOf(embedding, { rows: identity(embedding.columns) }) : inputGauge(deep),
  ];
  const orthogonal = layers.map((layer) => {
    const { up } = gauges.at(-1)!;
    const left = unitRows(matmul(layer.left, up)), right = unitRows(matmul(layer.right, up));
    const scaled = matrix(layer.readout.rows, layer.readout.columns, layer.readout.data);
    scaled.data.forEach((value, i) => {
      const k = i % scaled.columns;
      scaled.data[i] = value * left.lengths[k]! * right.lengths[k]!;
    });
    const gauge = gaugeOf(scaled, products(left.rows, right.rows, explicit));
    gauges.push(gauge);
    done();
    return { left: left.rows, right: right.rows, readout: matmul(gauge.down, scaled) };
  });
  return { gauges, layers: orthogonal };
}

/** The inputs as they are, or what of them the first map reads, where that is less. */
function inputGauge({ layers, widths, constant }: DeepInteractions): Gauge {
  const { left, right } = layers[0]!, width = widths[0]!;
  const same = identity(width),
    first = matrix(constant ? 1 : 0, width, same.data.slice(0, constant ? width : 0));
  const read = stackRows([first, left, right]);
  if (read.rows >= width) return { up: same, down: same };
  const { q } = qr(transpose(read));
  return { up: q, down: transpose(q) };
}

/** Orthonormal coordinates of P·z. */
function gaugeOf(p: Matrix, z: Vectors): Gauge {
  if (!p.data.every(Number.isFinite)) refuse();
  const size = p.rows, tops = rowNorms(p);
  const even = scaledRows(p, tops.map((top) => top > 0 ? 1 / top : 0));
  // coordinates of very different size keep their own precision
  const { roots, vectors, lengths } = "rows" in z
    ? fromRows(matmul(even, z.rows))
    : fromGram(matmul(matmul(even, z.gram), even, "NT"));
  const count = Math.max(1, roots.length);
  const up = matrix(size, count), down = matrix(count, size);
  roots.forEach((root, j) => {
    for (let i = 0; i < size; i++) {
      const entry = vectors.data[i * vectors.columns + j]!, unit = lengths[i]! * tops[i]!;
      up.data[i * count + j] = unit * entry * root;
      down.data[j * size + i] = unit > 0 ? entry / root / unit : 0;
    }
  });
  if (!up.data.every(Number.isFinite) || !down.data.every(Number.isFinite)) refuse();
  return { up, down };
}

function refuse(): never {
  throw new RangeError(
    "Cannot orthogonalise the network: its coefficients leave the range of f64; scale its weights towards 1",
  );
}

/** The Gram matrix of rows of length 1 as vectors · diag(roots²) · vectorsᵀ, and what the lengths were. */
interface Spectrum {
  /** Descending, all > 0; none where everything is 0. */
  readonly roots: Float64Array;
  /** Column j belongs to root j. */
  readonly vectors: Matrix;
  readonly lengths: Float64Array;
}

function fromRows(rows: Matrix): Spectrum {
  const lengths = rowNorms(rows);
  const { r } = qr(transpose(scaledRows(rows, lengths.map((x) => x > 0 ? 1 / x : 0))));
  const { values, v } = svd(r);
  const floor = 8 * rows.rows * EPSILON * (values[0] ?? 0);
  return { roots: values.filter((value) => value > floor), vectors: v, lengths };
}

function fromGram(gram: Matrix): Spectrum {
  const size = gram.rows;
  const lengths = Float64Array.from(
    { length: size },
    (_, i) => Math.sqrt(Math.max(0, gram.data[i * size + i]!)),
  );
  const unit = gram.data.map((value, at) => {
    const by = lengths[Math.floor(at / size)]! * lengths[at % size]!;
    return by > 0 ? value / by : 0;
  });
  const { values, vectors } = eigh(symmetric(matrix(size, size, unit)));
  const largest = Math.max(0, values.at(-1)!), floor = 4 * size * EPSILON * largest;
  const order = Array.from({ length: size }, (_, i) => size - 1 - i);
  const turned = matrix(size, size);
  order.forEach((column, j) => {
    for (let i = 0; i < size; i++) {
      turned.data[i * size + j] = vectors.data[i * size + column]!;
    }
  });
  return {
    roots: Float64Array.from(
      largest > 0 ? order : [],
      (i) => Math.sqrt(Math.max(0, values[i]!) + floor),
    ),
    vectors: turned,
    lengths,
  };
}

/** pₖ = sym(aₖ ⊗ bₖ) in an orthonormal basis of the symmetric matrices, or their Gram matrix. */
function products(a: Matrix, b: Matrix, explicit: number): Vectors {
  const n = a.rows, span = Math.min(2 * n, a.columns);
  if (n * span * (span + 1) / 2 > explicit) return { gram: neuronGram(a, b) };
  let [left, right] = [a, b];
  if (span < a.columns) {
    const coordinates = transpose(qr(transpose(stackRows([a, b]))).r);
    left = matrix(n, span, coordinates.data.slice(0, n * span));
    right = matrix(n, span, coordinates.data.slice(n * span));
  }
  const rows = matrix(n, span * (span + 1) / 2);
  for (let k = 0, at = 0; k < n; k++) {
    const l = left.data.subarray(k * span, (k + 1) * span);
    const r = right.data.subarray(k * span, (k + 1) * span);
    for (let i = 0; i < span; i++) {
      rows.data[at++] = l[i]! * r[i]!;
      for (let j = i + 1; j < span; j++) {
        rows.data[at++] = (l[i]! * r[j]! + l[j]! * r[i]!) * Math.SQRT1_2;
      }
    }
  }
  return { rows };
}

/** ½[(AAᵀ) ∘ (BBᵀ) + (ABᵀ) ∘ (BAᵀ)] [neurons, neurons]. */
function neuronGram(a: Matrix, b: Matrix): Matrix {
  const own = matmul(a, a, "NT"), other = matmul(b, b, "NT"), cross = matmul(a, b, "NT");
  const n = a.rows;
  own.data.forEach((value, at) => {
    const i = Math.floor(at / n), j = at % n;
    own.data[at] = (value * other.data[at]! + cross.data[at]! * cross.data[j * n + i]!) / 2;
  });
  return own;
}

/** ½(A + Aᵀ). */
export function symmetric(a: Matrix): Matrix {
  const other = transpose(a);
  return matrix(a.rows, a.rows, a.data.map((value, i) => (value + other.data[i]!) / 2));
}

/** Rows of length 1, or of zeros, and their lengths. */
function unitRows(a: Matrix): { rows: Matrix; lengths: Float64Array } {
  if (!a.data.every(Number.isFinite)) refuse();
  const lengths = rowNorms(a);
  return { rows: scaledRows(a, lengths.map((x) => x > 0 ? 1 / x : 0)), lengths };
}
