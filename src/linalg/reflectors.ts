import { type Address, doubles, kernels, product, withBlocks } from "../kernels/mod.ts";

/** Reflectors that are gathered into one block, so that matrix products apply them. */
export const BLOCK = 32;

/**
 * Bytes between the rows of a working matrix with n columns: an odd number of cache lines, so that
 * neighbouring rows never compete for the same place in the cache.
 */
export function rowBytes(n: number): number {
  return 64 * (Math.ceil(n / 8) | 1);
}

/** The n × n identity in working memory. */
export function writeIdentity(rows: number, columns: number, at: Address, row: number): void {
  const stride = row / 8;
  const view = doubles(at, rows * stride).fill(0);
  for (let i = 0; i < Math.min(rows, columns); i++) view[i * stride + i] = 1;
}

/** A block of k reflectors of length n, and the rows they act on. */
export interface BlockReflection {
  readonly k: number;
  readonly n: number;
  /** Rows that keep the vectors, and the bytes between them. */
  readonly vectors: Address;
  readonly vectorsRow: number;
  /** v of reflector j is what row j keeps before entry n − k + j, instead of from entry j on. */
  readonly before: boolean;
  /** Factors τ [k]. */
  readonly tau: Address;
  /** M [m, n], and the bytes between its rows. */
  readonly m: number;
  readonly matrix: Address;
  readonly row: number;
  /** H_k⋯H₁ instead of H₁⋯H_k. */
  readonly reversed: boolean;
}

/** M ← M·H₁⋯H_k by matrix products (the compact WY form; Schreiber and Van Loan, 1989). */
export function applyBlock(block: BlockReflection): void {
  const { k, n, vectors, vectorsRow, before, tau, m, matrix, row, reversed } = block;
  if (m === 0 || n === 0 || k === 0) return;
  const vRow = rowBytes(n), kRow = rowBytes(k);
  withBlocks([k * vRow, k * k * 8, k * k * 8, m * kRow, Math.max(k * vRow, m * kRow)], (...at) => {
    const [v, gram, factor, x, y] = at as [Address, Address, Address, Address, Address];
    kernels().gatherReflectors(k, n, vectors, vectorsRow, before ? 1 : 0, v, vRow);
    const ofV = { type: "f64", k: n, b: v, bRow: vRow } as const;
    product({ ...ofV, form: "NT", m: k, n: k, a: v, aRow: vRow, c: gram });
    kernels().blockFactor(k, gram, tau, factor);
    product({ ...ofV, form: "NT", m, n: k, a: matrix, aRow: row, c: x, cRow: kRow });
    const add = {
      type: "f64",
      form: "NN",
      m,
      n,
      k,
      c: matrix,
      cRow: row,
      accumulate: true,
    } as const;
    // M·(Vᵀ·F)·V or M·Vᵀ·(F·V), whichever is less work
    if (n <= m) {
      const form = reversed ? "TN" : "NN";
      product({ type: "f64", form, m: k, n, k, a: factor, b: v, bRow: vRow, c: y, cRow: vRow });
      product({ ...add, a: x, aRow: kRow, b: y, bRow: vRow });
    } else {
      const form = reversed ? "NT" : "NN";
      product({ type: "f64", form, m, n: k, k, a: x, aRow: kRow, b: factor, c: y, cRow: kRow });
      product({ ...add, a: y, aRow: kRow, b: v, bRow: vRow });
    }
  });
}
