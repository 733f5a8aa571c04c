import type { Address } from "./signatures.ts";

/**
 * The f64 kernels of asm/linalg.ts. Matrices are row-major with rows `row` bytes apart. A reflector is
 * H = I − τ·v·vᵀ, with 1 at the pivot of v. The plain twins are in reference/linalg.ts.
 */
export interface LinalgKernels {
  /** Σ xᵢ·yᵢ of f64 */
  dot_f64(n: number, x: Address, y: Address): number;
  /** y [n, m] = xᵀ, x [m, n], of f64 */
  transpose_f64(m: number, n: number, x: Address, xRow: number, y: Address, yRow: number): void;

  /** A [n, n] ← (A + Aᵀ)·f₁·f₂; returns the largest |aᵢⱼ − aⱼᵢ| there was. */
  symmetrise(n: number, a: Address, row: number, f1: number, f2: number): number;

  /**
   * A = Q·T·Qᵀ for the symmetric A [n, n] given by its lower triangle: T's diagonal d [n] and what lies
   * left of it, e [n]; row i of A keeps v of the reflector Hᵢ, tau [n] its factor, Q = H₍ₙ₋₁₎⋯H₁.
   */
  tridiagonalise(
    n: number,
    a: Address,
    row: number,
    d: Address,
    e: Address,
    tau: Address,
    work: Address,
  ): void;

  /**
   * Goes on with QL on d and e: 1 when done, 0 when the room for `capacity` ≥ n rotations is used up,
   * −1 if it does not converge. `state` is three i32: eigenvalues found, sweeps so far, sweeps recorded
   * by this call. A sweep is two i32 (highest row, number of rotations), a rotation two f64
   * (s / (1 + c), s).
   */
  qlSweeps(
    n: number,
    d: Address,
    e: Address,
    state: Address,
    sweeps: Address,
    rotations: Address,
    capacity: number,
  ): number;

  /** A [n, n] into strips of 16 columns: ⌈n / 16⌉ · (n + 3) · 128 bytes. */
  toStrips(n: number, a: Address, row: number, strips: Address): void;
  /** A [n, n] out of the strips, row i from their row order[i] (i32). */
  fromStrips(n: number, strips: Address, order: Address, a: Address, row: number): void;
  /** Applies `count` recorded sweeps to the rows of a matrix in strips. */
  applySweeps(
    n: number,
    strips: Address,
    count: number,
    sweeps: Address,
    rotations: Address,
  ): void;

  /**
   * Householder QR of the rows [first, first + k) of W [·, m], which are columns of the matrix: row
   * first + j keeps R before entry first + j and v from there on.
   */
  householderRows(
    m: number,
    first: number,
    k: number,
    w: Address,
    row: number,
    diagonal: Address,
    tau: Address,
  ): void;
  /** out [k, k] = −T with H₁⋯H_k = I − Vᵀ·T·V, from gram = V·Vᵀ [k, k] and tau [k]. */
  blockFactor(k: number, gram: Address, tau: Address, out: Address): void;

  /** Negates the rows of A [m, n] whose entry of largest magnitude, the first of equals, is negative. */
  orientRows(m: number, n: number, a: Address, row: number): void;
  /** Largest ‖row of P − value·row of Z‖₂, P and Z [m, n], values [m] */
  worstResidual(
    m: number,
    n: number,
    p: Address,
    z: Address,
    row: number,
    values: Address,
  ): number;
  /** Largest |gᵢⱼ − δᵢⱼ| of G [m, n] */
  worstDeviation(m: number, n: number, g: Address, row: number): number;
}
