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
import { neuronSum, sumAt } from "./box_sum.ts";

/**
 * How a lower bound over a box was proven: `interval` arithmetic, `neurons` one by one (McCormick), the
 * lowest `eigenvalue`, the `convex` function that one shift of all eigenvalues gives, the dual of the
 * `semidefinite` relaxation, or `branch` and bound.
 */
export type BoxMethod =
  | "interval"
  | "neurons"
  | "eigenvalue"
  | "convex"
  | "semidefinite"
  | "branch";

/** Settings of {@linkcode boxMinimum}. */
export interface BoxOptions {
  /**
   * Which bounds to take, in this order; all but `branch` unless said, and `neurons` alone where the
   * others would need more than 128 MB for Q, beyond 4096 inputs.
   */
  readonly methods?: readonly BoxMethod[];
  /** Time for `branch`, in seconds; 1 unless said. */
  readonly seconds?: number;
  /** Done when upper − lower is at most this; 1e-9 of the larger of the two unless said. */
  readonly tolerance?: number;
  /** Done when the lower bound is above this, or the upper below it. */
  readonly goal?: number;
  /**
   * What `branch` cuts across: `coordinates` of the input, or `directions` of negative eigenvalues, the
   * better where there are at most three of them and many inputs, and then the default.
   */
  readonly cuts?: "coordinates" | "directions";
  /** Starts of the search for the upper bound, a whole number ≥ 1; 4 unless said. */
  readonly restarts?: number;
  /** Seed of the starts; 0 unless said. */
  readonly seed?: number;
}

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

/** Inputs up to which Q is formed unless asked for. */
export const DENSE = 4096;

/** All methods but branch and bound, the cheapest first. */
const ALL: readonly BoxMethod[] = ["neurons", "interval", "eigenvalue", "convex", "semidefinite"];

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

type Settings =
  & BoxOptions
  & Required<Pick<BoxOptions, "methods" | "seconds" | "restarts" | "seed">>;

function checked(options: BoxOptions, inputs: number): Settings {
  const { seconds = 1, restarts = 4, seed = 0, tolerance, goal } = options;
  const { methods = inputs > DENSE ? ALL.slice(0, 1) : ALL } = options;
  if (!(seconds >= 0)) {
    throw new RangeError(`Cannot bound over a box for ${seconds} seconds: give a number ≥ 0`);
  }
  if (!(Number.isSafeInteger(restarts) && restarts >= 1)) {
    throw new RangeError(
      `Cannot search a box from ${restarts} starts: give a whole number ≥ 1`,
    );
  }
  if (tolerance !== undefined && !(tolerance >= 0)) {
    throw new RangeError(`Cannot bound to a tolerance of ${tolerance}: give a number ≥ 0`);
  }
  if (goal !== undefined && Number.isNaN(goal)) {
    throw new RangeError("Cannot bound with NaN as the goal: give a number, or none");
  }
  if (methods.length === 0) {
    throw new RangeError("Cannot bound over a box by no method: give one, or leave methods out");
  }
  return { ...options, methods, seconds, restarts, seed };
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
