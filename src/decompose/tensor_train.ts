import { matmul, type Matrix, matrix } from "../linalg/mod.ts";
import { type DenseTensor, denseTensor } from "../multilinear/mod.ts";
import { relativeDistance } from "./distance.ts";
import { goalTest, type Rank, requireRank, smallest } from "./goal.ts";
import { applied, inputGram } from "./grams.ts";
import type { Interactions } from "./interactions.ts";
import { type LayerApproximation, layerApproximation } from "./layer_approximation.ts";
import { type Leading, leading } from "./leading.ts";
import { type OutputModes, outputModes } from "./output_modes.ts";
import { requirePlan } from "./plan.ts";
import { symmetricForm } from "./quadratic_form.ts";
import { pickRows, row } from "./rows.ts";
import { outputsFor } from "./tucker.ts";
import { type Working, working } from "./working.ts";

/** Options of {@linkcode tensorTrain}. */
export interface TensorTrainOptions {
  /** Sizes of the two bonds, the second alone, or a goal; all unless said. */
  readonly rank?: Rank | readonly [outputs: number, inputs: number];
  /** Covariance of the inputs [inputs, inputs] whose norm counts; the plain Frobenius norm unless said. */
  readonly weight?: Matrix;
  /** Bytes that the work may take; 2 GiB unless said. */
  readonly memoryLimit?: number;
}

/** The tensor as a chain outputs – input – input of three cores. */
export interface TensorTrain extends LayerApproximation {
  /** Sizes of the two bonds. */
  readonly ranks: readonly [outputs: number, inputs: number];
  /** Cores [1, outputs, r₁], [r₁, inputs, r₂] and [r₂, inputs, 1]. */
  readonly cores: readonly [DenseTensor, DenseTensor, DenseTensor];
  /** ‖X − X̂‖_F / ‖X‖_F of the symmetric part of the train, which is what `apply` computes; ≤ relativeError. */
  readonly symmetricError: number;
}

/**
 * Tensor train of the interaction tensor, outputs – input – input, from factors: the bond of the outputs
 * by inner products of neurons, that of the inputs by the eigenvectors of Σ Q². `relativeError` and
 * `toDense()` are those of the train, which is not symmetric; the network it defines, r₁·r₂ neurons at
 * most, computes its symmetric part. `errorBound` is √(Σ discarded σ² of both bonds)/‖B‖_F.
 *
 * Source: Oseledets 2011, algorithm 1.
 *
 * @throws {RangeError} for a rank out of range, a goal out of reach, or a plan above the memory limit.
 * @example
 * ```ts
 * import { decompose, nn } from "@odot/odot";
 * const model = nn.sequential([nn.bilinear(12, 5, { bias: false }), nn.linear(5, 3)], { seed: 1 });
 * const { cores, relativeError } = decompose.tensorTrain(decompose.interactions(model), {
 *   rank: [2, 4],
 * });
 * console.log(cores.map(({ shape }) => shape.join("×")).join(" – ")); // 1×3×2 – 2×12×4 – 4×12×1
 * console.log(relativeError < 1); // true
 * ```
 */
export function tensorTrain(
  interactions: Interactions,
  options: TensorTrainOptions = {},
): TensorTrain {
  const { rank, weight, memoryLimit } = options;
  const pair = Array.isArray(rank) ? rank as readonly [number, number] : undefined;
  const goal = pair ? undefined : rank as Rank | undefined;
  const most = Math.min(interactions.inputs, 2 * interactions.neurons);
  const wanted = requireRank(pair ? pair[1] : goal, most, "directions of inputs");
  if (pair) requireRank(pair[0], interactions.outputs, "directions of outputs");
  requirePlan(interactions, {
    method: "tensorTrain",
    ...(wanted && { rank: wanted }),
    ...(memoryLimit !== undefined && { memoryLimit }),
  });
  const work = working(interactions, { weight, compress: true });
  const outputs = outputModes(work), limit = Math.min(most, work.size);
  const whole = leading(inputGram(work.readout, work), wanted ?? limit);
  const make = (count: number): TensorTrain => {
    const kept = Math.min(count, whole.vectors.rows);
    return train(work, outputs, pair?.[0] ?? outputsFor(outputs, whole, kept), kept);
  };
  return goal === undefined || wanted
    ? make(wanted ?? limit)
    : smallest(limit, make, goalTest(goal as Exclude<Rank, number>, interactions));
}

/** Below this the eigenvalues left out are rounding, as they are squares. */
const CANCELLED = 1e-6;
/** Multiplications that are spent on measuring such errors at most. */
const EFFORT = 2e10;

/** √(lost + Σ ‖Q_a − Q_a·PᵀP‖²)/‖B‖, form by form, where that is affordable. */
function measuredError(
  work: Working,
  readout: Matrix,
  images: readonly Matrix[],
  p: Matrix,
  lost: number,
): number | undefined {
  const { size } = work;
  if (work.energy === 0) return 0;
  if (images.length * size * size * (work.left.rows + p.rows) > EFFORT) return undefined;
  const total = images.reduce((sum, image, a) => {
    const form = symmetricForm(row(readout, a), work, size), near = matmul(image, p, "TN");
    return sum + form.data.reduce((own, value, i) => own + (value - near.data[i]!) ** 2, 0);
  }, lost);
  return Math.sqrt(total / work.energy);
}

function train(work: Working, outputs: OutputModes, first: number, second: number): TensorTrain {
  const { interactions, scale, size } = work;
  const directions = pickRows(outputs.directions, [...Array(first).keys()]);
  const readout = matmul(directions, work.readout);
  const inputs: Leading = leading(inputGram(readout, work), second);
  const p = pickRows(inputs.vectors, [...Array(Math.min(second, inputs.vectors.rows)).keys()]);
  const lost = outputs.values.subarray(first).reduce((sum, value) => sum + value * value, 0);
  // Q_a·p_j of every kept output a and input direction j, r₁·r₂ neurons (p_j·x)(Q_a·p_j·x)
  const images = Array.from({ length: first }, (_, a) => {
    const own = row(readout, a), weights = matrix(own.length, p.rows);
    own.forEach((value, k) => weights.data.fill(value, k * p.rows, (k + 1) * p.rows));
    return applied(work, weights, p);
  });
  const neurons = { left: matrix(first * p.rows, size), right: matrix(first * p.rows, size) };
  const out = matrix(interactions.outputs, first * p.rows);
  images.forEach((image, a) => {
    neurons.left.data.set(p.data, a * p.data.length);
    neurons.right.data.set(image.data, a * p.data.length);
    row(directions, a).forEach((value, o) =>
      out.data.fill(value, o * out.columns + a * p.rows, o * out.columns + (a + 1) * p.rows)
    );
  });
  const symmetricError = relativeDistance(work, { ...neurons, readout: out });
  const [left, right] = [work.toInput(neurons.left), work.toInput(neurons.right)];
  const n = interactions.inputs, back = work.toInput(p);
  const middle = denseTensor([first, n, p.rows]);
  for (let a = 0; a < first; a++) {
    for (let j = 0; j < p.rows; j++) {
      const own = row(right, a * p.rows + j);
      own.forEach((value, i) => middle.data[(a * n + i) * p.rows + j] = value * scale);
    }
  }
  const begin = denseTensor([1, interactions.outputs, first]);
  directions.data.forEach((value, i) => {
    begin.data[(i % interactions.outputs) * first + Math.floor(i / interactions.outputs)] = value;
  });
  const bound = work.energy === 0 ? 0 : Math.min(1, Math.sqrt((lost + inputs.rest) / work.energy));
  const measured = bound < CANCELLED ? measuredError(work, readout, images, p, lost) : undefined;
  const relativeError = Math.max(symmetricError, measured ?? bound);
  const slice = (output: number): Matrix => {
    const weights = matrix(
      1,
      first,
      Float64Array.from(
        { length: first },
        (_, a) => directions.data[a * interactions.outputs + output]!,
      ),
    );
    const flat = matmul(weights, matrix(first, n * p.rows, middle.data));
    return matmul(matrix(n, p.rows, flat.data), back);
  };
  return {
    ...layerApproximation(interactions, {
      neurons: {
        ...{ left, right },
        readout: matrix(out.rows, out.columns, out.data.map((value) => value * scale)),
      },
      ...{ relativeError, errorBound: relativeError, trace: [relativeError], converged: true },
      parameterCount: interactions.outputs * first + first * n * p.rows + p.rows * n,
      slice,
    }),
    ranks: [first, p.rows],
    cores: [begin, middle, denseTensor([p.rows, n, 1], back.data)],
    symmetricError,
  };
}
