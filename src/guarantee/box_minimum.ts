import { eigen, type QuadraticForm } from "../decompose/mod.ts";
import { matrix } from "../linalg/mod.ts";
import { random } from "../tensor/mod.ts";
import { type Box, checkBox, clipped } from "./box.ts";
import { centered, eigenvalueBound, intervalBound, neuronBound } from "./box_bounds.ts";
import { branch } from "./box_branch.ts";
import {
  convexBound,
  type Convexifier,
  convexifier,
  type Directions,
  scaledForm,
  wholeBox,
  withDirections,
} from "./box_convex.ts";
import { columnsOf, descend } from "./box_descent.ts";
import { proposedShift } from "./box_mixing.ts";
import { type BoxMethod, type BoxOptions, checked, type Settings } from "./box_options.ts";
import { neuronSum, sumAt } from "./box_sum.ts";

/** The smallest value over a box, from both sides. */
export interface BoxMinimum {
  /** Proven: no input of the box has a smaller value. */
  readonly lower: number;
  /** Proven: the value at `point` is not above this. */
  readonly upper: number;
  /** upper − lower: how far either may be from the minimum. */
  readonly gap: number;
  /** The input of the box with the smallest value found [inputs]. */
  readonly point: Float64Array;
  /** Which method proved `lower`. */
  readonly method: BoxMethod;
  /** What every method that was used has proven. */
  readonly bounds: Readonly<Partial<Record<BoxMethod, number>>>;
  /** Parts of the box that branch and bound looked at. */
  readonly nodes: number;
}

/** A form made ready for many boxes. */
export interface BoxSolver {
  /** The form. */
  readonly form: QuadraticForm;
  /**
   * Its smallest value over a box, from both sides.
   *
   * @throws {TypeError} for a box of another size; {RangeError} for one with ends that are not finite or
   * in the wrong order, or for a setting that is none.
   */
  minimum(box: Box, options?: BoxOptions): BoxMinimum;
}

/**
 * The smallest value of a quadratic form over a box, from both sides. Finding it is NP-hard in general,
 * so what is returned is a proven lower bound, a point with a proven upper bound, and their gap. The
 * bounds hold for the factors of the form as they stand in f64, rounding of everything here included.
 * The largest value is minus the smallest of the opposite direction. Source: METHODS G3.
 *
 * @throws {TypeError} for a box of another size; {RangeError} for one with ends that are not finite or in
 * the wrong order, or for a setting that is none.
 * @example
 * ```ts
 * import { decompose, guarantee, nn } from "@odot/odot";
 * const model = nn.sequential([nn.bilinear(2, 1, { bias: false })]);
 * model.assign({ "0.weight": [1, 0, 0, 1] }); // x·y
 * const form = decompose.interactions(model).output(0);
 * const { lower, upper } = guarantee.boxMinimum(form, guarantee.boxAround([0, 0], 1));
 * console.log(lower, upper); // −1, at a corner
 * ```
 */
export function boxMinimum(form: QuadraticForm, box: Box, options: BoxOptions = {}): BoxMinimum {
  return boxSolver(form).minimum(box, options);
}

const NOTHING: Directions = { rows: matrix(0, 0), curvature: new Float64Array(0) };

/** Branch and bound cuts along directions by default where no more than this many eigenvalues are negative. */
const DIRECTIONS = 3;

/** Inputs up to which it always cuts across coordinates. */
const FEW = 16;

/** Most directions. */
const MOST = 8;

/** Sweeps of the descent on a convex function before the tangent is taken. */
const EFFORT = 300;

/** A form made ready for many boxes: what is the same for all of them is computed once. */
export function boxSolver(form: QuadraticForm): BoxSolver {
  const sum = neuronSum(form), n = sum.inputs, ones = new Float64Array(n).fill(1);
  const once = <T>(make: () => T): () => T => {
    let made: { value: T } | undefined;
    return () => (made ??= { value: make() }).value;
  };
  const columns = once(() => columnsOf(sum));
  const dense = once(() => scaledForm(sum, ones));
  const uniform = once(() => convexifier(sum, ones, new Float64Array(n), NOTHING));
  const directions = once(() => steepest(form));
  const steep = once(() => {
    const wide = withDirections(sum, directions());
    return { sum: wide, columns: columnsOf(wide) };
  });

  const minimum = (box: Box, options: BoxOptions = {}): BoxMinimum => {
    checkBox(box, n);
    const settings = checked(options, n), { goal, methods } = settings;
    const at = centered(sum, box), bounds: Partial<Record<BoxMethod, number>> = {};
    const search = (start: Float64Array, sweeps = 50): { value: number; point: Float64Array } => {
      const point = clipped(box, start);
      descend(sum, columns(), box, point, { sweeps, tolerance: 1e-12 * at.size });
      const { value, error } = sumAt(sum, point);
      return { value: value + error, point };
    };
    let best = searched(box, at.gradient, settings, search), nodes = 0;
    const done = (): boolean => {
      const lower = Math.max(-Infinity, ...Object.values(bounds));
      const near = settings.tolerance ?? 1e-9 * Math.max(Math.abs(lower), Math.abs(best.value));
      return best.value - lower <= near ||
        (goal !== undefined && (lower > goal || best.value < goal));
    };
    const relaxed = (convex: Convexifier | undefined): number => {
      if (!convex) return -Infinity;
      const { lower, point } = convexBound(convex, wholeBox(convex, box), best.point, {
        sweeps: EFFORT,
        tolerance: 1e-10 * at.size,
      });
      const seen = search(point);
      if (seen.value < best.value) best = seen;
      return lower;
    };
    const tailored = (wanted: Directions): Convexifier | undefined => {
      const wide = wanted === NOTHING ? { sum, columns: columns() } : steep();
      const slope = at.gradient.map((value, i) => value * at.half[i]!);
      const proposed = proposedShift(wide.columns, wide.sum.weights, at.half, slope, {
        sweeps: 100,
        tolerance: 1e-5,
      });
      return convexifier(sum, at.half, proposed, wanted);
    };
    const prove: Record<BoxMethod, () => number> = {
      interval: () => intervalBound(sum, dense(), at),
      neurons: () => neuronBound(sum, at),
      eigenvalue: () => eigenvalueBound(sum, at, uniform()?.shift[0] ?? Infinity),
      convex: () => relaxed(uniform()),
      semidefinite: () => relaxed(tailored(NOTHING)),
      branch: () => {
        const deadline = performance.now() + 1000 * settings.seconds;
        const few = n > FEW && directions().rows.rows <= DIRECTIONS;
        const cuts = settings.cuts ?? (few ? "directions" : "coordinates");
        const convex = tailored(cuts === "directions" ? directions() : NOTHING);
        if (!convex) return -Infinity;
        const lower = Math.max(-Infinity, ...Object.values(bounds));
        const result = branch(convex, box, best.point, {
          search: (start) => search(start, n > 64 ? 5 : 1),
          best,
          known: lower,
          tolerance: settings.tolerance ?? 1e-9 * Math.max(1e-300, at.size),
          goal,
          expired: () => performance.now() > deadline,
        });
        best = { value: result.upper, point: result.point };
        nodes = result.nodes;
        return result.lower;
      },
    };
    for (const method of methods) {
      const proven = prove[method]();
      bounds[method] = Number.isNaN(proven) ? -Infinity : proven;
      if (done()) break;
    }
    const method = methods.reduce((top, next) =>
      (bounds[next] ?? -Infinity) > (bounds[top] ?? -Infinity) ? next : top
    );
    const lower = bounds[method] ?? -Infinity;
    const upper = Number.isNaN(best.value) ? Infinity : best.value;
    return { lower, upper, gap: upper - lower, point: best.point, method, bounds, nodes };
  };
  return { form, minimum };
}

/** The best local minimum from the middle, the corner that the gradient points away from, and random corners. */
function searched(
  box: Box,
  gradient: Float64Array,
  { restarts, seed }: Settings,
  search: (start: Float64Array) => { value: number; point: Float64Array },
): { value: number; point: Float64Array } {
  const { lower, upper } = box, n = lower.length;
  const corner = (high: (i: number) => boolean): Float64Array =>
    lower.map((low, i) => high(i) ? upper[i]! : low);
  let best = search(corner((i) => gradient[i]! < 0));
  for (let start = 1; start < restarts; start++) {
    const words = random(seed, start).words(n);
    const seen = search(
      start === 1
        ? lower.map((low, i) => low / 2 + upper[i]! / 2)
        : corner((i) => (words[i]! & 1) === 1),
    );
    if (seen.value < best.value) best = seen;
  }
  return best;
}

/** The eigenvectors of the most negative eigenvalues, and how much curvature makes up for them. */
function steepest(form: QuadraticForm): Directions {
  const { values, vectors } = eigen(form), { columns, data } = vectors;
  const order = [...values.keys()].filter((i) => values[i]! < 0)
    .sort((a, b) => values[a]! - values[b]!).slice(0, MOST);
  const rows = matrix(order.length, columns);
  order.forEach((from, to) =>
    rows.data.set(data.subarray(from * columns, (from + 1) * columns), to * columns)
  );
  return { rows, curvature: Float64Array.from(order, (i) => -values[i]!) };
}
