import { type Address, kernels } from "../kernels/mod.ts";
import { applyBlock, BLOCK } from "./reflectors.ts";

/** Householder QR of the rows of w [n, m], which are columns of the matrix, a block at a time. */
export function factorise(
  m: number,
  n: number,
  w: Address,
  row: number,
  diagonal: Address,
  tau: Address,
): void {
  const size = Math.min(m, n);
  for (let first = 0; first < size; first += BLOCK) {
    const k = Math.min(BLOCK, size - first), next = first + k, o = first * 8;
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
  for (let first = lastBlock(k); first >= 0; first -= BLOCK) {
    const size = Math.min(BLOCK, k - first), o = first * 8;
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
  for (let first = lastBlock(k); first >= 0; first -= BLOCK) {
    const size = Math.min(BLOCK, k - first), o = first * 8;
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
function lastBlock(k: number): number {
  return Math.floor((k - 1) / BLOCK) * BLOCK;
}
