import {
  cholesky,
  eigh,
  eighTop,
  type Matrix,
  matrix,
  NotPositiveDefiniteError,
} from "../linalg/mod.ts";
import { roundings } from "./box_sum.ts";

/**
 * Some s ≥ 0, close to the least, for which A + s·I is proven positive semidefinite, where the symmetric
 * A [n, n] may be wrong by `uncertainty` in its spectral norm. Undefined when no proof was found.
 *
 * An eigenvalue that a solver found proves nothing, and neither does its residual, since a smaller
 * eigenvalue may have been missed. What proves it is a Cholesky factorisation that runs to its end: the
 * computed factor of M is the exact one of some M + E with ‖E‖₂ ≤ γ·trace(M), so that M + γ·trace(M)·I is
 * positive semidefinite. Source: Rump 2006, Verification of Positive Definiteness; Higham, Accuracy and
 * Stability of Numerical Algorithms, theorem 10.3 (any order of summation, fused or not).
 */
export function definiteShift(a: Matrix, uncertainty = 0): number | undefined {
  const n = a.rows;
  if (n === 0) return 0;
  let largest = 0;
  for (const value of a.data) largest = Math.max(largest, Math.abs(value));
  if (!Number.isFinite(largest) || !Number.isFinite(uncertainty)) return undefined;
  if (largest === 0) return uncertainty;
  const { least, slack } = leastEigenvalue(a);
  const scale = n * largest;
  let shift = Math.max(0, -least + slack);
  for (let extra = Math.max(slack, 4 * proofCost(a, shift)), tries = 0; tries < 40; tries++) {
    const cost = proofCost(a, shift);
    if (definite(a, shift - cost - uncertainty)) return shift;
    shift = Math.max(0, -least + slack) + cost + uncertainty + extra;
    extra = Math.min(4 * extra, scale);
  }
  return undefined;
}

/** A bound on what rounding takes from a factorisation of A + shift·I: γ_{n+1}·trace, twice over. */
function proofCost({ rows: n, data }: Matrix, shift: number): number {
  let trace = 0;
  for (let i = 0; i < n; i++) trace += Math.abs(data[i * n + i]!) + shift;
  return 2 * roundings(n) * trace + 2 ** -900;
}

/** Whether the factorisation of A + shift·I runs to its end. */
function definite(a: Matrix, shift: number): boolean {
  const n = a.rows, moved = matrix(n, n, a.data);
  for (let i = 0; i < n; i++) moved.data[i * n + i] = moved.data[i * n + i]! + shift;
  try {
    cholesky(moved);
    return true;
  } catch (error) {
    if (error instanceof NotPositiveDefiniteError) return false;
    throw error;
  }
}

/** The least eigenvalue as a solver sees it, and how far off it may be. */
function leastEigenvalue(a: Matrix): { least: number; slack: number } {
  if (a.rows <= 96) {
    const { values } = eigh(a);
    const size = Math.max(Math.abs(values[0]!), Math.abs(values.at(-1)!));
    return { least: values[0]!, slack: size * 1e-14 };
  }
  const { values, residuals } = eighTop(a, 1, { which: "smallest", tolerance: 1e-7, maximum: 400 });
  return { least: values[0]!, slack: Math.abs(values[0]!) * (1e-9 + Math.min(1, residuals[0]!)) };
}

/** A number proven to be at least ‖A‖₂, close to it: ‖A‖₂² is the largest eigenvalue of the smaller Gram matrix. */
export function spectralBound(gram: Matrix, uncertainty = 0): number {
  const negative = matrix(gram.rows, gram.columns, gram.data.map((value) => -value));
  const shift = definiteShift(negative, uncertainty);
  if (shift !== undefined) return Math.sqrt(shift) * (1 + 2 ** -50);
  let trace = 0;
  for (let i = 0; i < gram.rows; i++) trace += Math.abs(gram.data[i * gram.rows + i]!);
  return Math.sqrt(trace + gram.rows * uncertainty) * (1 + 2 ** -40);
}
