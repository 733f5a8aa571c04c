import { type Address, kernels } from "../kernels/mod.ts";
import { applyBlock, BLOCK } from "./reflectors.ts";

/** Vectors from this length on go in blocks of twice the size: products of depth 64 are faster. */
const LONG = 512;

function blockSize(m: number): number {
  return m < LONG ? BLOCK : 2 * BLOCK;
}

/** Householder QR of the rows of w [n, m], which are columns of the matrix, a block at a time. */
export function factorise(
  m: number,
  n: number,
  w: Address,
  row: number,
  diagonal: Address,
  tau: Address,
): void {
  const size = Math.min(m, n), block = blockSize(m);
  for (let first = 0; first < size; first += block) {
    const k = Math.min(block, size - first), next = first + k, o = first * 8;
    kernels().householderRows(m, first, k, w, row, diagonal + o, tau + o);
    applyBlock({
      ...{
        k,
        n: m - first,
        vectors: w + first * row + o,
        vectorsRow: row,
        before: false,
        tau: tau + o,
        row,
      },
      ...{ m: n - next, matrix: w + next * row + o, reversed: false },
    });
  }
}

/** M [rows, m] ← M·H_k⋯H₁ with the reflectors of w: row j from entry j on. */
export function applyReflectors(
  m: number,
  k: number,
  w: Address,
  row: number,
  tau: Address,
  rows: number,
  matrix: Address,
  matrixRow: number,
): void {
  const block = blockSize(m);
  for (let first = lastBlock(k, block); first >= 0; first -= block) {
    const size = Math.min(block, k - first), o = first * 8;
    applyBlock({
      ...{
        k: size,
        n: m - first,
        vectors: w + first * row + o,
        vectorsRow: row,
        before: false,
        tau: tau + o,
      },
      ...{ m: rows, matrix: matrix + o, row: matrixRow, reversed: true },
    });
  }
}

/** The same for the identity [k, m] in q, whose first rows change last. */
export function formBasis(
  m: number,
  k: number,
  w: Address,
  row: number,
  tau: Address,
  q: Address,
  qRow: number,
): void {
  const block = blockSize(m);
  for (let first = lastBlock(k, block); first >= 0; first -= block) {
    const size = Math.min(block, k - first), o = first * 8;
    applyBlock({
      ...{
        k: size,
        n: m - first,
        vectors: w + first * row + o,
        vectorsRow: row,
        before: false,
        tau: tau + o,
      },
      ...{ m: k - first, matrix: q + first * qRow + o, row: qRow, reversed: true },
    });
  }
}

/** First reflector of the last block of k. */
function lastBlock(k: number, block: number): number {
  return Math.floor((k - 1) / block) * block;
}
