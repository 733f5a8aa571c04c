// The symmetric part of a matrix, scaled by a power of two.
import { at } from "./simd";

/** Rows of a tile: entries across the diagonal lie in other cache lines, which a tile keeps. */
const TILE: i32 = 16;

/** Rows i and i + 1, columns j and j + 1, and what lies across the diagonal; returns the differences there were. */
function symmetriseFour(
  a: usize,
  across: usize,
  row: usize,
  f1: v128,
  f2: v128,
  out: usize,
  outAcross: usize,
  outRow: usize,
): v128 {
  const x0 = v128.load(a), x1 = v128.load(a + row);
  const y0 = v128.load(across), y1 = v128.load(across + row);
  const z0 = i64x2.shuffle(y0, y1, 0, 2), z1 = i64x2.shuffle(y0, y1, 1, 3);
  const u0 = f64x2.add(f64x2.mul(f64x2.mul(x0, f1), f2), f64x2.mul(f64x2.mul(z0, f1), f2));
  const u1 = f64x2.add(f64x2.mul(f64x2.mul(x1, f1), f2), f64x2.mul(f64x2.mul(z1, f1), f2));
  v128.store(out, u0);
  v128.store(out + outRow, u1);
  v128.store(outAcross, i64x2.shuffle(u0, u1, 0, 2));
  v128.store(outAcross + outRow, i64x2.shuffle(u0, u1, 1, 3));
  return f64x2.pmax(f64x2.abs(f64x2.sub(x0, z0)), f64x2.abs(f64x2.sub(x1, z1)));
}

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
  let worst = f64x2.splat(0);
  const g1 = f64x2.splat(f1), g2 = f64x2.splat(f2), even = n & ~1;
  for (let i0 = 0; i0 < even; i0 += TILE) {
    for (let j0 = 0; j0 <= i0; j0 += TILE) {
      for (let i = i0, end = min(even, i0 + TILE); i < end; i += 2) {
        const last = min(i, j0 + TILE - 2);
        let p = a + <usize> i * row + at<f64>(j0), q = a + <usize> j0 * row + at<f64>(i);
        let u = out + <usize> i * outRow + at<f64>(j0), v = out + <usize> j0 * outRow + at<f64>(i);
        for (let j = j0; j <= last; j += 2) {
          worst = f64x2.pmax(worst, symmetriseFour(p, q, row, g1, g2, u, v, outRow));
          p += 16;
          q += 2 * row;
          u += 16;
          v += 2 * outRow;
        }
      }
    }
  }
  let largest = max(f64x2.extract_lane(worst, 0), f64x2.extract_lane(worst, 1));
  if (even < n) {
    const o = at<f64>(even);
    for (let j = 0; j < n; j++) {
      const p = at<f64>(j), q = <usize> j;
      const x = load<f64>(a + <usize> even * row + p), y = load<f64>(a + q * row + o);
      const value = x * f1 * f2 + y * f1 * f2;
      largest = max(largest, abs(x - y));
      store<f64>(out + <usize> even * outRow + p, value);
      store<f64>(out + q * outRow + o, value);
    }
  }
  return largest;
}
