// Roots of the secular equation 1/ρ + Σ zⱼ²/(dⱼ − λ) = 0: the eigenvalues of diag(d) + ρ·z·zᵀ. A root is kept
// as its distance τ from the nearest pole, so that dⱼ − λ = (dⱼ − pole) − τ is right to the last bits for all
// j: the vectors hang on these differences.
import { SCRATCH } from "./memory";
import { at, madd, sumLanes } from "./simd";

const EPSILON: f64 = 2.220446049250313e-16;
/** Steps allowed to one root: four are usual, and bisection alone needs fewer than this. */
const STEPS: i32 = 200;
/** From this step on, every other one is a bisection. */
const PATIENCE: i32 = 8;

// What evaluate() finds: the function, its sums over the poles before and after the split, the
// derivatives of these, and a bound of the rounding errors in it, in units of ε.
const VALUE: usize = SCRATCH;
const LEFT: usize = SCRATCH + 8;
const RIGHT: usize = SCRATCH + 16;
const LEFT_SLOPE: usize = SCRATCH + 24;
const RIGHT_SLOPE: usize = SCRATCH + 32;
const ERROR: usize = SCRATCH + 40;

/** Σ zⱼ²/δⱼ to `sum` and Σ (zⱼ/δⱼ)² to `slope`, with δⱼ = (dⱼ − pole) − τ, j in [first, last). */
function addPoles(
  first: i32,
  last: i32,
  d: usize,
  z: usize,
  pole: f64,
  tau: f64,
  sum: usize,
  slope: usize,
): void {
  const pole2 = f64x2.splat(pole), tau2 = f64x2.splat(tau), one = f64x2.splat(1);
  let s0 = f64x2.splat(0), s1 = s0, t0 = s0, t1 = s0;
  const end = d + at<f64>(last);
  d += at<f64>(first);
  z += at<f64>(first);
  for (; d + 32 <= end; d += 32) {
    const z0 = v128.load(z), z1 = v128.load(z, 16);
    const x0 = f64x2.sub(f64x2.sub(v128.load(d), pole2), tau2);
    const x1 = f64x2.sub(f64x2.sub(v128.load(d, 16), pole2), tau2);
    // one division for two poles: no δ is below 10⁻⁴⁰, and only one of them is smaller than half a gap
    const inverse = f64x2.div(one, f64x2.mul(x0, x1));
    const r0 = f64x2.mul(f64x2.mul(z0, x1), inverse), r1 = f64x2.mul(f64x2.mul(z1, x0), inverse);
    s0 = madd<f64>(z0, r0, s0);
    t0 = madd<f64>(r0, r0, t0);
    s1 = madd<f64>(z1, r1, s1);
    t1 = madd<f64>(r1, r1, t1);
    z += 32;
  }
  let s = sumLanes<f64>(f64x2.add(s0, s1)), t = sumLanes<f64>(f64x2.add(t0, t1));
  for (; d < end; d += 8) {
    const value = load<f64>(z), ratio = value / ((load<f64>(d) - pole) - tau);
    s += value * ratio;
    t += ratio * ratio;
    z += 8;
  }
  store<f64>(sum, s);
  store<f64>(slope, t);
}

/** The function at pole + τ, its sums split before pole `split`. */
function evaluate(
  k: i32,
  split: i32,
  d: usize,
  z: usize,
  constant: f64,
  pole: f64,
  tau: f64,
): void {
  addPoles(0, split, d, z, pole, tau, LEFT, LEFT_SLOPE);
  addPoles(split, k, d, z, pole, tau, RIGHT, RIGHT_SLOPE);
  const left = load<f64>(LEFT), right = load<f64>(RIGHT);
  const slope = load<f64>(LEFT_SLOPE) + load<f64>(RIGHT_SLOPE);
  store<f64>(VALUE, constant + left + right);
  store<f64>(ERROR, constant + 4 * (abs(left) + abs(right)) + abs(tau) * slope);
}

/** The solution of c·x² − a·x + b = 0 between two poles, or `beyond` both of them. */
function quadratic(c: f64, a: f64, b: f64, beyond: bool): f64 {
  const root = sqrt(max<f64>(0, a * a - 4 * b * c));
  if (beyond) return a >= 0 ? (a + root) / (2 * c) : 2 * b / (a - root);
  return a <= 0 ? (a - root) / (2 * c) : 2 * b / (a + root);
}

/** A number between two of one sign, halving the interval in its exponents. */
function between(low: f64, high: f64): f64 {
  return copysign(sqrt(abs(low)) * sqrt(abs(high)), low);
}

/** What step() gives to the poles. */
const KEEP_LEFT: i32 = 0;
const KEEP_RIGHT: i32 = 1;
const MIDDLE: i32 = 2;
const BEYOND: i32 = 3;

/**
 * One step from τ: the zero of c + s/(x − η) + r/(y − η), which has value and slope of the function. x and
 * y are the distances of the two poles that matter. The middle way (Li, 1993) gives each the slope of its
 * side; otherwise one of them keeps its own weight, z².
 */
function step(x: f64, y: f64, z: f64, scheme: i32): f64 {
  const f = load<f64>(VALUE), left = load<f64>(LEFT_SLOPE), right = load<f64>(RIGHT_SLOPE);
  const slope = left + right;
  let c = f - x * left - y * right;
  if (scheme == KEEP_LEFT) c = f - y * slope - (x - y) * (z / x) * (z / x);
  else if (scheme == KEEP_RIGHT) c = f - x * slope - (y - x) * (z / y) * (z / y);
  const eta = quadratic(c, (x + y) * f - x * y * slope, x * y * f, scheme == BEYOND);
  return f * eta > 0 ? -f / slope : eta;
}

/**
 * Refines τ, of one sign between low and high, until rounding errors hide the rest. The root lies between
 * the poles p and p + 1, or beyond the last. Returns NaN if it does not converge.
 */
function refine(
  k: i32,
  p: i32,
  d: usize,
  z: usize,
  constant: f64,
  origin: i32,
  low: f64,
  high: f64,
  tau: f64,
): f64 {
  const pole = load<f64>(d + at<f64>(origin)), weight = load<f64>(z + at<f64>(origin));
  const x = load<f64>(d + at<f64>(p)) - pole, y = load<f64>(d + at<f64>(p + 1)) - pole;
  const usual = origin == p ? KEEP_LEFT : low < 0 ? KEEP_RIGHT : BEYOND;
  let scheme = usual, before = f64.MAX_VALUE;
  if (!(tau > low && tau < high)) tau = between(low, high);
  for (let i = 0; i < STEPS; i++) {
    evaluate(k, p + 1, d, z, constant, pole, tau);
    const f = load<f64>(VALUE);
    if (abs(f) <= EPSILON * load<f64>(ERROR)) return tau;
    if (f != f) break;
    if (f < 0) low = max(low, tau);
    else high = min(high, tau);
    // a step that gained little: the other scheme
    if (abs(f) > 0.1 * before && usual != BEYOND) scheme = scheme == MIDDLE ? usual : MIDDLE;
    before = abs(f);
    let next = i > PATIENCE && i & 1
      ? between(low, high)
      : tau + step(x - tau, y - tau, weight, scheme);
    if (!(next >= low && next <= high)) next = between(low, high);
    if (next == tau) return tau;
    tau = next;
  }
  return NaN;
}

/** The root between the poles i and i + 1: τ is returned, the nearer pole goes to `origin`. */
function innerRoot(i: i32, k: i32, d: usize, z: usize, constant: f64, origin: usize): f64 {
  const zi = load<f64>(z + at<f64>(i)), zj = load<f64>(z + at<f64>(i + 1));
  const pole = load<f64>(d + at<f64>(i)), gap = load<f64>(d + at<f64>(i + 1)) - pole;
  const half = 0.5 * gap, wi = zi * zi, wj = zj * zj;
  evaluate(k, i + 1, d, z, constant, pole, half);
  const f = load<f64>(VALUE);
  // first guess: the two poles, and all others as they are at the middle
  const c = f + (wi - wj) / half;
  if (f >= 0) {
    store<i32>(origin, i);
    const least = wi / (constant + load<f64>(RIGHT));
    const guess = quadratic(c, c * gap + wi + wj, wi * gap, false);
    return refine(k, i, d, z, constant, i, least, half, guess);
  }
  store<i32>(origin, i + 1);
  const least = wj / load<f64>(LEFT);
  const guess = quadratic(c, wi + wj - c * gap, -wj * gap, false);
  return refine(k, i, d, z, constant, i + 1, -half, least, guess);
}

/** The root beyond the last pole. */
function lastRoot(k: i32, d: usize, z: usize, constant: f64): f64 {
  const i = k - 1, zi = load<f64>(z + at<f64>(i)), wi = zi * zi;
  let low = wi / constant, high: f64 = 0;
  if (k == 1) return low;
  for (let j = 0; j < k; j++) high += load<f64>(z + at<f64>(j)) * load<f64>(z + at<f64>(j));
  high /= constant;
  low *= 1 - 4 * EPSILON;
  high *= 1 + 4 * <f64> k * EPSILON;
  const zj = load<f64>(z + at<f64>(i - 1)), wj = zj * zj, half = 0.5 * high;
  const pole = load<f64>(d + at<f64>(i)), gap = pole - load<f64>(d + at<f64>(i - 1));
  evaluate(k, i, d, z, constant, pole, half);
  const f = load<f64>(VALUE), c = f + wi / half + wj / (gap + half);
  if (f < 0) low = max(low, half);
  else high = half;
  const guess = quadratic(c, wi + wj - c * gap, -wi * gap, true);
  return refine(k, i - 1, d, z, constant, i, low, high, guess);
}

/**
 * The k roots for poles d [k], strictly ascending, weights z [k], none zero, and ρ > 0, all of them about
 * 1 or less: root i is d[originᵢ] + τᵢ, tau [k], origin [k] of i32. Returns −1, or the root that does not
 * converge. (Bunch, Nielsen and Sorensen, 1978; Li, 1993.)
 */
export function secularRoots(
  k: i32,
  d: usize,
  z: usize,
  rho: f64,
  tau: usize,
  origin: usize,
): i32 {
  const constant = 1 / rho;
  for (let i = 0; i < k; i++) {
    let root: f64 = 0;
    if (i < k - 1) {
      root = innerRoot(i, k, d, z, constant, origin);
    } else {
      store<i32>(origin, i);
      root = lastRoot(k, d, z, constant);
    }
    if (root != root) return i;
    store<f64>(tau, root);
    tau += 8;
    origin += 4;
  }
  return -1;
}
