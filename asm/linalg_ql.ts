// Implicit QL on a symmetric tridiagonal matrix. The rotations are recorded, not applied: linalg_sweeps.ts
// applies many sweeps at a time to the vectors. Scalar arithmetic alone: both builds give the same bits.
import { at } from "./simd";

/** (unit roundoff)² = 2⁻¹⁰⁶ */
const ROUNDOFF_SQUARED: f64 = 1.232595164407831e-32;
/** Smallest normal number, 2⁻¹⁰²². */
const SMALLEST: f64 = 2.2250738585072014e-308;
/** Sums of squares below this may have lost digits: 2⁻⁸⁰⁰, and what lifts their terms: 2⁵⁰⁰. */
const SMALL: f64 = 1.499696813895631e-241;
const LIFT: f64 = 3.273390607896142e150;
/** Sweeps allowed for each eigenvalue, on average; two are usual. */
const SWEEPS: i32 = 30;

/** Whether e between the diagonal entries x and y is negligible beside both, which graded matrices need. */

function negligible(e: f64, x: f64, y: f64): bool {
  return e * e <= ROUNDOFF_SQUARED * abs(x) * abs(y) + SMALLEST;
}

/** Index of the first negligible coupling at or after l: couples it and the next. */
function blockEnd(n: i32, l: i32, d: usize, e: usize): i32 {
  let m = l;
  for (; m < n - 1; m++) {
    const coupling = e + at<f64>(m + 1);
    if (negligible(load<f64>(coupling), load<f64>(d + at<f64>(m)), load<f64>(d + at<f64>(m + 1)))) {
      store<f64>(coupling, 0);
      break;
    }
  }
  return m;
}

/** The eigenvalue nearer to d[l] of the block of two at l: Wilkinson's shift. */
function wilkinsonShift(l: i32, d: usize, e: usize): f64 {
  const x = load<f64>(d + at<f64>(l)), coupling = load<f64>(e + at<f64>(l + 1));
  const g = (load<f64>(d + at<f64>(l + 1)) - x) / (2 * coupling);
  const r = sqrt(g * g + 1);
  return x - coupling / (g + (g >= 0 ? r : -r));
}

/** One sweep over rows m … l; writes (s / (1 + c), s) of each of its m − l rotations. */
function sweep(l: i32, m: i32, d: usize, e: usize, rotations: usize): void {
  let g = load<f64>(d + at<f64>(m)) - wilkinsonShift(l, d, e);
  let s: f64 = 1, c: f64 = 1, p: f64 = 0;
  for (let i = m - 1; i >= l; i--) {
    const coupling = load<f64>(e + at<f64>(i + 1));
    let f = s * coupling, b = c * coupling, lift: f64 = 1;
    let square = f * f + g * g;
    if (square < SMALL) {
      lift = LIFT;
      f *= lift;
      g *= lift;
      square = f * f + g * g;
    }
    // c ≥ 0 keeps the shears of linalg_sweeps.ts small: r takes the sign of g, without a branch
    const sign = copysign<f64>(1, g);
    let r = sqrt(square);
    if (i < m - 1) store<f64>(e + at<f64>(i + 2), sign * r / lift);
    if (r == 0) {
      c = 1;
      s = 0;
    } else {
      c = sign * g / r;
      s = sign * f / r;
    }
    g = load<f64>(d + at<f64>(i + 1)) - p;
    r = (load<f64>(d + at<f64>(i)) - g) * s + 2 * c * b;
    p = s * r;
    store<f64>(d + at<f64>(i + 1), g + p);
    g = c * r - b;
    store<f64>(rotations, s / (1 + c));
    store<f64>(rotations, s, 8);
    rotations += 16;
  }
  store<f64>(d + at<f64>(l), load<f64>(d + at<f64>(l)) - p);
  store<f64>(e + at<f64>(l + 1), g);
}

/**
 * Goes on with the QL iteration on d [n] and e [n] (eᵢ couples i − 1 and i) until it has ended or the
 * next sweep might not fit the room of `capacity` ≥ n rotations. `state` is three i32, zero at the
 * start: eigenvalues found, sweeps so far, and (out) sweeps recorded by this call. A sweep is recorded
 * as two i32, its highest row index i (of the rotation of rows i, i + 1) and its number of rotations,
 * downwards. Returns 1 when d holds the eigenvalues, 0 to be called again, −1 if it does not converge.
 * (Parlett, The Symmetric Eigenvalue Problem, 8.13; criterion for zero as in LAPACK's steqr.)
 */
export function qlSweeps(
  n: i32,
  d: usize,
  e: usize,
  state: usize,
  sweeps: usize,
  rotations: usize,
  capacity: i32,
): i32 {
  let l = load<i32>(state), total = load<i32>(state, 4), recorded = 0, result = 1;
  for (; l < n; l++) {
    while (true) {
      const m = blockEnd(n, l, d, e);
      if (m == l) break;
      if (total >= SWEEPS * n) result = -1;
      else if (m - l > capacity) result = 0;
      if (result != 1) break;
      sweep(l, m, d, e, rotations);
      store<i32>(sweeps, m - 1);
      store<i32>(sweeps, m - l, 4);
      sweeps += 8;
      rotations += <usize> (m - l) * 16;
      capacity -= m - l;
      total++;
      recorded++;
    }
    if (result != 1) break;
  }
  store<i32>(state, l);
  store<i32>(state, total, 4);
  store<i32>(state, recorded, 8);
  return result;
}
