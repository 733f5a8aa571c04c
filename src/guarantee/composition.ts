import { matrix } from "../linalg/mod.ts";
import type { Model } from "../nn/mod.ts";
import { outputGradient } from "./attack_gradient.ts";
import { descent, type Objective } from "./attack_search.ts";
import { boundsOf, lastSet } from "./composition_last.ts";
import { checkedCenter } from "./range.ts";

/** Bounds of outputs over a ball, and how weak they are. */
export interface ComposedRange {
  /** Proven: no output is below [outputs]. */
  readonly lower: Float64Array;
  /** Proven: no output is above [outputs]. */
  readonly upper: Float64Array;
  /** Smallest values found [outputs]. */
  readonly lowest: Float64Array;
  /** Largest values found [outputs]. */
  readonly highest: Float64Array;
  /** (upper − lower)/(highest − lowest) [outputs]: 1 is exact, 10 says little; dimensionless. */
  readonly looseness: Float64Array;
  /** Whether the network is one bilinear layer between linear ones, whose ranges are exact. */
  readonly exact: boolean;
  /**
   * Bounds of output a minus output b, closer than those of the two apart.
   *
   * @throws {RangeError} when there is no such output.
   */
  difference(a: number, b: number): { readonly lower: number; readonly upper: number };
}

/** Settings of {@linkcode composedRange}. */
export interface ComposedOptions {
  /** Center of the ball [inputs]; the origin unless said. */
  readonly center?: ArrayLike<number>;
  /** Its L2 radius, in the unit of the input. */
  readonly radius: number;
  /** Seed of the search for the values that are attained; 0 unless said. */
  readonly seed?: number;
}

/**
 * Bounds of every output of a deep network over an L2 ball: bilinear and gated layers, linear ones,
 * activations, RMS norms, residuals and blocks. Layer by layer a set of values is carried as an affine
 * function of the input and a bounded rest; the last bilinear layer is exact in the affine part, by the
 * trust-region problem, so a network with one is exact altogether. Holds for the weights in real
 * arithmetic, rounding of the bounds accounted for. What is proven gets weak with depth and radius, and
 * `looseness` says how weak, against what a search attains. Source: METHODS G5, with Taylor models of
 * degree one in place of radii (Makino and Berz 2003).
 *
 * @throws {TypeError} for attention and embeddings, which have no bounds here, and for a center of another
 * length; {RangeError} for a radius that is negative or not finite, or a center that is not finite.
 * @example
 * ```ts
 * import { guarantee, nn } from "@odot/odot";
 * const deep = nn.sequential([
 *   nn.linear(4, 6), nn.residual([nn.bilinear(6, 6)]), nn.rmsNorm(6), nn.bilinear(6, 3), nn.linear(3, 2),
 * ], { seed: 1 });
 * const { lower, upper, looseness } = guarantee.composedRange(deep, { radius: 0.1 });
 * console.log(lower, upper, looseness);
 * ```
 */
export function composedRange(model: Model, options: ComposedOptions): ComposedRange {
  const { radius, seed = 0 } = options, outputs = model.outputs;
  const last = lastSet(model, options);
  const unit = (index: number): Float64Array => {
    if (!(Number.isInteger(index) && index >= 0 && index < outputs)) {
      throw new RangeError(`Cannot bound output ${index}: the outputs are 0 to ${outputs - 1}`);
    }
    return Float64Array.from({ length: outputs }, (_, i) => (i === index ? 1 : 0));
  };
  const all = Array.from({ length: outputs }, (_, o) => boundsOf(last, unit(o)));
  const center = checkedCenter("Cannot bound outputs", options.center, model.inputs);
  const found = attained(model, center, radius, seed);
  const lower = Float64Array.from(all, (each) => each.lower);
  const upper = Float64Array.from(all, (each) => each.upper);
  return {
    lower,
    upper,
    ...found,
    looseness: lower.map((low, o) => (upper[o]! - low) / (found.highest[o]! - found.lowest[o]!)),
    exact: last.exact,
    difference: (a, b) => {
      const second = unit(b);
      return boundsOf(last, unit(a).map((x, i) => x - second[i]!));
    },
  };
}

/** The smallest and largest values of every output that a search reaches. */
function attained(
  model: Model,
  center: Float64Array,
  radius: number,
  seed: number,
): { lowest: Float64Array; highest: Float64Array } {
  const { outputs } = model;
  const lowest = new Float64Array(outputs).fill(Infinity);
  const highest = new Float64Array(outputs).fill(-Infinity);
  const note = (values: ArrayLike<number>): void => {
    for (let at = 0; at < values.length; at++) {
      const o = at % outputs;
      if (!Number.isFinite(values[at]!)) continue;
      lowest[o] = Math.min(lowest[o]!, values[at]!);
      highest[o] = Math.max(highest[o]!, values[at]!);
    }
  };
  note(model.predict(center));
  if (radius === 0) return { lowest, highest };
  // one row for every end of every output
  const rows = 2 * outputs, weights = new Float64Array(rows * outputs);
  for (let o = 0; o < outputs; o++) {
    weights[2 * o * outputs + o] = 1;
    weights[(2 * o + 1) * outputs + o] = -1;
  }
  const objective: Objective = (x) => {
    const values = model.predict(x.data);
    note(values);
    return {
      values: Float64Array.from({ length: rows }, (_, row) => {
        const o = row >> 1;
        return (row & 1 ? -1 : 1) * values[row * outputs + o]!;
      }),
      gradients: outputGradient(model, x, weights),
    };
  };
  const centers = matrix(rows, center.length);
  for (let row = 0; row < rows; row++) centers.data.set(center, row * center.length);
  // further away f32 overflows, and what is found closer is in the ball too
  const limits = {
    radius: Math.min(radius, 1e9),
    norm: "l2",
    domain: [-Infinity, Infinity],
  } as const;
  descent(objective, centers, limits, { steps: 25, restarts: 1, seed });
  return { lowest, highest };
}
