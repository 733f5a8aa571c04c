import { type Address, doubles, kernels, product, withBlocks } from "../kernels/mod.ts";
import { applyCompact, type Compact, rowBytes, type Target } from "./reflectors.ts";

/** Reflectors that matrix products apply together: as deep as the products' longest slab. */
const BLOCK = 64;
/** Those that are made, or whose products are taken, one after the other; measured. */
const NARROW = 16;

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
  const row = rowBytes(length), factors = Math.ceil(count / BLOCK) * BLOCK * BLOCK * 8;
  return withBlocks([count * row, factors], (vectors, factors) => {
    return body({ count, length, vectors: vectors!, row, factors: factors! });
  });
}

/** The block that begins with reflector `first`. */
function blockAt({ count, length, vectors, row, factors }: Reflectors, first: number): Compact {
  const k = Math.min(BLOCK, count - first), factor = factors + 8 * BLOCK * first;
  return { k, n: length - first, vectors: vectors + first * (row + 8), row, factor };
}

/** What a block of reflectors is made from: factors τ [k], and room for the inner products of the vectors. */
interface Making extends Compact {
  readonly tau: Address;
  readonly gram: Address;
}

const GRAM_ROW = 8 * BLOCK;

/** Inner products of the vectors [j, j + m) with [i, i + n), i ≤ j. */
function multiplyVectors(
  { n: length, vectors, row, gram }: Making,
  j: number,
  m: number,
  i: number,
  n: number,
): void {
  const from = vectors + 8 * j; // what precedes is zero
  product({
    ...{ type: "f64", form: "NT", m, n, k: length - j, aRow: row, bRow: row, cRow: GRAM_ROW },
    ...{ a: from + j * row, b: from + i * row, c: gram + j * GRAM_ROW + 8 * i },
  });
}

/**
 * Householder QR of the rows of w [n, m], which are columns of the matrix: row j keeps R before its pivot, the
 * diagonal goes to `diagonal`. (Elmroth and Gustavson, 2000: blocks by halves, so that little is left that is
 * no matrix product.)
 */
export function factorise(
  n: number,
  w: Address,
  row: number,
  diagonal: Address,
  reflectors: Reflectors,
): void {
  const { count, length: m } = reflectors;
  withBlocks([8 * count, BLOCK * GRAM_ROW, BLOCK * GRAM_ROW], (tau, gram, factor) => {
    for (let first = 0; first < count; first += BLOCK) {
      const block = blockAt(reflectors, first), { k } = block;
      const making = { ...block, tau: tau! + 8 * first, gram: gram! };
      clearBefore(making);
      const panel = (j: number, size: number): void => {
        const p = first + j, o = 8 * p, at = making.vectors + j * (making.row + 8);
        if (size <= NARROW) {
          kernels().householderRows(m, p, size, w, row, diagonal + o, tau! + o);
          kernels().gatherReflectors(size, m - p, w + p * row + o, row, 0, at, making.row);
          multiplyVectors(making, j, size, j, size);
          return;
        }
        const half = size >> 1;
        panel(j, half);
        kernels().blockFactor(half, gram! + j * (GRAM_ROW + 8), GRAM_ROW, tau! + o, factor!);
        applyCompact(
          { k: half, n: m - p, vectors: at, row: making.row, factor: factor! },
          { m: size - half, at: w + (p + half) * row + o, row, filled: m - p },
          false,
        );
        panel(j + half, size - half);
        multiplyVectors(making, j + half, size - half, j, half);
      };
      panel(0, k);
      kernels().blockFactor(k, gram!, GRAM_ROW, making.tau, block.factor);
      const next = first + k;
      applyCompact(
        block,
        { m: n - next, at: w + next * row + 8 * first, row, filled: m - first },
        false,
      );
    }
  });
}

/** Zeros before the pivots of a block. */
function clearBefore({ k, vectors, row }: Compact): void {
  for (let j = 1; j < k; j++) doubles(vectors + j * row, j).fill(0);
}

/** Takes the reflectors that the rows of w keep, row j from entry j on, with factors tau. */
export function gather(reflectors: Reflectors, w: Address, row: number, tau: Address): void {
  withBlocks([BLOCK * GRAM_ROW], (gram) => {
    for (let first = 0; first < reflectors.count; first += BLOCK) {
      const block = blockAt(reflectors, first), { k, n, vectors } = block, half = k >> 1;
      const making = { ...block, tau: tau + 8 * first, gram: gram! };
      kernels().gatherReflectors(k, n, w + first * (row + 8), row, 0, vectors, block.row);
      multiplyVectors(making, 0, half, 0, half);
      multiplyVectors(making, half, k - half, 0, k);
      kernels().blockFactor(k, gram!, GRAM_ROW, making.tau, block.factor);
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
