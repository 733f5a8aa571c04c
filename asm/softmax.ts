// Softmax of rows, alone and with cross-entropy; shifted by the largest logit, so it never overflows.
import { at } from "./simd";
import { exp4, log4 } from "./math";

/** p [n] = exp(x − max x), unnormalised; returns their sum. */
function shiftedExp(n: i32, x: usize, p: usize, top: f32): f32 {
  const t = f32x4.splat(top);
  let total: f32 = 0, j = 0;
  for (; j + 4 <= n; j += 4) {
    const o = at<f32>(j);
    v128.store(p + o, exp4(f32x4.sub(v128.load(x + o), t)));
  }
  for (; j < n; j++) {
    const o = at<f32>(j);
    const e = exp4(f32x4.splat(load<f32>(x + o) - top));
    store<f32>(p + o, f32x4.extract_lane(e, 0));
  }
  for (j = 0; j < n; j++) total += load<f32>(p + at<f32>(j));
  return total;
}

function largest(n: i32, x: usize): f32 {
  let top = load<f32>(x);
  for (let j = 1; j < n; j++) top = max(top, load<f32>(x + at<f32>(j)));
  return top;
}

function normalise(n: i32, p: usize, total: f32): void {
  for (let j = 0; j < n; j++) {
    const q = p + at<f32>(j);
    store<f32>(q, load<f32>(q) / total);
  }
}

/** Every row of p [m, n] = softmax of the row of x [m, n]. */
export function softmaxRows(m: i32, n: i32, x: usize, p: usize): void {
  for (let i = 0; i < m; i++) {
    normalise(n, p, shiftedExp(n, x, p, largest(n, x)));
    x += at<f32>(n);
    p += at<f32>(n);
  }
}

/**
 * losses [m] of softmax(x) against the target (1 − ε)·one-hot(label) + ε/n, labels [m] of i32, ε the
 * smoothing; p [m, n] keeps the softmax for the gradient.
 */
export function crossEntropyForward(
  m: i32,
  n: i32,
  x: usize,
  labels: usize,
  smoothing: f32,
  p: usize,
  losses: usize,
): void {
  for (let i = 0; i < m; i++) {
    const top = largest(n, x);
    const total = shiftedExp(n, x, p, top);
    const own = load<f32>(x + at<f32>(load<i32>(labels)));
    const logTotal = f32x4.extract_lane(log4(f32x4.splat(total)), 0);
    let loss = logTotal - (own - top);
    if (smoothing != 0) {
      let spread: f32 = 0;
      for (let j = 0; j < n; j++) spread += logTotal - (load<f32>(x + at<f32>(j)) - top);
      loss = (<f32> 1 - smoothing) * loss + smoothing * (spread / <f32> n);
    }
    store<f32>(losses, loss);
    normalise(n, p, total);
    x += at<f32>(n);
    p += at<f32>(n);
    labels += 4;
    losses += 4;
  }
}

/** out [m, n] = scale · (p − target), the target smoothed as above */
export function crossEntropyBackward(
  m: i32,
  n: i32,
  p: usize,
  labels: usize,
  smoothing: f32,
  scale: f32,
  out: usize,
): void {
  const rest = smoothing / <f32> n, own: f32 = <f32> 1 - smoothing + rest;
  for (let i = 0; i < m; i++) {
    const label = load<i32>(labels);
    for (let j = 0; j < n; j++) {
      const target = j == label ? own : rest;
      store<f32>(out + at<f32>(j), scale * (load<f32>(p + at<f32>(j)) - target));
    }
    p += at<f32>(n);
    out += at<f32>(n);
    labels += 4;
  }
}
