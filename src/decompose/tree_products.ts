import { type DenseTensor, denseTensor } from "../multilinear/mod.ts";
import { identity, matmul, type Matrix, matrix, transpose } from "../linalg/mod.ts";
import type { DeepInteractions } from "./deep_interactions.ts";

/** Numbers times a power of two, so that no depth overflows: one for each output. */
export interface Scaled {
  /** Between 0 and about 1 in magnitude [outputs]. */
  readonly values: Float64Array;
  /** The values are to be multiplied by 2^exponent. */
  readonly exponent: number;
}

/**
 * Inner product of the coefficients of two networks, output by output, without forming any: by the Gram
 * matrix of their states, S′ = ½P[(ASAᵀ)∘(BSBᵀ) + (ASBᵀ)∘(BSAᵀ)]Pᵀ with the factors of the one
 * network on the left and of the other on the right. Exact. Source: METHODS 11 and 13.
 */
export function treeProducts(a: DeepInteractions, b: DeepInteractions): Scaled {
  const leaf = a.embedding && b.embedding
    ? matmul(a.embedding, b.embedding, "NT")
    : a.embedding ?? (b.embedding ? transpose(b.embedding) : undefined);
  let gram = leaf, exponent = 0;
  a.layers.forEach((mine, l) => {
    const theirs = b.layers[l]!;
    const through = (left: Matrix, right: Matrix): Matrix =>
      matmul(gram ? matmul(left, gram) : left, right, "NT");
    const product = through(mine.left, theirs.left);
    const other = through(mine.right, theirs.right);
    const cross = through(mine.left, theirs.right), back = through(mine.right, theirs.left);
    product.data.forEach((value, i) =>
      product.data[i] = (value * other.data[i]! + cross.data[i]! * back.data[i]!) / 2
    );
    const next = matmul(matmul(mine.readout, product), theirs.readout, "NT");
    const top = next.data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    if (!Number.isFinite(top)) {
      throw new RangeError(
        "Cannot compare the coefficients of networks: they exceed the largest f64; scale the weights down",
      );
    }
    const shift = top > 0 ? Math.floor(Math.log2(top)) : 0;
    exponent = 2 * exponent + shift;
    gram = matrix(next.rows, next.columns, next.data.map((value) => value / 2 ** shift));
  });
  const { columns, data } = gram!;
  return {
    values: Float64Array.from({ length: columns }, (_, o) => data[o * columns + o]!),
    exponent,
  };
}

/** Most numbers that a dense tensor is made of: 1 GiB. */
const MOST = 2 ** 27;

/**
 * All coefficients of a network [outputs, leaf, …, leaf] with 2^depth leaves, leaf being [1; input] where
 * there is a constant. Every map is symmetrised in its two sides, the whole is not.
 *
 * @throws {RangeError} when they are more than 2²⁷ numbers.
 */
export function denseTree({ embedding, layers, widths, depth }: DeepInteractions): DenseTensor {
  const leaf = embedding?.columns ?? widths[0]!, leaves = 2 ** depth;
  const size = Math.max(...widths.map((width, l) => width * leaf ** (2 ** l)));
  if (!(size <= MOST)) {
    throw new RangeError(
      `Cannot form a tensor of ${leaves} modes of ${leaf}: it takes ${8 * size} bytes, and ${
        8 * MOST
      } is the most; use the factors`,
    );
  }
  let state = embedding ?? identity(leaf);
  for (const { left, right, readout } of layers) {
    const a = matmul(left, state), b = matmul(right, state), n = state.columns;
    const outer = matrix(a.rows, n * n);
    for (let k = 0; k < a.rows; k++) {
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < n; j++) {
          outer.data[(k * n + i) * n + j] = (a.data[k * n + i]! * b.data[k * n + j]! +
            a.data[k * n + j]! * b.data[k * n + i]!) / 2;
        }
      }
    }
    state = matmul(readout, outer);
  }
  return denseTensor([state.rows, ...new Array<number>(leaves).fill(leaf)], state.data);
}
