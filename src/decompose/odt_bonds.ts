import { eigh, matmul, type Matrix, matrix, svd, transpose } from "../linalg/mod.ts";
import type { DeepInteractions } from "./deep_interactions.ts";
import type { Environment } from "./odt_environments.ts";
import { type Gauge, type Orthogonal, symmetric } from "./odt_gauge.ts";

/** One state of a network, cut: how much of the function goes through each of its directions. */
export interface Bond {
  /** Numbers of the state, the constant not counted. */
  readonly width: number;
  /** How often the state occurs in the tree of the function: 2^(maps above it). */
  readonly occurrences: number;
  /**
   * Singular values of the function cut here, descending, in the unit of the coefficients; what the
   * constant carries is left out, as it is always kept. Entries of only rounding are 0.
   */
  readonly singularValues: Float64Array;
  /** The same with the constant as one direction among others; equal where there is none. */
  readonly withConstant: Float64Array;
  /** Values below this share of the largest are rounding: 1e-14 for small states, 1e-7 for large. */
  readonly rounding: number;
  /** How many directions were kept, the constant not counted. */
  readonly rank: number;
}

/** A state with the directions that may be dropped, in units of scale. */
export interface Cut {
  readonly gauge: Gauge;
  readonly width: number;
  readonly occurrences: number;
  readonly rounding: number;
  /** Singular value of each direction, descending; rounding is 0. */
  readonly values: Float64Array;
  /** Energy that each direction is taken to carry in a bound: never below rounding. */
  readonly charged: Float64Array;
  /** Singular values with the constant as one direction among others, descending. */
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
  environments: readonly Environment[],
): Cut[] {
  return gauges.map((gauge, l) => {
    const environment = environments[l]!, { rounding } = environment, { up } = gauge;
    // the outputs come without the constant
    const fixed = constant && l < depth;
    const along = fixed ? unit(up.data.slice(0, up.columns)) : undefined;
    const basis = along ? complement(along) : undefined;
    const parts = spectrum(environment, basis);
    const whole = fixed ? spectrum(environment).values : parts.values;
    const floor = rounding * (whole[0] ?? 0);
    const seen = (value: number): number => value <= floor ? 0 : value;
    return {
      gauge,
      width: up.rows - (fixed ? 1 : 0),
      occurrences: 2 ** (depth - l),
      rounding,
      values: parts.values.map(seen),
      charged: parts.values.map((value) => Math.max(value, floor) ** 2),
      whole: whole.map(seen),
      directions: parts.directions,
      ...(along && { constant: along }),
    };
  });
}

/** Singular values, descending, and directions as rows, of what lies in the span of the basis. */
function spectrum(
  { root, gram }: Environment,
  basis?: Matrix,
): { readonly values: Float64Array; readonly directions: Matrix } {
  const back = (directions: Matrix): Matrix => basis ? matmul(directions, basis) : directions;
  if (root) {
    const { values, v } = svd(square(basis ? matmul(root, basis, "NT") : root));
    return { values, directions: back(transpose(v)) };
  }
  // without the constant little may be left, of which rounding is no small part
  const rest = basis ? symmetric(matmul(matmul(basis, gram!), basis, "NT")) : gram!;
  const { values, vectors } = eigh(rest);
  const n = values.length, directions = matrix(n, n);
  for (let j = 0; j < n; j++) {
    for (let i = 0; i < n; i++) directions.data[j * n + i] = vectors.data[i * n + n - 1 - j]!;
  }
  return {
    values: values.map((value) => Math.sqrt(Math.max(0, value))).reverse(),
    directions: back(directions),
  };
}

/** The same with rows of zeros, so that there are as many rows as columns, or more. */
function square(a: Matrix): Matrix {
  if (a.rows >= a.columns) return a;
  const result = matrix(a.columns, a.columns);
  result.data.set(a.data);
  return result;
}

function unit(x: Float64Array): Float64Array {
  const length = Math.hypot(...x);
  return x.map((value) => value / length);
}

/** Orthonormal rows [n − 1, n] that s is orthogonal to: a reflection of s to an axis, without that axis. */
function complement(s: Float64Array): Matrix {
  const n = s.length, v = s.slice(), sign = s[0]! < 0 ? -1 : 1;
  v[0] = v[0]! + sign;
  const half = 1 + Math.abs(s[0]!), rows = matrix(n - 1, n);
  for (let i = 1; i < n; i++) {
    for (let j = 0; j < n; j++) {
      rows.data[(i - 1) * n + j] = (i === j ? 1 : 0) - v[i]! * v[j]! / half;
    }
  }
  return rows;
}
