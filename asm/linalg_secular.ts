// Roots of the secular equation 1/ρ + Σ zⱼ²/(dⱼ − λ) = 0: the eigenvalues of diag(d) + ρ·z·zᵀ. A root is kept
// as its distance τ from the nearest pole, so that dⱼ − λ = (dⱼ − pole) − τ is right to the last bits for all
// j: the vectors hang on these differences.
import { SCRATCH } from "./memory";
import { at, madd, sumLanes } from "./simd";

const EPSILON: f64 = 2.220446049250313e-16;
/** Steps allowed to one root: four are usual, and bisection alone needs fewer than this. */
const STEPS: i32 = 200;
/** A step this small beside the distance of the nearest pole leaves an error of its third power: 2⁻¹⁹. */
const CLOSE: f64 = 1.9073486328125e-6;
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
 * Σ wⱼ/δⱼ, j in [first, last), with wⱼ = zⱼ² and δⱼ = (dⱼ − pole) − τ. Adds Σ wⱼ/δⱼ² to the slope and
 * Σ wⱼ/δⱼ³ to the bend.
 */
function addPoles(first: i32, last: i32, d: usize, w: usize, pole: f64, tau: f64): f64 {
  const pole2 = f64x2.splat(pole), tau2 = f64x2.splat(tau), one = f64x2.splat(1);
  let s0 = f64x2.splat(0), s1 = s0, t0 = s0, t1 = s0, u0 = s0, u1 = s0;
  const end = d + at<f64>(last);
  d += at<f64>(first);
  w += at<f64>(first);
  for (; d + 32 <= end; d += 32) {
    const w0 = v128.load(w), w1 = v128.load(w, 16);
    const x0 = f64x2.sub(f64x2.sub(v128.load(d), pole2), tau2);
    const x1 = f64x2.sub(f64x2.sub(v128.load(d, 16), pole2), tau2);
    // one division for two poles: no δ is below 10⁻⁴⁰, and only one of them is smaller than half a gap
    const inverse = f64x2.div(one, f64x2.mul(x0, x1));
    const i0 = f64x2.mul(x1, inverse), i1 = f64x2.mul(x0, inverse);
    const p0 = f64x2.mul(w0, i0), p1 = f64x2.mul(w1, i1);
    const q0 = f64x2.mul(p0, i0), q1 = f64x2.mul(p1, i1);
    s0 = f64x2.add(s0, p0);
    t0 = f64x2.add(t0, q0);
    u0 = madd<f64>(q0, i0, u0);
    s1 = f64x2.add(s1, p1);
    t1 = f64x2.add(t1, q1);
    u1 = madd<f64>(q1, i1, u1);
    w += 32;
  }
  let s = sumLanes<f64>(f64x2.add(s0, s1)), t = sumLanes<f64>(f64x2.add(t0, t1));
  let u = sumLanes<f64>(f64x2.add(u0, u1));
  for (; d < end; d += 8) {
    const inverse = 1 / ((load<f64>(d) - pole) - tau), p = load<f64>(w) * inverse;
    s += p;
    t += p * inverse;
    u += p * inverse * inverse;
    w += 8;
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
  w: usize,
  constant: f64,
  pole: f64,
  tau: f64,
): f64 {
  store<f64>(SLOPE, 0);
  store<f64>(BEND, 0);
  const left = addPoles(0, split, d, w, pole, tau), right = addPoles(split, k, d, w, pole, tau);
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

/** Writes what is known of a root: its first guess τ, of one sign between low and high. */
function begin(i: i32, low: f64, high: f64, guess: f64, tau: usize, bounds: usize): void {
  const inside = guess > low && guess < high;
  store<f64>(tau + at<f64>(i), inside ? guess : between(low, high));
  store<f64>(bounds + at<f64>(2 * i), low);
  store<f64>(bounds + at<f64>(2 * i), high, 8);
}

/** Begins with the root between the poles i and i + 1; the nearer pole goes to `origin`. */
function beginInner(
  i: i32,
  k: i32,
  d: usize,
  w: usize,
  constant: f64,
  tau: usize,
  origin: usize,
  bounds: usize,
): void {
  const wi = load<f64>(w + at<f64>(i)), wj = load<f64>(w + at<f64>(i + 1));
  const pole = load<f64>(d + at<f64>(i)), gap = load<f64>(d + at<f64>(i + 1)) - pole;
  const half = 0.5 * gap;
  const f = evaluate(k, i + 1, d, w, constant, pole, half);
  // First guess: the nearer pole with its own weight, the other with one that gives the slope at the middle, where
  // all others are as they are.
  const both = load<f64>(SLOPE) * half * half, near = f >= 0;
  const own = near ? wi : wj, other = both - own, excess = (own - other) / half;
  const c = near ? f + excess : f - excess;
  store<i32>(origin + <usize> i * 4, near ? i : i + 1);
  if (near) {
    const guess = quadratic(c, c * gap + both, own * gap, false);
    begin(i, own / (constant + load<f64>(RIGHT)), half, guess, tau, bounds);
  } else {
    const guess = quadratic(c, both - c * gap, -own * gap, false);
    begin(i, -half, own / load<f64>(LEFT), guess, tau, bounds);
  }
}

/** Begins with the root beyond the last of several poles. */
function beginLast(k: i32, d: usize, w: usize, constant: f64, tau: usize, bounds: usize): void {
  const i = k - 1, wi = load<f64>(w + at<f64>(i)), wj = load<f64>(w + at<f64>(i - 1));
  let low = wi / constant * (1 - 4 * EPSILON), high: f64 = 0;
  for (let j = 0; j < k; j++) high += load<f64>(w + at<f64>(j));
  high = high / constant * (1 + 4 * <f64> k * EPSILON);
  const half = 0.5 * high;
  const pole = load<f64>(d + at<f64>(i)), gap = pole - load<f64>(d + at<f64>(i - 1));
  const f = evaluate(k, i, d, w, constant, pole, half), c = f + wi / half + wj / (gap + half);
  if (f < 0) low = max(low, half);
  else high = half;
  begin(i, low, high, quadratic(c, wi + wj - c * gap, -wi * gap, true), tau, bounds);
}

/** One step towards root i; returns whether more are needed, which NaN does not end. */
function advance(
  i: i32,
  k: i32,
  d: usize,
  w: usize,
  constant: f64,
  bisect: bool,
  tau: usize,
  origin: usize,
  bounds: usize,
): bool {
  const from = load<i32>(origin + <usize> i * 4), last = i == k - 1, p = last ? i - 1 : i;
  const pole = load<f64>(d + at<f64>(from)), place = tau + at<f64>(i), t = load<f64>(place);
  const f = evaluate(k, p + 1, d, w, constant, pole, t);
  if (abs(f) <= EPSILON * load<f64>(ERROR)) return false;
  bounds += at<f64>(2 * i);
  if (f < 0) store<f64>(bounds, max(load<f64>(bounds), t));
  else store<f64>(bounds, min(load<f64>(bounds, 8), t), 8);
  const low = load<f64>(bounds), high = load<f64>(bounds, 8);
  const x = load<f64>(d + at<f64>(p)) - pole, y = load<f64>(d + at<f64>(p + 1)) - pole;
  const to = bisect ? NaN : t + step(f, x - t, y - t, last), inside = to >= low && to <= high;
  const next = inside ? to : between(low, high);
  store<f64>(place, next);
  return !(inside && abs(next - t) <= CLOSE * min(abs(x - next), abs(y - next)));
}

/**
 * The k roots for poles d [k], strictly ascending, weights w [k], none zero, which are squared in place, and ρ > 0,
 * all of them about 1 or less: root i is d[originᵢ] + τᵢ, tau [k], origin [k] of i32. `room` has 3·k numbers.
 * Returns −1, or a root that does not converge. (Bunch, Nielsen and Sorensen, 1978.)
 */
export function secularRoots(
  k: i32,
  d: usize,
  w: usize,
  rho: f64,
  tau: usize,
  origin: usize,
  room: usize,
): i32 {
  const constant = 1 / rho, open = room + at<f64>(2 * k);
  for (let p = w, end = w + at<f64>(k); p < end; p += 8) store<f64>(p, load<f64>(p) * load<f64>(p));
  if (k == 0) return -1;
  store<i32>(origin + <usize> (k - 1) * 4, k - 1);
  if (k == 1) {
    store<f64>(tau, load<f64>(w) / constant);
    return -1;
  }
  for (let i = 0; i < k - 1; i++) beginInner(i, k, d, w, constant, tau, origin, room);
  beginLast(k, d, w, constant, tau, room);
  for (let i = 0; i < k; i++) store<i32>(open + <usize> i * 4, i);
  // All roots advance together: one does not wait for the other, and most end in the same round.
  let left = k;
  for (let round = 0; left > 0 && round < STEPS; round++) {
    const bisect = round > PATIENCE && (round & 1) == 1;
    let kept = 0;
    for (let q = 0; q < left; q++) {
      const i = load<i32>(open + <usize> q * 4);
      store<i32>(open + <usize> kept * 4, i);
      if (advance(i, k, d, w, constant, bisect, tau, origin, room)) kept++;
    }
    left = kept;
  }
  return left > 0 ? load<i32>(open) : -1;
}
