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

/** M ← M·H₁⋯H_k by three matrix products (the compact WY form; Schreiber and Van Loan, 1989). */
export function applyBlock(block: BlockReflection): void {
  const { k, n, vectors, vectorsRow, before, tau, m, matrix, row, reversed } = block;
  if (m === 0 || n === 0 || k === 0) return;
  const sizes = [k * n * 8, k * k * 8, k * k * 8, m * k * 8, m * k * 8];
  withBlocks(sizes, (v, gram, factor, x, y) => {
    kernels().gatherReflectors(k, n, vectors, vectorsRow, before ? 1 : 0, v!);
    product({ type: "f64", form: "NT", m: k, n: k, k: n, a: v!, b: v!, c: gram! });
    kernels().blockFactor(k, gram!, tau, factor!);
    product({ type: "f64", form: "NT", m, n: k, k: n, a: matrix, aRow: row, b: v!, c: x! });
    const form = reversed ? "NT" : "NN";
    product({ type: "f64", form, m, n: k, k, a: x!, b: factor!, c: y! });
    product({
      ...{ type: "f64", form: "NN", m, n, k, a: y!, b: v!, c: matrix, cRow: row },
      accumulate: true,
    });
  });
}
