import { bilinear, linear, type Model, sequential } from "../nn/mod.ts";
import type { Dataset } from "../data/mod.ts";
import { accuracyByRank } from "./accuracy_by_rank.ts";
import { pairedSquares } from "./canonical_pairs.ts";
import { type Eigen, eigen, fewer } from "./eigen.ts";
import { type Goal, type Rank, requireRank, smallest } from "./goal.ts";
import { type Interactions, interactions } from "./interactions.ts";
import { row } from "./rows.ts";

/** A smaller network that computes the leading eigenpairs of every output. */
export interface Truncation {
  /** Runs, saves and loads like any other; the caller disposes of it. */
  readonly model: Model;
  /** Eigenpairs that every output keeps, where it has as many: what was asked for, or reaches the goal. */
  readonly rank: number;
  /** Hidden neurons of the model. */
  readonly neurons: number;
  /** Parameters of the model. */
  readonly parameters: number;
  /** ‖B − B̂‖_F / ‖B‖_F over all outputs, dimensionless; linear and constant parts are kept whole. */
  readonly relativeError: number;
}

/**
 * The network made of the `rank` largest eigenpairs of every output, runnable; or of the fewest that reach
 * a goal: a share of the energy, an accuracy, a proved logit error. A form with p positive
 * and q negative eigenvalues takes max(p, q) neurons, the fewest possible: a positive and a negative
 * eigenpair share one, √λ⁺v⁺ ∓ √|λ⁻|v⁻.
 *
 * @throws {RangeError} when the rank is no whole number ≥ 1, the goal is none or out of reach, or the
 * weights exceed the largest f32; {TypeError} when the model has not one bilinear layer.
 * @example
 * ```ts
 * import { decompose, nn } from "@odot/odot";
 * const model = nn.sequential([nn.bilinear(8, 16, { bias: false }), nn.linear(16, 2)], { seed: 1 });
 * const { model: smaller, neurons, relativeError } = decompose.truncate(model, { rank: 2 });
 * console.log(neurons, relativeError, smaller.predict(new Float32Array(8)));
 * ```
 */
export function truncate(
  source: Model | Interactions,
  { rank }: { readonly rank: Rank },
): Truncation {
  const whole = "neurons" in source ? source : interactions(source);
  const parts = leadingParts(whole, rank);
  const hasBias = parts.some((part) => part.constant !== 0 || part.linear.some((l) => l !== 0));
  const neurons = parts.flatMap((part, output) => [
    ...canonicalNeurons(part, output),
    ...(hasBias ? [affineNeuron(part, output)] : []),
  ]);
  // a network has at least one neuron, be its outputs 0
  if (neurons.length === 0) neurons.push(affineNeuron(parts[0]!, 0));
  const { inputs, outputs } = whole, count = neurons.length;
  const weight = new Float32Array(2 * count * inputs), bias = new Float32Array(2 * count);
  const readout = new Float32Array(outputs * count);
  neurons.forEach((neuron, k) => {
    weight.set(neuron.left, k * inputs);
    weight.set(neuron.right, (count + k) * inputs);
    bias[k] = neuron.leftBias;
    bias[count + k] = neuron.rightBias;
    readout[neuron.output * count + k] = 1;
  });
  if (!weight.every(Number.isFinite) || !bias.every(Number.isFinite)) {
    throw new RangeError(
      "Cannot truncate: the weights of the smaller network exceed the largest f32; scale those of the larger one down",
    );
  }
  const model = sequential([
    bilinear(inputs, count, { bias: hasBias }),
    linear(count, outputs, { bias: false }),
  ]);
  model.assign({ "0.weight": weight, "1.weight": readout, ...(hasBias && { "0.bias": bias }) });
  return {
    model,
    rank: Math.max(...parts.map(({ values }) => values.length)),
    neurons: count,
    parameters: weight.length + readout.length + (hasBias ? bias.length : 0),
    relativeError: jointError(parts),
  };
}

/** The eigenpairs that every output keeps. */
function leadingParts(whole: Interactions, rank: Rank): readonly Eigen[] {
  const all = (options: { rank?: number }): Eigen[] =>
    Array.from({ length: whole.outputs }, (_, o) => eigen(whole.output(o), options));
  if (typeof rank === "number") return all({ rank });
  requireRank(rank, 1, "eigenpairs");
  const parts = all({}), most = Math.max(...parts.map(({ values }) => values.length));
  const reached = goalReached(rank, whole, parts);
  return smallest(most, (count) => parts.map((part) => fewer(part, count)), reached);
}

function goalReached(
  goal: Goal,
  whole: Interactions,
  eigens: readonly Eigen[],
): (kept: readonly Eigen[]) => boolean {
  if ("energy" in goal) return (kept) => 1 - jointError(kept) ** 2 >= goal.energy - 1e-12;
  if ("relativeError" in goal) return (kept) => jointError(kept) <= goal.relativeError + 1e-12;
  const width = (kept: readonly Eigen[]): number =>
    Math.max(...kept.map(({ values }) => values.length));
  if ("accuracyDrop" in goal) {
    const accuracy = (source: Dataset, rank: number): number =>
      accuracyByRank(whole, source, { eigens, ranks: [rank] })[0]!.accuracy;
    const least = accuracy(goal.on, width(eigens)) - goal.accuracyDrop - 1e-12;
    return (kept) => accuracy(goal.on, width(kept)) >= least;
  }
  const { logitError, radius } = goal;
  // the largest eigenvalue left out is the spectral norm of the error
  return (kept) =>
    eigens.every(({ values }) => Math.abs(values[width(kept)] ?? 0) * radius ** 2 <= logitError);
}

interface Neuron {
  readonly output: number;
  readonly left: Float64Array;
  readonly right: Float64Array;
  readonly leftBias: number;
  readonly rightBias: number;
}

/** max(p, q) neurons for p positive and q negative eigenpairs. */
function canonicalNeurons({ values, vectors }: Eigen, output: number): Neuron[] {
  const { left, right } = pairedSquares(values, vectors);
  return Array.from({ length: left.rows }, (_, k) => ({
    ...{ output, leftBias: 0, rightBias: 0 },
    ...{ left: row(left, k), right: row(right, k) },
  }));
}

/** (linear·x + constant) · 1 as a neuron. */
function affineNeuron({ linear, constant }: Eigen, output: number): Neuron {
  const right = new Float64Array(linear.length);
  return { output, left: linear, right, leftBias: constant, rightBias: 1 };
}

function jointError(parts: readonly Eigen[]): number {
  const largest = parts.reduce((top, { norm }) => Math.max(top, norm), 0);
  if (largest === 0) return 0;
  // relative to the largest, so that squares neither overflow nor vanish
  let dropped = 0, total = 0;
  for (const { norm, relativeError } of parts) {
    total += (norm / largest) ** 2;
    dropped += (norm / largest * relativeError) ** 2;
  }
  return Math.sqrt(dropped / total);
}
