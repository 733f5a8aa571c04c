import { matmul, type Matrix, matrix, solveSymmetric } from "../linalg/mod.ts";
import { canonicalPairs, joined } from "./canonical_pairs.ts";
import { type Components, relativeDistance } from "./distance.ts";
import { fromFactors, type Interactions } from "./interactions.ts";
import { type LayerApproximation, layerApproximation } from "./layer_approximation.ts";
import type { Neurons } from "./network.ts";
import { balanced } from "./network.ts";
import { outputModes } from "./output_modes.ts";
import { requirePlan } from "./plan.ts";
import { type QuadraticForm, symmetricForm } from "./quadratic_form.ts";
import { pickRows, row, stackColumns } from "./rows.ts";
import { type Working, working } from "./working.ts";

/** A layer written with as few neurons as were found to do the same. */
export interface Canonical extends LayerApproximation {
  /** Neurons it takes; for one form the fewest possible, max(p, q) of its eigenvalues' signs. */
  readonly neurons: number;
  /** Neurons it took before. */
  readonly before: number;
  /**
   * `eigenvectors` where forms were refactored by sign, `dependence` where neurons that others add up to
   * were folded into their readouts.
   */
  readonly method: "eigenvectors" | "dependence";
}

/** Squared distances from the span of others below this, relative, are rounding. */
const DEPENDENT = 1e-13;

/**
 * The same function with fewer neurons, exactly, biases included. One symmetric form with p positive and q
 * negative eigenvalues takes max(p, q) neurons and no fewer (a positive and a negative
 * eigenpair share one). For a whole layer, whose smallest number of neurons is NP-hard to find, the better
 * of two: the refactored forms of the output directions, or the neurons without those that vanish, repeat
 * or add up from others. `relativeError` says how exact the rewriting is.
 *
 * @throws {RangeError} when the plan exceeds the memory limit.
 * @example
 * ```ts
 * import { decompose, nn } from "@odot/odot";
 * const model = nn.sequential([nn.bilinear(4, 32, { bias: false }), nn.linear(32, 1)], { seed: 1 });
 * const { neurons, before, relativeError } = decompose.canonical(decompose.interactions(model));
 * console.log(neurons <= 4, before, relativeError < 1e-13); // true 32 true
 * ```
 */
export function canonical(
  source: QuadraticForm | Interactions,
  options: { readonly memoryLimit?: number } = {},
): Canonical {
  const original = "neuronWeights" in source ? oneOutput(source) : source;
  const { memoryLimit } = options;
  requirePlan(original, { method: "canonical", ...(memoryLimit !== undefined && { memoryLimit }) });
  const { leftBias, rightBias, inputs, outputs, outputBias } = original;
  const hasBias = [...leftBias, ...rightBias].some((value) => value !== 0);
  const whole = hasBias ? homogeneous(original) : original;
  const work = working(whole, { compress: true });
  const choices = [
    { method: "eigenvectors", parts: refactored(work) },
    { method: "dependence", parts: independent(work) },
  ] as const;
  const { method, parts: found } = choices[1].parts.left.rows < choices[0].parts.left.rows
    ? choices[1]
    : choices[0];
  // a network has at least one neuron, be its outputs 0
  const parts = found.left.rows > 0 ? found : {
    ...{ left: matrix(1, work.size), right: matrix(1, work.size) },
    readout: matrix(work.interactions.outputs, 1),
  };
  const relativeError = relativeDistance(work, parts), neurons = parts.left.rows;
  const lifted = balanced(lift(work, parts));
  const split = ({ rows, data }: Matrix, column: number): Float64Array =>
    hasBias
      ? Float64Array.from({ length: rows }, (_, k) => data[k * (inputs + 1) + column]!)
      : new Float64Array(rows);
  const interactions = fromFactors({
    left: hasBias ? withoutLast(lifted.left) : lifted.left,
    right: hasBias ? withoutLast(lifted.right) : lifted.right,
    leftBias: split(lifted.left, inputs),
    rightBias: split(lifted.right, inputs),
    ...{ readout: lifted.readout, outputBias },
  });
  return {
    ...layerApproximation(original, {
      ...{ neurons: lifted, interactions, relativeError, trace: [relativeError], converged: true },
      parameterCount: neurons * (outputs + 2 * (inputs + (hasBias ? 1 : 0))),
    }),
    ...{ neurons, before: original.neurons, method },
  };
}

/** One form as a layer of one output. */
function oneOutput({ interactions, neuronWeights, direction }: QuadraticForm): Interactions {
  const { left, right, leftBias, rightBias, outputBias, neurons } = interactions;
  return fromFactors({
    ...{ left, right, leftBias, rightBias },
    readout: matrix(1, neurons, neuronWeights),
    outputBias: Float64Array.of(
      direction.reduce((total, value, o) => total + value * outputBias[o]!, 0),
    ),
  });
}

/** The layer as one without biases on (x, 1). */
function homogeneous(original: Interactions): Interactions {
  const { left, right, leftBias, rightBias, readout, neurons } = original;
  return fromFactors({
    left: stackColumns([left, matrix(neurons, 1, leftBias)]),
    right: stackColumns([right, matrix(neurons, 1, rightBias)]),
    ...{ readout, outputBias: new Float64Array(original.outputs) },
    ...{ leftBias: new Float64Array(neurons), rightBias: new Float64Array(neurons) },
  });
}

function withoutLast({ rows, columns, data }: Matrix): Matrix {
  const result = matrix(rows, columns - 1);
  for (let r = 0; r < rows; r++) {
    result.data.set(data.subarray(r * columns, (r + 1) * columns - 1), r * (columns - 1));
  }
  return result;
}

function lift({ toInput, scale }: Working, { left, right, readout }: Components): Neurons {
  return {
    left: toInput(left),
    right: toInput(right),
    readout: matrix(readout.rows, readout.columns, readout.data.map((value) => value * scale)),
  };
}

/** Each output direction's form as max(p, q) neurons. */
function refactored(work: Working): Components {
  const { directions, values } = outputModes(work), weights = matmul(directions, work.readout);
  const kept = [...values.keys()].filter((i) => values[i]! > 1e-14 * values[0]!);
  return joined(
    kept.map((i) =>
      canonicalPairs(symmetricForm(row(weights, i), work, work.size), row(directions, i))
    ),
    work.size,
    work.interactions.outputs,
  );
}

/** The neurons without those that others add up to: pivoted Cholesky of their inner products. */
function independent(work: Working): Components {
  const { readout, gram, left, right } = work, h = gram.rows, outputs = readout.rows;
  const lengths = Float64Array.from({ length: h }, (_, k) => Math.sqrt(gram.data[k * h + k]!));
  const used = [...lengths.keys()].filter((k) => {
    let size = 0;
    for (let o = 0; o < outputs; o++) size += Math.abs(readout.data[o * h + k]!);
    return size > 0 && lengths[k]! > 0;
  });
  const cosine = (a: number, b: number): number =>
    gram.data[a * h + b]! / (lengths[a]! * lengths[b]!);
  const rest = new Float64Array(h), factor: Float64Array[] = [], chosen: number[] = [];
  for (const k of used) rest[k] = 1;
  for (;;) {
    const pivot = used.reduce((a, b) => rest[b]! > rest[a]! ? b : a, used[0] ?? 0);
    if (!(rest[pivot]! > DEPENDENT * h)) break;
    const root = Math.sqrt(rest[pivot]!);
    const column = Float64Array.from({ length: h }, (_, k) => rest[k]! > 0 ? cosine(k, pivot) : 0);
    for (const one of factor) {
      const weight = one[pivot]!;
      for (let k = 0; k < h; k++) column[k] = column[k]! - weight * one[k]!;
    }
    for (let k = 0; k < h; k++) {
      column[k] = column[k]! / root;
      rest[k] = rest[k]! - column[k]! * column[k]!;
    }
    rest[pivot] = 0;
    factor.push(column);
    chosen.push(pivot);
  }
  chosen.sort((a, b) => a - b);
  const folded = used.filter((k) => !chosen.includes(k)), count = chosen.length;
  const result = matrix(outputs, count);
  for (let o = 0; o < outputs; o++) {
    chosen.forEach((k, c) => result.data[o * count + c] = readout.data[o * h + k]!);
  }
  if (folded.length > 0 && count > 0) {
    const own = matrix(count, count), other = matrix(count, folded.length);
    chosen.forEach((a, i) => {
      chosen.forEach((b, j) => own.data[i * count + j] = cosine(a, b));
      folded.forEach((b, j) => other.data[i * folded.length + j] = cosine(a, b));
    });
    const { solution } = solveSymmetric(own, other);
    chosen.forEach((a, i) =>
      folded.forEach((b, j) => {
        const weight = solution.data[i * folded.length + j]! * lengths[b]! / lengths[a]!;
        for (let o = 0; o < outputs; o++) {
          result.data[o * count + i] = result.data[o * count + i]! +
            weight * readout.data[o * h + b]!;
        }
      })
    );
  }
  return { left: pickRows(left, chosen), right: pickRows(right, chosen), readout: result };
}
