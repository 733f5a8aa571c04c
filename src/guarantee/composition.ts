import { fromFactors, type Interactions } from "../decompose/mod.ts";
import { identity, matmul, type Matrix, matrix } from "../linalg/mod.ts";
import type { Layer, Model } from "../nn/mod.ts";
import { roundings } from "./box_sum.ts";
import { outputGradient } from "./attack_gradient.ts";
import { descent, type Objective } from "./attack_search.ts";
import { band } from "./composition_activation.ts";
import { normalized } from "./composition_norm.ts";
import {
  added,
  type AffineSet,
  ballSet,
  mapped,
  part,
  product,
  productRest,
  reachOf,
  scaledBy,
} from "./composition_set.ts";
import { checkedCenter, type Range, range } from "./range.ts";
import { rowNormsAbove } from "./rounding.ts";

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

/** The outputs of a model over a ball, as a function of the change of the input. */
export interface LastSet {
  /** The exact part as interactions in the change of the input. */
  readonly form: Interactions;
  /** What else a combination of outputs [outputs] may hold, at most, above or below. */
  readonly slack: (direction: Float64Array) => number;
  /** Length of the change of the input, at most. */
  readonly radius: number;
  /** Whether nothing but rounding is in the rest. */
  readonly exact: boolean;
}

/**
 * The last bilinear layer with the linear ones after it as interactions of the change of the input, and
 * what the rest may add; where no such layer ends the network, its outputs as they are.
 */
export function lastSet(model: Model, options: ComposedOptions): LastSet {
  const { radius } = options, action = "Cannot bound outputs";
  if (!(radius >= 0 && Number.isFinite(radius))) {
    throw new RangeError(`${action} within the radius ${radius}: it is a finite number ≥ 0`);
  }
  if (model.inputs === 0) {
    throw new TypeError(`${action} of a model that takes indices: bounds need numbers`);
  }
  const center = checkedCenter(action, options.center, model.inputs);
  const layers = flattened(model.layers);
  const plain = (layer: Layer | undefined): boolean =>
    layer?.config.type === "bilinear" && layer.config.gate === undefined;
  let end = layers.length;
  while (end > 0 && layers[end - 1]!.config.type === "linear") end--;
  const quadratic = plain(layers[end - 1]), before = layers.slice(0, quadratic ? end - 1 : end);
  const set = before.reduce(through, ballSet(center, radius));
  const tail = quadratic ? layers.slice(end - 1) : layers.slice(end);
  const affine = tail.filter((layer) => layer.config.type === "linear").map(weights);
  const width = quadratic ? widthOf(layers[end - 1]!) : set.center.length;
  const readout = affine.reduce(composed, identityReadout(width));
  const { form, rest, size } = quadratic
    ? quadraticForm(halves(set, layers[end - 1]!), readout)
    : linearForm(set, readout);
  const unit = roundings(
    2 * (affine.length + 1) * Math.max(width, ...affine.map(({ weight }) => weight.columns)),
  );
  const slack = (direction: Float64Array): number => {
    let total = 0;
    form.direction(direction).neuronWeights.forEach((weight, k) =>
      total += Math.abs(weight) * rest[k]!
    );
    direction.forEach((weight, o) => {
      // folding the last linear layers has rounded the readout, by this much of its magnitudes
      let folding = readout.biasReach[o]!;
      size.forEach((h, k) => folding += readout.reach.data[o * width + k]! * h);
      total += Math.abs(weight) * folding * unit;
    });
    return total * (1 + roundings(2 * rest.length + direction.length));
  };
  return { form, slack, radius, exact: before.every((layer) => layer.config.type === "linear") };
}

/** Bounds of a combination of outputs [outputs]: exact in the form, which is centred at no change, and the rest. */
export function boundsOf(
  { form, slack, radius }: LastSet,
  direction: Float64Array,
): { readonly lower: number; readonly upper: number; readonly range: Range } {
  const found = range(form.direction(direction), { radius }), rest = slack(direction);
  const { lower, upper } = found;
  // NaN proves nothing
  return Number.isNaN(rest + lower + upper)
    ? { lower: -Infinity, upper: Infinity, range: found }
    : { lower: lower - rest, upper: upper + rest, range: found };
}

/** Layers in order, blocks taken apart. */
function flattened(layers: readonly Layer[]): Layer[] {
  return layers.flatMap((layer) => layer.config.type === "block" ? flattened(layer.layers) : layer);
}

/** A set after one layer. */
function through(set: AffineSet, layer: Layer): AffineSet {
  const { config } = layer;
  switch (config.type) {
    case "linear": {
      const { weight, bias } = weights(layer);
      return mapped(set, weight, bias);
    }
    case "bilinear": {
      const both = halves(set, layer), half = config.outputs;
      const left = part(both, 0, half), right = part(both, half, 2 * half);
      const gated = config.gate ? activated(left, config.gate, config.beta ?? 1) : left;
      return product(gated, right);
    }
    case "activation":
      return activated(set, config.kind, config.beta ?? 1);
    case "rmsNorm": {
      const normal = normalized(set, config.epsilon), scale = layer.parameters.get("weight");
      const none = new Float64Array(config.width);
      return scale ? scaledBy(normal, scale.toArray(), none, none) : normal;
    }
    case "residual":
      return added(set, flattened(layer.layers).reduce(through, set), config.scale);
    case "block":
      return flattened(layer.layers).reduce(through, set);
    default:
      throw new TypeError(
        `Cannot bound a layer of type ${config.type}: linear, bilinear, gated, activation, rmsNorm, residual and block layers have bounds; bound the layers after it by themselves`,
      );
  }
}

/** Both halves of a bilinear layer before they are multiplied. */
function halves(set: AffineSet, layer: Layer): AffineSet {
  const { weight, bias } = weights(layer);
  return mapped(set, weight, bias);
}

function activated(
  set: AffineSet,
  kind: Parameters<typeof band>[0],
  beta: number,
): AffineSet {
  const reach = reachOf(set);
  const bands = Array.from(
    set.center,
    (x, i) => {
      const low = x - reach[i]!, high = x + reach[i]!;
      const slack = (Math.abs(x) + reach[i]!) * 2 ** -52;
      return band(kind, beta, low - slack, high + slack);
    },
  );
  return scaledBy(
    set,
    bands.map((each) => each.slope),
    bands.map((each) => each.shift),
    bands.map((each) => each.slack),
  );
}

function weights({ parameters }: Layer): { weight: Matrix; bias: Float64Array } {
  const tensor = parameters.get("weight")!, [rows, columns] = tensor.shape as [number, number];
  return {
    weight: matrix(rows, columns, tensor.toArray()),
    bias: Float64Array.from(parameters.get("bias")?.toArray() ?? new Float32Array(rows)),
  };
}

/** Linear layers after each other, as one. */
interface Readout {
  readonly weight: Matrix;
  readonly bias: Float64Array;
  /** The same of absolute values: what rounding is relative to. */
  readonly reach: Matrix;
  /** The same of absolute values. */
  readonly biasReach: Float64Array;
}

/** One linear layer more, in f64. */
function composed(
  first: Readout,
  { weight, bias }: { weight: Matrix; bias: Float64Array },
): Readout {
  const size = matrix(weight.rows, weight.columns, weight.data.map(Math.abs));
  const column = (x: Float64Array): Matrix => matrix(x.length, 1, x);
  const moved = matmul(weight, column(first.bias)).data;
  const movedReach = matmul(size, column(first.biasReach)).data;
  return {
    weight: matmul(weight, first.weight),
    bias: bias.map((x, i) => x + moved[i]!),
    reach: matmul(size, first.reach),
    biasReach: bias.map((x, i) => Math.abs(x) + movedReach[i]!),
  };
}

function identityReadout(size: number): Readout {
  const none = new Float64Array(size);
  return { weight: identity(size), bias: none, reach: identity(size), biasReach: none };
}

function widthOf({ config }: Layer): number {
  return "outputs" in config ? config.outputs : 0;
}

/** Products of the two halves of a set, read out. */
function quadraticForm(
  both: AffineSet,
  { weight, bias }: Readout,
): { form: Interactions; rest: Float64Array; size: Float64Array } {
  const half = both.center.length / 2;
  const left = part(both, 0, half), right = part(both, half, 2 * half);
  const form = fromFactors({
    left: left.slopes,
    right: right.slopes,
    leftBias: left.center,
    rightBias: right.center,
    readout: weight,
    outputBias: bias,
  });
  const onLeft = reachOf(left), onRight = reachOf(right);
  const size = onLeft.map((x, k) =>
    (Math.abs(left.center[k]!) + x) * (Math.abs(right.center[k]!) + onRight[k]!)
  );
  return { form, rest: productRest(left, right), size };
}

/** A set read out, as products with 1. */
function linearForm(
  set: AffineSet,
  { weight, bias }: Readout,
): { form: Interactions; rest: Float64Array; size: Float64Array } {
  const { rows, columns } = set.slopes, steep = rowNormsAbove(set.slopes);
  const form = fromFactors({
    left: set.slopes,
    right: matrix(rows, columns),
    leftBias: set.center,
    rightBias: new Float64Array(rows).fill(1),
    readout: weight,
    outputBias: bias,
  });
  const rest = set.box.map((x, i) =>
    x + roundings(8) * (Math.abs(set.center[i]!) + steep[i]! * set.radius)
  );
  const reach = reachOf(set);
  return { form, rest, size: set.center.map((x, i) => Math.abs(x) + reach[i]!) };
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
  const limits = { radius, norm: "l2", domain: [-Infinity, Infinity] } as const;
  descent(objective, centers, limits, { steps: 25, restarts: 1, seed });
  return { lowest, highest };
}
