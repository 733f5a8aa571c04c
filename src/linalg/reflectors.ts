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
  const vRow = rowBytes(n);
  withBlocks([k * vRow, k * k * 8, k * k * 8], (v, gram, factor) => {
    kernels().gatherReflectors(k, n, vectors, vectorsRow, before ? 1 : 0, v!, vRow);
    const rows = { type: "f64", form: "NT", a: v!, aRow: vRow, b: v!, bRow: vRow } as const;
    product({ ...rows, m: k, n: k, k: n, c: gram! });
    kernels().blockFactor(k, gram!, 8 * k, tau, factor!);
    applyCompact(
      { k, n, vectors: v!, row: vRow, factor: factor! },
      { m, at: matrix, row, filled: n },
      reversed,
    );
  });
}

/** H₁⋯H_k = I + Vᵀ·F·V in working memory. */
export interface Compact {
  readonly k: number;
  readonly n: number;
  /** V [k, n], and the bytes between its rows. */
  readonly vectors: Address;
  readonly row: number;
  /** F [k, k] */
  readonly factor: Address;
}

/** A matrix [m, n] that is zero from column `filled` on. */
export interface Target {
  readonly m: number;
  readonly at: Address;
  readonly row: number;
  readonly filled: number;
}

/** M ← M·H₁⋯H_k, or M·H_k⋯H₁. */
export function applyCompact(
  { k, n, vectors, row: vRow, factor }: Compact,
  { m, at, row, filled }: Target,
  reversed: boolean,
): void {
  if (m === 0) return;
  const kRow = rowBytes(k), common = { type: "f64", k } as const;
  withBlocks([m * kRow, Math.max(k * vRow, m * kRow)], (x, y) => {
    product({
      ...{ type: "f64", form: "NT", m, n: k, k: filled, a: at, aRow: row, b: vectors, bRow: vRow },
      ...{ c: x!, cRow: kRow },
    });
    const add = { ...common, form: "NN", m, n, c: at, cRow: row, accumulate: true } as const;
    // M·(Vᵀ·F)·V or M·Vᵀ·(F·V), whichever is less work
    if (n <= m) {
      const form = reversed ? "TN" : "NN";
      product({ ...common, form, m: k, n, a: factor, b: vectors, bRow: vRow, c: y!, cRow: vRow });
      product({ ...add, a: x!, aRow: kRow, b: y!, bRow: vRow });
    } else {
      const form = reversed ? "NT" : "NN";
      product({ ...common, form, m, n: k, a: x!, aRow: kRow, b: factor, c: y!, cRow: kRow });
      product({ ...add, a: y!, aRow: kRow, b: vectors, bRow: vRow });
    }
  });
}
