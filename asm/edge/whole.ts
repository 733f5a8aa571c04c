// y = W·x with W in whole numbers of 8 bits and a scale for each row. x is rounded to whole numbers of 16
// bits first, so that the products add up without rounding: i32 lanes, whose size `limit` keeps in range.
import { at } from "../simd";

/** q [n] = round(x / s) in i16 with s = max |x| / limit; returns s, or 0 where all of q is 0. */
export function quantize(n: i32, limit: i32, x: usize, q: usize): f32 {
  let top = f32x4.splat(0), i = 0;
  for (; i + 4 <= n; i += 4) top = f32x4.max(top, f32x4.abs(v128.load(x + at<f32>(i))));
  let largest: f32 = max(
    max(f32x4.extract_lane(top, 0), f32x4.extract_lane(top, 1)),
    max(f32x4.extract_lane(top, 2), f32x4.extract_lane(top, 3)),
  );
  for (; i < n; i++) largest = max(largest, abs(load<f32>(x + at<f32>(i))));
  // below, the factor would be infinite and x is as good as 0
  const tiny = largest < 1e-30;
  const factor: f32 = tiny ? 0 : <f32> limit / largest, factor4 = f32x4.splat(factor);
  for (i = 0; i + 4 <= n; i += 4) {
    const whole = f32x4.nearest(f32x4.mul(v128.load(x + at<f32>(i)), factor4));
    const words = i32x4.trunc_sat_f32x4_s(whole);
    v128.store64_lane(q + (<usize> i << 1), i16x8.narrow_i32x4_s(words, words), 0);
  }
  for (; i < n; i++) {
    store<i16>(q + (<usize> i << 1), <i16> <i32> nearest(load<f32>(x + at<f32>(i)) * factor));
  }
  return tiny ? 0 : largest / <f32> limit;
}

function products(w: usize, x: v128, sum: v128): v128 {
  return i32x4.add(sum, i32x4.dot_i16x8_s(v128.load_ext<i8>(w), x));
}

function total(sum: v128): i64 {
  return (<i64> i32x4.extract_lane(sum, 0) + i32x4.extract_lane(sum, 1)) +
    (<i64> i32x4.extract_lane(sum, 2) + i32x4.extract_lane(sum, 3));
}

/** y [n] = W·x for whole numbers w [n, k], scales [n] of its rows, and q [k] that counts `unit` each */
export function matvec_i8(
  n: i32,
  k: i32,
  w: usize,
  scales: usize,
  q: usize,
  unit: f32,
  y: usize,
): void {
  const row = <usize> k;
  let j = 0;
  for (; j + 4 <= n; j += 4) {
    let s0 = i32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
    let p0 = w, p1 = w + row, p2 = p1 + row, p3 = p2 + row, z = q, i = 0;
    for (; i + 8 <= k; i += 8) {
      const x = v128.load(z);
      s0 = products(p0, x, s0);
      s1 = products(p1, x, s1);
      s2 = products(p2, x, s2);
      s3 = products(p3, x, s3);
      p0 += 8;
      p1 += 8;
      p2 += 8;
      p3 += 8;
      z += 16;
    }
    let t0 = total(s0), t1 = total(s1), t2 = total(s2), t3 = total(s3);
    for (; i < k; i++) {
      const x = <i32> load<i16>(z);
      t0 += x * <i32> load<i8>(p0++);
      t1 += x * <i32> load<i8>(p1++);
      t2 += x * <i32> load<i8>(p2++);
      t3 += x * <i32> load<i8>(p3++);
      z += 2;
    }
    store<f32>(y, <f32> t0 * (load<f32>(scales) * unit));
    store<f32>(y, <f32> t1 * (load<f32>(scales, 4) * unit), 4);
    store<f32>(y, <f32> t2 * (load<f32>(scales, 8) * unit), 8);
    store<f32>(y, <f32> t3 * (load<f32>(scales, 12) * unit), 12);
    w += 4 * row;
    scales += 16;
    y += 16;
  }
  for (; j < n; j++) {
    let s = i32x4.splat(0), p = w, z = q, i = 0;
    for (; i + 8 <= k; i += 8) {
      s = products(p, v128.load(z), s);
      p += 8;
      z += 16;
    }
    let t = total(s);
    for (; i < k; i++) {
      t += <i32> load<i16>(z) * <i32> load<i8>(p++);
      z += 2;
    }
    store<f32>(y, <f32> t * (load<f32>(scales) * unit));
    w += row;
    scales += 4;
    y += 4;
  }
}
