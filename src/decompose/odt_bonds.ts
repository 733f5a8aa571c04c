import { eigh, type Matrix, matrix } from "../linalg/mod.ts";
import type { DeepInteractions } from "./deep_interactions.ts";
import type { Gauge, Orthogonal } from "./odt_environments.ts";

/** One state of a network, cut: how much of the function goes through each of its directions. */
export interface Bond {
  /** Numbers of the state, the constant not counted. */
  readonly width: number;
  /** How often the state occurs in the tree of the function: 2^(maps above it). */
  readonly occurrences: number;
  /**
   * Singular values of the function cut here, descending, in the unit of the coefficients; what the
   * constant carries is left out, as it is always kept. Entries of only rounding are 0: below about
   * 1e-7 of the largest nothing is seen, since squares are what is computed.
   */
  readonly singularValues: Float64Array;
  /** The same with the constant as one direction among others; equal where there is none. */
  readonly withConstant: Float64Array;
  /** How many directions were kept, the constant not counted. */
  readonly rank: number;
}

/** A state with the directions that may be dropped, in units of scale². */
export interface Cut {
  readonly gauge: Gauge;
  readonly width: number;
  readonly occurrences: number;
  /** Energy of each direction, descending; rounding is 0. */
  readonly energies: Float64Array;
  /** What each direction is taken to carry in a bound: never below rounding. */
  readonly charged: Float64Array;
  /** Energies with the constant as one direction among others, descending. */
  readonly whole: Float64Array;
  /** Directions as rows [count, dimension]. */
  readonly directions: Matrix;
  /** The direction of the constant [dimension]. */
  readonly constant?: Float64Array;
}

/** Every state cut, from the first to the outputs. */
export function cutsOf(
  { constant, depth }: DeepInteractions,
  { gauges }: Orthogonal,
  environments: readonly Matrix[],
): Cut[] {
  return gauges.map((gauge, l) => {
    // the outputs come without the constant
    const fixed = constant && l < depth;
    const own = { gauge, width: gauge.up.rows - (fixed ? 1 : 0), occurrences: 2 ** (depth - l) };
    const whole = spectrum(environments[l]!);
    if (!fixed) return { ...own, ...directed(whole, whole.values.length), whole: whole.values };
    const first = gauge.up.data.slice(0, gauge.up.columns);
    const length = Math.hypot(...first);
    const along = first.map((value) => value / length);
    const rest = spectrum(without(environments[l]!, along));
    return {
      ...own,
      ...directed(rest, rest.values.length - 1),
      whole: clipped(whole.values, whole.values[0]!),
      constant: along,
    };
  });
}

interface Spectrum {
  /** Descending. */
  readonly values: Float64Array;
  /** Rows, one for each value. */
  readonly rows: Matrix;
}

function spectrum(a: Matrix): Spectrum {
  const { values, vectors } = eigh(a), n = a.rows, rows = matrix(n, n);
  for (let j = 0; j < n; j++) {
    for (let i = 0; i < n; i++) rows.data[j * n + i] = vectors.data[i * n + n - 1 - j]!;
  }
  return { values: values.slice().reverse(), rows };
}

/** The leading directions, the others being what the constant fixes. */
function directed(
  { values, rows }: Spectrum,
  count: number,
): Pick<Cut, "energies" | "charged" | "directions"> {
  const largest = Math.max(0, values[0] ?? 0), floor = roundingOf(values.length, largest);
  return {
    energies: clipped(values.slice(0, count), largest),
    charged: values.slice(0, count).map((value) => Math.max(value, floor)),
    directions: matrix(count, rows.columns, rows.data.slice(0, count * rows.columns)),
  };
}

function clipped(values: Float64Array, largest: number): Float64Array {
  const floor = roundingOf(values.length, largest);
  return values.map((value) => value <= floor ? 0 : value);
}

function roundingOf(size: number, largest: number): number {
  return 4 * size * largest * 2 ** -52;
}

/** (I − ssᵀ)·A·(I − ssᵀ) − trace·ssᵀ: s becomes the last eigenvector. */
function without(a: Matrix, s: Float64Array): Matrix {
  const n = a.rows, image = new Float64Array(n);
  let inner = 0, trace = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) image[i] = image[i]! + a.data[i * n + j]! * s[j]!;
    inner += image[i]! * s[i]!;
    trace += a.data[i * n + i]!;
  }
  const down = inner - Math.max(trace, Number.MIN_VALUE);
  const result = matrix(n, n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      const value = a.data[i * n + j]! - image[i]! * s[j]! - s[i]! * image[j]! +
        down * s[i]! * s[j]!;
      result.data[i * n + j] = result.data[j * n + i] = value;
    }
  }
  return result;
}
