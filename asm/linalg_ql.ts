// Implicit QL on a symmetric tridiagonal matrix. The rotations are recorded, not applied: linalg_sweeps.ts
// applies many sweeps at a time to the vectors. Nothing is fused: both builds, and one matrix or two side by
// side, give the same bits.
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

/**
 * A sweep from row `from` up to l, with what the rows below it left: writes (s / (1 + c), s) of each of its rotations.
 * `below` is the row where the sweep began.
 */
function sweepOn(
  from: i32,
  below: i32,
  l: i32,
  d: usize,
  e: usize,
  rotations: usize,
  g: f64,
  s: f64,
  c: f64,
  p: f64,
): void {
  for (let i = from; i >= l; i--) {
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
    if (i < below) store<f64>(e + at<f64>(i + 2), sign * r / lift);
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

/** One sweep over rows m … l. */
function sweep(l: i32, m: i32, d: usize, e: usize, rotations: usize): void {
  const g = load<f64>(d + at<f64>(m)) - wilkinsonShift(l, d, e);
  sweepOn(m - 1, m - 1, l, d, e, rotations, g, 1, 1, 0);
}

/** The number at x and that at y. */
function pair(x: usize, y: usize): v128 {
  return v128.load64_lane(y, v128.load64_zero(x), 1);
}

/** The two lanes to x and to y. */
function storePair(value: v128, x: usize, y: usize): void {
  v128.store64_lane(x, value, 0);
  v128.store64_lane(y, value, 1);
}

/** Wilkinson's shifts of two matrices, at the first rows of their blocks. */
function shifts(d1: usize, e1: usize, d2: usize, e2: usize): v128 {
  const x = pair(d1, d2), coupling = pair(e1 + 8, e2 + 8);
  const g = f64x2.div(f64x2.sub(pair(d1 + 8, d2 + 8), x), f64x2.add(coupling, coupling));
  const r = f64x2.sqrt(f64x2.add(f64x2.mul(g, g), f64x2.splat(1)));
  const far = v128.bitselect(r, f64x2.neg(r), f64x2.ge(g, f64x2.splat(0)));
  return f64x2.sub(x, f64x2.div(coupling, f64x2.add(g, far)));
}

/**
 * Sweeps over rows m₁ … l₁ of one matrix and m₂ … l₂ of another, side by side: in each all waits for a root and a
 * quotient. The same operations as in a sweep of one, so the same bits.
 */
function sweepTwo(
  l1: i32,
  m1: i32,
  d1: usize,
  e1: usize,
  rotations1: usize,
  l2: i32,
  m2: i32,
  d2: usize,
  e2: usize,
  rotations2: usize,
): void {
  const count = min(m1 - l1, m2 - l2), one = f64x2.splat(1);
  let x1 = d1 + at<f64>(m1), y1 = e1 + at<f64>(m1), x2 = d2 + at<f64>(m2), y2 = e2 + at<f64>(m2);
  let g = f64x2.sub(
    pair(x1, x2),
    shifts(d1 + at<f64>(l1), e1 + at<f64>(l1), d2 + at<f64>(l2), e2 + at<f64>(l2)),
  );
  let s = one, c = one, p = f64x2.splat(0);
  for (let q = 0; q < count; q++) {
    const coupling = pair(y1, y2), b = f64x2.mul(c, coupling);
    let f = f64x2.mul(s, coupling);
    let square = f64x2.add(f64x2.mul(f, f), f64x2.mul(g, g)), lift = one;
    const small = f64x2.lt(square, f64x2.splat(SMALL));
    if (v128.any_true(small)) {
      lift = v128.bitselect(f64x2.splat(LIFT), one, small);
      f = f64x2.mul(f, lift);
      g = f64x2.mul(g, lift);
      square = f64x2.add(f64x2.mul(f, f), f64x2.mul(g, g));
    }
    const sign = v128.or(v128.and(g, f64x2.splat(-0.0)), one);
    let r = f64x2.sqrt(square);
    if (q > 0) storePair(f64x2.div(f64x2.mul(sign, r), lift), y1 + 8, y2 + 8);
    const none = f64x2.eq(r, f64x2.splat(0));
    c = v128.bitselect(one, f64x2.div(f64x2.mul(sign, g), r), none);
    s = v128.andnot(f64x2.div(f64x2.mul(sign, f), r), none);
    g = f64x2.sub(pair(x1, x2), p);
    r = f64x2.mul(f64x2.sub(pair(x1 - 8, x2 - 8), g), s);
    r = f64x2.add(r, f64x2.mul(f64x2.mul(f64x2.splat(2), c), b));
    p = f64x2.mul(s, r);
    storePair(f64x2.add(g, p), x1, x2);
    g = f64x2.sub(f64x2.mul(c, r), b);
    const t = f64x2.div(s, f64x2.add(one, c));
    v128.store(rotations1, i64x2.shuffle(t, s, 0, 2));
    v128.store(rotations2, i64x2.shuffle(t, s, 1, 3));
    rotations1 += 16;
    rotations2 += 16;
    x1 -= 8;
    y1 -= 8;
    x2 -= 8;
    y2 -= 8;
  }
  // whichever is longer goes on alone, the other only ends
  sweepOn(
    m1 - 1 - count,
    m1 - 1,
    l1,
    d1,
    e1,
    rotations1,
    f64x2.extract_lane(g, 0),
    f64x2.extract_lane(s, 0),
    f64x2.extract_lane(c, 0),
    f64x2.extract_lane(p, 0),
  );
  sweepOn(
    m2 - 1 - count,
    m2 - 1,
    l2,
    d2,
    e2,
    rotations2,
    f64x2.extract_lane(g, 1),
    f64x2.extract_lane(s, 1),
    f64x2.extract_lane(c, 1),
    f64x2.extract_lane(p, 1),
  );
}

/** Goes on to the next eigenvalue that is not found; returns the end of its block, or n when there is none. */
function nextBlock(n: i32, d: usize, e: usize, state: usize): i32 {
  let l = load<i32>(state), m = n;
  for (; l < n; l++) {
    m = blockEnd(n, l, d, e);
    if (m > l) break;
  }
  store<i32>(state, l);
  return l < n ? m : n;
}

/** Records a sweep over rows m … l; returns where its rotations go. */
function recordSweep(l: i32, m: i32, state: usize, sweeps: usize, rotations: usize): usize {
  const total = load<i32>(state, 4), used = load<i32>(state, 8);
  const entry = sweeps + <usize> total * 8;
  store<i32>(entry, m - 1);
  store<i32>(entry, m - l, 4);
  store<i32>(state, total + 1, 4);
  store<i32>(state, used + m - l, 8);
  return rotations + <usize> used * 16;
}

/**
 * QL on two matrices side by side, of which one may be empty: d [n] and e [n] (eᵢ couples i − 1 and i), and room for
 * state, sweeps and rotations, of the one and of the other. d becomes the eigenvalues, e is used up. A sweep is
 * recorded as two i32, its highest row index i (of the rotation of rows i, i + 1) and its number of rotations,
 * downwards; a rotation as (s / (1 + c), s). There is room for 30·n sweeps of n − 1 rotations. States are three i32,
 * zero at the start: eigenvalues found, sweeps, rotations. Returns whether both converge.
 * (Parlett, The Symmetric Eigenvalue Problem, 8.13; criterion for zero as in LAPACK's steqr.)
 */
export function qlSweeps(
  n1: i32,
  d1: usize,
  e1: usize,
  state1: usize,
  sweeps1: usize,
  rotations1: usize,
  n2: i32,
  d2: usize,
  e2: usize,
  state2: usize,
  sweeps2: usize,
  rotations2: usize,
): bool {
  while (true) {
    const m1 = nextBlock(n1, d1, e1, state1), m2 = nextBlock(n2, d2, e2, state2);
    const l1 = load<i32>(state1), l2 = load<i32>(state2);
    if (l1 == n1 && l2 == n2) return true;
    if (load<i32>(state1, 4) >= SWEEPS * n1 && l1 < n1) return false;
    if (load<i32>(state2, 4) >= SWEEPS * n2 && l2 < n2) return false;
    const r1 = l1 < n1 ? recordSweep(l1, m1, state1, sweeps1, rotations1) : 0;
    const r2 = l2 < n2 ? recordSweep(l2, m2, state2, sweeps2, rotations2) : 0;
    if (l2 == n2) sweep(l1, m1, d1, e1, r1);
    else if (l1 == n1) sweep(l2, m2, d2, e2, r2);
    else sweepTwo(l1, m1, d1, e1, r1, l2, m2, d2, e2, r2);
  }
}
