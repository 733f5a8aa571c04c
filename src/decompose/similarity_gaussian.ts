import { matmul, type Matrix, matrix } from "../linalg/mod.ts";
import { type BilinearMap, type DeepInteractions, times } from "./deep_interactions.ts";
import type { Scaled } from "./tree_products.ts";

/** A normal distribution of inputs. */
export interface InputMoments {
  /** Mean of the inputs [inputs]; 0 unless said. */
  readonly mean?: ArrayLike<number>;
  /** Covariance of the inputs [inputs, inputs], symmetric; the identity unless said. */
  readonly covariance?: Matrix;
}

/** Means and covariances of a state of one network and of another. */
interface Joint {
  readonly means: readonly [Float64Array, Float64Array];
  /** Cov(a, a), Cov(a, b), Cov(b, b). */
  readonly blocks: readonly [Matrix, Matrix, Matrix];
}

/**
 * E[a_o(x) · b_o(x)] of every output o for x ~ N(mean, covariance): exact for one bilinear layer, by
 * Isserlis' theorem; from two on the states are taken to be normal with their exact first two moments.
 * Source: 2605.15183; with means to all orders, which its code has not.
 */
export function gaussianProducts(
  a: DeepInteractions,
  b: DeepInteractions,
  moments: InputMoments,
): Scaled {
  let joint = leafMoments(a, b, moments);
  a.layers.forEach((layer, l) => joint = through(layer, b.layers[l]!, joint));
  const { means: [mine, theirs], blocks: [, cross] } = joint, { columns, data } = cross;
  const values = mine.map((mean, o) => data[o * columns + o]! + mean * theirs[o]!);
  if (!values.every(Number.isFinite)) {
    throw new RangeError(
      "Cannot compare networks over Gaussian inputs: their moments exceed the largest f64; scale the weights down",
    );
  }
  return { values, exponent: 0 };
}

function leafMoments(
  a: DeepInteractions,
  b: DeepInteractions,
  { mean, covariance }: InputMoments,
): Joint {
  const { inputs, constant } = a, first = constant ? 1 : 0, size = inputs + first;
  const center = new Float64Array(size), spread = matrix(size, size);
  if (constant) center[0] = 1;
  if (mean && mean.length !== inputs) {
    throw new TypeError(`Cannot use a mean of ${mean.length} numbers: an input has ${inputs}`);
  }
  if (covariance && (covariance.rows !== inputs || covariance.columns !== inputs)) {
    throw new TypeError(
      `Cannot use a covariance [${covariance.rows}, ${covariance.columns}]: it is [${inputs}, ${inputs}]`,
    );
  }
  for (let i = 0; i < inputs; i++) {
    center[first + i] = mean?.[i] ?? 0;
    for (let j = 0; j < inputs; j++) {
      const value = covariance ? covariance.data[i * inputs + j]! : i === j ? 1 : 0;
      const other = covariance ? covariance.data[j * inputs + i]! : value;
      if (Math.abs(value - other) > 1e-9 * (Math.abs(value) + Math.abs(other))) {
        throw new RangeError(
          `Cannot use this covariance: entries (${i}, ${j}) and (${j}, ${i}) are ${value} and ${other}, it must be symmetric`,
        );
      }
      spread.data[(first + i) * size + first + j] = value;
    }
  }
  if (!center.every(Number.isFinite) || !spread.data.every(Number.isFinite)) {
    throw new RangeError("Cannot use moments of inputs that are not finite");
  }
  const map = (e: Matrix | undefined): Matrix => e ? matmul(e, spread) : spread;
  const both = (e: Matrix | undefined, f: Matrix | undefined): Matrix =>
    f ? matmul(map(e), f, "NT") : map(e);
  const start = (e: Matrix | undefined): Float64Array => e ? times(e, center) : center;
  return {
    means: [start(a.embedding), start(b.embedding)],
    blocks: [
      both(a.embedding, a.embedding),
      both(a.embedding, b.embedding),
      both(b.embedding, b.embedding),
    ],
  };
}

/** Means and covariances after one bilinear map of each network. */
function through(a: BilinearMap, b: BilinearMap, { means, blocks }: Joint): Joint {
  const side = (layer: BilinearMap, mean: Float64Array, own: Matrix) => {
    const left = times(layer.left, mean), right = times(layer.right, mean);
    const mixed = matmul(layer.left, own), { columns } = mixed;
    const expected = left.map((value, k) => {
      let total = value * right[k]!;
      for (let i = 0; i < columns; i++) {
        total += mixed.data[k * columns + i]! * layer.right.data[k * columns + i]!;
      }
      return total;
    });
    return { layer, left, right, mean: times(layer.readout, expected) };
  };
  const mine = side(a, means[0], blocks[0]), theirs = side(b, means[1], blocks[2]);
  const covariance = (x: typeof mine, y: typeof mine, block: Matrix): Matrix => {
    const between = (p: Matrix, q: Matrix): Matrix => matmul(matmul(p, block), q, "NT");
    const ll = between(x.layer.left, y.layer.left), rr = between(x.layer.right, y.layer.right);
    const lr = between(x.layer.left, y.layer.right), rl = between(x.layer.right, y.layer.left);
    const n = ll.columns, neurons = matrix(ll.rows, n);
    neurons.data.forEach((_, at) => {
      const i = Math.floor(at / n), j = at % n;
      const [l, r, m, s] = [ll.data[at]!, rr.data[at]!, lr.data[at]!, rl.data[at]!];
      neurons.data[at] = l * r + m * s +
        x.left[i]! * (y.left[j]! * r + y.right[j]! * s) +
        x.right[i]! * (y.left[j]! * m + y.right[j]! * l);
    });
    return matmul(matmul(x.layer.readout, neurons), y.layer.readout, "NT");
  };
  return {
    means: [mine.mean, theirs.mean],
    blocks: [
      covariance(mine, mine, blocks[0]),
      covariance(mine, theirs, blocks[1]),
      covariance(theirs, theirs, blocks[2]),
    ],
  };
}
