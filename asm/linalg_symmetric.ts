// The symmetric part of a matrix, scaled by a power of two.
import { at } from "./simd";

/** Rows of a tile: entries across the diagonal lie in other cache lines, which a tile keeps. */
const TILE: i32 = 16;

/**
 * out [n, n] = (A + Aᵀ)·f₁·f₂, the factors one after the other, as their product may not be a number.
 * Returns the largest |aᵢⱼ − aⱼᵢ| there was.
 */
export function symmetrise(
  n: i32,
  a: usize,
  row: usize,
  f1: f64,
  f2: f64,
  out: usize,
  outRow: usize,
): f64 {
  let worst: f64 = 0;
  for (let i0 = 0; i0 < n; i0 += TILE) {
    for (let j0 = 0; j0 <= i0; j0 += TILE) {
      for (let i = i0, end = min(n, i0 + TILE); i < end; i++) {
        const last = min(i, j0 + TILE - 1);
        let p = a + <usize> i * row + at<f64>(j0), q = a + <usize> j0 * row + at<f64>(i);
        let u = out + <usize> i * outRow + at<f64>(j0), v = out + <usize> j0 * outRow + at<f64>(i);
        for (let j = j0; j <= last; j++) {
          const x = load<f64>(p), y = load<f64>(q), gap = abs(x - y);
          if (gap > worst) worst = gap;
          const value = x * f1 * f2 + y * f1 * f2;
          store<f64>(u, value);
          store<f64>(v, value);
          p += 8;
          q += row;
          u += 8;
          v += outRow;
        }
      }
    }
  }
  return worst;
}
