import { fromFactors, type Interactions } from "../decompose/mod.ts";
import { eigh, matmul, type Matrix, matrix } from "../linalg/mod.ts";
import { type Coordinates, coordinatesOf } from "./spectral_form.ts";
import { frobeniusAbove, gamma, SLACK, UNIT_F64 } from "./rounding.ts";

/** A change of variables y = S x that makes an ellipsoid δᵀMδ ≤ radius² a ball. */
export interface Scaling {
  /** The network in the new variables. */
  readonly interactions: Interactions;
  /** Their coordinates, with what the change of variables rounded. */
  readonly coordinates: Coordinates;
  /** S x. */
  forward(x: ArrayLike<number>): Float64Array;
  /** S⁻¹ y. */
  back(y: Float64Array): Float64Array;
  /** ‖computed S x − S x‖ / ‖S x‖ at most, dimensionless. */
  readonly centerError: number;
  /** The ball's radius, over that of the ellipsoid, is 1 within this. */
  readonly radiusError: number;
}

/**
 * The change of variables of a metric: weights of the inputs [inputs], or a positive definite matrix
 * [inputs, inputs].
 *
 * @throws {TypeError} for another size; {RangeError} when the metric is not positive definite.
 */
export function scaling(
  interactions: Interactions,
  metric: ArrayLike<number> | Matrix,
): Scaling {
  return "rows" in metric ? full(interactions, metric) : diagonal(interactions, metric);
}

/** The network itself, where distance is the usual one. */
export function noScaling(interactions: Interactions): Scaling {
  return {
    interactions,
    coordinates: coordinatesOf(interactions),
    forward: (x) => Float64Array.from(x),
    back: (y) => y,
    centerError: 0,
    radiusError: 0,
  };
}

function diagonal(interactions: Interactions, weights: ArrayLike<number>): Scaling {
  const { inputs } = interactions;
  if (weights.length !== inputs) {
    throw new TypeError(
      `Cannot measure with ${weights.length} weights: there are ${inputs} inputs`,
    );
  }
  const roots = Float64Array.from(weights, (weight, i) => {
    if (!(weight > 0 && weight < Infinity)) {
      throw new RangeError(
        `Cannot measure with weight ${i} of ${weight}: every weight of a metric is finite and above 0`,
      );
    }
    return Math.sqrt(weight);
  });
  const divided = ({ rows, columns, data }: Matrix): Matrix =>
    matrix(rows, columns, data.map((x, i) => x / roots[i % columns]!));
  const scaled = fromFactors({
    ...without(interactions),
    left: divided(interactions.left),
    right: divided(interactions.right),
  });
  const coordinates = coordinatesOf(scaled), unit = SLACK * 2 * UNIT_F64;
  return {
    interactions: scaled,
    coordinates: {
      ...coordinates,
      left: coordinates.left + unit * frobeniusAbove(scaled.left),
      right: coordinates.right + unit * frobeniusAbove(scaled.right),
    },
    forward: (x) => roots.map((root, i) => root * x[i]!),
    back: (y) => y.map((value, i) => value / roots[i]!),
    centerError: 2 * UNIT_F64,
    radiusError: 4 * UNIT_F64,
  };
}

function full(interactions: Interactions, metric: Matrix): Scaling {
  const { inputs } = interactions;
  if (metric.rows !== inputs || metric.columns !== inputs) {
    throw new TypeError(
      `Cannot measure with a matrix [${metric.rows}, ${metric.columns}]: there are ${inputs} inputs`,
    );
  }
  const { values, vectors } = eigh(metric);
  if (!(values[0]! > 0)) {
    throw new RangeError(
      `Cannot measure with a matrix that has the eigenvalue ${
        values[0]
      }: a metric is positive definite`,
    );
  }
  const roots = values.map(Math.sqrt);
  // S = Λ^½ Vᵀ and S⁻¹ = V Λ^−½
  const onto = matrix(inputs, inputs, vectors.data.map((x, i) => x * roots[i % inputs]!));
  const from = matrix(inputs, inputs, vectors.data.map((x, i) => x / roots[i % inputs]!));
  const size = frobeniusAbove(onto);
  const made = matmul(onto, onto, "NT");
  const off = SLACK * (difference(made, metric) + gamma(inputs + 2) * size * size);
  const lowest = values[0]! - off;
  if (!(lowest > off)) {
    throw new RangeError(
      `Cannot measure with a matrix whose eigenvalues go from ${values[0]} to ${
        values.at(-1)
      }: it is singular within rounding`,
    );
  }
  const scaled = fromFactors({
    ...without(interactions),
    left: matmul(interactions.left, from),
    right: matmul(interactions.right, from),
  });
  // what left·x and left'·Sx differ by, for every x, in terms of ‖Sx‖
  const lost = (factor: Matrix, moved: Matrix): number =>
    SLACK * (difference(matmul(moved, onto, "NT"), factor) +
      gamma(inputs + 2) * frobeniusAbove(moved) * size) /
    Math.sqrt(lowest);
  const coordinates = coordinatesOf(scaled);
  const apply = (a: Matrix, x: ArrayLike<number>, mode: "NN" | "TN"): Float64Array =>
    matmul(a, matrix(inputs, 1, x), mode).data;
  return {
    interactions: scaled,
    coordinates: {
      ...coordinates,
      left: coordinates.left + lost(interactions.left, scaled.left),
      right: coordinates.right + lost(interactions.right, scaled.right),
    },
    forward: (x) => apply(onto, x, "TN"),
    back: (y) => apply(from, y, "NN"),
    centerError: SLACK * gamma(inputs + 2) * size / Math.sqrt(lowest),
    radiusError: SLACK * off / lowest,
  };
}

function without({ leftBias, rightBias, readout, outputBias }: Interactions): Pick<
  Interactions,
  "leftBias" | "rightBias" | "readout" | "outputBias"
> {
  return { leftBias, rightBias, readout, outputBias };
}

/** ‖A − B‖_F, rounded up. */
function difference(a: Matrix, b: Matrix): number {
  return frobeniusAbove(matrix(a.rows, a.columns, a.data.map((x, i) => x - b.data[i]!)));
}
