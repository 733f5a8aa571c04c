// Implicit QR on an upper bidiagonal matrix: singular values. The rotations of either side are recorded,
// not applied: linalg_sweeps.ts applies many sweeps at a time to the vectors. Scalar arithmetic alone:
// both builds give the same bits.
import { at } from "./simd";
import { largestMagnitude } from "./linalg_check";
import { SCRATCH } from "./memory";

/** Couplings below this fraction of what they couple are dropped: 2⁻⁵². */
const NEGLIGIBLE: f64 = 2.220446049250313e-16;
/** And those below this in any case, as the matrix is about 1: 2⁻¹⁰⁰⁰. */
const NOTHING: f64 = 9.332636185032189e-302;
/** A shift whose square is below this beside that of the first entry changes nothing: 2⁻⁵³. */
const ROUNDOFF: f64 = 1.1102230246251565e-16;
/** Sums of squares below this may have lost digits: 2⁻⁸⁰⁰, and what lifts even the smallest terms: 2⁶⁰⁰. */
const SMALL: f64 = 1.499696813895631e-241;
const LIFT: f64 = 4.149515568880993e180;
/** Sweeps allowed for each singular value, on average; two are usual. */
const SWEEPS: i32 = 30;
/** From so many on, what is negligible beside the whole matrix counts as such. */
const PATIENCE: i32 = 15;

/**
 * The rotation with (c·f + s·g, c·g − s·f) = (r, 0) and c ≥ 0, which keeps the shears of linalg_sweeps.ts
 * small: returns r, writes s / (1 + c) and s to `to`, and c to the scratch memory.
 */
function rotation(f: f64, g: f64, to: usize): f64 {
  let lift: f64 = 1, square = f * f + g * g;
  if (square < SMALL) {
    lift = LIFT;
    f *= lift;
    g *= lift;
    square = f * f + g * g;
  }
  const sign = copysign<f64>(1, f), r = sqrt(square);
  let c: f64 = 1, s: f64 = 0;
  if (r != 0) {
    c = sign * f / r;
    s = sign * g / r;
  }
  store<f64>(to, s / (1 + c));
  store<f64>(to, s, 8);
  store<f64>(SCRATCH, c);
  return sign * r / lift;
}

/** The smaller singular value of (x, y; 0, z). */
function smallerSingularValue(x: f64, y: f64, z: f64): f64 {
  x = abs(x);
  y = abs(y);
  z = abs(z);
  const scale = max(max(x, y), z);
  if (scale == 0) return 0;
  x /= scale;
  y /= scale;
  z /= scale;
  // the product of both is x·z, and the larger one is the mean of the roots
  return scale * (2 * x * z / (sqrt((x + z) * (x + z) + y * y) + sqrt((x - z) * (x - z) + y * y)));
}

/** One sweep with a shift over the entries l … m. */
function shiftedSweep(
  l: i32,
  m: i32,
  shift: f64,
  d: usize,
  e: usize,
  left: usize,
  right: usize,
): void {
  const start = load<f64>(d + at<f64>(l));
  // both divided by 1 + shift / |start|, whose square may be no number
  let f = (abs(start) - shift) * copysign<f64>(1, start);
  let g = load<f64>(e + at<f64>(l + 1)) / (1 + shift / abs(start));
  for (let i = l; i < m; i++) {
    const di = d + at<f64>(i), ei = e + at<f64>(i);
    let r = rotation(f, g, right), c = load<f64>(SCRATCH), s = load<f64>(right, 8);
    if (i > l) store<f64>(ei, r);
    const x = load<f64>(di), y = load<f64>(ei, 8), z = load<f64>(di, 8);
    f = c * x + s * y;
    const above = c * y - s * x, next = c * z;
    r = rotation(f, s * z, left);
    c = load<f64>(SCRATCH);
    s = load<f64>(left, 8);
    store<f64>(di, r);
    f = c * above + s * next;
    store<f64>(di, c * next - s * above, 8);
    if (i + 1 < m) {
      const far = load<f64>(ei, 16);
      g = s * far;
      store<f64>(ei, c * far, 16);
    }
    left += 16;
    right += 16;
  }
  store<f64>(e + at<f64>(m), f);
}

/**
 * One sweep without a shift, in which no number is made by subtraction: small singular values keep their
 * digits, and a zero on the diagonal moves to its end. (Demmel and Kahan, 1990.)
 */
function plainSweep(l: i32, m: i32, d: usize, e: usize, left: usize, right: usize): void {
  let c: f64 = 1, previous: f64 = 1, s: f64 = 0;
  for (let i = l; i < m; i++) {
    const di = d + at<f64>(i), ei = e + at<f64>(i);
    const r = rotation(c * load<f64>(di), load<f64>(ei, 8), right);
    c = load<f64>(SCRATCH);
    if (i > l) store<f64>(ei, s * r);
    const value = rotation(previous * r, load<f64>(right, 8) * load<f64>(di, 8), left);
    previous = load<f64>(SCRATCH);
    s = load<f64>(left, 8);
    store<f64>(di, value);
    left += 16;
    right += 16;
  }
  const h = c * load<f64>(d + at<f64>(m));
  store<f64>(d + at<f64>(m), previous * h);
  store<f64>(e + at<f64>(m), s * h);
}

/**
 * Drops a negligible coupling among the entries l … m, seen from above or at the end, or one below `nothing`;
 * returns a lower bound of the smallest singular value, or −1 if there was one. (Demmel and Kahan, 1990,
 * criterion 1.)
 */
function dropCoupling(l: i32, m: i32, d: usize, e: usize, nothing: f64): f64 {
  const end = e + at<f64>(m);
  if (abs(load<f64>(end)) <= NEGLIGIBLE * abs(load<f64>(d + at<f64>(m)))) {
    store<f64>(end, 0);
    return -1;
  }
  let bound = abs(load<f64>(d + at<f64>(l))), smallest = bound;
  for (let i = l + 1; i <= m; i++) {
    const coupling = e + at<f64>(i), x = abs(load<f64>(coupling));
    if (x <= NEGLIGIBLE * bound + nothing) {
      store<f64>(coupling, 0);
      return -1;
    }
    bound = abs(load<f64>(d + at<f64>(i))) * (bound / (bound + x));
    smallest = min(smallest, bound);
  }
  return smallest;
}

/**
 * Goes on with the QR iteration on d [n] and e [n] (eᵢ right of dᵢ₋₁, above dᵢ) until it has ended or
 * the next sweep might not fit the room of `capacity` ≥ n rotations a side. `state` is three i32, zero at
 * the start: singular values found, sweeps so far, and (out) sweeps recorded by this call. Sweeps are
 * recorded for applySweeps on matrices whose rows are reversed, rotations of the left and the right
 * vectors apart. Returns 1 when d holds the singular values, signs aside, 0 to be called again, −1 if it
 * does not converge. (Golub and Van Loan, Matrix Computations, 8.6.2; Demmel and Kahan, 1990.)
 */
export function bidiagonalSweeps(
  n: i32,
  d: usize,
  e: usize,
  state: usize,
  sweeps: usize,
  left: usize,
  right: usize,
  capacity: i32,
): i32 {
  let m = n - 1 - load<i32>(state), total = load<i32>(state, 4), recorded = 0, result = 1;
  let nothing = NOTHING;
  while (m >= 0) {
    let l = m;
    while (l > 0 && load<f64>(e + at<f64>(l)) != 0) l--;
    if (l == m) {
      m--;
      continue;
    }
    if (total >= PATIENCE * n && nothing == NOTHING) {
      nothing += NEGLIGIBLE * max(largestMagnitude(n, d), largestMagnitude(n, e));
    }
    const smallest = dropCoupling(l, m, d, e, nothing), size = m - l;
    if (smallest < 0) continue;
    if (total >= SWEEPS * n) result = -1;
    else if (size > capacity) result = 0;
    if (result != 1) break;
    const end = d + at<f64>(m);
    const shift = smallerSingularValue(
      load<f64>(end - 8),
      load<f64>(e + at<f64>(m)),
      load<f64>(end),
    );
    const ratio = shift / abs(load<f64>(d + at<f64>(l)));
    if (smallest > 0 && ratio * ratio > ROUNDOFF) shiftedSweep(l, m, shift, d, e, left, right);
    else plainSweep(l, m, d, e, left, right);
    store<i32>(sweeps, n - 2 - l);
    store<i32>(sweeps, size, 4);
    sweeps += 8;
    left += <usize> size * 16;
    right += <usize> size * 16;
    capacity -= size;
    total++;
    recorded++;
  }
  store<i32>(state, n - 1 - m);
  store<i32>(state, total, 4);
  store<i32>(state, recorded, 8);
  return result;
}
