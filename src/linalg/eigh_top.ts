import { type Address, doubles, kernels, withBlocks } from "../kernels/mod.ts";
import { eigh } from "./eigh.ts";
import { type Action, type Basis, combine, drawVector, extend, restart } from "./krylov.ts";
import type { Matrix } from "./matrix.ts";
import { guarded, type SymmetricOperator } from "./operator.ts";
import { rowBytes } from "./reflectors.ts";
import { unscale } from "./scale.ts";
import { writeSymmetric } from "./symmetric.ts";
import { deviation } from "./triangle.ts";

/** Some eigenvalues and eigenvectors of a symmetric matrix, and how far they are from exact. */
export interface EighTop {
  /** Eigenvalues [k], the most wanted first, in the unit of the matrix. */
  readonly values: Float64Array;
  /** Eigenvectors [n, k], of length 1: column j belongs to `values[j]`. */
  readonly vectors: Matrix;
  /**
   * ‖A·v − λ·v‖₂ of every pair [k], divided by the largest ‖A·x‖₂ seen for a unit vector x, which ‖A‖₂
   * cannot be below. An eigenvalue of A lies as close to λ, in that unit. Dimensionless.
   */
  readonly residuals: Float64Array;
  /** Largest entry of |VᵀV − I|; dimensionless. */
  readonly orthogonality: number;
  /** Whether every residual is within the tolerance and a second random start found nothing better. */
  readonly converged: boolean;
  /** How often A was applied, a count. */
  readonly applications: number;
}

/** Which eigenvalues are wanted: of largest |λ|, of largest λ, or of smallest λ. */
export type Wanted = "magnitude" | "largest" | "smallest";

/** Settings of {@linkcode eighTop}. */
export interface EighTopOptions {
  /** Which eigenvalues; "magnitude" by default. */
  readonly which?: Wanted;
  /** Seed of the random start, a whole number ≥ 0; 0 by default. */
  readonly seed?: number;
  /** Largest residual, relative to ‖A‖₂; dimensionless, 1e-13 by default. */
  readonly tolerance?: number;
  /** Most applications of A; max(1000, 10·n) by default. */
  readonly maximum?: number;
}

type Settings = Required<EighTopOptions>;

const PREFERENCE: Record<Wanted, (x: number) => number> = {
  magnitude: Math.abs,
  largest: (x) => x,
  smallest: (x) => -x,
};
/** Vectors that are added to the wanted ones before a restart, at least. */
const STEPS = 20;

/**
 * The k most wanted eigenvalues and eigenvectors of a symmetric matrix [n, n], or of a function x ↦ A·x.
 *
 * For k much smaller than n: `eigh` finds all of them. In every vector the entry of largest magnitude is
 * positive. `residuals` are measured and prove that each value is an eigenvalue; that none is missed is
 * checked with another random start, not proved. A function that is not symmetric shows in the residuals.
 *
 * Lanczos with full orthogonalisation and thick restarts (Wu and Simon, 2000); random vectors take over
 * where a subspace is invariant, so repeated eigenvalues are found as often as they are there.
 *
 * @throws {TypeError} when the matrix is not square, or the function returns another number of entries.
 * @throws {RangeError} when k or a setting is out of range, an entry is not finite, the matrix is not
 * symmetric beyond rounding, or an eigenvalue exceeds the largest f64.
 * @example
 * ```ts
 * import { eighTop } from "@odot/odot/linalg";
 * const diagonal = { size: 1000, apply: (x: Float64Array) => x.map((value, i) => value * i) };
 * const { values, residuals } = eighTop(diagonal, 2);
 * console.log(values.map((x) => Math.round(x)).join()); // "999,998"
 * console.log(residuals[0]! < 1e-13); // true
 * ```
 */
export function eighTop(
  operator: Matrix | SymmetricOperator,
  k: number,
  options: EighTopOptions = {},
): EighTop {
  const n = "data" in operator ? operator.rows : operator.size;
  const { which = "magnitude", seed = 0, tolerance = 1e-13, maximum = Math.max(1000, 10 * n) } =
    options;
  const settings = { which, seed, tolerance, maximum };
  requireSettings(n, k, settings);
  if (!("data" in operator)) return iterate(n, k, ...guarded(operator), settings);
  const row = rowBytes(n);
  return withBlocks([n * row], (a) => {
    const power = writeSymmetric(operator, a!, row);
    const action: Action = (x, y) => kernels().rowDots(n, n, a!, row, x, y);
    return iterate(n, k, action, () => power, settings);
  });
}

function requireSettings(
  n: number,
  k: number,
  { which, seed, tolerance, maximum }: Settings,
): void {
  const whole = (x: number, least: number): boolean => Number.isSafeInteger(x) && x >= least;
  const refuse = (what: string): never => {
    throw new RangeError(`Cannot take ${k} eigenvalues of [${n}, ${n}]: ${what}`);
  };
  if (!whole(n, 0)) refuse("the size must be a whole number ≥ 0");
  if (!whole(k, 0) || k > n) refuse(`ask for a whole number of them from 0 to ${n}`);
  if (!Object.hasOwn(PREFERENCE, which)) {
    refuse(`"${which}" are unknown; choose "magnitude", "largest" or "smallest"`);
  }
  if (!whole(seed, 0)) refuse(`the seed is ${seed}, it must be a whole number ≥ 0`);
  if (!(tolerance > 0 && tolerance < 1)) {
    refuse(`the tolerance is ${tolerance}, it must lie between 0 and 1`);
  }
  if (!whole(maximum, Math.max(1, k))) {
    refuse(`the maximum is ${maximum}, it must be a whole number ≥ ${Math.max(1, k)}`);
  }
}

/** Ritz pairs, the most wanted first, and the residual that Lanczos expects of each. */
interface Ritz {
  readonly values: number[];
  readonly combinations: Float64Array[];
  readonly expected: number[];
}

function ritzPairs({ size, capacity, projected, beta, norm }: Basis, which: Wanted): Ritz {
  const data = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    data.set(projected.subarray(i * capacity, i * capacity + size), i * size);
  }
  const { values, vectors } = eigh({ rows: size, columns: size, data });
  const wanted = PREFERENCE[which];
  const order = [...values.keys()].sort((i, j) => wanted(values[j]!) - wanted(values[i]!) || i - j);
  const combinations = order.map((j) =>
    Float64Array.from({ length: size }, (_, i) => vectors.data[i * size + j]!)
  );
  const expected = combinations.map((c) => beta === 0 ? 0 : beta * Math.abs(c[size - 1]!) / norm);
  return { values: order.map((j) => values[j]!), combinations, expected };
}

function iterate(
  n: number,
  k: number,
  action: Action,
  power: () => number,
  settings: Settings,
): EighTop {
  const capacity = Math.min(n, k + Math.max(STEPS, k >> 1)), row = rowBytes(n);
  return withBlocks([(capacity + 1) * row], (rows) => {
    const basis: Basis = {
      ...{ n, capacity, rows: rows!, row, action, seed: settings.seed },
      ...{ projected: new Float64Array(capacity * capacity), size: 0, beta: 0, norm: 0 },
      ...{ applications: 0, draws: 0 },
    };
    if (k > 0) drawVector(basis, 0);
    const { ritz, settled } = k > 0 ? settle(basis, k, settings) : NOTHING;
    return conclude(basis, ritz, k, power, settled, settings.tolerance);
  });
}

const NOTHING = { ritz: { values: [], combinations: [], expected: [] }, settled: true };

/** Restarts until the wanted pairs have converged, and a random start beside them changes nothing. */
function settle(
  basis: Basis,
  k: number,
  { which, tolerance, maximum }: Settings,
): { ritz: Ritz; settled: boolean } {
  let before: number[] | undefined;
  for (;;) {
    while (basis.size < basis.capacity && basis.applications < maximum) extend(basis);
    const ritz = ritzPairs(basis, which), wanted = ritz.values.slice(0, k);
    if (basis.size === basis.n) return { ritz, settled: true };
    const converged = wanted.length === k &&
      ritz.expected.slice(0, k).every((x) => x <= tolerance / 2);
    if (converged) {
      const close = (x: number, i: number): boolean =>
        Math.abs(x - before![i]!) <= tolerance * basis.norm;
      if (before && wanted.every(close)) return { ritz, settled: true };
      before = wanted;
    }
    if (basis.applications >= maximum) return { ritz, settled: false };
    const kept = converged ? k : k + ((basis.size - k) >> 1);
    restart(basis, ritz.combinations.slice(0, kept), ritz.values.slice(0, kept), converged);
  }
}

/** Vectors and measured errors of the first k Ritz pairs. */
function conclude(
  basis: Basis,
  { values, combinations }: Ritz,
  k: number,
  power: () => number,
  settled: boolean,
  tolerance: number,
): EighTop {
  const { n } = basis, found = Math.min(k, values.length);
  const theta = Float64Array.from(values.slice(0, found));
  return combine(basis, combinations.slice(0, found), (z, row) => {
    kernels().orientRows(found, n, z, row, 0, z, 0);
    const residuals = measure(basis, theta, z, row);
    const vectors = withBlocks([found * n * 8], (out) => {
      kernels().transpose_f64(found, n, z, row, out!, found * 8);
      return { rows: n, columns: found, data: doubles(out!, found * n).slice() };
    });
    return {
      values: unscale(theta, power(), "eigenvalues"),
      vectors,
      residuals,
      orthogonality: deviation(found, n, z, row).largest,
      converged: settled && residuals.every((x) => x <= tolerance),
      applications: basis.applications,
    };
  });
}

/** ‖A·z − value·z‖₂ / ‖A‖₂ of the rows of z. */
function measure(basis: Basis, values: Float64Array, z: Address, row: number): Float64Array {
  const { n, action } = basis, residuals = new Float64Array(values.length);
  withBlocks([n * 8, 8], (image, value) => {
    values.forEach((x, i) => {
      action(z + i * row, image!);
      basis.applications++;
      doubles(value!, 1)[0] = x;
      basis.norm = Math.max(basis.norm, Math.sqrt(kernels().dot_f64(n, image!, image!)));
      residuals[i] = kernels().worstResidual(1, n, image!, z + i * row, row, value!);
    });
  });
  return residuals.map((x) => x === 0 ? 0 : x / basis.norm);
}
