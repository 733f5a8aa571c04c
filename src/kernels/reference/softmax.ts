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

/** Losses [m] = −ln softmax(x)[label] of x [m, n] and labels [m], and the softmax [m, n] */
export function crossEntropyForward(
  m: number,
  n: number,
  x: Float32Array,
  labels: Int32Array,
): { losses: Doubles; p: Doubles } {
  const losses = Float64Array.from({ length: m }, (_, i) => {
    const row = x.subarray(i * n, (i + 1) * n);
    const top = Math.max(...row);
    const total = row.reduce((sum, value) => sum + Math.exp(value - top), 0);
    return Math.log(total) - (row[labels[i]!]! - top);
  });
  return { losses, p: softmaxRows(m, n, x) };
}

/** scale · (p − one-hot(label)) [m, n], each step rounded to f32 */
export function crossEntropyBackward(
  m: number,
  n: number,
  p: Float32Array,
  labels: Int32Array,
  scale: number,
): Floats {
  const out = new Float32Array(m * n);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      const hit = j === labels[i] ? 1 : 0;
      out[i * n + j] = Math.fround(scale) * Math.fround(p[i * n + j]! - hit);
    }
  }
  return out;
}
