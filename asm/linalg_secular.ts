// Roots of the secular equation 1/ρ + Σ zⱼ²/(dⱼ − λ) = 0: the eigenvalues of diag(d) + ρ·z·zᵀ. A root is kept
// as its distance τ from the nearest pole, so that dⱼ − λ = (dⱼ − pole) − τ is right to the last bits for all
// j: the vectors hang on these differences.
import { SCRATCH } from "./memory";
import { at, madd, sumLanes } from "./simd";

const EPSILON: f64 = 2.220446049250313e-16;
/** Steps allowed to one root: four are usual, and bisection alone needs fewer than this. */
const STEPS: i32 = 200;
/** A step this small beside the distance of the nearest pole leaves an error of its third power: 2⁻²². */
const CLOSE: f64 = 2.384185791015625e-7;
/** From this step on, every other one is a bisection. */
const PATIENCE: i32 = 8;

// What evaluate() finds besides the function: its sums over the poles before and after the split, its slope, half
// its second derivative, and a bound of the rounding errors in it, in units of ε.
const LEFT: usize = SCRATCH;
const RIGHT: usize = SCRATCH + 8;
const SLOPE: usize = SCRATCH + 16;
const BEND: usize = SCRATCH + 24;
const ERROR: usize = SCRATCH + 32;

/**
 * Σ zⱼ²/δⱼ, j in [first, last), with δⱼ = (dⱼ − pole) − τ. Adds Σ (zⱼ/δⱼ)² to the slope and Σ zⱼ²/δⱼ³ to
 * the bend.
 */
function addPoles(first: i32, last: i32, d: usize, z: usize, pole: f64, tau: f64): f64 {
  const pole2 = f64x2.splat(pole), tau2 = f64x2.splat(tau), one = f64x2.splat(1);
  let s0 = f64x2.splat(0), s1 = s0, t0 = s0, t1 = s0, u0 = s0, u1 = s0;
  const end = d + at<f64>(last);
  d += at<f64>(first);
  z += at<f64>(first);
  for (; d + 32 <= end; d += 32) {
    const z0 = v128.load(z), z1 = v128.load(z, 16);
    const x0 = f64x2.sub(f64x2.sub(v128.load(d), pole2), tau2);
    const x1 = f64x2.sub(f64x2.sub(v128.load(d, 16), pole2), tau2);
    // one division for two poles: no δ is below 10⁻⁴⁰, and only one of them is smaller than half a gap
    const inverse = f64x2.div(one, f64x2.mul(x0, x1));
    const i0 = f64x2.mul(x1, inverse), i1 = f64x2.mul(x0, inverse);
    const r0 = f64x2.mul(z0, i0), r1 = f64x2.mul(z1, i1);
    const q0 = f64x2.mul(r0, r0), q1 = f64x2.mul(r1, r1);
    s0 = madd<f64>(z0, r0, s0);
    t0 = f64x2.add(t0, q0);
    u0 = madd<f64>(q0, i0, u0);
    s1 = madd<f64>(z1, r1, s1);
    t1 = f64x2.add(t1, q1);
    u1 = madd<f64>(q1, i1, u1);
    z += 32;
  }
  let s = sumLanes<f64>(f64x2.add(s0, s1)), t = sumLanes<f64>(f64x2.add(t0, t1));
  let u = sumLanes<f64>(f64x2.add(u0, u1));
  for (; d < end; d += 8) {
    const value = load<f64>(z), inverse = 1 / ((load<f64>(d) - pole) - tau);
    const ratio = value * inverse, square = ratio * ratio;
    s += value * ratio;
    t += square;
    u += square * inverse;
    z += 8;
  }
  store<f64>(SLOPE, load<f64>(SLOPE) + t);
  store<f64>(BEND, load<f64>(BEND) + u);
  return s;
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
): f64 {
  store<f64>(SLOPE, 0);
  store<f64>(BEND, 0);
  const left = addPoles(0, split, d, z, pole, tau), right = addPoles(split, k, d, z, pole, tau);
  store<f64>(LEFT, left);
  store<f64>(RIGHT, right);
  store<f64>(ERROR, constant + 4 * (right - left) + abs(tau) * load<f64>(SLOPE));
  return constant + left + right;
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

/**
 * One step from τ: the zero of c + s/(x − η) + r/(y − η), which has value, slope and bend of the function: of third
 * order (Gragg's scheme; Li, 1993). x and y are the distances of the two poles that matter.
 */
function step(f: f64, x: f64, y: f64, beyond: bool): f64 {
  const slope = load<f64>(SLOPE), sum = x + y, product = x * y;
  const c = f - sum * slope + product * load<f64>(BEND);
  const eta = quadratic(c, sum * f - product * slope, product * f, beyond);
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
  const pole = load<f64>(d + at<f64>(origin)), beyond = high > 0 && origin > p;
  const x = load<f64>(d + at<f64>(p)) - pole, y = load<f64>(d + at<f64>(p + 1)) - pole;
  if (!(tau > low && tau < high)) tau = between(low, high);
  for (let i = 0; i < STEPS; i++) {
    const f = evaluate(k, p + 1, d, z, constant, pole, tau);
    if (abs(f) <= EPSILON * load<f64>(ERROR)) return tau;
    if (f != f) break;
    if (f < 0) low = max(low, tau);
    else high = min(high, tau);
    const to = i > PATIENCE && i & 1 ? NaN : tau + step(f, x - tau, y - tau, beyond);
    const inside = to >= low && to <= high;
    const next = inside ? to : between(low, high), move = abs(next - tau);
    tau = next;
    if (inside && move <= CLOSE * min(abs(x - next), abs(y - next))) return tau;
  }
  return NaN;
}

/** The root between the poles i and i + 1: τ is returned, the nearer pole goes to `origin`. */
function innerRoot(i: i32, k: i32, d: usize, z: usize, constant: f64, origin: usize): f64 {
  const zi = load<f64>(z + at<f64>(i)), zj = load<f64>(z + at<f64>(i + 1));
  const pole = load<f64>(d + at<f64>(i)), gap = load<f64>(d + at<f64>(i + 1)) - pole;
  const half = 0.5 * gap, wi = zi * zi, wj = zj * zj;
  const f = evaluate(k, i + 1, d, z, constant, pole, half);
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
  const f = evaluate(k, i, d, z, constant, pole, half), c = f + wi / half + wj / (gap + half);
  if (f < 0) low = max(low, half);
  else high = half;
  const guess = quadratic(c, wi + wj - c * gap, -wi * gap, true);
  return refine(k, i - 1, d, z, constant, i, low, high, guess);
}

/**
 * The k roots for poles d [k], strictly ascending, weights z [k], none zero, and ρ > 0, all of them about
 * 1 or less: root i is d[originᵢ] + τᵢ, tau [k], origin [k] of i32. Returns −1, or the root that does not
 * converge. (Bunch, Nielsen and Sorensen, 1978.)
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
