// Two diagonalised halves of a tridiagonal matrix become one: diag(d) + ρ·w·wᵀ in terms of their vectors. What
// stands between beginMerge() and endMerge() are two matrix products, which threads can share.
import { at } from "./simd";
import { largestMagnitude, transpose_f64 } from "./linalg_check";
import { deflate } from "./linalg_deflation";
import { take_f64, takeRows } from "./linalg_divide";
import { secularRoots } from "./linalg_secular";
import { secularVectors, secularWeights } from "./linalg_secular_vectors";

// The room of a problem of up to `capacity` rows: a plan of what to multiply, vectors of f64 and of i32, and
// matrices. The order that sorts the values of every diagonalised block stays between calls.
const PLAN: usize = 64;
const VALUES: i32 = 0;
const WEIGHTS: i32 = 1;
const POLES: i32 = 2;
const BY_VALUE: i32 = 3;
const GROUPED: i32 = 4;
const BY_ROW: i32 = 5;
const TAU: i32 = 6;
const SPARE: i32 = 7;
const LAST: i32 = 8;
const NUMBERS: i32 = 9;
const SORTED: i32 = 0;
const ORDER: i32 = 1;
const ROWS: i32 = 2;
const PLACE: i32 = 3;
const KIND: i32 = 4;
const ORIGIN: i32 = 5;
const LISTS: i32 = 6;

function numbers(which: i32, capacity: i32, room: usize): usize {
  return room + PLAN + at<f64>(which * (capacity + 1));
}

function list(which: i32, capacity: i32, room: usize): usize {
  return numbers(NUMBERS, capacity, room) + <usize> (which * (capacity + 1)) * 4;
}

/** Bytes between the rows of a matrix with n columns: an odd number of cache lines. */
export function rowBytes(n: i32): usize {
  return <usize> (((n + 7) >> 3) | 1) << 6;
}

function vectorsAt(capacity: i32, room: usize): usize {
  return (list(LISTS, capacity, room) + 63) & ~63;
}

function copiesAt(capacity: i32, room: usize): usize {
  return vectorsAt(capacity, room) + <usize> capacity * rowBytes(capacity);
}

/** What follows in the room: the halves of a row and a whole one have odd numbers of cache lines each. */
export function afterMerge(capacity: i32, room: usize): usize {
  return copiesAt(capacity, room) + <usize> capacity * (rowBytes(capacity) + 256);
}

/** The order (i32) that sorts the values of the block at row `first`. */
export function sortedAt(first: i32, capacity: i32, room: usize): usize {
  return list(SORTED, capacity, room) + <usize> first * 4;
}

/** ⌊log₂ x⌋ for x > 0, and 0 for 0. */
function exponent(x: f64): i32 {
  if (x == 0) return 0;
  const tiny = x < 2.2250738585072014e-308, value = tiny ? x * 18014398509481984 : x;
  return (<i32> (reinterpret<u64>(value) >> 52) & 0x7ff) - 1023 - (tiny ? 54 : 0);
}

/** 2ᵏ for −1022 ≤ k ≤ 1023. */
function power(k: i32): f64 {
  return reinterpret<f64>(<u64> (k + 1023) << 52);
}

/** One order of n values out of two, of `left` values and of the others; what the second counts begins at `offset`. */
function interleave(
  n: i32,
  values: usize,
  left: i32,
  one: usize,
  other: usize,
  offset: i32,
  order: usize,
): void {
  let i = 0, j = left;
  for (let q = 0; q < n; q++) {
    const a = i < left ? load<i32>(one) : 0, b = j < n ? load<i32>(other) + offset : 0;
    const first = j == n ||
      i < left && load<f64>(values + at<f64>(a)) <= load<f64>(values + at<f64>(b));
    store<i32>(order, first ? a : b);
    order += 4;
    if (first) {
      one += 4;
      i++;
    } else {
      other += 4;
      j++;
    }
  }
}

/**
 * Keeps the last entries of the vectors of the block of n rows that begins at the first: reflectors may change them
 * before the block is merged.
 */
export function keepLast(capacity: i32, n: i32, z: usize, row: usize, room: usize): void {
  transpose_f64(n, 1, z + at<f64>(n - 1), row, numbers(LAST, capacity, room), 0);
}

/**
 * The coupling vector in terms of the vectors: last entries of the first m rows, which are `kept` where that is not
 * 0, first entries of the others.
 */
function coupled(
  n: i32,
  m: i32,
  coupling: f64,
  kept: usize,
  z: usize,
  row: usize,
  weights: usize,
): void {
  const last = Math.SQRT1_2, next = coupling < 0 ? -last : last;
  z += at<f64>(m - 1);
  for (let i = 0; i < n; i++) {
    const from = i < m ? kept ? kept + at<f64>(i) : z : z + 8;
    store<f64>(weights, (i < m ? last : next) * load<f64>(from));
    weights += 8;
    z += row;
  }
}

/**
 * Prepares the merge of rows [first, first + m) and those up to first + n of a tridiagonal matrix, tied by the
 * coupling, whose values are in d and whose vectors are rows of z, the first m zero from column m on, the others
 * before. Then rows [first, first + k) of z are to be U·B: with i32 of the plan, at the start of the room, k, p, q and
 * the addresses of U, B₁, B₂ and of the part of U that meets B₂: columns [first, first + m) are U [k, p]·B₁ [p, m],
 * the n − m others U₂ [k, q]·B₂ [q, n − m], all rows `rowBytes` apart. Returns whether all roots were found.
 */
export function beginMerge(
  capacity: i32,
  first: i32,
  n: i32,
  m: i32,
  coupling: f64,
  d: usize,
  z: usize,
  row: usize,
  room: usize,
): bool {
  d += at<f64>(first);
  z += <usize> first * (row + 8);
  const values = numbers(VALUES, capacity, room), weights = numbers(WEIGHTS, capacity, room);
  const order = list(ORDER, capacity, room), rows = list(ROWS, capacity, room);
  const place = list(PLACE, capacity, room), kind = list(KIND, capacity, room);
  coupled(n, m, coupling, first ? 0 : numbers(LAST, capacity, room), z, row, weights);
  // the coupling vector has length √2 before it is scaled to 1
  const k2 = exponent(max(2 * abs(coupling), largestMagnitude(n, d))), half = -k2 / 2;
  const f1 = power(half), f2 = power(-k2 - half);
  for (let i = 0; i < n; i++) {
    store<f64>(values + at<f64>(i), load<f64>(d + at<f64>(i)) * f1 * f2);
  }
  store<i32>(room, k2, 32);
  const one = sortedAt(first, capacity, room);
  interleave(n, values, m, one, one + <usize> m * 4, m, order);
  const rho = 2 * abs(coupling) * f1 * f2;
  deflate(n, m, rho, values, weights, order, n, z, row, 0, z, row, false, rows, place, kind, room);
  const k = load<i32>(room), left = load<i32>(room, 4), p = left + load<i32>(room, 8), q = k - left;
  const vectors = vectorsAt(capacity, room), copies = copiesAt(capacity, room);
  const seconds = copies + <usize> p * rowBytes(m), wholes = seconds + <usize> q * rowBytes(n - m);
  store<i32>(room, p, 4);
  store<i32>(room, q, 8);
  store<i32>(room, <i32> vectors, 12);
  store<i32>(room, <i32> copies, 16);
  store<i32>(room, <i32> seconds, 20);
  store<i32>(room, <i32> (vectors + at<f64>(left)), 24);
  store<i32>(room, <i32> wholes, 28);
  takeRows(p, m, z, row, rows, copies, rowBytes(m));
  takeRows(q, n - m, z + at<f64>(m), row, rows + <usize> left * 4, seconds, rowBytes(n - m));
  takeRows(n - k, n, z, row, rows + <usize> k * 4, wholes, rowBytes(n));
  if (k == 0) return true;
  const poles = numbers(POLES, capacity, room), byValue = numbers(BY_VALUE, capacity, room);
  const grouped = numbers(GROUPED, capacity, room), byRow = numbers(BY_ROW, capacity, room);
  const tau = numbers(TAU, capacity, room), origin = list(ORIGIN, capacity, room);
  take_f64(k, values, order, poles);
  take_f64(k, weights, order, byValue);
  if (secularRoots(k, poles, byValue, rho, tau, origin, vectors) >= 0) return false;
  take_f64(k, values, rows, grouped);
  take_f64(k, weights, rows, byRow);
  const spare = numbers(SPARE, capacity, room), uRow = rowBytes(k);
  secularWeights(k, grouped, place, tau, origin, byRow, spare, vectors, uRow);
  secularVectors(k, byRow, vectors, uRow);
  return true;
}

/** Writes k, …, n − 1 to `order` so that the values ascend; they nearly descend. */
function sortSettled(k: i32, n: i32, values: usize, order: usize): void {
  for (let i = k; i < n; i++) {
    const j = n - 1 - (i - k), value = load<f64>(values + at<f64>(j));
    let q = order + <usize> (i - k) * 4;
    for (; q > order && load<f64>(values + at<f64>(load<i32>(q - 4))) > value; q -= 4) {
      store<i32>(q, load<i32>(q - 4));
    }
    store<i32>(q, j);
  }
}

/** What is left when the products are done: pairs that the coupling does not change, the values, and their order. */
export function endMerge(
  capacity: i32,
  first: i32,
  n: i32,
  d: usize,
  z: usize,
  row: usize,
  room: usize,
): void {
  d += at<f64>(first);
  z += <usize> first * (row + 8);
  const k = load<i32>(room), found = numbers(GROUPED, capacity, room);
  const values = numbers(VALUES, capacity, room), poles = numbers(POLES, capacity, room);
  const tau = numbers(TAU, capacity, room), origin = list(ORIGIN, capacity, room);
  const rows = list(ROWS, capacity, room), kept = list(KIND, capacity, room);
  for (let i = 0, from = load<usize>(room, 28); i < n - k; i++) {
    memory.copy(z + <usize> (k + i) * row, from, at<f64>(n));
    from += rowBytes(n);
  }
  const k2 = load<i32>(room, 32), half = k2 / 2, g1 = power(half), g2 = power(k2 - half);
  for (let i = 0; i < n; i++) {
    const own = i < k
      ? load<f64>(poles + at<f64>(load<i32>(origin + <usize> i * 4))) + load<f64>(tau + at<f64>(i))
      : load<f64>(values + at<f64>(load<i32>(rows + <usize> i * 4)));
    store<f64>(found + at<f64>(i), own);
    store<f64>(d + at<f64>(i), own * g1 * g2);
    store<i32>(kept + <usize> i * 4, i);
  }
  const settled = list(PLACE, capacity, room);
  sortSettled(k, n, found, settled);
  interleave(n, found, k, kept, settled, 0, sortedAt(first, capacity, room));
  if (first == 0) keepLast(capacity, n, z, row, room);
}

/** Values d [n] and rows of z [n, n] in ascending order of the values. */
export function sortPairs(n: i32, d: usize, z: usize, row: usize, room: usize): void {
  const order = sortedAt(0, n, room), values = numbers(VALUES, n, room);
  let i = 0;
  while (i < n && load<i32>(order + <usize> i * 4) == i) i++;
  if (i == n) return;
  take_f64(n, d, order, values);
  memory.copy(d, values, at<f64>(n));
  const copies = copiesAt(n, room);
  takeRows(n, n, z, row, order, copies, rowBytes(n));
  for (let j = 0; j < n; j++) {
    memory.copy(z + <usize> j * row, copies + <usize> j * rowBytes(n), at<f64>(n));
  }
}
