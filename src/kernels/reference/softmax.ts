import type { Doubles, Floats } from "./arrays.ts";

// Softmax and cross-entropy of rows, in f64: what the f32 kernels approximate.

/** Softmax of every row of x [m, n]: pᵢⱼ = exp(xᵢⱼ − tᵢ) / Σₖ exp(xᵢₖ − tᵢ), tᵢ the largest of the row */
export function softmaxRows(m: number, n: number, x: Float32Array): Doubles {
  const p = new Float64Array(m * n);
  for (let i = 0; i < m; i++) {
    const row = x.subarray(i * n, (i + 1) * n);
    const top = Math.max(...row);
    const total = row.reduce((sum, value) => sum + Math.exp(value - top), 0);
    row.forEach((value, j) => p[i * n + j] = Math.exp(value - top) / total);
  }
  return p;
}

/**
 * Losses [m] of softmax(x) against the targets (1 − smoothing)·one-hot(label) + smoothing/n, of x [m, n] and
 * labels [m], and the softmax [m, n]
 */
export function crossEntropyForward(
  m: number,
  n: number,
  x: Float32Array,
  labels: Int32Array,
  smoothing: number,
): { losses: Doubles; p: Doubles } {
  const losses = Float64Array.from({ length: m }, (_, i) => {
    const row = x.subarray(i * n, (i + 1) * n);
    const top = Math.max(...row);
    const total = Math.log(row.reduce((sum, value) => sum + Math.exp(value - top), 0));
    const own = total - (row[labels[i]!]! - top);
    if (smoothing === 0) return own;
    const spread = row.reduce((sum, value) => sum + (total - (value - top)), 0) / n;
    return (1 - smoothing) * own + smoothing * spread;
  });
  return { losses, p: softmaxRows(m, n, x) };
}

/** scale · (p − target) [m, n] with the same targets, each step rounded to f32 */
export function crossEntropyBackward(
  m: number,
  n: number,
  p: Float32Array,
  labels: Int32Array,
  smoothing: number,
  scale: number,
): Floats {
  const f = Math.fround, out = new Float32Array(m * n), rest = f(f(smoothing) / n);
  const own = f(f(1 - f(smoothing)) + rest);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      const target = j === labels[i] ? own : rest;
      out[i * n + j] = f(scale) * f(p[i * n + j]! - target);
    }
  }
  return out;
}
