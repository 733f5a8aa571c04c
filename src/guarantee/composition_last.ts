import { fromFactors, type Interactions } from "../decompose/mod.ts";
import { identity, matmul, type Matrix, matrix } from "../linalg/mod.ts";
import type { Layer, Model } from "../nn/mod.ts";
import { roundings } from "./box_sum.ts";
import type { ComposedOptions } from "./composition.ts";
import { flattened, halves, throughAll, weights } from "./composition_layers.ts";
import { type AffineSet, ballSet, part, productRest, reachOf } from "./composition_set.ts";
import { checkedCenter, type Range, range } from "./range.ts";
import { normAbove, rowNormsAbove } from "./rounding.ts";

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
  const set = throughAll(ballSet(center, radius), before);
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
): { readonly lower: number; readonly upper: number; readonly range?: Range } {
  const rest = slack(direction), nothing = { lower: -Infinity, upper: Infinity };
  // what is not finite, or has squares that are not, proves nothing
  if (!(rest < LARGEST && sizeOf(form) < LARGEST && radius < LARGEST)) return nothing;
  const found = range(form.direction(direction), { radius }), { lower, upper } = found;
  return Number.isNaN(lower + upper)
    ? { ...nothing, range: found }
    : { lower: lower - rest, upper: upper + rest, range: found };
}

/** Larger numbers have squares beyond f64, or nearly so. */
const LARGEST = 2 ** 500;

function sizeOf({ left, right, leftBias, rightBias }: Interactions): number {
  return [left.data, right.data, leftBias, rightBias].reduce(
    (sum, values) => sum + normAbove(values),
    0,
  );
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

function allFinite(...numbers: readonly Float64Array[]): boolean {
  return numbers.every((some) => some.every(Number.isFinite));
}

/** What stands for products that overflowed: nothing, and a rest without a bound. */
function unbounded(
  outputs: number,
  width: number,
): { form: Interactions; rest: Float64Array; size: Float64Array } {
  const zero = matrix(width, 1, new Float64Array(width)), none = new Float64Array(width);
  const form = fromFactors({
    ...{ left: zero, right: zero, leftBias: none, rightBias: none },
    readout: matrix(outputs, width, new Float64Array(outputs * width)),
    outputBias: new Float64Array(outputs),
  });
  const endless = new Float64Array(width).fill(Infinity);
  return { form, rest: endless, size: endless };
}

/** Products of the two halves of a set, read out. */
function quadraticForm(
  both: AffineSet,
  { weight, bias }: Readout,
): { form: Interactions; rest: Float64Array; size: Float64Array } {
  const half = both.center.length / 2;
  const left = part(both, 0, half), right = part(both, half, 2 * half);
  const numbers = [left.slopes.data, right.slopes.data, left.center, right.center];
  if (!allFinite(...numbers, weight.data, bias)) return unbounded(weight.rows, half);
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
  if (!allFinite(set.slopes.data, set.center, weight.data, bias)) {
    return unbounded(weight.rows, rows);
  }
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
