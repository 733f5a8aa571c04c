// Recorded sweeps of rotations, applied to the rows of a matrix that is cut into strips of columns, so
// that a strip stays in the cache while all sweeps pass. Two sweeps go together, the second two rows
// behind the first, and in each step two rotations of either: four rows loaded for four rotations.
//
// A rotation (hi, lo) ← (c·hi + s·lo, c·lo − s·hi) is done as three shears, three multiply-adds instead
// of four operations: hi += t·lo, lo −= s·hi, hi += t·lo with t = s / (1 + c).
import { at, madd, nmadd } from "./simd";
import { SCRATCH } from "./memory";
import { copyRow } from "./linalg_divide";

/** Columns of a strip, and bytes of its rows. */
const WIDTH: i32 = 16;
const ROW: usize = 128;
/** Rows of zeros before and after a strip, which steps at its ends reach into but never change. */
const BEFORE: i32 = 2;
const AFTER: i32 = 1;

/** Bytes of a strip of n rows. */
function stripBytes(n: i32): usize {
  return <usize> (BEFORE + n + AFTER) * ROW;
}

/** A [m, n] (rows `row` bytes apart) into strips of WIDTH columns, the last one filled up with zeros. */
export function toStrips(m: i32, n: i32, a: usize, row: usize, strips: usize): void {
  for (let j = 0; j < n; j += WIDTH) {
    const used = at<f64>(min(WIDTH, n - j));
    memory.fill(strips, 0, BEFORE * ROW);
    strips += BEFORE * ROW;
    for (let i = 0; i < m; i++) {
      memory.copy(strips, a + <usize> i * row + at<f64>(j), used);
      memory.fill(strips + used, 0, ROW - used);
      strips += ROW;
    }
    memory.fill(strips, 0, AFTER * ROW);
    strips += AFTER * ROW;
  }
}

/** The identity [n, n] in strips. */
export function identityStrips(n: i32, strips: usize): void {
  const bytes = stripBytes(n);
  for (let j = 0; j < n; j += WIDTH) {
    memory.fill(strips, 0, bytes);
    const corner = strips + <usize> (BEFORE + j) * ROW;
    for (let i = 0; i < min(WIDTH, n - j); i++) store<f64>(corner + <usize> i * (ROW + 8), 1);
    strips += bytes;
  }
}

/** Rows of A [m, n] out of the strips, row i from row order[i] (i32) of theirs. */
export function fromStrips(
  m: i32,
  n: i32,
  strips: usize,
  order: usize,
  a: usize,
  row: usize,
): void {
  for (let j = 0; j < n; j += WIDTH) {
    const count = min(WIDTH, n - j);
    for (let i = 0; i < m; i++) {
      const from = strips + <usize> (BEFORE + load<i32>(order + <usize> i * 4)) * ROW;
      copyRow(count, from, a + <usize> i * row + at<f64>(j));
    }
    strips += stripBytes(m);
  }
}

/** Rotation i of a sweep that holds `count` of them, from `first` down; nothing happens at the others. */
function rotation(i: i32, first: i32, count: i32, rotations: usize): usize {
  return <u32> (first - i) < <u32> count ? rotations + <usize> (first - i) * 16 : SCRATCH;
}

/**
 * Four rows r0 … r3 upwards: rotations a0 of (r2, r1), a1 of (r1, r0), then b0 of (r3, r2), b1 of
 * (r2, r1). Two vectors of columns, x and y, go side by side, so that neither waits for the other.
 */
function fourRotations(r: usize, a0: usize, a1: usize, b0: usize, b1: usize): void {
  const t0 = v128.load64_splat(a0), s0 = v128.load64_splat(a0, 8);
  const t1 = v128.load64_splat(a1), s1 = v128.load64_splat(a1, 8);
  const t2 = v128.load64_splat(b0), s2 = v128.load64_splat(b0, 8);
  const t3 = v128.load64_splat(b1), s3 = v128.load64_splat(b1, 8);
  const end = r + ROW;
  while (r < end) {
    let x2 = v128.load(r, 256), x1 = v128.load(r, 128);
    let y2 = v128.load(r, 272), y1 = v128.load(r, 144);
    x2 = madd<f64>(t0, x1, x2);
    y2 = madd<f64>(t0, y1, y2);
    x1 = nmadd<f64>(s0, x2, x1);
    y1 = nmadd<f64>(s0, y2, y1);
    x2 = madd<f64>(t0, x1, x2);
    y2 = madd<f64>(t0, y1, y2);
    // first row 0, then row 3: one name, one register
    let x = v128.load(r), y = v128.load(r, 16);
    x1 = madd<f64>(t1, x, x1);
    y1 = madd<f64>(t1, y, y1);
    x = nmadd<f64>(s1, x1, x);
    y = nmadd<f64>(s1, y1, y);
    x1 = madd<f64>(t1, x, x1);
    y1 = madd<f64>(t1, y, y1);
    v128.store(r, x);
    v128.store(r, y, 16);
    x = v128.load(r, 384);
    y = v128.load(r, 400);
    x = madd<f64>(t2, x2, x);
    y = madd<f64>(t2, y2, y);
    x2 = nmadd<f64>(s2, x, x2);
    y2 = nmadd<f64>(s2, y, y2);
    x = madd<f64>(t2, x2, x);
    y = madd<f64>(t2, y2, y);
    v128.store(r, x, 384);
    v128.store(r, y, 400);
    x2 = madd<f64>(t3, x1, x2);
    y2 = madd<f64>(t3, y1, y2);
    x1 = nmadd<f64>(s3, x2, x1);
    y1 = nmadd<f64>(s3, y2, y1);
    x2 = madd<f64>(t3, x1, x2);
    y2 = madd<f64>(t3, y1, y2);
    v128.store(r, x2, 256);
    v128.store(r, y2, 272);
    v128.store(r, x1, 128);
    v128.store(r, y1, 144);
    r += 32;
  }
}

/** All sweeps, on one strip whose row 0 is at `rows`. */
function sweepStrip(rows: usize, count: i32, sweeps: usize, rotations: usize): void {
  for (let q = 0; q < count;) {
    const first = load<i32>(sweeps), size = load<i32>(sweeps, 4), last = first - size + 1;
    let first2 = first - 1, size2 = 0, last2 = last + 1;
    if (q + 1 < count) {
      const f = load<i32>(sweeps, 8), s = load<i32>(sweeps, 12);
      // sweeps of blocks that lie apart are cheaper one by one
      if (max(first, f) - min(last, f - s + 1) < size + s) {
        first2 = f;
        size2 = s;
        last2 = f - s + 1;
      }
    }
    const next = rotations + <usize> size * 16;
    for (let i = max(first, first2 - 1), end = min(last, last2 - 1); i >= end; i -= 2) {
      fourRotations(
        rows + <usize> (i - 1) * ROW,
        rotation(i, first, size, rotations),
        rotation(i - 1, first, size, rotations),
        rotation(i + 1, first2, size2, next),
        rotation(i, first2, size2, next),
      );
    }
    const taken = size2 > 0 ? 2 : 1;
    q += taken;
    sweeps += <usize> taken * 8;
    rotations = next + <usize> size2 * 16;
  }
}

/** Applies `count` recorded sweeps to the rows of a matrix [m, n] in strips. */
export function applySweeps(
  m: i32,
  n: i32,
  strips: usize,
  count: i32,
  sweeps: usize,
  rotations: usize,
): void {
  store<f64>(SCRATCH, 0);
  store<f64>(SCRATCH, 0, 8);
  for (let j = 0; j < n; j += WIDTH) {
    sweepStrip(strips + BEFORE * ROW, count, sweeps, rotations);
    strips += stripBytes(m);
  }
}
