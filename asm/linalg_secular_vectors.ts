// Eigenvectors of diag(d) + ρ·z·zᵀ from the roots of its secular equation, orthogonal to the last bits however
// close the roots are (Gu and Eisenstat, 1995). Arrays of poles and of what belongs to them come in any
// order: pole i of the roots (ascending) is entry place[i] (i32) of `poles`.
import { at, madd, sumLanes } from "./simd";
import { scale } from "./linalg_vector";

/** Entry place[i] of x. */
function placed(i: i32, place: usize, x: usize): usize {
  return x + at<f64>(load<i32>(place + <usize> i * 4));
}

/** The pole that root i is measured from. */
function originOf(i: i32, place: usize, poles: usize, origin: usize): f64 {
  return load<f64>(placed(load<i32>(origin + <usize> i * 4), place, poles));
}

/**
 * wₚ *= (poleₚ − rootᵢ) / (poleₚ − poleᵢ) for all p but that of pole i, where the divisor is left out, and
 * u [k] = 1 / (poleₚ − rootᵢ): both from one division.
 */
function multiplyByRoot(
  i: i32,
  k: i32,
  poles: usize,
  place: usize,
  tau: usize,
  origin: usize,
  w: usize,
  u: usize,
): void {
  const base = originOf(i, place, poles, origin), t = load<f64>(tau + at<f64>(i));
  const own = placed(i, place, poles), pole = load<f64>(own), target = placed(i, place, w);
  const distance = (pole - base) - t,
    kept = load<f64>(target) * distance,
    target2 = placed(i, place, u);
  const base2 = f64x2.splat(base), t2 = f64x2.splat(t), pole2 = f64x2.splat(pole);
  const one = f64x2.splat(1), end = poles + at<f64>(k & ~1);
  let p = poles;
  for (; p < end; p += 16) {
    const x = v128.load(p), y = f64x2.sub(f64x2.sub(x, base2), t2), gap = f64x2.sub(x, pole2);
    const inverse = f64x2.div(one, f64x2.mul(y, gap));
    v128.store(u, f64x2.mul(gap, inverse));
    v128.store(w, f64x2.mul(v128.load(w), f64x2.mul(y, f64x2.mul(y, inverse))));
    w += 16;
    u += 16;
  }
  if (k & 1) {
    const x = load<f64>(p), y = (x - base) - t;
    store<f64>(u, 1 / y);
    store<f64>(w, load<f64>(w) * (y / (x - pole)));
  }
  // the loop divided by zero there
  store<f64>(target, kept);
  store<f64>(target2, 1 / distance);
}

/**
 * z [k] becomes the weights, of the same signs, for which the roots are exact: ẑₚ² = Π (rootᵢ − poleₚ) /
 * (ρ·Π (poleᵢ − poleₚ)), by Löwner's formula, up to a common factor. Row i of u [k, k] takes 1 / (poleₚ − rootᵢ).
 * w [k] is room to work in.
 */
export function secularWeights(
  k: i32,
  poles: usize,
  place: usize,
  tau: usize,
  origin: usize,
  z: usize,
  w: usize,
  u: usize,
  row: usize,
): void {
  for (let p = 0; p < k; p++) store<f64>(w + at<f64>(p), 1);
  for (let i = 0; i < k; i++) {
    multiplyByRoot(i, k, poles, place, tau, origin, w, u);
    u += row;
  }
  for (let p = 0; p < k; p++) {
    const q = z + at<f64>(p);
    store<f64>(q, copysign(sqrt(abs(load<f64>(w + at<f64>(p)))), load<f64>(q)));
  }
}

/** Row i of u [k, k], 1 / (poleₚ − rootᵢ), becomes the eigenvector of root i: entries times ẑₚ, scaled to length 1. */
export function secularVectors(k: i32, z: usize, u: usize, row: usize): void {
  const whole = at<f64>(k & ~1);
  for (let i = 0; i < k; i++) {
    let sum2 = f64x2.splat(0), sum: f64 = 0;
    for (let o: usize = 0; o < whole; o += 16) {
      const x = f64x2.mul(v128.load(z + o), v128.load(u + o));
      v128.store(u + o, x);
      sum2 = madd<f64>(x, x, sum2);
    }
    if (k & 1) {
      const x = load<f64>(z + whole) * load<f64>(u + whole);
      store<f64>(u + whole, x);
      sum = x * x;
    }
    scale(k, 1 / sqrt(sum + sumLanes<f64>(sum2)), u);
    u += row;
  }
}

/**
 * Right singular vectors become left ones: row i of v [k, k] those of the root i of the arrowhead matrix with
 * the row z and the diagonal d, where d is zero at `pinned` alone. u is A·v/σ: dₚ·vₚ elsewhere, and σ²·v/z there,
 * which needs no sum; sigma [k] are the singular values.
 */
export function secularPartners(
  k: i32,
  d: usize,
  pinned: i32,
  z: f64,
  sigma: usize,
  v: usize,
  row: usize,
): void {
  for (let i = 0; i < k; i++) {
    const s = load<f64>(sigma + at<f64>(i)), target = v + at<f64>(pinned);
    const own = s * (s * (load<f64>(target) / z));
    let p = d, q = v, sum2 = f64x2.splat(0);
    const end = d + at<f64>(k);
    for (; p + 16 <= end; p += 16) {
      const x = f64x2.mul(v128.load(p), v128.load(q));
      v128.store(q, x);
      sum2 = madd<f64>(x, x, sum2);
      q += 16;
    }
    let sum = sumLanes<f64>(sum2) + own * own;
    if (p < end) {
      const x = load<f64>(p) * load<f64>(q);
      store<f64>(q, x);
      sum += x * x;
    }
    store<f64>(target, own);
    scale(k, 1 / sqrt(sum), v);
    v += row;
  }
}
