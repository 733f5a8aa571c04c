import type { Doubles, Floats } from "./arrays.ts";

/** Row i of the result [n, n] = softmax over j ≤ i of scale·scores[i, j], zero beyond; in f64 */
export function causalSoftmax(n: number, scale: number, scores: Float32Array): Doubles {
  const p = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    const row = scores.subarray(i * n, i * n + i + 1), top = Math.max(...row);
    const powers = Float64Array.from(row, (value) => Math.exp(Math.fround(scale) * (value - top)));
    const total = powers.reduce((sum, power) => sum + power, 0);
    powers.forEach((power, j) => p[i * n + j] = power / total);
  }
  return p;
}

/** scale·p ⊙ (g − Σⱼ g·p) of every row [n, n], zero above the diagonal; in f64 */
export function causalSoftmaxBackward(
  n: number,
  scale: number,
  p: Float32Array,
  g: Float32Array,
): Doubles {
  const out = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    let share = 0;
    for (let j = 0; j <= i; j++) share += p[i * n + j]! * g[i * n + j]!;
    for (let j = 0; j <= i; j++) {
      const at = i * n + j;
      out[at] = Math.fround(scale) * p[at]! * (g[at]! - share);
    }
  }
  return out;
}

/**
 * Every head of x [rows, width] rotated at its position, row r at position r mod n: the halves (a, b) of a
 * head become (a·c − sign·b·s, b·c + sign·a·s) with cos and sin [n, half]. A row has heads·2·half columns
 * that turn, first in the row, and any number that stay.
 */
export function rotate(
  rows: number,
  n: number,
  heads: number,
  half: number,
  sign: number,
  cos: Floats,
  sin: Floats,
  x: Floats,
): Floats {
  const y = x.slice(), width = x.length / rows, f = Math.fround;
  for (let r = 0; r < rows; r++) {
    for (let i = 0; i < heads * half; i++) {
      const head = Math.floor(i / half), at = r * width + head * 2 * half + i % half;
      const c = cos[(r % n) * half + i % half]!, s = sign * sin[(r % n) * half + i % half]!;
      y[at] = f(x[at]! * c) - f(x[at + half]! * s);
      y[at + half] = f(x[at + half]! * c) + f(x[at]! * s);
    }
  }
  return y;
}
