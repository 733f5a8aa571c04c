import { frobeniusNorm, matmul, type Matrix, matrix, requireFinite } from "./matrix.ts";
import { exponent, powerOfTwo } from "./scale.ts";
import { timesPower, unscaled } from "./solve.ts";
import { svd } from "./svd.ts";

/** The X of least norm among those that make ‖A·X − B‖ smallest, and how far it is from that. */
export interface LeastSquares {
  /** X [n, p], in the unit of B over that of A. */
  readonly solution: Matrix;
  /** Singular values of A above the tolerance, a count. */
  readonly rank: number;
  /** ‖A·x − b‖₂ for every column b of B, in the unit of B. */
  readonly residualNorms: Float64Array;
  /** Singular values of A [min(m, n)], descending, in its unit. */
  readonly singularValues: Float64Array;
  /**
   * ‖Uᵀ(B − A·X)‖_F / (‖A‖₂·‖X‖_F + ‖B‖_F) with the first `rank` left singular vectors U: what another X
   * could still take from the residual; dimensionless.
   */
  readonly optimality: number;
}

/** Settings of {@linkcode leastSquares}. */
export interface LeastSquaresOptions {
  /** Singular values up to this fraction of the largest count as zero; dimensionless, max(m, n)·2⁻⁵² by default. */
  readonly tolerance?: number;
}

/**
 * The minimum-norm solution X [n, p] of the least-squares problem A·X ≈ B for A [m, n] of any shape and
 * rank, and B [m, p]: a column for every right-hand side.
 *
 * By the singular value decomposition (Golub and Van Loan, Matrix Computations, 5.5).
 *
 * @throws {TypeError} when A and B differ in their number of rows.
 * @throws {RangeError} when an entry or the tolerance is not finite, or X exceeds the largest f64.
 * @throws {ConvergenceError} when the iteration of the decomposition does not end.
 * @example
 * ```ts
 * import { fromRows, leastSquares } from "@odot/odot/linalg";
 * const line = fromRows([[1, 0], [1, 1], [1, 2]]); // y ≈ a + b·t at t = 0, 1, 2
 * const { solution, rank } = leastSquares(line, fromRows([[1], [3], [5]]));
 * console.log(rank, solution.data.map((x) => Math.round(x)).join()); // 2 "1,2"
 * ```
 */
export function leastSquares(
  a: Matrix,
  b: Matrix,
  options: LeastSquaresOptions = {},
): LeastSquares {
  const { tolerance = Math.max(a.rows, a.columns) * Number.EPSILON } = options;
  requireProblem(a, b, tolerance);
  const ka = exponent(requireFinite(a, "Cannot solve with"));
  const kb = exponent(requireFinite(b, "Cannot solve for"));
  const [sa, sb] = [timesPower(a, -ka), timesPower(b, -kb)];
  const { u, v, values } = svd(sa), largest = values[0] ?? 0;
  const rank = values.findLastIndex((x) => x > tolerance * largest) + 1;
  const [left, right] = [firstColumns(u, rank), firstColumns(v, rank)];
  const weights = matmul(left, sb, "TN");
  weights.data.forEach((x, i) => weights.data[i] = x / values[Math.floor(i / b.columns)]!);
  const x = matmul(right, weights), rest = matmul(sa, x);
  rest.data.forEach((y, i) => rest.data[i] = sb.data[i]! - y);
  const removable = frobeniusNorm(matmul(left, rest, "TN"));
  const size = largest * frobeniusNorm(x) + frobeniusNorm(sb);
  const [up1, up2] = powerOfTwo(ka);
  return {
    solution: unscaled(x, kb - ka),
    rank,
    residualNorms: columnNorms(rest, kb),
    singularValues: values.map((value) => value * up1 * up2),
    optimality: removable === 0 ? 0 : removable / size,
  };
}

function requireProblem(a: Matrix, b: Matrix, tolerance: number): void {
  if (a.rows !== b.rows) {
    throw new TypeError(
      `Cannot solve [${a.rows}, ${a.columns}]·X ≈ [${b.rows}, ${b.columns}]: ${a.rows} and ${b.rows} rows differ`,
    );
  }
  if (!(tolerance >= 0 && tolerance < 1)) {
    throw new RangeError(
      `Cannot solve with the tolerance ${tolerance}: it is a fraction of the largest singular value, at least 0 and below 1`,
    );
  }
}

/** Columns [0, k) of A. */
function firstColumns({ rows, columns, data }: Matrix, k: number): Matrix {
  const result = matrix(rows, k);
  for (let i = 0; i < rows; i++) {
    result.data.set(data.subarray(i * columns, i * columns + k), i * k);
  }
  return result;
}

/** ‖column‖₂·2ᵏ of every column. */
function columnNorms({ rows, columns, data }: Matrix, k: number): Float64Array {
  const column = matrix(rows, 1), [f1, f2] = powerOfTwo(k);
  return Float64Array.from({ length: columns }, (_, j) => {
    for (let i = 0; i < rows; i++) column.data[i] = data[i * columns + j]!;
    return frobeniusNorm(column) * f1 * f2;
  });
}
