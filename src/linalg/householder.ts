import { type Address, kernels, withBlocks } from "../kernels/mod.ts";
import {
  applyCompact,
  BLOCK,
  type Compact,
  makeCompact,
  rowBytes,
  type Target,
} from "./reflectors.ts";

/** The product of many reflectors, ready to be applied: blocks of them in compact form. */
export interface Reflectors {
  readonly count: number;
  readonly length: number;
  /** Row j is vⱼ from entry j on, and zero before as far as its block goes. */
  readonly vectors: Address;
  readonly row: number;
  /** F of every block, BLOCK² numbers apart. */
  readonly factors: Address;
}

/** Runs `body` with working memory for so many reflectors. */
export function withReflectors<T>(
  count: number,
  length: number,
  body: (reflectors: Reflectors) => T,
): T {
  const row = rowBytes(length);
  return withBlocks([count * row, (count + BLOCK) * BLOCK * 8], (vectors, factors) => {
    return body({ count, length, vectors: vectors!, row, factors: factors! });
  });
}

/** The block that begins with reflector `first`. */
function blockAt({ count, length, vectors, row, factors }: Reflectors, first: number): Compact {
  const k = Math.min(BLOCK, count - first), factor = factors + 8 * BLOCK * first;
  return { k, n: length - first, vectors: vectors + first * (row + 8), row, factor };
}

/** Makes the block that begins with reflector `first` of those that the rows of w keep, row j from entry j on. */
function gatherBlock(
  reflectors: Reflectors,
  first: number,
  w: Address,
  row: number,
  tau: Address,
): Compact {
  const block = blockAt(reflectors, first), vectors = w + first * (row + 8);
  makeCompact(block, { vectors, vectorsRow: row, before: false, tau: tau + 8 * first });
  return block;
}

/** Takes the reflectors that the rows of w keep, row j from entry j on, with factors tau. */
export function gather(reflectors: Reflectors, w: Address, row: number, tau: Address): void {
  for (let first = 0; first < reflectors.count; first += BLOCK) {
    gatherBlock(reflectors, first, w, row, tau);
  }
}

/**
 * Householder QR of the rows of w [n, m], which are columns of the matrix, a block at a time: row j keeps R
 * before its pivot, the diagonal goes to `diagonal`.
 */
export function factorise(
  n: number,
  w: Address,
  row: number,
  diagonal: Address,
  reflectors: Reflectors,
): void {
  const { count, length: m } = reflectors;
  withBlocks([8 * count], (tau) => {
    for (let first = 0; first < count; first += BLOCK) {
      const k = Math.min(BLOCK, count - first), next = first + k, o = 8 * first;
      kernels().householderRows(m, first, k, w, row, diagonal + o, tau! + o);
      const block = gatherBlock(reflectors, first, w, row, tau!);
      const rest = { m: n - next, at: w + next * row + o, row, filled: m - first };
      applyCompact(block, rest, false);
    }
  });
}

/** M ← M·H_k⋯H₁ */
export function applyReflectors(reflectors: Reflectors, { m, at, row, filled }: Target): void {
  backwards(reflectors, (block, first, last) => {
    const used = last ? Math.max(0, filled - first) : block.n;
    applyCompact(block, { m, at: at + 8 * first, row, filled: used }, true);
  });
}

/** The same for an identity in q, whose first rows change last. */
export function formBasis(reflectors: Reflectors, q: Address, row: number): void {
  backwards(reflectors, (block, first, last) => {
    const m = reflectors.count - first, filled = last ? m : block.n;
    applyCompact(block, { m, at: q + first * (row + 8), row, filled }, true);
  });
}

/** Visits the blocks, the last one first: before it, the columns that were zero are. */
function backwards(
  reflectors: Reflectors,
  visit: (block: Compact, first: number, last: boolean) => void,
): void {
  const last = Math.floor((reflectors.count - 1) / BLOCK) * BLOCK;
  for (let first = last; first >= 0; first -= BLOCK) {
    visit(blockAt(reflectors, first), first, first === last);
  }
}
