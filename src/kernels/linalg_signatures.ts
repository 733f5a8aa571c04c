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

  /** out [n, n] = (A + Aᵀ)·f₁·f₂; returns the largest |aᵢⱼ − aⱼᵢ| there was. */
  symmetrise(
    n: number,
    a: Address,
    row: number,
    f1: number,
    f2: number,
    out: Address,
    outRow: number,
  ): number;

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
   * Z ← Z·H_first⋯H₍ₙ₋₁₎ for Z [m, n] and the reflectors that `tridiagonalise` leaves in the rows of `vectors`,
   * their factors in tau [n]. Rows of Z have finite numbers up to a multiple of four; `room` has n numbers.
   */
  applyReflectors(
    m: number,
    first: number,
    n: number,
    vectors: Address,
    row: number,
    tau: Address,
    z: Address,
    zRow: number,
    room: Address,
  ): void;

  /** Bytes of room that `tridiagonalPairs` and the merges need for n rows. */
  tridiagonalRoom(n: number): number;
  /**
   * Eigenpairs of the n rows from `first` on of the symmetric tridiagonal matrix with diagonal d and eᵢ between
   * i − 1 and i: values in d, vectors as rows of z, zero before, in an order that the room for `capacity` rows
   * keeps. e is used up. If first = 0 and `vectors` is not, the reflectors 0 … n − 1 there, as far apart as rows of z,
   * are applied to the vectors; `spare` has n numbers. Returns 0 where an iteration does not converge.
   */
  tridiagonalPairs(
    capacity: number,
    first: number,
    n: number,
    d: Address,
    e: Address,
    z: Address,
    row: number,
    room: Address,
    rolled: number,
    vectors: Address,
    tau: Address,
    spare: Address,
  ): number;
  /**
   * Prepares the merge of two diagonalised blocks, of m rows from `first` on and of the others up to n. The room
   * then begins with i32 k, p, q and addresses of U, B₁, B₂, U₂: rows [first, first + k) of z are to become
   * U [k, p]·B₁ [p, m] beside U₂ [k, q]·B₂ [q, n − m]. Returns 0 where a root was not found.
   */
  beginMerge(
    capacity: number,
    first: number,
    n: number,
    m: number,
    coupling: number,
    d: Address,
    z: Address,
    row: number,
    room: Address,
  ): number;
  /** What is left of the merge when the products are done. */
  endMerge(
    capacity: number,
    first: number,
    n: number,
    d: Address,
    z: Address,
    row: number,
    room: Address,
  ): void;
  /** Values d [n] and rows of z [n, n] in ascending order of the values. */
  sortPairs(n: number, d: Address, z: Address, row: number, room: Address): void;

  /**
   * QL on two matrices side by side, d and e of each: d becomes the eigenvalues. Sweeps are recorded as two i32
   * (highest row, number of rotations), rotations as two f64 (s / (1 + c), s), with room for 30·n sweeps of n − 1.
   * States are three i32, zero before: eigenvalues found, sweeps, rotations. Returns 0 if one does not converge.
   */
  qlSweeps(
    n1: number,
    d1: Address,
    e1: Address,
    state1: Address,
    sweeps1: Address,
    rotations1: Address,
    n2: number,
    d2: Address,
    e2: Address,
    state2: Address,
    sweeps2: Address,
    rotations2: Address,
  ): number;

  /** A [m, n] into strips of 16 columns: ⌈n / 16⌉ · (m + 3) · 128 bytes. */
  toStrips(m: number, n: number, a: Address, row: number, strips: Address): void;
  /** A [m, n] out of the strips, row i from their row order[i] (i32). */
  fromStrips(
    m: number,
    n: number,
    strips: Address,
    order: Address,
    a: Address,
    row: number,
  ): void;
  /** Applies `count` recorded sweeps to the rows of a matrix [m, n] in strips. */
  applySweeps(
    m: number,
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
  /**
   * out [k, n] takes the vectors of k reflectors from the rows at `a`, zeros elsewhere: row j from entry j
   * on, or, `before`, up to entry n − k + j.
   */
  gatherReflectors(
    k: number,
    n: number,
    a: Address,
    row: number,
    before: number,
    out: Address,
    outRow: number,
  ): void;
  /** out [k, k] = −T with H₁⋯H_k = I − Vᵀ·T·V, from gram = V·Vᵀ [k, k] and tau [k]. */
  blockFactor(k: number, gram: Address, tau: Address, out: Address): void;

  /**
   * Negates the rows of A [m, n] whose entry of largest magnitude, the first of equals, is negative, and
   * with them the rows of B [m, l].
   */
  orientRows(
    m: number,
    n: number,
    a: Address,
    row: number,
    l: number,
    b: Address,
    bRow: number,
  ): void;
  /** Largest ‖row of P − value·row of Z‖₂, P and Z [m, n], values [m] */
  worstResidual(
    m: number,
    n: number,
    p: Address,
    z: Address,
    row: number,
    values: Address,
  ): number;
  /** Largest |gᵢⱼ − δᵢⱼ| on and above the diagonal of G [m, n], m ≤ n */
  worstDeviation(m: number, n: number, g: Address, row: number): number;

  /** max |xᵢ| of x [n], NaN if one is NaN */
  largestMagnitude(n: number, x: Address): number;
  /** ‖G − diagonal·I‖_F² of a symmetric G whose first m rows [m, n] are given, of them the upper triangle */
  upperSquares(m: number, n: number, g: Address, row: number, diagonal: number): number;
  /** Row i of A [m, n] *= f·cᵢ with c [m] */
  scaleRows(m: number, n: number, f: number, a: Address, row: number, c: Address): void;

  /** y [m] = A·x for A [m, n] */
  rowDots(m: number, n: number, a: Address, row: number, x: Address, y: Address): void;
  /** y [n] += f·Σ cᵢ·rowᵢ for A [m, n] and c [m] */
  addRows(
    m: number,
    n: number,
    f: number,
    a: Address,
    row: number,
    c: Address,
    y: Address,
  ): void;

  /**
   * Columns [0, k) of the Cholesky factor of a matrix whose lower triangle begins with A [m, k], in its
   * place; −1, or the first pivot that is not positive.
   */
  choleskyPanel(m: number, k: number, a: Address, row: number): number;

  /**
   * A = H₀⋯H₍ₙ₋₁₎·B·G₍ₙ₋₂₎⋯G₀ for A [m, n], m ≥ n: B's diagonal d [n] and what lies above it, e [n]; row
   * j of `left` [n, m] takes v of Hⱼ from entry j on, row j of A keeps that of Gⱼ from j + 1 on. The work
   * vectors x and y have n and m entries.
   */
  bidiagonalise(
    m: number,
    n: number,
    a: Address,
    row: number,
    left: Address,
    leftRow: number,
    d: Address,
    e: Address,
    tauLeft: Address,
    tauRight: Address,
    x: Address,
    y: Address,
  ): void;
  /**
   * Goes on with QR on the bidiagonal matrix of d and e: 1 when done, 0 when the room for `capacity` ≥ n rotations a
   * side is used up, −1 if it does not converge. `state` is three i32, zero before: singular values found, sweeps so
   * far, sweeps recorded by this call. Sweeps and rotations are recorded as qlSweeps does, rotations of the left and
   * of the right vectors apart, for matrices whose rows are reversed.
   */
  bidiagonalSweeps(
    n: number,
    d: Address,
    e: Address,
    state: Address,
    sweeps: Address,
    left: Address,
    right: Address,
    capacity: number,
  ): number;

  /**
   * The k roots of 1/ρ + Σ zⱼ²/(dⱼ − λ) for poles d [k], strictly ascending, weights z [k], none zero, and
   * ρ > 0, all about 1 or less: root i is d[originᵢ] + τᵢ; tau [k], origin [k] of i32. The weights are squared in
   * place; `room` has 3·k numbers. Returns −1, or a root that does not converge.
   */
  secularRoots(
    k: number,
    d: Address,
    z: Address,
    rho: number,
    tau: Address,
    origin: Address,
    room: Address,
  ): number;
  /**
   * z [k] becomes the weights, up to a common factor, for which the roots are exact. Poles and weights are
   * in any order: the i-th pole by size is entry place[i] (i32). Row i of u [k, k] takes 1 / (poleₚ − rootᵢ);
   * w [k] is room to work in.
   */
  secularWeights(
    k: number,
    poles: Address,
    place: Address,
    tau: Address,
    origin: Address,
    z: Address,
    w: Address,
    u: Address,
    row: number,
  ): void;
  /** Rows of u [k, k], 1 / (poleₚ − rootᵢ), times zₚ, and scaled to length 1: the eigenvectors. */
  secularVectors(k: number, z: Address, u: Address, row: number): void;
  /**
   * Right singular vectors of the arrowhead matrix with row z and diagonal d [k] (zero at `pinned` alone), the
   * rows of v [k, k], become left ones; sigma [k] are the singular values, `z` that at `pinned`.
   */
  secularPartners(
    k: number,
    d: Address,
    pinned: number,
    z: number,
    sigma: Address,
    v: Address,
    row: number,
  ): void;
  /**
   * Deflates diag(values) + ρ·w·wᵀ in terms of the rows of z [n, columns], of which the first m are zero from
   * column m on, the others before: values and weights [n] change, and rows of equal values are rotated, those
   * of z2 [n, columns2] with them. `pinned`: the first of the order is kept in any case. `order` [n]
   * sorts the values and takes those that are kept; `rows` [n] takes them in three kinds, rows as the first
   * m, rows that are zero nowhere, rows as the others, and then what is set aside; `place` [n] where in `rows`
   * each of `order` is, `counts` [3] how many are kept, of the first kind, of the second. Lists are of i32;
   * `kind` [n] is room to work in.
   */
  deflate(
    n: number,
    m: number,
    rho: number,
    values: Address,
    weights: Address,
    order: Address,
    columns: number,
    z: Address,
    row: number,
    columns2: number,
    z2: Address,
    row2: number,
    pinned: number,
    rows: Address,
    place: Address,
    kind: Address,
    counts: Address,
  ): void;
  /** Entry i of out [n] is entry order[i] (i32) of x. */
  take_f64(n: number, x: Address, order: Address, out: Address): void;
  /** Row i of out [m, n] is row order[i] (i32) of a. */
  takeRows(
    m: number,
    n: number,
    a: Address,
    row: number,
    order: Address,
    out: Address,
    outRow: number,
  ): void;
}
