import { matmul, type Matrix, matrix } from "../linalg/mod.ts";
import { type Box, middleOf } from "./box.ts";
import { definiteShift } from "./box_definite.ts";
import { type Columns, columnsOf, descend } from "./box_descent.ts";
import { type NeuronSum, roundings, spans, sumAt } from "./box_sum.ts";

/**
 * What makes a quadratic form convex: Q + Σ curvature_j·p_j·p_jᵀ + diag(shift) is proven positive
 * semidefinite. Added to the form as products that are ≤ 0 where x is in the box and p_j·x in its
 * interval, curvature·(p·x − a)(p·x − b) and shift·(x − lower)(x − upper), it gives a convex function
 * below the form (αBB: Adjiman, Androulakis and Floudas 1998; along directions as well as coordinates).
 */
export interface Convexifier {
  /** The form with one product more for every direction. */
  readonly sum: NeuronSum;
  /** The same by columns. */
  readonly columns: Columns;
  /** Number of directions. */
  readonly directions: number;
  /** Added to the diagonal of Q [inputs], ≥ 0. */
  readonly shift: Float64Array;
}

/** A part of a box: a box, and an interval for p·x of every direction. */
export interface Part extends Box {
  /** Lower ends of p·x [directions]. */
  readonly from: Float64Array;
  /** Upper ends of p·x [directions]. */
  readonly to: Float64Array;
}

/** A proven lower bound over a part, and where the convex function was smallest. */
export interface ConvexBound {
  /** No input of the part has a smaller value. */
  readonly lower: number;
  /** The minimiser of the convex function [inputs]. */
  readonly point: Float64Array;
}

/** Directions p [count, inputs] and the curvature that each is given. */
export interface Directions {
  /** One row a direction. */
  readonly rows: Matrix;
  /** Curvature of each, ≥ 0. */
  readonly curvature: Float64Array;
}

/** ½(Wᵀ diag(α) V + Vᵀ diag(α) W) of a sum, columns and rows times sizes [inputs, inputs]. */
export function scaledForm(sum: NeuronSum, sizes: Float64Array): Matrix {
  const { inputs: n, neurons, weights } = sum;
  const left = matrix(neurons, n, sum.left.map((value, i) => value * sizes[i % n]!));
  const right = matrix(
    neurons,
    n,
    sum.right.map((value, i) => value * sizes[i % n]! * weights[Math.floor(i / n)]!),
  );
  const { data } = matmul(left, right, "TN"), result = matrix(n, n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      const value = (data[i * n + j]! + data[j * n + i]!) / 2;
      result.data[i * n + j] = value;
      result.data[j * n + i] = value;
    }
  }
  return result;
}

/** A bound on the spectral norm of what rounding did to `scaledForm`. */
function formUncertainty(sum: NeuronSum, sizes: Float64Array): number {
  const { inputs: n, neurons } = sum;
  const length = (factor: Float64Array, k: number): number => {
    let total = 0;
    for (let i = 0; i < n; i++) total += (factor[k * n + i]! * sizes[i]!) ** 2;
    return Math.sqrt(total);
  };
  let total = 0;
  for (let k = 0; k < neurons; k++) {
    total += sum.reach[k]! * length(sum.left, k) * length(sum.right, k);
  }
  return 2 * total * (sum.rounding + roundings(neurons));
}

/** A sum with curvature·(p·x)² added for every direction. */
export function withDirections(sum: NeuronSum, { rows, curvature }: Directions): NeuronSum {
  if (rows.rows === 0) return sum;
  const joined = (a: Float64Array, b: Float64Array): Float64Array => {
    const both = new Float64Array(a.length + b.length);
    both.set(a);
    both.set(b, a.length);
    return both;
  };
  const none = new Float64Array(rows.rows);
  return {
    ...sum,
    neurons: sum.neurons + rows.rows,
    weights: joined(sum.weights, curvature),
    reach: joined(sum.reach, curvature),
    left: joined(sum.left, rows.data),
    right: joined(sum.right, rows.data),
    leftBias: joined(sum.leftBias, none),
    rightBias: joined(sum.rightBias, none),
    rounding: sum.rounding + roundings(4 * rows.rows),
  };
}

/**
 * The convexifier with at least the shift that is proposed in units of 1/size² per coordinate [inputs]:
 * what is missing to a proof is added, the same in those units everywhere. Coordinates of size 0 do not
 * move and need none. Undefined when no proof was found.
 */
export function convexifier(
  given: NeuronSum,
  sizes: Float64Array,
  proposed: Float64Array,
  directions: Directions,
): Convexifier | undefined {
  const sum = withDirections(given, directions), n = sum.inputs;
  const whole = scaledForm(sum, sizes);
  const free = [...sizes.keys()].filter((i) => sizes[i]! > 0);
  const small = matrix(free.length, free.length);
  free.forEach((i, a) =>
    free.forEach((j, b) => small.data[a * free.length + b] = whole.data[i * n + j]!)
  );
  let largest = 0;
  free.forEach((i, a) => {
    const at = a * free.length + a;
    small.data[at] = small.data[at]! + proposed[i]!;
    largest = Math.max(largest, proposed[i]!);
  });
  const uncertainty = formUncertainty(sum, sizes) + largest * roundings(4);
  const missing = definiteShift(small, uncertainty);
  if (missing === undefined) return undefined;
  const shift = new Float64Array(n);
  for (const i of free) shift[i] = (proposed[i]! + missing) / sizes[i]! ** 2 * (1 + 2 ** -49);
  return { sum, columns: columnsOf(sum), directions: directions.rows.rows, shift };
}

/** The whole box as a part: every p·x between its least and largest value in the box. */
export function wholeBox({ sum, directions }: Convexifier, box: Box): Part {
  const { middle, half } = middleOf(box);
  const first = sum.neurons - directions, n = sum.inputs;
  const { left: reach } = spans(sum, half);
  const { left: size } = spans(sum, middle.map(Math.abs));
  const ends = Array.from({ length: directions }, (_, j) => {
    const k = first + j;
    let center = 0;
    for (let i = 0; i < n; i++) center += sum.left[k * n + i]! * middle[i]!;
    const most = (reach[k]! + size[k]! * roundings(n)) * (1 + 2 ** -50);
    return [
      center - most - Math.abs(center) * 2 ** -52,
      center + most + Math.abs(center) * 2 ** -52,
    ];
  });
  return {
    ...box,
    from: Float64Array.from(ends, ([low]) => low!),
    to: Float64Array.from(ends, ([, high]) => high!),
  };
}

/**
 * A proven lower bound of the form over a part. Wherever the descent ends, at z, the convex function is
 * above its tangent there, and a linear function over a box is smallest at a corner: so
 * f(z) + Σ min over the box of ∂_i f(z)·(x_i − z_i), less all rounding, is a bound, the better the closer z
 * is to the minimum.
 */
export function convexBound(
  { sum, columns, shift, directions }: Convexifier,
  part: Part,
  start: Float64Array,
  effort: { readonly sweeps: number; readonly tolerance: number },
): ConvexBound {
  const { inputs: n, neurons } = sum, { lower, upper } = part;
  const leftBias = sum.leftBias.slice(), rightBias = sum.rightBias.slice();
  for (let j = 0; j < directions; j++) {
    leftBias[neurons - directions + j] = -part.from[j]!;
    rightBias[neurons - directions + j] = -part.to[j]!;
  }
  const shifted = { ...sum, leftBias, rightBias };
  const point = start.map((x, i) => Math.min(upper[i]!, Math.max(lower[i]!, x)));
  descend(shifted, columns, part, point, { shift, ...effort });
  const { value, error, gradient, gradientError } = sumAt(shifted, point);
  let bound = value - error, size = Math.abs(value) + error;
  for (let i = 0; i < n; i++) {
    const x = point[i]!, down = lower[i]! - x, up = upper[i]! - x;
    if (down === 0 && up === 0) continue;
    const bow = shift[i]! * down * up;
    const slope = gradient[i]! - shift[i]! * (up + down);
    const slack = gradientError[i]! + shift[i]! * (Math.abs(up) + Math.abs(down)) * 2 ** -50;
    const fall = Math.min(slope * down, slope * up, 0);
    bound += bow + fall - slack * Math.max(-down, up);
    size += Math.abs(bow) + Math.abs(fall) + slack * (up - down);
  }
  return { lower: bound - size * roundings(2 * n), point };
}
