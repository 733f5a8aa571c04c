// Eigenpairs of a symmetric tridiagonal matrix by divide and conquer (Cuppen, 1981; Gu and Eisenstat, 1995), in one
// call: blocks of a few rows by QL, and merges of two blocks.
import { at } from "./simd";
import { matmul_f64 } from "./matmul";
import { applyReflectors } from "./linalg_basis";
import { afterMerge, beginMerge, endMerge, keepLast, rowBytes, sortedAt } from "./linalg_merge";
import { qlSweeps } from "./linalg_ql";
import { applySweeps, fromStrips, identityStrips } from "./linalg_sweeps";

/** Blocks of at most so many rows are not divided; measured. */
const LEAF: i32 = 24;
/** Rotations of one leaf at most: 30 sweeps a row. */
const ROTATIONS: i32 = 30 * LEAF * (LEAF - 1);
const STATE: usize = 16;
const SWEEPS: usize = STATE + <usize> (30 * LEAF) * 8;
const STRIP: usize = SWEEPS + <usize> ROTATIONS * 16;
const LEAF_ROOM: usize = STRIP + <usize> ((LEAF + 15) / 16 * (LEAF + 3)) * 128;

/** Bytes of room for a matrix of n rows. */
export function tridiagonalRoom(n: i32): usize {
  const depth = (n + 15) & ~15, half = (n - (n >> 1) + 3) & ~3;
  return afterMerge(n, 64) + max(2 * LEAF_ROOM, at<f64>(depth * half));
}

/** Vectors and ordered values of the block of n rows at `first`, of which QL left the sweeps. */
function endLeaf(
  first: i32,
  n: i32,
  d: usize,
  z: usize,
  row: usize,
  state: usize,
  order: usize,
): void {
  d += at<f64>(first);
  z += <usize> first * (row + 8);
  const strip = state + STRIP;
  identityStrips(n, strip);
  applySweeps(n, n, strip, load<i32>(state, 4), state + STATE, state + SWEEPS);
  for (let i = 0; i < n; i++) {
    const value = load<f64>(d + at<f64>(i));
    let j = i;
    for (; j > 0 && load<f64>(d + at<f64>(j - 1)) > value; j--) {
      store<f64>(d + at<f64>(j), load<f64>(d + at<f64>(j - 1)));
      store<i32>(order + <usize> j * 4, load<i32>(order + <usize> (j - 1) * 4));
    }
    store<f64>(d + at<f64>(j), value);
    store<i32>(order + <usize> j * 4, i);
  }
  fromStrips(n, n, strip, order, z, row);
  for (let i = 0; i < n; i++) store<i32>(order + <usize> i * 4, i);
}

/** QL on two neighbouring blocks, of n and of n2 rows, which may be none. */
function solveLeaves(
  capacity: i32,
  first: i32,
  n: i32,
  n2: i32,
  d: usize,
  e: usize,
  z: usize,
  row: usize,
  room: usize,
): bool {
  const one = afterMerge(capacity, room), two = one + LEAF_ROOM, next = first + n;
  const o = at<f64>(first), p = at<f64>(next);
  store<f64>(e + o, 0);
  if (n2 > 0) store<f64>(e + p, 0);
  memory.fill(one, 0, STATE);
  memory.fill(two, 0, STATE);
  const found = qlSweeps(
    n,
    d + o,
    e + o,
    one,
    one + STATE,
    one + SWEEPS,
    n2,
    d + p,
    e + p,
    two,
    two + STATE,
    two + SWEEPS,
  );
  if (!found) return false;
  endLeaf(first, n, d, z, row, one, sortedAt(first, capacity, room));
  endLeaf(next, n2, d, z, row, two, sortedAt(next, capacity, room));
  if (first == 0) keepLast(capacity, n, z, row, room);
  return true;
}

/**
 * Eigenpairs of the n rows from `first` on of the symmetric tridiagonal matrix with diagonal d and eᵢ between i − 1
 * and i: their values go to d, the vectors to the rows of z, zero before, in an order that the room keeps. e is used
 * up. Where `vectors` is not 0, the reflectors in its rows, with factors tau, are applied to the vectors: each to the
 * smallest block of rows from the first that it turns, which is not yet full. `spare` has n numbers. Returns whether
 * all iterations converged.
 */
export function tridiagonalPairs(
  capacity: i32,
  first: i32,
  n: i32,
  d: usize,
  e: usize,
  z: usize,
  row: usize,
  room: usize,
  rolled: bool,
  vectors: usize,
  tau: usize,
  spare: usize,
): bool {
  const turned = first == 0 && vectors != 0;
  if (n <= LEAF) {
    if (!solveLeaves(capacity, first, n, 0, d, e, z, row, room)) return false;
    if (turned) applyReflectors(n, 0, n, vectors, row, tau, z, row, spare);
    return true;
  }
  const m = n >> 1, middle = first + m, next = d + at<f64>(middle);
  const coupling = load<f64>(e + at<f64>(middle)), size = abs(coupling);
  // T = diag(T₁, T₂) + |e|·(…, 1, ±1, …)ᵀ(…, 1, ±1, …)
  store<f64>(next - 8, load<f64>(next - 8) - size);
  store<f64>(next, load<f64>(next) - size);
  if (n - m <= LEAF) {
    if (!solveLeaves(capacity, first, m, n - m, d, e, z, row, room)) return false;
    if (turned) applyReflectors(m, 0, m, vectors, row, tau, z, row, spare);
  } else {
    if (!tridiagonalPairs(capacity, first, m, d, e, z, row, room, rolled, vectors, tau, spare)) {
      return false;
    }
    if (!tridiagonalPairs(capacity, middle, n - m, d, e, z, row, room, rolled, 0, 0, 0)) {
      return false;
    }
  }
  if (!beginMerge(capacity, first, n, m, coupling, d, z, row, room)) return false;
  const k = load<i32>(room), uRow = rowBytes(k), c = z + <usize> first * (row + 8);
  const work = afterMerge(capacity, room);
  for (let half = 0; half < 2; half++) {
    const depth = half ? load<i32>(room, 8) : load<i32>(room, 4), columns = half ? n - m : m;
    const u = half ? load<usize>(room, 24) : load<usize>(room, 12);
    const b = half ? load<usize>(room, 20) : load<usize>(room, 16), bRow = rowBytes(columns);
    const to = half ? c + at<f64>(m) : c;
    matmul_f64(
      k,
      columns,
      depth,
      u,
      uRow,
      false,
      b,
      bRow,
      false,
      to,
      row,
      false,
      false,
      columns,
      work,
      rolled,
    );
  }
  endMerge(capacity, first, n, d, z, row, room);
  if (turned) applyReflectors(n, m, n, vectors, row, tau, z, row, spare);
  return true;
}
