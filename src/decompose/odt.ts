import { batches, type Dataset, gather } from "../data/mod.ts";
import { frobeniusNorm } from "../linalg/mod.ts";
import type { Approximation } from "../multilinear/mod.ts";
import type { Model } from "../nn/mod.ts";
import { argmax, random, scope } from "../tensor/mod.ts";
import { type DeepInteractions, deepInteractions } from "./deep_interactions.ts";
import type { Interactions } from "./interactions.ts";
import { type Bond, type Cut, cutsOf } from "./odt_bonds.ts";
import { environments } from "./odt_environments.ts";
import { EXPLICIT, orthogonalise } from "./odt_gauge.ts";
import { countNumbers, networkOf, piecesOf } from "./odt_network.ts";
import { chooseRanks, type OdtRank, reachOf } from "./odt_ranks.ts";
import { withRanks } from "./odt_truncate.ts";
import { requirePlan } from "./plan.ts";
import { denseTree, treeProducts } from "./tree_products.ts";

/** Options of {@linkcode odt}. */
export interface OdtOptions {
  /** How much of every state to keep; everything unless said. */
  readonly rank?: OdtRank;
  /** Bytes that the work may take; 2 GiB unless said. */
  readonly memoryLimit?: number;
  /**
   * Called after each step: every map on the way up, every map on the way down, the spectra, and the
   * ranks. Nothing here awaits, so this is the place to look at the clock and to abort the signal.
   */
  readonly progress?: (state: { step: number; steps: number }) => void;
  /** Ends the work with the signal's reason, looked at after each step. */
  readonly signal?: AbortSignal;
}

/** A deep network with the unimportant directions of its states left out. */
export interface Odt extends Approximation {
  /** The whole network. */
  readonly source: DeepInteractions;
  /** The truncated network as a chain of bilinear maps. */
  readonly deep: DeepInteractions;
  /** Every state from the first to the outputs: its spectrum and what was kept [depth + 1]. */
  readonly bonds: readonly Bond[];
  /**
   * ‖Θ − Θ̂‖_F / ‖Θ‖_F over all coefficients, computed exactly from the factors; errors below 2e-8 are
   * reported as 2e-8 or the bound, as they are differences of squares.
   */
  readonly relativeError: number;
  /** √(Σ occurrences · dropped squared singular values) / ‖Θ‖_F, which the relative error stays below. */
  readonly errorBound: number;
  /** Largest relative difference at seven random inputs when nothing is dropped: rounding, measured. */
  readonly residual: number;
  /** Numbers that the truncated network holds. */
  readonly parameterCount: number;
  /** Outputs [outputs] of the truncated network at one input [inputs], in f64. */
  apply(input: ArrayLike<number>): Float64Array;
  /** What no output moves by, for any input of length ≤ radius: errorBound · ‖Θ‖ · ‖[1; x]‖^(2^depth). */
  logitError(radius: number): number;
  /** The truncated network, runnable in f32; the caller disposes of it. @throws {RangeError} beyond f32. */
  toModel(): Model;
}

/**
 * Orthogonalisation, diagonalisation, truncation (ODT) of a deep bilinear network from its weights, never
 * forming a core: O(depth · k² · width) for k neurons a layer. From the input up every state gets
 * coordinates that are orthonormal as tensors of the input; from the outputs down the spectrum of every
 * cut follows; directions of little weight are dropped, the constant never.
 *
 * The bound is Σ over states of occurrences · dropped squared singular values: projections in orthonormal
 * coordinates, one after another. The certificate printed in the source sums fourth powers and does not
 * hold. Source: Dooms et al. 2025 (2504.02667); the recursions, METHODS 11.
 *
 * @throws {TypeError} when a layer has no exact form; {RangeError} for ranks that are not possible, weights
 * that are not finite, coefficients beyond f64, or a plan above the memory limit.
 * @example
 * ```ts
 * import { decompose, nn } from "@odot/odot";
 * const model = nn.sequential([nn.bilinear(6, 8), nn.linear(8, 5), nn.bilinear(5, 8), nn.linear(8, 3)]);
 * const { bonds, relativeError, errorBound, toModel } = decompose.odt(model, { rank: { energy: 0.99 } });
 * console.log(bonds.map(({ rank, width }) => `${rank} of ${width}`), relativeError <= errorBound);
 * console.log(toModel().predict([1, 2, 3, 4, 5, 6]));
 * ```
 */
export function odt(
  source: Model | Interactions | DeepInteractions,
  options: OdtOptions = {},
): Odt {
  const { signal, memoryLimit } = options;
  signal?.throwIfAborted();
  const whole = "depth" in source ? source : deepInteractions(source);
  requirePlan(whole, { method: "odt", ...(memoryLimit && { memoryLimit }) });
  const steps = 2 * whole.depth + 2;
  let step = 0;
  const done = (): void => {
    options.progress?.({ step: ++step, steps });
    signal?.throwIfAborted();
  };
  const orthogonal = orthogonalise(whole, EXPLICIT, done);
  const { all, scale } = environments(orthogonal, EXPLICIT, done);
  const cuts = cutsOf(whole, orthogonal, all), energy = frobeniusNorm(all.at(-1)!.root!) ** 2;
  done();
  const shrunk = (ranks: readonly number[]): DeepInteractions => withRanks(whole, cuts, ranks);
  const measure = (on: Dataset, ranks?: readonly number[]): number => {
    signal?.throwIfAborted();
    const chosen = ranks ?? cuts.map(({ values }) => values.length);
    const model = networkOf(piecesOf(ranks ? shrunk(ranks) : whole, chosen.at(-1)!));
    try {
      return accuracy(model, on);
    } finally {
      model[Symbol.dispose]();
    }
  };
  const ranks = chooseRanks(cuts, options.rank, {
    energy,
    scale,
    constant: whole.constant,
    neurons: readoutOf(whole),
    measure,
  });
  done();
  const deep = shrunk(ranks), pieces = piecesOf(deep, ranks.at(-1)!);
  const spent = cuts.reduce((sum, cut, l) => sum + cut.occurrences * dropped(cut, ranks[l]!), 0);
  const errorBound = energy === 0 ? 0 : Math.sqrt(spent / energy);
  const relativeError = errorBound === 0 ? 0 : Math.min(errorBound, distance(whole, deep));
  return {
    source: whole,
    deep,
    bonds: cuts.map((cut, l) => bondOf(cut, ranks[l]!, scale)),
    relativeError,
    errorBound,
    residual: rounding(whole, cuts),
    trace: [relativeError],
    converged: true,
    parameterCount: countNumbers(pieces),
    apply: deep.evaluate,
    logitError: (radius) => Math.sqrt(spent) * scale * reachOf(radius, whole.depth, whole.constant),
    toModel: () => networkOf(pieces),
    toDense: () => denseTree(deep),
  };
}

/** Neurons that the last linear map of a network reads, 0 where its outputs are its neurons. */
function readoutOf(whole: DeepInteractions): number {
  const last = piecesOf(whole, whole.outputs).at(-1)!;
  return last.type === "linear" ? last.weight.columns : 0;
}

function bondOf(cut: Cut, rank: number, scale: number): Bond {
  const { width, occurrences, rounding } = cut;
  return {
    width,
    occurrences,
    singularValues: cut.values.map((value) => value * scale),
    withConstant: cut.whole.map((value) => value * scale),
    rounding,
    rank,
  };
}

/** Energy of the directions left out, the smallest first. */
function dropped({ charged }: Cut, rank: number): number {
  return charged.subarray(rank).reduceRight((sum, value) => sum + value, 0);
}

/** Below this a difference of inner products says nothing. */
const FLOOR = 2e-8;

/** ‖Θ − Θ̂‖ / ‖Θ‖ by inner products. */
function distance(whole: DeepInteractions, deep: DeepInteractions): number {
  const pairs = [[whole, whole], [whole, deep], [deep, deep]] as const;
  const [own, cross, other] = pairs.map(([a, b]) => {
    const { values, exponent } = treeProducts(a, b);
    return { sum: values.reduce((sum, value) => sum + value, 0), exponent };
  });
  if (own!.sum === 0) return 0;
  const ratio = ({ sum, exponent }: { sum: number; exponent: number }): number =>
    sum / own!.sum * 2 ** (exponent - own!.exponent);
  return Math.max(FLOOR, Math.sqrt(Math.max(0, 1 - 2 * ratio(cross!) + ratio(other!))));
}

/** What going through the coordinates changes where no direction is dropped. */
function rounding(whole: DeepInteractions, cuts: readonly Cut[]): number {
  const through = withRanks(whole, cuts, cuts.map(({ values }) => values.length), "always");
  const values = scope(() => random(0).normal([7, whole.inputs]).toArray());
  let worst = 0;
  for (let row = 0; row < 7; row++) {
    const x = values.slice(row * whole.inputs, (row + 1) * whole.inputs);
    const exact = whole.evaluate(x), found = through.evaluate(x);
    const size = Math.hypot(...exact), gap = Math.hypot(...exact.map((y, o) => y - found[o]!));
    if (gap > 0) worst = Math.max(worst, gap / size);
  }
  return worst;
}

/** Rows that are computed at a time. */
const ROWS = 2000;

/** Share of rows whose largest output is the label. */
function accuracy(model: Model, source: Dataset): number {
  if (source.features !== model.inputs || source.classes > model.outputs) {
    throw new TypeError(
      `Cannot measure accuracy on ${source.name}: rows of ${source.features} in ${source.classes} classes, but the network takes ${model.inputs} and gives ${model.outputs}`,
    );
  }
  let right = 0;
  for (const rows of batches(source, { size: ROWS })) {
    scope(() => {
      const found = argmax(model(gather(source, rows).inputs)).toArray();
      rows.forEach((row, i) => right += found[i] === source.labels[row] ? 1 : 0);
    });
  }
  return right / source.count;
}
