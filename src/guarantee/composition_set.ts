import { matmul, type Matrix, matrix } from "../linalg/mod.ts";
import { spectralBound } from "./box_definite.ts";
import { frobeniusAbove, gamma, normAbove, rowNormsAbove, SLACK } from "./rounding.ts";

/**
 * Values between two layers over a ball of inputs: center + slopes·δ + rest for every change ‖δ‖₂ ≤ radius
 * of the input, with |rest_i| ≤ box_i and ‖rest‖₂ ≤ length. The first two parts follow the input exactly,
 * so what branches off and meets again, as in a residual, still cancels; all else is in the rest.
 */
export interface AffineSet {
  /** Values at the center [width]. */
  readonly center: Float64Array;
  /** How they change with the input [width, inputs]. */
  readonly slopes: Matrix;
  /** Bounds of the rest, entry by entry [width]. */
  readonly box: Float64Array;
  /** Bound of the length of the rest. */
  readonly length: number;
  /** Length of the change of the input, at most. */
  readonly radius: number;
}

/** The ball itself. */
export function ballSet(center: Float64Array, radius: number): AffineSet {
  const n = center.length, slopes = matrix(n, n);
  for (let i = 0; i < n; i++) slopes.data[i * n + i] = 1;
  return { center, slopes, box: new Float64Array(n), length: 0, radius };
}

/** How far every value is from its center, at most [width]. */
export function reachOf({ slopes, box, radius }: AffineSet): Float64Array {
  return rowNormsAbove(slopes).map((size, i) => SLACK_ONE * (size * radius + box[i]!));
}

const SLACK_ONE = 1 + 2 ** -48;

/** A set with a rest of these bounds, its length no more than they allow. */
export function bounded(set: Omit<AffineSet, "length">, length: number = Infinity): AffineSet {
  return { ...set, length: Math.min(length, normAbove(set.box)) };
}

/** W·values + bias. */
export function mapped(set: AffineSet, weight: Matrix, bias: ArrayLike<number>): AffineSet {
  const { rows, columns, data } = weight, { radius } = set;
  const at = matmul(weight, matrix(columns, 1, set.center)).data;
  const slopes = matmul(weight, set.slopes);
  const own = rowNormsAbove(weight), steep = rowNormsAbove(set.slopes);
  const unit = SLACK * gamma(columns + 4), rounding = new Float64Array(rows);
  const center = new Float64Array(rows), carried = new Float64Array(rows);
  for (let r = 0; r < rows; r++) {
    let size = Math.abs(bias[r] ?? 0), spread = 0;
    for (let i = 0; i < columns; i++) {
      const w = Math.abs(data[r * columns + i]!);
      size += w * (Math.abs(set.center[i]!) + steep[i]! * radius);
      spread += w * set.box[i]!;
    }
    center[r] = at[r]! + (bias[r] ?? 0);
    rounding[r] = unit * size;
    carried[r] = Math.min(spread * (1 + unit), own[r]! * set.length * SLACK_ONE);
  }
  const box = carried.map((value, r) => (value + rounding[r]!) * SLACK_ONE);
  const stretch = set.length === 0 ? 0 : normBound(weight) * set.length;
  return bounded({ center, slopes, box, radius }, (stretch + normAbove(rounding)) * SLACK_ONE);
}

/** ‖A‖₂, never below the exact value. */
export function normBound(a: Matrix): number {
  const size = frobeniusAbove(a);
  if (a.rows === 1 || a.columns === 1) return size;
  const gram = a.rows <= a.columns ? matmul(a, a, "NT") : matmul(a, a, "TN");
  return Math.min(
    size,
    spectralBound(gram, SLACK * gamma(Math.max(a.rows, a.columns) + 4) * size * size),
  );
}

/** The first set plus factor times the second, both of the same input. */
export function added(a: AffineSet, b: AffineSet, factor: number): AffineSet {
  const reach = rowNormsAbove(a.slopes), other = rowNormsAbove(b.slopes), { radius } = a;
  const size = Math.abs(factor);
  const rounding = a.center.map((x, i) =>
    4 * 2 ** -53 *
    (Math.abs(x) + size * Math.abs(b.center[i]!) + (reach[i]! + size * other[i]!) * radius)
  );
  return bounded({
    center: a.center.map((x, i) => x + factor * b.center[i]!),
    slopes: matrix(
      a.slopes.rows,
      a.slopes.columns,
      a.slopes.data.map((x, i) => x + factor * b.slopes.data[i]!),
    ),
    box: a.box.map((x, i) => (x + size * b.box[i]! + rounding[i]!) * SLACK_ONE),
    radius,
  }, (a.length + size * b.length + normAbove(rounding)) * SLACK_ONE);
}

/** factor_i·value_i + shift_i ± slack_i, entry by entry. */
export function scaledBy(
  set: AffineSet,
  factor: ArrayLike<number>,
  shift: ArrayLike<number>,
  slack: ArrayLike<number>,
): AffineSet {
  const { columns } = set.slopes, steep = rowNormsAbove(set.slopes), { radius } = set;
  return bounded({
    center: set.center.map((x, i) => factor[i]! * x + shift[i]!),
    slopes: matrix(
      set.slopes.rows,
      columns,
      set.slopes.data.map((x, at) => factor[Math.floor(at / columns)]! * x),
    ),
    box: set.box.map((x, i) => {
      const size = Math.abs(factor[i]!) * (Math.abs(set.center[i]!) + steep[i]! * radius) +
        Math.abs(shift[i]!);
      return (Math.abs(factor[i]!) * x + slack[i]! + 4 * 2 ** -53 * size) * SLACK_ONE;
    }),
    radius,
  });
}

/** Rows from first to last of a set, the last not included. */
export function part(set: AffineSet, first: number, last: number): AffineSet {
  const { columns, data } = set.slopes;
  return bounded({
    center: set.center.slice(first, last),
    slopes: matrix(last - first, columns, data.subarray(first * columns, last * columns)),
    box: set.box.slice(first, last),
    radius: set.radius,
  }, set.length);
}

/** What the rests of two factors add to their product, entry by entry, and what rounding does [width]. */
export function productRest(left: AffineSet, right: AffineSet): Float64Array {
  const a = rowNormsAbove(left.slopes), b = rowNormsAbove(right.slopes), { radius } = left;
  const unit = SLACK * gamma(left.slopes.columns + 8);
  return left.box.map((l, k) => {
    const r = right.box[k]!;
    const onLeft = Math.abs(left.center[k]!) + a[k]! * radius;
    const onRight = Math.abs(right.center[k]!) + b[k]! * radius;
    return (onLeft * r + onRight * l + l * r + unit * onLeft * onRight) * SLACK_ONE;
  });
}

/**
 * Two sets entry by entry multiplied, but for the product of their slopes, (a·δ)(b·δ), which is quadratic
 * in the change of the input.
 */
export function tangentProduct(left: AffineSet, right: AffineSet): AffineSet {
  const { columns } = left.slopes, rest = productRest(left, right);
  const center = left.center.map((l, k) => l * right.center[k]!);
  const slopes = matrix(rest.length, columns);
  for (let k = 0; k < rest.length; k++) {
    const l = left.center[k]!, r = right.center[k]!;
    for (let i = k * columns; i < (k + 1) * columns; i++) {
      slopes.data[i] = r * left.slopes.data[i]! + l * right.slopes.data[i]!;
    }
  }
  return bounded({ center, slopes, box: rest, radius: left.radius });
}

/** A set with numbers added that lie between lower and upper [width], whatever the input. */
export function shifted(set: AffineSet, lower: Float64Array, upper: Float64Array): AffineSet {
  const half = lower.map((low, i) => (upper[i]! - low) / 2 * SLACK_ONE);
  const box = set.box.map((x, i) =>
    (x + half[i]! +
      2 ** -50 * (Math.abs(lower[i]!) + Math.abs(upper[i]!) + Math.abs(set.center[i]!))) *
    SLACK_ONE
  );
  const center = set.center.map((x, i) => x + (lower[i]! + upper[i]!) / 2);
  return bounded({ center, slopes: set.slopes, box, radius: set.radius });
}

/**
 * Two sets entry by entry multiplied. Over a ball (a·δ)(b·δ) runs through exactly
 * ½(a·b ± ‖a‖‖b‖)·radius².
 */
export function product(left: AffineSet, right: AffineSet): AffineSet {
  const { columns } = left.slopes, square = left.radius ** 2 * SLACK_ONE;
  const a = rowNormsAbove(left.slopes), b = rowNormsAbove(right.slopes);
  const unit = SLACK * gamma(columns + 8);
  const ends = a.map((size, k) => {
    let inner = 0;
    for (let i = k * columns; i < (k + 1) * columns; i++) {
      inner += left.slopes.data[i]! * right.slopes.data[i]!;
    }
    return inner / (size * b[k]! || 1);
  });
  const end = (sign: number): Float64Array =>
    ends.map((cosine, k) => a[k]! * b[k]! * square * (cosine + sign * (1 + unit)) / 2);
  return shifted(tangentProduct(left, right), end(-1), end(1));
}
