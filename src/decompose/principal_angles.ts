import { matmul, type Matrix, matrix, qr, svd, transpose } from "../linalg/mod.ts";

/** How far two subspaces are apart. */
export interface SubspaceDistance {
  /** Principal angles in radians, 0 to π/2, ascending [smaller dimension]. */
  readonly angles: Float64Array;
  /** ‖P_a − P_b‖_F of the orthogonal projectors, = √(|dim a − dim b| + 2·Σ sin²). */
  readonly distance: number;
  /** ‖P_a − P_b‖₂, 0 to 1: the sine of the largest angle, or 1 where the dimensions differ. */
  readonly spectral: number;
}

/**
 * How far the spans of two sets of rows are apart: what to compare where eigenvalues are equal, as their
 * vectors are one basis of many. Small angles come from sines, so that equal spaces give about 1e-16
 * and not 1e-8. Source: Björck & Golub 1973; Knyazev & Argentati 2002.
 *
 * @throws {TypeError} when the rows differ in length or there are none; {RangeError} when the rows of
 * one are linearly dependent, or not finite.
 * @example
 * ```ts
 * import { decompose } from "@odot/odot";
 * import { fromRows } from "@odot/odot/linalg";
 * const plane = fromRows([[1, 0, 0], [0, 1, 0]]), turned = fromRows([[1, 1, 0], [1, -1, 0]]);
 * console.log(decompose.projectorDistance(plane, turned).distance < 1e-15); // true
 * ```
 */
export function projectorDistance(a: Matrix, b: Matrix): SubspaceDistance {
  if (a.columns !== b.columns || a.rows === 0 || b.rows === 0) {
    throw new TypeError(
      `Cannot compare the spans of rows [${a.rows}, ${a.columns}] and [${b.rows}, ${b.columns}]: give at least one row each, of the same length`,
    );
  }
  const [large, small] = a.rows >= b.rows ? [basis(a), basis(b)] : [basis(b), basis(a)];
  const inner = matmul(large, small, "TN"), cosines = svd(inner).values;
  const rest = matmul(large, inner);
  rest.data.forEach((value, i) => rest.data[i] = small.data[i]! - value);
  const sines = svd(rest).values;
  const count = small.columns;
  const angles = Float64Array.from({ length: count }, (_, i) => {
    const sine = sines[count - 1 - i] ?? 0, cosine = cosines[i] ?? 0;
    return cosine * cosine > 0.5 ? Math.asin(Math.min(1, sine)) : Math.acos(Math.min(1, cosine));
  });
  const squares = sines.reduceRight((sum, sine) => sum + Math.min(1, sine) ** 2, 0);
  const extra = large.columns - count;
  return {
    angles,
    distance: Math.sqrt(extra + 2 * squares),
    spectral: extra > 0 ? 1 : Math.min(1, sines[0] ?? 0),
  };
}

/** Orthonormal columns that span the rows. */
function basis(rows: Matrix): Matrix {
  if (rows.rows > rows.columns) dependent(rows);
  const { q, r } = qr(transpose(rows)), n = r.rows;
  // R of columns of length 1: a small diagonal entry is a column that depends on those before
  for (let j = 0; j < n; j++) {
    let length = 0;
    for (let i = 0; i <= j; i++) length = Math.hypot(length, r.data[i * n + j]!);
    if (!(Math.abs(r.data[j * n + j]!) > 1e-12 * length)) dependent(rows);
  }
  return q;
}

function dependent({ rows, columns }: Matrix): never {
  throw new RangeError(
    `Cannot compare the span of rows [${rows}, ${columns}]: they are linearly dependent, so the dimension of the span is not clear`,
  );
}

/** Neighbouring eigenvalues that cannot be told apart. */
export interface Eigenspace {
  /** Mean of the eigenvalues. */
  readonly value: number;
  /** Which eigenvalues they are. */
  readonly indices: readonly number[];
  /** Their vectors as rows [indices, columns]. */
  readonly vectors: Matrix;
}

/**
 * Eigenvectors in groups of eigenvalues that lie within `tolerance` · max |λ| of a neighbour, the largest
 * |mean| first, of equal ones the positive. Inside a group vectors are one basis of many: compare groups by
 * {@linkcode projectorDistance}.
 *
 * @throws {RangeError} when the tolerance is negative or not a number.
 */
export function eigenspaces(
  { values, vectors }: { readonly values: ArrayLike<number>; readonly vectors: Matrix },
  { tolerance = 1e-9 }: { readonly tolerance?: number } = {},
): Eigenspace[] {
  if (!(tolerance >= 0)) {
    throw new RangeError(`Cannot group eigenvalues with tolerance ${tolerance}: it must be ≥ 0`);
  }
  const all = Array.from(values), { columns, data } = vectors;
  const limit = tolerance * all.reduce((top, value) => Math.max(top, Math.abs(value)), 0);
  const order = [...all.keys()].sort((i, j) => all[j]! - all[i]!), groups: number[][] = [];
  order.forEach((index, i) => {
    const before = order[i - 1];
    if (before !== undefined && all[before]! - all[index]! <= limit) groups.at(-1)!.push(index);
    else groups.push([index]);
  });
  return groups.map((indices) => {
    const rows = matrix(indices.length, columns);
    indices.forEach((index, i) =>
      rows.data.set(data.subarray(index * columns, (index + 1) * columns), i * columns)
    );
    const value = indices.reduce((sum, index) => sum + all[index]!, 0) / indices.length;
    return { value, indices, vectors: rows };
  }).sort((a, b) => {
    const apart = Math.abs(b.value) - Math.abs(a.value);
    return Math.abs(apart) > limit ? apart : b.value - a.value;
  });
}
