import { type Address, doubles, product, withBlocks } from "../kernels/mod.ts";
import { cholesky } from "./cholesky.ts";
import { frobeniusNorm, largestMagnitude, matmul, type Matrix, requireFinite } from "./matrix.ts";
import { exponent, powerOfTwo } from "./scale.ts";

/** The solution X [n, p] of A·X = B, and how far it is from exact. */
export interface Solution {
  /** X [n, p], in the unit of B over that of A. */
  readonly solution: Matrix;
  /** ‖B − A·X‖_F / (‖A‖_F·‖X‖_F + ‖B‖_F), the smallest relative change of A and B that makes X exact; dimensionless. */
  readonly residual: number;
}

/** Which triangle of T is read, and whether it is transposed: T lower (L) or upper (U), or their transposes. */
export type TriangularForm = "L" | "U" | "LT" | "UT";

/** Rows that are solved one after the other, between matrix products. */
const BLOCK = 32;

/**
 * X with T·X = B for a triangular T [n, n] and B [n, p], or Tᵀ·X = B. Only the triangle that `form` names
 * is read.
 *
 * @throws {TypeError} when T is not square, or B has another number of rows.
 * @throws {RangeError} when an entry is not finite, T has a zero on its diagonal, or X exceeds the largest f64.
 * @example
 * ```ts
 * import { fromRows, solveTriangular } from "@odot/odot/linalg";
 * const { solution } = solveTriangular(fromRows([[2, 0], [1, 4]]), fromRows([[2], [9]]));
 * console.log(solution.data.join()); // "1,2"
 * ```
 */
export function solveTriangular(t: Matrix, b: Matrix, form: TriangularForm = "L"): Solution {
  const n = t.rows;
  requireSystem(t, b);
  const lower = form === "L" || form === "UT";
  const triangle = effectiveTriangle(t, form);
  for (let i = 0; i < n; i++) {
    if (triangle.data[i * n + i] !== 0) continue;
    throw new RangeError(
      `Cannot solve with the triangle [${n}, ${n}]: entry (${i}, ${i}) is 0, so it has no inverse; use leastSquares()`,
    );
  }
  return rescaled(triangle, b, (a, x) => substitute(a, x, lower));
}

/**
 * X with A·X = B for a symmetric positive definite A [n, n] and B [n, p], by its Cholesky factor.
 *
 * @throws {TypeError} when A is not square, or B has another number of rows.
 * @throws {RangeError} when an entry is not finite, A is not symmetric, or X exceeds the largest f64.
 * @throws {NotPositiveDefiniteError} when A is not positive definite.
 * @example
 * ```ts
 * import { fromRows, solveSymmetric } from "@odot/odot/linalg";
 * const { solution } = solveSymmetric(fromRows([[4, 2], [2, 5]]), fromRows([[8], [12]]));
 * console.log(solution.data.map((x) => Math.round(x)).join()); // "1,2"
 * ```
 */
export function solveSymmetric(a: Matrix, b: Matrix): Solution {
  requireSystem(a, b);
  return rescaled(a, b, (scaled, x) => {
    const { l } = cholesky(scaled);
    const half = substitute(l, x, true);
    return substitute(effectiveTriangle(l, "LT"), half, false);
  });
}

function requireSystem(a: Matrix, b: Matrix): void {
  if (a.rows !== a.columns) {
    throw new TypeError(
      `Cannot solve with [${a.rows}, ${a.columns}]: the matrix must be square; use leastSquares() for others`,
    );
  }
  if (a.rows !== b.rows) {
    throw new TypeError(
      `Cannot solve [${a.rows}, ${a.columns}]·X = [${b.rows}, ${b.columns}]: ${a.rows} and ${b.rows} rows differ`,
    );
  }
  requireFinite(a, "Cannot solve with");
  requireFinite(b, "Cannot solve for");
}

/** A·2ᵏ */
export function timesPower(a: Matrix, k: number): Matrix {
  const [f1, f2] = powerOfTwo(k);
  return { ...a, data: a.data.map((x) => x * f1 * f2) };
}

/**
 * X·2ᵏ
 *
 * @throws {RangeError} when an entry exceeds the largest f64.
 */
export function unscaled(x: Matrix, k: number): Matrix {
  const limit = 2000, inside = Math.max(-limit, Math.min(limit, k));
  const result = timesPower(timesPower(x, inside), Math.max(-limit, Math.min(limit, k - inside)));
  if (Number.isFinite(largestMagnitude(result.data))) return result;
  throw new RangeError(
    `Cannot solve for [${x.rows}, ${x.columns}]: an entry of the solution exceeds the largest f64; the matrix is singular to within rounding, or scale the right-hand side down`,
  );
}

/** Solves for A and B scaled to about 1, measures there, and gives X its unit back. */
function rescaled(a: Matrix, b: Matrix, solve: (a: Matrix, b: Matrix) => Matrix): Solution {
  const ka = exponent(largestMagnitude(a.data)), kb = exponent(largestMagnitude(b.data));
  const [sa, sb] = [timesPower(a, -ka), timesPower(b, -kb)];
  const x = solve(sa, sb), image = matmul(sa, x);
  const error = frobeniusNorm({ ...image, data: image.data.map((y, i) => sb.data[i]! - y) });
  const size = frobeniusNorm(sa) * frobeniusNorm(x) + frobeniusNorm(sb);
  return { solution: unscaled(x, kb - ka), residual: error === 0 ? 0 : error / size };
}

/** The triangle as a matrix of its own. */
function effectiveTriangle({ rows: n, data }: Matrix, form: TriangularForm): Matrix {
  const out = new Float64Array(n * n), lower = form[0] === "L", transposed = form.length > 1;
  for (let i = 0; i < n; i++) {
    for (let j = lower ? 0 : i; j < (lower ? i + 1 : n); j++) {
      out[transposed ? j * n + i : i * n + j] = data[i * n + j]!;
    }
  }
  return { rows: n, columns: n, data: out };
}

/** T⁻¹·B by substitution, from the first row down for a lower triangle, from the last row up for an upper one. */
function substitute({ rows: n, data }: Matrix, b: Matrix, lower: boolean): Matrix {
  const p = b.columns;
  return withBlocks([n * n * 8, n * p * 8], (negative, x) => {
    const entries = doubles(negative!, n * n);
    for (let i = 0; i < n * n; i++) entries[i] = -data[i]!;
    doubles(x!, n * p).set(b.data);
    const blocks = Math.ceil(n / BLOCK);
    for (let step = 0; step < blocks; step++) {
      const first = (lower ? step : blocks - 1 - step) * BLOCK, end = Math.min(n, first + BLOCK);
      const [from, count] = lower ? [0, first] : [end, n - end];
      if (count > 0 && p > 0) {
        product({
          ...{ type: "f64", form: "NN", m: end - first, n: p, k: count, accumulate: true },
          ...{ a: negative! + (first * n + from) * 8, aRow: n * 8 },
          ...{ b: x! + from * p * 8, c: x! + first * p * 8 },
        });
      }
      substituteBlock(n, p, negative!, x!, first, end, lower);
    }
    return { rows: n, columns: p, data: doubles(x!, n * p).slice() };
  });
}

/** The same for the rows [first, end), from which the others have been taken. */
function substituteBlock(
  n: number,
  p: number,
  negative: Address,
  x: Address,
  first: number,
  end: number,
  lower: boolean,
): void {
  const t = doubles(negative, n * n), values = doubles(x, n * p), size = end - first;
  for (let step = 0; step < size; step++) {
    const i = lower ? first + step : end - 1 - step;
    const [from, to] = lower ? [first, i] : [i + 1, end];
    for (let j = from; j < to; j++) {
      const factor = t[i * n + j]!;
      for (let q = 0; q < p; q++) values[i * p + q]! += factor * values[j * p + q]!;
    }
    const pivot = -t[i * n + i]!;
    for (let q = 0; q < p; q++) values[i * p + q]! /= pivot;
  }
}
