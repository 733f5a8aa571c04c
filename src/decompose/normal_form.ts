import { matrix } from "../linalg/mod.ts";
import type { Model } from "../nn/mod.ts";
import { fromFactors, type Interactions, interactions } from "./interactions.ts";

/** Options of {@linkcode normalForm}. */
export interface NormalFormOptions {
  /** Directions, and sums of readouts, that differ by less than this share are equal; 1e-9 unless said. */
  readonly tolerance?: number;
}

/** A bilinear layer with what does not matter to its function made the same for all, and what that was. */
export interface NormalForm {
  /**
   * The same function: both sides of every neuron of length 1 (biases counted), their entries of largest
   * magnitude positive, neurons by falling length of their readouts.
   */
  readonly interactions: Interactions;
  /** Neurons of the source that nothing reads, or with a side of zeros. */
  readonly dead: readonly number[];
  /** Neurons of the source that are constants: they went into the output biases. */
  readonly constants: readonly number[];
  /** Groups of neurons with the same product up to a factor, now one each. */
  readonly merged: readonly (readonly number[])[];
  /** Groups of neurons with the same product whose readouts cancel, now gone. */
  readonly cancelled: readonly (readonly number[])[];
}

interface Neuron {
  readonly sources: readonly number[];
  /** [bias, weights] of both sides, length 1, in a fixed order. */
  readonly sides: readonly [Float64Array, Float64Array];
  readonly readout: Float64Array;
}

/**
 * A network of one bilinear layer without its gauge freedom: order of neurons, left and right, scale, sign,
 * dead, doubled and cancelling neurons. Two layers with the same neurons get the same form; functions that
 * are equal through different neurons are told by `functionDistance`. Source: METHODS T10.
 *
 * @throws {TypeError} when the model has not one bilinear layer; {RangeError} for a tolerance < 0.
 * @example
 * ```ts
 * import { decompose, nn } from "@odot/odot";
 * const model = nn.sequential([nn.bilinear(2, 2, { bias: false }), nn.linear(2, 1, { bias: false })]);
 * // x·y and 2y·x, read with 1 and 3: one neuron, read with 7
 * model.assign({ "0.weight": [1, 0, 0, 2, 0, 1, 1, 0], "1.weight": [1, 3] });
 * const { interactions, merged } = decompose.normalForm(model);
 * console.log(interactions.neurons, interactions.readout.data, merged); // 1 [7] [[0, 1]]
 * ```
 */
export function normalForm(
  source: Model | Interactions,
  { tolerance = 1e-9 }: NormalFormOptions = {},
): NormalForm {
  if (!(tolerance >= 0)) {
    throw new RangeError(`Cannot bring to normal form with tolerance ${tolerance}: it must be ≥ 0`);
  }
  const whole = "neurons" in source ? source : interactions(source);
  const neurons = Array.from({ length: whole.neurons }, (_, k) => neuronOf(whole, k, tolerance));
  const largest = neurons.reduce((top, { readout }) => Math.max(top, length(readout)), 0);
  const isDead = ({ readout }: Neuron): boolean => !(length(readout) > tolerance * 1e-3 * largest);
  const isConstant = ({ sides }: Neuron): boolean =>
    sides.every((side) => length(side.subarray(1)) <= tolerance * 1e-3);
  const dead = neurons.filter(isDead), alive = neurons.filter((neuron) => !isDead(neuron));
  const constants = alive.filter(isConstant);
  const outputBias = whole.outputBias.slice();
  for (const { sides: [left, right], readout } of constants) {
    readout.forEach((value, o) => outputBias[o] = outputBias[o]! + value * left[0]! * right[0]!);
  }
  const groups = grouped(alive.filter((neuron) => !isConstant(neuron)), tolerance);
  const sums = groups.map((group) => ({ group, sum: summed(group) }));
  const cancels = ({ group, sum }: (typeof sums)[number]): boolean =>
    length(sum.readout) <=
      tolerance * group.reduce((total, { readout }) => total + length(readout), 0);
  const kept = sums.filter((each) => !cancels(each)).map(({ sum }) => sum);
  kept.sort((a, b) => inOrder(a, b, tolerance));
  const sourcesOf = (group: readonly Neuron[]): number[] => group.flatMap(({ sources }) => sources);
  return {
    interactions: joined(kept, whole, outputBias),
    dead: sourcesOf(dead),
    constants: sourcesOf(constants),
    merged: sums.filter((each) => each.group.length > 1 && !cancels(each))
      .map(({ group }) => sourcesOf(group)),
    cancelled: sums.filter(cancels).map(({ group }) => sourcesOf(group)),
  };
}

function neuronOf(whole: Interactions, k: number, tolerance: number): Neuron {
  const { inputs, neurons, outputs, readout } = whole;
  let scale = 1;
  const [a, b] = (["left", "right"] as const).map((name) => {
    const bias = name === "left" ? whole.leftBias : whole.rightBias;
    const side = new Float64Array(inputs + 1);
    side[0] = bias[k]!;
    side.set(whole[name].data.subarray(k * inputs, (k + 1) * inputs), 1);
    const size = length(side), factor = size * signOf(side, tolerance);
    scale *= factor;
    return size > 0 ? side.map((value) => value / factor) : side;
  });
  return {
    sources: [k],
    sides: compare(a!, b!, tolerance) <= 0 ? [a!, b!] : [b!, a!],
    readout: Float64Array.from(
      { length: outputs },
      (_, o) => scale * readout.data[o * neurons + k]!,
    ),
  };
}

/** −1 where the entry of largest magnitude is negative, of equal ones the first. */
function signOf(x: Float64Array, tolerance: number): number {
  let top = 0;
  for (const value of x) if (Math.abs(value) > Math.abs(top) * (1 + tolerance)) top = value;
  return top < 0 ? -1 : 1;
}

function length(x: Float64Array): number {
  return Math.hypot(...x);
}

/** Which comes first, by the first entry that differs; 0 where none does. */
function compare(a: Float64Array, b: Float64Array, tolerance: number): number {
  const at = a.findIndex((value, i) => Math.abs(value - b[i]!) > tolerance);
  return at < 0 ? 0 : b[at]! - a[at]!;
}

/** Longer readouts first, then by the sides. */
function inOrder(a: Neuron, b: Neuron, tolerance: number): number {
  const [own, other] = [length(a.readout), length(b.readout)];
  if (Math.abs(own - other) > tolerance * Math.max(own, other)) return other - own;
  return compare(a.sides[0], b.sides[0], tolerance) || compare(a.sides[1], b.sides[1], tolerance);
}

function grouped(neurons: readonly Neuron[], tolerance: number): Neuron[][] {
  const groups: Neuron[][] = [];
  for (const neuron of neurons) {
    const same = groups.find(([first]) =>
      compare(first!.sides[0], neuron.sides[0], tolerance) === 0 &&
      compare(first!.sides[1], neuron.sides[1], tolerance) === 0
    );
    if (same) same.push(neuron);
    else groups.push([neuron]);
  }
  return groups;
}

function summed(group: readonly Neuron[]): Neuron {
  const [first] = group;
  return {
    sources: group.flatMap(({ sources }) => sources),
    sides: first!.sides,
    readout: first!.readout.map((_, o) =>
      group.reduce((total, { readout }) => total + readout[o]!, 0)
    ),
  };
}

function joined(
  neurons: readonly Neuron[],
  { inputs, outputs }: Interactions,
  outputBias: Float64Array,
): Interactions {
  const count = neurons.length, readout = matrix(outputs, count);
  const weights = [matrix(count, inputs), matrix(count, inputs)] as const;
  const biases = [new Float64Array(count), new Float64Array(count)] as const;
  neurons.forEach((neuron, k) => {
    neuron.sides.forEach((side, i) => {
      biases[i]![k] = side[0]!;
      weights[i]!.data.set(side.subarray(1), k * inputs);
    });
    neuron.readout.forEach((value, o) => readout.data[o * count + k] = value);
  });
  return fromFactors({
    left: weights[0],
    right: weights[1],
    leftBias: biases[0],
    rightBias: biases[1],
    readout,
    outputBias,
  });
}
