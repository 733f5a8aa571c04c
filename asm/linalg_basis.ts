// Reflectors applied one after another, two at a time, to four rows that stay in the cache: for matrices
// so small that products with blocks of reflectors do not earn what gathering the blocks costs.
import { at, madd, nmadd, sumLanes, sumsOfTwo } from "./simd";
import { updateFourRows } from "./linalg_tridiagonal";
import { dot_f64 } from "./linalg_vector";
import { SCRATCH } from "./memory";

// What each of four rows takes of the one vector, and of the other.
const FIRST: usize = SCRATCH;
const SECOND: usize = SCRATCH + 32;

/** row ← row·(I − s·v·vᵀ)·(I − t·w·wᵀ) for a row of n numbers, n even, and between = v·w. */
function oneRow(n: i32, v: usize, s: f64, w: usize, t: f64, between: f64, a: usize): void {
  let x = f64x2.splat(0), y = x;
  const end = at<f64>(n);
  for (let o: usize = 0; o < end; o += 16) {
    const p = v128.load(a + o);
    x = madd<f64>(p, v128.load(v + o), x);
    y = madd<f64>(p, v128.load(w + o), y);
  }
  const first = s * sumLanes<f64>(x), second = t * (sumLanes<f64>(y) - first * between);
  x = f64x2.splat(first);
  y = f64x2.splat(second);
  for (let o: usize = 0; o < end; o += 16) {
    const p = nmadd<f64>(x, v128.load(v + o), v128.load(a + o));
    v128.store(a + o, nmadd<f64>(y, v128.load(w + o), p));
  }
}

/** The same for four rows, n a multiple of 4. */
// @inline
function fourRows(
  n: i32,
  v: usize,
  s: f64,
  w: usize,
  t: f64,
  between: f64,
  a: usize,
  row: usize,
): void {
  let x0 = f64x2.splat(0), x1 = x0, x2 = x0, x3 = x0, y0 = x0, y1 = x0, y2 = x0, y3 = x0;
  let a0 = a, a1 = a0 + row, a2 = a1 + row, a3 = a2 + row, p = v, q = w;
  let f: v128, g: v128, r: v128;
  const end = a + at<f64>(n);
  while (a0 < end) {
    f = v128.load(p);
    g = v128.load(q);
    r = v128.load(a0);
    x0 = madd<f64>(r, f, x0);
    y0 = madd<f64>(r, g, y0);
    r = v128.load(a1);
    x1 = madd<f64>(r, f, x1);
    y1 = madd<f64>(r, g, y1);
    r = v128.load(a2);
    x2 = madd<f64>(r, f, x2);
    y2 = madd<f64>(r, g, y2);
    r = v128.load(a3);
    x3 = madd<f64>(r, f, x3);
    y3 = madd<f64>(r, g, y3);
    f = v128.load(p, 16);
    g = v128.load(q, 16);
    r = v128.load(a0, 16);
    x0 = madd<f64>(r, f, x0);
    y0 = madd<f64>(r, g, y0);
    r = v128.load(a1, 16);
    x1 = madd<f64>(r, f, x1);
    y1 = madd<f64>(r, g, y1);
    r = v128.load(a2, 16);
    x2 = madd<f64>(r, f, x2);
    y2 = madd<f64>(r, g, y2);
    r = v128.load(a3, 16);
    x3 = madd<f64>(r, f, x3);
    y3 = madd<f64>(r, g, y3);
    p += 32;
    q += 32;
    a0 += 32;
    a1 += 32;
    a2 += 32;
    a3 += 32;
  }
  f = f64x2.splat(s);
  g = f64x2.splat(t);
  r = f64x2.splat(between);
  x0 = f64x2.mul(f, sumsOfTwo(x0, x1));
  x2 = f64x2.mul(f, sumsOfTwo(x2, x3));
  v128.store(FIRST, x0);
  v128.store(FIRST, x2, 16);
  v128.store(SECOND, f64x2.mul(g, nmadd<f64>(x0, r, sumsOfTwo(y0, y1))));
  v128.store(SECOND, f64x2.mul(g, nmadd<f64>(x2, r, sumsOfTwo(y2, y3))), 16);
  updateFourRows(n, a, row, v, w, SECOND, FIRST);
}

/** Multiple of 4 from n on. */
function whole(n: i32): i32 {
  return (n + 3) & ~3;
}

/**
 * Z ← Z·H_first⋯H₍ₙ₋₁₎ for Z [m, n] and the reflectors that tridiagonalisation leaves: row i of `vectors` keeps the
 * i entries of vᵢ, what else it holds is lost, tau [n] keeps the factors. Rows of both are padded to a multiple of
 * four numbers, in Z with finite ones. `room` has n numbers.
 */
export function applyReflectors(
  m: i32,
  first: i32,
  n: i32,
  vectors: usize,
  row: usize,
  tau: usize,
  z: usize,
  zRow: usize,
  room: usize,
): void {
  const start = first & ~1;
  for (let i = start; i < n; i++) {
    const v = vectors + <usize> i * row;
    for (let k = i, end = whole((i | 1) + 1); k < end; k++) store<f64>(v + at<f64>(k), 0);
    if (i & 1) store<f64>(room + at<f64>(i), dot_f64(i, v - row, v));
  }
  for (let j = 0; j < m; j += 4) {
    for (let i = start; i < n; i += 2) {
      // what comes before the first, or after the last, counts for nothing
      const v = vectors + <usize> i * row, s = i < first ? 0 : load<f64>(tau + at<f64>(i));
      const pair = i + 1 < n, w = pair ? v + row : v;
      const t = pair ? load<f64>(tau + at<f64>(i + 1)) : 0;
      const between = pair ? load<f64>(room + at<f64>(i + 1)) : 0;
      if (j + 4 <= m) {
        fourRows(whole(i + 2), v, s, w, t, between, z, zRow);
      } else {
        let a = z;
        for (let k = j; k < m; k++) {
          oneRow(whole(i + 2), v, s, w, t, between, a);
          a += zRow;
        }
      }
    }
    z += 4 * zRow;
  }
}
