// Products with so few rows that packing B would cost more than the product: y = W·x reads W once, in the
// order it is stored.
import { at, madd, sumLanes } from "./simd";

/** Four dot products of x [k] with four rows of w; the sums of the lanes land side by side. */

function fourRows<T>(k: i32, x: usize, w: usize, row: usize, y: usize): void {
  const step = 2 * (16 / <i32> sizeof<T>());
  let a0 = i64x2.splat(0), a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0;
  let p0 = w, p1 = w + row, p2 = w + 2 * row, p3 = w + 3 * row, i = 0;
  let u: v128, v: v128;
  for (; i + step <= k; i += step) {
    u = v128.load(x);
    v = v128.load(x, 16);
    a0 = madd<T>(u, v128.load(p0), a0);
    b0 = madd<T>(v, v128.load(p0, 16), b0);
    a1 = madd<T>(u, v128.load(p1), a1);
    b1 = madd<T>(v, v128.load(p1, 16), b1);
    a2 = madd<T>(u, v128.load(p2), a2);
    b2 = madd<T>(v, v128.load(p2, 16), b2);
    a3 = madd<T>(u, v128.load(p3), a3);
    b3 = madd<T>(v, v128.load(p3, 16), b3);
    x += 32;
    p0 += 32;
    p1 += 32;
    p2 += 32;
    p3 += 32;
  }
  let s0 = sumLanes<T>(v128.add<T>(a0, b0)), s1 = sumLanes<T>(v128.add<T>(a1, b1));
  let s2 = sumLanes<T>(v128.add<T>(a2, b2)), s3 = sumLanes<T>(v128.add<T>(a3, b3));
  for (; i < k; i++) {
    const value = load<T>(x);
    s0 += value * load<T>(p0);
    s1 += value * load<T>(p1);
    s2 += value * load<T>(p2);
    s3 += value * load<T>(p3);
    x += sizeof<T>();
    p0 += sizeof<T>();
    p1 += sizeof<T>();
    p2 += sizeof<T>();
    p3 += sizeof<T>();
  }
  store<T>(y, s0);
  store<T>(y + at<T>(1), s1);
  store<T>(y + at<T>(2), s2);
  store<T>(y + at<T>(3), s3);
}

/** One dot product of x [k] with a row of w. */

function oneRow<T>(k: i32, x: usize, w: usize, y: usize): void {
  const step = 2 * (16 / <i32> sizeof<T>());
  let a = i64x2.splat(0), b = a, i = 0;
  for (; i + step <= k; i += step) {
    a = madd<T>(v128.load(x), v128.load(w), a);
    b = madd<T>(v128.load(x, 16), v128.load(w, 16), b);
    x += 32;
    w += 32;
  }
  let s = sumLanes<T>(v128.add<T>(a, b));
  for (; i < k; i++) {
    s += load<T>(x) * load<T>(w);
    x += sizeof<T>();
    w += sizeof<T>();
  }
  store<T>(y, s);
}

/** y [n] = W·x for w [n, k], its rows `row` bytes apart, and x [k] */
export function matvec_f32(n: i32, k: i32, w: usize, row: usize, x: usize, y: usize): void {
  let j = 0;
  for (; j + 4 <= n; j += 4) {
    fourRows<f32>(k, x, w, row, y);
    w += 4 * row;
    y += 16;
  }
  for (; j < n; j++) {
    oneRow<f32>(k, x, w, y);
    w += row;
    y += 4;
  }
}

/** y [n] = x·B for x [k] and b [k, n], its rows `row` bytes apart: 32 columns at a time, then 4, then 1 */
export function vecmat_f32(n: i32, k: i32, x: usize, b: usize, row: usize, y: usize): void {
  const end = x + at<f32>(k);
  let j = 0;
  for (; j + 32 <= n; j += 32) {
    let c0 = f32x4.splat(0), c1 = c0, c2 = c0, c3 = c0, c4 = c0, c5 = c0, c6 = c0, c7 = c0;
    let p = b, a: v128;
    for (let q = x; q < end; q += 4) {
      a = v128.load32_splat(q);
      c0 = madd<f32>(a, v128.load(p), c0);
      c1 = madd<f32>(a, v128.load(p, 16), c1);
      c2 = madd<f32>(a, v128.load(p, 32), c2);
      c3 = madd<f32>(a, v128.load(p, 48), c3);
      c4 = madd<f32>(a, v128.load(p, 64), c4);
      c5 = madd<f32>(a, v128.load(p, 80), c5);
      c6 = madd<f32>(a, v128.load(p, 96), c6);
      c7 = madd<f32>(a, v128.load(p, 112), c7);
      p += row;
    }
    v128.store(y, c0);
    v128.store(y, c1, 16);
    v128.store(y, c2, 32);
    v128.store(y, c3, 48);
    v128.store(y, c4, 64);
    v128.store(y, c5, 80);
    v128.store(y, c6, 96);
    v128.store(y, c7, 112);
    b += 128;
    y += 128;
  }
  for (; j + 4 <= n; j += 4) {
    let c = f32x4.splat(0), p = b;
    for (let q = x; q < end; q += 4) {
      c = madd<f32>(v128.load32_splat(q), v128.load(p), c);
      p += row;
    }
    v128.store(y, c);
    b += 16;
    y += 16;
  }
  for (; j < n; j++) {
    let s: f32 = 0, p = b;
    for (let q = x; q < end; q += 4) {
      s += load<f32>(q) * load<f32>(p);
      p += row;
    }
    store<f32>(y, s);
    b += 4;
    y += 4;
  }
}
