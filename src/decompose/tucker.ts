import { matmul, type Matrix } from "../linalg/mod.ts";
import { type DenseTensor, denseTensor, type IterationOptions } from "../multilinear/mod.ts";
import { canonicalPairs, joined } from "./canonical_pairs.ts";
import { requireIteration } from "./cp.ts";
import { type Components, relativeDistance } from "./distance.ts";
import { goalTest, type Rank, requireRank, smallest } from "./goal.ts";
import { inputGram, neuronGram, outputGram } from "./grams.ts";
import type { Interactions } from "./interactions.ts";
import { type LayerApproximation, layerApproximation } from "./layer_approximation.ts";
import { type Leading, leading } from "./leading.ts";
import { type OutputModes, outputModes } from "./output_modes.ts";
import { requirePlan, SWEEPS } from "./plan.ts";
import { symmetricForm } from "./quadratic_form.ts";
import { pickRows, row } from "./rows.ts";
import { type Working, working } from "./working.ts";

/** Ranks of the two kinds of modes: outputs and inputs. */
export type ModeRanks = readonly [outputs: number, inputs: number];

/** Options of {@linkcode tucker}. */
export interface TuckerOptions extends IterationOptions {
  /**
   * How many directions of outputs and of inputs to keep, how many of the inputs with all outputs they
   * allow, or a goal. All unless said.
   */
  readonly rank?: Rank | ModeRanks;
  /** Covariance of the inputs [inputs, inputs] whose norm counts; the plain Frobenius norm unless said. */
  readonly weight?: Matrix;
  /** Bytes that the work may take; 2 GiB unless said. */
  readonly memoryLimit?: number;
}

/** The tensor as a small core seen through one basis of outputs and one of inputs. */
export interface Tucker extends LayerApproximation {
  /** Directions kept of outputs and of inputs. */
  readonly rank: ModeRanks;
  /** Core [outputs kept, inputs kept, inputs kept], symmetric in the last two. */
  readonly core: DenseTensor;
  /** Orthonormal directions of outputs as rows [outputs kept, outputs]. */
  readonly outputFactor: Matrix;
  /** Directions of inputs as rows [inputs kept, inputs]; orthonormal unless weighted. */
  readonly inputFactor: Matrix;
  /** Singular values of the tensor unfolded by outputs, descending [outputs]. */
  readonly outputSpectrum: Float64Array;
  /** Singular values of the tensor unfolded by inputs, descending: all, or those computed. */
  readonly inputSpectrum: Float64Array;
}

/**
 * Tucker decomposition with the same basis for both inputs, so that the core stays symmetric: begun by
 * the higher-order SVD, improved by symmetric orthogonal iteration that never raises the error, from
 * inner products of neurons. The core's eigenvectors make the small network of `toModel()`.
 *
 * `errorBound` is that of the higher-order SVD, √(Σ discarded σ² of outputs + 2·Σ discarded σ² of inputs)
 * over ‖B‖_F, which the iteration only improves. Source: De Lathauwer, De Moor and Vandewalle 2000.
 *
 * @throws {RangeError} for a rank out of range, a goal out of reach, or a plan above the memory limit.
 * @example
 * ```ts
 * import { decompose, nn } from "@odot/odot";
 * const model = nn.sequential([nn.bilinear(12, 5, { bias: false }), nn.linear(5, 3)], { seed: 1 });
 * const small = decompose.tucker(decompose.interactions(model), { rank: [3, 4] });
 * console.log(small.core.shape.join()); // "3,4,4"
 * console.log(small.relativeError <= small.errorBound!); // true
 * ```
 */
export function tucker(interactions: Interactions, options: TuckerOptions = {}): Tucker {
  const { weight, memoryLimit, rank } = options;
  const pair = Array.isArray(rank) ? rank as ModeRanks : undefined;
  const goal = pair ? undefined : rank as Rank | undefined;
  const most = Math.min(interactions.inputs, 2 * interactions.neurons);
  const wanted = requireRank(pair ? pair[1] : goal, most, "directions of inputs");
  if (pair) requireRank(pair[0], interactions.outputs, "directions of outputs");
  if (options.sweeps !== undefined) requireIteration({ sweeps: options.sweeps });
  requirePlan(interactions, {
    method: "tucker",
    ...(wanted && { rank: wanted }),
    ...(memoryLimit !== undefined && { memoryLimit }),
  });
  const work = working(interactions, { weight, compress: true });
  const outputs = outputModes(work);
  const limit = Math.min(most, work.size);
  const inputs = leading(inputGram(work.readout, work), wanted ?? limit);
  const make = (count: number): Tucker => {
    const kept = Math.min(count, inputs.vectors.rows);
    const ranks: ModeRanks = [pair?.[0] ?? outputsFor(outputs, inputs, kept), kept];
    return iterate(work, outputs, inputs, ranks, options);
  };
  return goal === undefined || wanted
    ? make(wanted ?? limit)
    : smallest(limit, make, goalTest(goal as Exclude<Rank, number>, interactions));
}

/** The fewest outputs that lose no more than the inputs do: what is kept of both then fits together. */
export function outputsFor({ values }: OutputModes, inputs: Leading, kept: number): number {
  const rest = inputs.rest +
    inputs.values.subarray(kept, inputs.vectors.rows).reduce((sum, value) => sum + value, 0);
  let lost = 0, count = values.length;
  while (count > 1 && lost + values[count - 1]! ** 2 <= rest) lost += values[--count]! ** 2;
  return Math.min(count, kept * (kept + 1) / 2);
}

interface State {
  /** Directions of outputs and inputs, as rows. */
  readonly a: Matrix;
  readonly p: Matrix;
  /** ‖core‖_F². */
  readonly energy: number;
}

function iterate(
  work: Working,
  outputs: OutputModes,
  inputs: Leading,
  ranks: ModeRanks,
  options: TuckerOptions,
): Tucker {
  const { sweeps = SWEEPS.tucker, tolerance = 1e-9, signal, progress } = options;
  const first = (rows: Matrix, count: number): Matrix => pickRows(rows, [...Array(count).keys()]);
  const lost = (values: Float64Array, kept: number): number =>
    values.subarray(kept).reduce((sum, value) => sum + value, 0);
  const squares = outputs.values.map((value) => value * value);
  const known = inputs.vectors.rows;
  const rest = inputs.rest + inputs.values.subarray(ranks[1], known).reduce((s, x) => s + x, 0);
  const bound = work.energy === 0
    ? 0
    : Math.min(1, Math.sqrt((lost(squares, ranks[0]) + 2 * rest) / work.energy));
  let state = withOutputs(work, first(inputs.vectors, ranks[1]), ranks[0]);
  const trace = [errorOf(work, state)];
  // full ranks leave nothing to improve
  let converged = ranks[1] >= work.size && ranks[0] >= work.readout.rows;
  for (let sweep = 1; sweep <= sweeps && !converged; sweep++) {
    signal?.throwIfAborted();
    const next = improved(work, state, ranks);
    if (next) state = next;
    trace.push(Math.min(trace.at(-1)!, errorOf(work, state)));
    converged = !next || trace.at(-2)! - trace.at(-1)! <= tolerance;
    progress?.({ sweep, sweeps, relativeError: trace.at(-1)! });
  }
  return concluded(work, state, { bound, trace, converged, outputs, inputs });
}

function errorOf({ energy }: Working, state: State): number {
  return energy === 0 ? 0 : Math.sqrt(Math.max(0, 1 - state.energy / energy));
}

/** The best directions of outputs for given directions of inputs. */
function withOutputs(work: Working, p: Matrix, count: number): State {
  const pair = { left: matmul(work.left, p, "NT"), right: matmul(work.right, p, "NT") };
  const { vectors, values } = leading(
    outputGram(work.readout, neuronGram(pair, pair)),
    Math.min(count, work.readout.rows),
  );
  return {
    ...{ a: vectors, p },
    energy: values.subarray(0, vectors.rows).reduce((sum, value) => sum + value, 0),
  };
}

/**
 * One sweep: P ← leading eigenvectors of S(PPᵀ) = Σ Q·PPᵀ·Q. The energy ⟨PPᵀ, S(PPᵀ)⟩ may fall where
 * forms are indefinite; with λ_max(ΣQ²)·PPᵀ added to S it is convex in PPᵀ, and cannot.
 */
function improved(work: Working, state: State, ranks: ModeRanks): State | undefined {
  const readout = matmul(state.a, work.readout);
  const through = {
    left: matmul(work.left, state.p, "NT"),
    right: matmul(work.right, state.p, "NT"),
  };
  const gram = inputGram(readout, work, through);
  for (const shifted of [false, true]) {
    if (shifted) {
      const shift = leading(inputGram(readout, work), 1).values[0]!;
      const projector = matmul(state.p, state.p, "TN");
      gram.data.forEach((value, i) => gram.data[i] = value + shift * projector.data[i]!);
    }
    const next = withOutputs(work, leading(gram, ranks[1]).vectors, ranks[0]);
    if (next.energy > state.energy) return next;
  }
  return undefined;
}

function concluded(
  work: Working,
  { a, p }: State,
  { bound, trace, converged, outputs, inputs }: {
    bound: number;
    trace: number[];
    converged: boolean;
    outputs: OutputModes;
    inputs: Leading;
  },
): Tucker {
  const { interactions, scale } = work, [kept, width] = [a.rows, p.rows];
  const readout = matmul(a, work.readout);
  const pair = { left: matmul(work.left, p, "NT"), right: matmul(work.right, p, "NT") };
  const core = denseTensor([kept, width, width]);
  const slices: Components[] = [];
  for (let i = 0; i < kept; i++) {
    const form = symmetricForm(row(readout, i), pair, width);
    core.data.set(form.data.map((value) => value * scale), i * width * width);
    slices.push(canonicalPairs(form, row(a, i)));
  }
  const small = joined(slices, width, interactions.outputs);
  const lifted = {
    left: matmul(small.left, p),
    right: matmul(small.right, p),
    readout: small.readout,
  };
  const relativeError = relativeDistance(work, lifted), inputFactor = work.toInput(p);
  trace[trace.length - 1] = Math.min(relativeError, trace.at(-2) ?? relativeError);
  return {
    ...layerApproximation(interactions, {
      neurons: {
        left: matmul(small.left, inputFactor),
        right: matmul(small.right, inputFactor),
        readout: scaledMatrix(small.readout, scale),
      },
      ...(small.left.rows > 0 &&
        { embedding: { matrix: inputFactor, left: small.left, right: small.right } }),
      ...{ relativeError, errorBound: Math.max(bound, relativeError), trace, converged },
      parameterCount: kept * interactions.outputs + width * interactions.inputs +
        kept * width * (width + 1) / 2,
    }),
    ...{ rank: [kept, width] as const, core, outputFactor: a, inputFactor },
    outputSpectrum: outputs.values.map((value) => value * scale),
    inputSpectrum: inputs.values.map((value) => Math.sqrt(value) * scale),
  };
}

function scaledMatrix(source: Matrix, factor: number): Matrix {
  return { ...source, data: source.data.map((value) => value * factor) };
}
