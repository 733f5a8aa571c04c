// y = W·x with W in IEEE binary16. The bits of a half, moved to the places of an f32, are its value times
// 2⁻¹¹², subnormals included. The caller gives x times 2⁵⁶ and the sums are multiplied by 2⁵⁶: powers of
// two change no bit of a product, and a sum comes out as if the weights had been f32, in the same order.
import { at, sumLanes } from "../simd";

const UP: f32 = 72057594037927936; // 2⁵⁶

function widen(p: usize, offset: usize): v128 {
  const moved = i32x4.shl(v128.load_ext<i16>(p + offset), 13);
  return v128.and(moved, i32x4.splat(0x8fffe000));
}

function widenOne(p: usize): f32 {
  return reinterpret<f32>((<i32> load<i16>(p) << 13) & 0x8fffe000);
}

function multiply(w: v128, x: v128, sum: v128): v128 {
  return f32x4.add(sum, f32x4.mul(x, w));
}

/** y [n] = W·x for halves w [n, k], row by row, and x [k] times 2⁵⁶ */
export function matvec_f16(n: i32, k: i32, w: usize, x: usize, y: usize): void {
  const row = <usize> k << 1;
  let j = 0;
  for (; j + 2 <= n; j += 2) {
    let a0 = f32x4.splat(0), b0 = a0, a1 = a0, b1 = a0, p = w, q = w + row, z = x, i = 0;
    for (; i + 8 <= k; i += 8) {
      const u = v128.load(z), v = v128.load(z, 16);
      a0 = multiply(widen(p, 0), u, a0);
      b0 = multiply(widen(p, 8), v, b0);
      a1 = multiply(widen(q, 0), u, a1);
      b1 = multiply(widen(q, 8), v, b1);
      p += 16;
      q += 16;
      z += 32;
    }
    let s0 = sumLanes<f32>(f32x4.add(a0, b0)), s1 = sumLanes<f32>(f32x4.add(a1, b1));
    for (; i < k; i++) {
      s0 += load<f32>(z) * widenOne(p);
      s1 += load<f32>(z) * widenOne(q);
      p += 2;
      q += 2;
      z += 4;
    }
    store<f32>(y, s0 * UP);
    store<f32>(y, s1 * UP, 4);
    w += 2 * row;
    y += at<f32>(2);
  }
  if (j < n) {
    let a = f32x4.splat(0), b = a, i = 0;
    for (; i + 8 <= k; i += 8) {
      a = multiply(widen(w, 0), v128.load(x), a);
      b = multiply(widen(w, 8), v128.load(x, 16), b);
      w += 16;
      x += 32;
    }
    let s = sumLanes<f32>(f32x4.add(a, b));
    for (; i < k; i++) {
      s += load<f32>(x) * widenOne(w);
      w += 2;
      x += 4;
    }
    store<f32>(y, s * UP);
  }
}
