import type { Matrix } from "../linalg/mod.ts";
import type { Approximation } from "./approximation.ts";
import { requireRoom, requireTensor, text } from "./checks.ts";
import type { DenseTensor } from "./dense_tensor.ts";
import { around, stored } from "./modes.ts";
import { modeProductsAt } from "./products.ts";
import { boundOf, fewest, type Goal, goalOf, type RankChoice, tail } from "./rank.ts";
import { relativeDistance, scale, type Scaled } from "./scaled.ts";
import { firstColumns, leftSingular } from "./singular.ts";
import { tuckerCount, type TuckerTensor, tuckerToTensor } from "./tucker_tensor.ts";

/** Settings of {@linkcode hosvd} and {@linkcode sthosvd}. */
export interface HosvdOptions {
  /** How much to keep; everything unless said. */
  readonly rank?: RankChoice;
}

/** A higher-order singular value decomposition. */
export interface Hosvd extends TuckerTensor, Approximation {
  /** √Σ of the squares of all that was discarded, over ‖X‖, and 1e-13 for rounding; dimensionless. */
  readonly errorBound: number;
  /** Singular values of every unfolding that was decomposed, descending, in the unit of the tensor. */
  readonly singularValues: readonly Float64Array[];
}

/**
 * The higher-order singular value decomposition of a tensor of two or more modes: factors are the leading
 * left singular vectors of each unfolding, orthonormal, each with its entry of largest magnitude positive,
 * by descending singular value; the core is X ×₀ U₀ᵀ ×₁ U₁ᵀ ⋯. For given ranks the error is at most
 * √N times that of the best approximation.
 *
 * Source: De Lathauwer, De Moor & Vandewalle (2000), A multilinear singular value decomposition,
 * property 10 for the bound.
 *
 * @throws {TypeError} when the entries do not fill the shape.
 * @throws {RangeError} when an entry is not finite, a mode is empty, or a rank is not possible.
 * @example
 * ```ts
 * import { denseTensor, hosvd } from "@odot/odot/multilinear";
 * const x = denseTensor([2, 2, 2], [3, 0, 0, 0, 0, 0, 0, 1]);
 * const { core, relativeError, errorBound } = hosvd(x, { rank: 1 });
 * console.log(core.data[0], relativeError <= errorBound); // 3 true
 * ```
 */
export function hosvd(x: DenseTensor, { rank }: HosvdOptions = {}): Hosvd {
  const [scaled, goal] = prepared(x, rank, "Cannot take the HOSVD of");
  const lefts = x.shape.map((size, mode) => {
    const most = Math.min(size, x.data.length / size);
    const wanted = "ranks" in goal ? goal.ranks[mode]! : most;
    return leftSingular(scaled.data, around(x.shape, mode), wanted, most);
  });
  // every mode may discard its share of what may be lost
  const budget = "ranks" in goal ? 0 : (goal.relativeError * scaled.norm) ** 2 / x.shape.length;
  const ranks = "ranks" in goal ? goal.ranks : lefts.map(({ values }) => fewest(values, budget));
  const factors = lefts.map(({ vectors }, mode) => firstColumns(vectors, ranks[mode]!));
  const core = stored([scaled.data], (at) => modeProductsAt(at, x.shape, factors, "transposed"));
  const discarded = lefts.reduce((sum, { values }, mode) => sum + tail(values, ranks[mode]!), 0);
  return conclude(scaled, { core, factors }, discarded, lefts.map(({ values }) => values));
}

/**
 * The sequentially truncated HOSVD: like {@linkcode hosvd}, but each mode is decomposed after the modes
 * before it have been cut, which is faster and seldom worse. Its squared error is the sum of what was
 * discarded, so its bound is its error; singular values are those of the tensor cut so far.
 *
 * Source: Vannieuwenhoven, Vandebril & Meerbergen (2012), A new truncation strategy for the HOSVD,
 * theorem 5.1.
 *
 * @throws {TypeError} when the entries do not fill the shape.
 * @throws {RangeError} when an entry is not finite, a mode is empty, or a rank is not possible.
 * @example
 * ```ts
 * import { denseTensor, sthosvd } from "@odot/odot/multilinear";
 * const x = denseTensor([2, 2, 2], [3, 0, 0, 0, 0, 0, 0, 1]);
 * console.log(sthosvd(x, { rank: { energy: 0.5 } }).core.shape.join()); // "1,1,1"
 * ```
 */
export function sthosvd(x: DenseTensor, { rank }: HosvdOptions = {}): Hosvd {
  const [scaled, goal] = prepared(x, rank, "Cannot take the HOSVD of");
  const { discarded, spectra, ...tucker } = truncate(scaled, goal);
  return conclude(scaled, tucker, discarded, spectra);
}

const FEWER = "decompose parts of it, or give it as factors";

/** Both decompositions begin like this. */
export function prepared(
  x: DenseTensor,
  rank: RankChoice | undefined,
  action: string,
): [Scaled, Goal] {
  requireTensor(x, 2, action);
  const most = x.shape.map((size) => Math.min(size, x.data.length / size));
  const goal = rank === undefined ? { ranks: most } : goalOf(rank, most, action);
  const gram = Math.max(...most) ** 2;
  requireRoom(2 * x.data.length + 4 * gram, `${action} ${text(x.shape)}`, FEWER);
  return [scale(x, action), goal];
}

/** The sequentially truncated HOSVD in the scaled unit, and the squares it discarded. */
export function truncate(
  { shape, data, norm }: Scaled,
  goal: Goal,
): TuckerTensor & { readonly discarded: number; readonly spectra: readonly Float64Array[] } {
  let core: DenseTensor = { shape, data }, discarded = 0;
  const factors: Matrix[] = [], spectra: Float64Array[] = [];
  shape.forEach((size, mode) => {
    const most = Math.min(size, core.data.length / core.shape[mode]!);
    const wanted = "ranks" in goal ? goal.ranks[mode]! : most;
    const { vectors, values } = leftSingular(core.data, around(core.shape, mode), wanted, most);
    const left = "ranks" in goal ? 0 : (goal.relativeError * norm) ** 2 - discarded;
    const rank = "ranks" in goal ? wanted : fewest(values, left / (shape.length - mode));
    const factor = firstColumns(vectors, rank);
    const matrices = shape.map((_, i) => i === mode ? factor : undefined);
    core = stored([core.data], (at) => modeProductsAt(at, core.shape, matrices, "transposed"));
    discarded += tail(values, rank);
    factors.push(factor);
    spectra.push(values);
  });
  return { core, factors, discarded, spectra };
}

function conclude(
  scaled: Scaled,
  { core, factors }: TuckerTensor,
  discarded: number,
  spectra: readonly Float64Array[],
): Hosvd {
  const relativeError = tuckerError(scaled, { core, factors });
  const result = { core: { shape: core.shape, data: scaled.restore(core.data) }, factors };
  return {
    ...result,
    relativeError,
    errorBound: boundOf(discarded, scaled.norm),
    trace: [relativeError],
    converged: true,
    parameterCount: tuckerCount(result),
    singularValues: spectra.map(scaled.restore),
    toDense: () => tuckerToTensor(result),
  };
}

/** ‖X − X̂‖ / ‖X‖, measured. */
export function tuckerError({ data, norm }: Scaled, tucker: TuckerTensor): number {
  return relativeDistance(data, tuckerToTensor(tucker).data, norm);
}
