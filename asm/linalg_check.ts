// What is left when a decomposition is done: orientation, transposition, and how wrong it is.
import { at } from "./simd";
import { dot_f64 } from "./linalg_vector";

/** Entries this close to the largest count as equal to it, so that rounding does not choose: 1 − 2⁻³². */
const NEARLY: f64 = 0.9999999997671694;

/** max |xᵢ| of x [n], NaN if one is NaN. */
export function largestMagnitude(n: i32, x: usize): f64 {
  // the engine's max and abs take several instructions each, pmax and pmin one, and NaN passes them by
  let high = f64x2.splat(0), low = high, strange = high;
  const end = x + at<f64>(n & ~1);
  for (; x < end; x += 16) {
    const value = v128.load(x);
    high = f64x2.pmax(high, value);
    low = f64x2.pmin(low, value);
    strange = v128.or(strange, f64x2.ne(value, value));
  }
  if (v128.any_true(strange)) return NaN;
  high = f64x2.pmax(high, f64x2.neg(low));
  const largest = max(f64x2.extract_lane(high, 0), f64x2.extract_lane(high, 1));
  return n & 1 ? max(largest, abs(load<f64>(x))) : largest;
}

/** x [n] = −x */
function negate(n: i32, x: usize): void {
  let j = 0;
  for (; j + 2 <= n; j += 2) {
    v128.store(x, f64x2.neg(v128.load(x)));
    x += 16;
  }
  if (j < n) store<f64>(x, -load<f64>(x));
}

/** The first of x [n] whose magnitude is at least `least`. */
function firstOf(n: i32, x: usize, least: f64): f64 {
  const least2 = f64x2.splat(least), end = x + at<f64>(n);
  for (; x + 32 <= end; x += 32) {
    const found = v128.or(
      f64x2.ge(f64x2.abs(v128.load(x)), least2),
      f64x2.ge(f64x2.abs(v128.load(x, 16)), least2),
    );
    if (v128.any_true(found)) break;
  }
  for (; x < end; x += 8) if (abs(load<f64>(x)) >= least) return load<f64>(x);
  return 0;
}

/** Whether the entry of largest magnitude, the first of equals, is negative. */
function isNegative(n: i32, x: usize): bool {
  let highs = f64x2.splat(0), lows = highs;
  const end = x + at<f64>(n & ~1);
  let p = x;
  for (; p < end; p += 16) {
    const value = v128.load(p);
    highs = f64x2.pmax(highs, value);
    lows = f64x2.pmin(lows, value);
  }
  let high = max(f64x2.extract_lane(highs, 0), f64x2.extract_lane(highs, 1));
  let low = min(f64x2.extract_lane(lows, 0), f64x2.extract_lane(lows, 1));
  if (n & 1) {
    high = max(high, load<f64>(p));
    low = min(low, load<f64>(p));
  }
  if (-low < NEARLY * high) return false;
  if (high < NEARLY * -low) return true;
  return firstOf(n, x, NEARLY * max(high, -low)) < 0;
}

/**
 * Negates the rows of A [m, n] whose entry of largest magnitude, the first of equals, is negative, and
 * with them the rows of B [m, l].
 */
export function orientRows(
  m: i32,
  n: i32,
  a: usize,
  row: usize,
  l: i32,
  b: usize,
  bRow: usize,
): void {
  for (let i = 0; i < m; i++) {
    if (isNegative(n, a)) {
      negate(n, a);
      negate(l, b);
    }
    a += row;
    b += bRow;
  }
}

/** A column [count] of x to a row. */
function column(count: i32, x: usize, xRow: usize, y: usize): void {
  for (let i = 0; i < count; i++) {
    store<f64>(y, load<f64>(x));
    x += xRow;
    y += 8;
  }
}

/** y [n, m] = xᵀ for x [m, n], rows xRow and yRow bytes apart. */
export function transpose_f64(m: i32, n: i32, x: usize, xRow: usize, y: usize, yRow: usize): void {
  // blocks of 8 rows keep both sides within the cache lines they touch
  for (let i0 = 0; i0 < m; i0 += 8) {
    const count = min(8, m - i0), pairs = count & ~1;
    let from = x + <usize> i0 * xRow, to = y + at<f64>(i0), j = 0;
    for (; j + 2 <= n; j += 2) {
      let s = from, d = to;
      for (let i = 0; i < pairs; i += 2) {
        const a = v128.load(s), b = v128.load(s + xRow);
        v128.store(d, v128.shuffle<f64>(a, b, 0, 2));
        v128.store(d + yRow, v128.shuffle<f64>(a, b, 1, 3));
        s += 2 * xRow;
        d += 16;
      }
      if (pairs < count) {
        store<f64>(d, load<f64>(s));
        store<f64>(d + yRow, load<f64>(s, 8));
      }
      from += 16;
      to += 2 * yRow;
    }
    if (j < n) column(count, from, xRow, to);
  }
}

/** Largest ‖row of P − value·row of Z‖₂ over the rows of P and Z [m, n] with values [m]. */
export function worstResidual(m: i32, n: i32, p: usize, z: usize, row: usize, values: usize): f64 {
  let worst: f64 = 0;
  for (let i = 0; i < m; i++) {
    const value = load<f64>(values + at<f64>(i));
    let s0: f64 = 0, s1: f64 = 0, j = 0;
    for (; j + 2 <= n; j += 2) {
      const o = at<f64>(j);
      const x = load<f64>(p + o) - value * load<f64>(z + o);
      const y = load<f64>(p + o, 8) - value * load<f64>(z + o, 8);
      s0 += x * x;
      s1 += y * y;
    }
    if (j < n) {
      const x = load<f64>(p + at<f64>(j)) - value * load<f64>(z + at<f64>(j));
      s0 += x * x;
    }
    worst = max(worst, s0 + s1);
    p += row;
    z += row;
  }
  return sqrt(worst);
}

/** Largest |gᵢⱼ − δᵢⱼ| on and above the diagonal of G [m, n], m ≤ n: how far it is from the identity. */
export function worstDeviation(m: i32, n: i32, g: usize, row: usize): f64 {
  let worst: f64 = 0;
  for (let i = 0; i < m; i++) {
    worst = max(worst, abs(load<f64>(g) - 1));
    worst = max(worst, largestMagnitude(n - i - 1, g + 8));
    g += row + 8;
  }
  return worst;
}

/** ‖G − diagonal·I‖_F² of a symmetric G whose first m rows [m, n] are given, of them the upper triangle. */
export function upperSquares(m: i32, n: i32, g: usize, row: usize, diagonal: f64): f64 {
  let sum: f64 = 0;
  for (let i = 0; i < m; i++) {
    const x = load<f64>(g) - diagonal;
    sum += x * x + 2 * dot_f64(n - i - 1, g + 8, g + 8);
    g += row + 8;
  }
  return sum;
}
