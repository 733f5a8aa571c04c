// Reductions over f32. Sums run in four vectors side by side, then lane by lane: the order depends on
// the length alone.
import { at, sumLanes } from "./simd";

/** Σ xᵢ */
export function sum(n: i32, x: usize): f32 {
  let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
  let i = 0;
  for (; i + 16 <= n; i += 16) {
    s0 = f32x4.add(s0, v128.load(x));
    s1 = f32x4.add(s1, v128.load(x, 16));
    s2 = f32x4.add(s2, v128.load(x, 32));
    s3 = f32x4.add(s3, v128.load(x, 48));
    x += 64;
  }
  let total = sumLanes<f32>(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)));
  for (; i < n; i++) {
    total += load<f32>(x);
    x += 4;
  }
  return total;
}

/** Σ xᵢ·yᵢ */
export function dot(n: i32, x: usize, y: usize): f32 {
  let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
  let i = 0;
  for (; i + 16 <= n; i += 16) {
    s0 = f32x4.add(s0, f32x4.mul(v128.load(x), v128.load(y)));
    s1 = f32x4.add(s1, f32x4.mul(v128.load(x, 16), v128.load(y, 16)));
    s2 = f32x4.add(s2, f32x4.mul(v128.load(x, 32), v128.load(y, 32)));
    s3 = f32x4.add(s3, f32x4.mul(v128.load(x, 48), v128.load(y, 48)));
    x += 64;
    y += 64;
  }
  let total = sumLanes<f32>(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)));
  for (; i < n; i++) {
    total += load<f32>(x) * load<f32>(y);
    x += 4;
    y += 4;
  }
  return total;
}

/** y [n] = Σ over the rows of x [m, n], or y += that sum */
export function sumRows(m: i32, n: i32, x: usize, y: usize, accumulate: bool): void {
  const row = at<f32>(n);
  if (!accumulate) memory.fill(y, 0, row);
  for (let i = 0; i < m; i++) {
    let j = 0;
    for (; j + 4 <= n; j += 4) {
      const q = y + at<f32>(j);
      v128.store(q, f32x4.add(v128.load(q), v128.load(x + at<f32>(j))));
    }
    for (; j < n; j++) {
      const q = y + at<f32>(j);
      store<f32>(q, load<f32>(q) + load<f32>(x + at<f32>(j)));
    }
    x += row;
  }
}

/** Index of the largest number of every row of x [m, n], the first of equals; −1 for a row with a NaN. */
export function argmaxRows(m: i32, n: i32, x: usize, indices: usize): void {
  for (let i = 0; i < m; i++) {
    let best = -1, top: f32 = -Infinity;
    for (let j = 0; j < n; j++) {
      const value = load<f32>(x);
      x += 4;
      if (isNaN(value)) {
        best = -1;
        x += at<f32>(n - 1 - j);
        break;
      }
      if (best < 0 || value > top) {
        top = value;
        best = j;
      }
    }
    store<i32>(indices, best);
    indices += 4;
  }
}
