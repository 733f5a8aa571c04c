import {
  type Address,
  doubles,
  integers,
  kernels,
  product,
  rolled,
  withBlocks,
} from "../kernels/mod.ts";
import { ConvergenceError } from "./errors.ts";
import { applyBlock, BLOCK, rowBytes } from "./reflectors.ts";

/** Blocks of at most so many rows are solved in one call: their products are too small to be shared. */
const WHOLE = 192;

/** From so many rows on reflectors are applied in blocks, which threads can share, instead of in pairs; measured. */
const LARGE = 385;

/** What tridiagonalisation leaves: vᵢ in the first i entries of row i, and factors τ [n]. */
export interface Reflectors {
  /** Rows as far apart as those of the eigenvectors; what stands beside the vᵢ is lost. */
  readonly vectors: Address;
  readonly tau: Address;
  /** Room for n numbers. */
  readonly spare: Address;
}

/** One matrix on its way to being diagonal: blocks of it are, and their eigenvectors are rows of z. */
interface Problem {
  readonly capacity: number;
  readonly d: Address;
  readonly e: Address;
  readonly z: Address;
  readonly row: number;
  readonly room: Address;
  readonly basis: Reflectors | undefined;
}

/**
 * Eigenvalues and eigenvectors of the symmetric tridiagonal matrix with diagonal d [n] and eᵢ (e [n])
 * between i − 1 and i: d becomes the eigenvalues, ascending, the rows of z [n, n] the eigenvectors. e is
 * used up. Where there is a basis, that of the whole matrix, its reflectors are applied to the eigenvectors on the
 * way: the first half of them to vectors that are half as long and half as many.
 *
 * Divide and conquer: two halves, and a rank-one update that joins them (Cuppen, 1981), whose vectors
 * come from its roots (Gu and Eisenstat, 1995). Nearly all work is matrix products. A few rows are left to
 * implicit QL.
 *
 * @throws {ConvergenceError} when an iteration does not end, which no finite matrix is known to cause.
 */
export function divideAndConquer(
  n: number,
  d: Address,
  e: Address,
  z: Address,
  row: number,
  basis?: Reflectors,
): void {
  doubles(z, n * row / 8).fill(0);
  // sizes from 2 GiB on come out of WebAssembly negative
  withBlocks([kernels().tridiagonalRoom(n) >>> 0], (room) => {
    solve({ capacity: n, d, e, z, row, room: room!, basis }, 0, n);
    kernels().sortPairs(n, d, z, row, room!);
  });
}

/** Diagonalises the block of n rows from `first` on. */
function solve(problem: Problem, first: number, n: number): void {
  const { capacity, d, e, z, row, room } = problem;
  const basis = first === 0 ? problem.basis : undefined;
  if (n <= WHOLE) {
    const { vectors = 0, tau = 0, spare = 0 } = basis ?? {};
    const block = [capacity, first, n, d, e, z, row, room, rolled()] as const;
    requireConverged(kernels().tridiagonalPairs(...block, vectors, tau, spare), n);
    return;
  }
  const m = n >> 1, middle = first + m;
  const coupling = doubles(e, middle + 1)[middle]!, values = doubles(d, middle + 1);
  // T = diag(T₁, T₂) + |e|·(…, 1, ±1, …)ᵀ(…, 1, ±1, …)
  values[middle - 1]! -= Math.abs(coupling);
  values[middle]! -= Math.abs(coupling);
  solve(problem, first, m);
  solve(problem, middle, n - m);
  merge(problem, first, n, m, coupling);
  if (basis) applyReflectors(m, n, z, row, basis);
}

/** z ← z·H_first⋯H₍ₙ₋₁₎ for the first n rows of z. */
function applyReflectors(
  first: number,
  n: number,
  z: Address,
  row: number,
  { vectors, tau, spare }: Reflectors,
): void {
  if (n < LARGE) {
    kernels().applyReflectors(n, first, n, vectors, row, tau, z, row, spare);
    return;
  }
  for (let i = first; i < n; i += BLOCK) {
    const k = Math.min(BLOCK, n - i);
    applyBlock({
      ...{ k, n: i + k, tau: tau + 8 * i, m: n, matrix: z, row, reversed: false },
      ...{ vectors: vectors + i * row, vectorsRow: row, before: true },
    });
  }
}

/** Joins the first m rows of a block of n and the others, which the coupling ties. */
function merge(
  { capacity, d, z, row, room }: Problem,
  first: number,
  n: number,
  m: number,
  coupling: number,
): void {
  requireConverged(kernels().beginMerge(capacity, first, n, m, coupling, d, z, row, room), n);
  const plan = Array.from(integers(room, 7)) as [number, number, number, ...Address[]];
  const [k, p, q, u, b, b2, u2] = plan, c = z + first * (row + 8);
  const common = { type: "f64", form: "NN", m: k, aRow: rowBytes(k), cRow: row } as const;
  product({ ...common, n: m, k: p, a: u!, b: b!, bRow: rowBytes(m), c });
  product({ ...common, n: n - m, k: q, a: u2!, b: b2!, bRow: rowBytes(n - m), c: c + 8 * m });
  kernels().endMerge(capacity, first, n, d, z, row, room);
}

function requireConverged(converged: number, n: number): void {
  if (converged) return;
  throw new ConvergenceError(
    `Cannot take eigenvalues: the iteration for a block of ${n} rows did not end; please report the matrix`,
    n,
  );
}
