// Rows of f64 on their way through a merge: one rotation of two of them, and an order of many.
import { at, madd, nmadd } from "./simd";

/** (x, y) ← (c·x + s·y, c·y − s·x) for rows of n numbers. */
export function rotateRows(n: i32, x: usize, y: usize, c: f64, s: f64): void {
  const c2 = f64x2.splat(c), s2 = f64x2.splat(s);
  let i = 0;
  for (; i + 2 <= n; i += 2) {
    const a = v128.load(x), b = v128.load(y);
    v128.store(x, madd<f64>(s2, b, f64x2.mul(c2, a)));
    v128.store(y, nmadd<f64>(s2, a, f64x2.mul(c2, b)));
    x += 16;
    y += 16;
  }
  if (i < n) {
    const a = load<f64>(x), b = load<f64>(y);
    store<f64>(x, c * a + s * b);
    store<f64>(y, c * b - s * a);
  }
}

/** Rows of so many numbers are copied here: the engine's copy is a call, which pays for longer ones alone. */
const SHORT: i32 = 128;

/** y = x, n numbers. */
export function copyRow(n: i32, x: usize, y: usize): void {
  if (n >= SHORT) {
    memory.copy(y, x, at<f64>(n));
    return;
  }
  const end = x + at<f64>(n & ~1);
  for (; x < end; x += 16) {
    v128.store(y, v128.load(x));
    y += 16;
  }
  if (n & 1) store<f64>(y, load<f64>(x));
}

/** Row i of out [m, n] is row order[i] (i32) of a. */
export function takeRows(
  m: i32,
  n: i32,
  a: usize,
  row: usize,
  order: usize,
  out: usize,
  outRow: usize,
): void {
  for (let i = 0; i < m; i++) {
    copyRow(n, a + <usize> load<i32>(order) * row, out);
    order += 4;
    out += outRow;
  }
}

/** Entry i of out [n] is entry order[i] (i32) of x. */
export function take_f64(n: i32, x: usize, order: usize, out: usize): void {
  for (let i = 0; i < n; i++) {
    store<f64>(out + at<f64>(i), load<f64>(x + at<f64>(load<i32>(order + <usize> i * 4))));
  }
}
