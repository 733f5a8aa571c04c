// Vectors of f64, and the reflector that both tridiagonalisation and QR are built from.
import { at, madd, sumLanes } from "./simd";

/** Squares below this are lost in the rounding of a matrix whose largest entry is about 1: 2⁻⁹⁶⁰. */
const NEGLIGIBLE: f64 = 1.0261342003245941e-289;

/** Σ xᵢ·yᵢ */
export function dot_f64(n: i32, x: usize, y: usize): f64 {
  let s0 = f64x2.splat(0), s1 = s0, s2 = s0, s3 = s0;
  let i = 0;
  for (; i + 8 <= n; i += 8) {
    s0 = madd<f64>(v128.load(x), v128.load(y), s0);
    s1 = madd<f64>(v128.load(x, 16), v128.load(y, 16), s1);
    s2 = madd<f64>(v128.load(x, 32), v128.load(y, 32), s2);
    s3 = madd<f64>(v128.load(x, 48), v128.load(y, 48), s3);
    x += 64;
    y += 64;
  }
  for (; i + 2 <= n; i += 2) {
    s0 = madd<f64>(v128.load(x), v128.load(y), s0);
    x += 16;
    y += 16;
  }
  const total = sumLanes<f64>(f64x2.add(f64x2.add(s0, s1), f64x2.add(s2, s3)));
  return i < n ? total + load<f64>(x) * load<f64>(y) : total;
}

/** y = a·y + b·x */
export function combine(n: i32, a: f64, y: usize, b: f64, x: usize): void {
  const a2 = f64x2.splat(a), b2 = f64x2.splat(b);
  let i = 0;
  for (; i + 2 <= n; i += 2) {
    v128.store(y, madd<f64>(a2, v128.load(y), f64x2.mul(b2, v128.load(x))));
    x += 16;
    y += 16;
  }
  if (i < n) store<f64>(y, a * load<f64>(y) + b * load<f64>(x));
}

/** x [n] *= f */
export function scale(n: i32, f: f64, x: usize): void {
  const f2 = f64x2.splat(f);
  let i = 0;
  for (; i + 2 <= n; i += 2) {
    v128.store(x, f64x2.mul(v128.load(x), f2));
    x += 16;
  }
  if (i < n) store<f64>(x, load<f64>(x) * f);
}

/**
 * The reflector that takes (pivot, tail [n]) to (β, 0): v replaces them, β goes to `beta`, τ is
 * returned. A negligible tail needs none: τ = 0 and β is the pivot. The sign of β avoids cancellation
 * (Golub and Van Loan, Matrix Computations, 5.1.3).
 */
export function reflector(n: i32, tail: usize, pivot: usize, beta: usize): f64 {
  const alpha = load<f64>(pivot), square = dot_f64(n, tail, tail);
  if (square < NEGLIGIBLE) {
    store<f64>(beta, alpha);
    return 0;
  }
  const norm = sqrt(square + alpha * alpha), b = alpha > 0 ? -norm : norm;
  scale(n, 1 / (alpha - b), tail);
  store<f64>(pivot, 1);
  store<f64>(beta, b);
  return (b - alpha) / b;
}
