// Products with so few rows that packing B would cost more than the product: y = W·x reads W once, in the
// order it is stored.
import { fused_dot_4x8, separate_dot_4x8 } from "./generated/dot_kernels";
import { at, madd } from "./simd";

/** Rows 0, p, q and p + q of w, which need not differ, times x: those of y that stand there. */
function fourRows(p: i32, q: i32, k: i32, w: usize, row: usize, x: usize, y: usize): void {
  if (ASC_FEATURE_RELAXED_SIMD) fused_dot_4x8(p, q, k, w, row, x, y);
  else separate_dot_4x8(p, q, k, w, row, x, y);
}

/**
 * y [n] = W·x for w [n, k], its rows `row` bytes apart, and x [k]. The four rows taken at a time lie a
 * quarter of W apart, so that memory is read in four long runs; then come the one, two or three left over.
 */
export function matvec_f32(n: i32, k: i32, w: usize, row: usize, x: usize, y: usize): void {
  const quarter = n >> 2, rest = n & 3;
  for (let j = 0; j < quarter; j++) {
    fourRows(quarter, 2 * quarter, k, w, row, x, y);
    w += row;
    y += 4;
  }
  if (rest == 0) return;
  w += <usize> (3 * quarter) * row;
  y += 12 * quarter;
  fourRows(i32(rest > 1), i32(rest > 2), k, w, row, x, y);
}

/** 32 columns of x·B, whose sums fill eight registers. */
function wideColumns(x: usize, end: usize, b: usize, row: usize, y: usize): void {
  let c0 = f32x4.splat(0), c1 = c0, c2 = c0, c3 = c0, c4 = c0, c5 = c0, c6 = c0, c7 = c0, a: v128;
  for (; x < end; x += 4) {
    a = v128.load32_splat(x);
    c0 = madd<f32>(a, v128.load(b), c0);
    c1 = madd<f32>(a, v128.load(b, 16), c1);
    c2 = madd<f32>(a, v128.load(b, 32), c2);
    c3 = madd<f32>(a, v128.load(b, 48), c3);
    c4 = madd<f32>(a, v128.load(b, 64), c4);
    c5 = madd<f32>(a, v128.load(b, 80), c5);
    c6 = madd<f32>(a, v128.load(b, 96), c6);
    c7 = madd<f32>(a, v128.load(b, 112), c7);
    b += row;
  }
  v128.store(y, c0);
  v128.store(y, c1, 16);
  v128.store(y, c2, 32);
  v128.store(y, c3, 48);
  v128.store(y, c4, 64);
  v128.store(y, c5, 80);
  v128.store(y, c6, 96);
  v128.store(y, c7, 112);
}

/**
 * y [n] = x·B for x [k] and b [k, n], its rows `row` bytes apart: 32 columns at a time, the last of them
 * where B ends, as above; of fewer in all 4, then 1.
 */
export function vecmat_f32(n: i32, k: i32, x: usize, b: usize, row: usize, y: usize): void {
  const end = x + at<f32>(k);
  let j = 0;
  if (n >= 32) {
    for (; j < n; j += 32) {
      const first = at<f32>(min(j, n - 32));
      wideColumns(x, end, b + first, row, y + first);
    }
    return;
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
