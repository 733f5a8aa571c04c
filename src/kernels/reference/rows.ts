import type { Doubles, Floats } from "./arrays.ts";

/** x / √(mean x² + ε) of every row of x [m, n], and the inverse roots [m]; in f64 */
export function rmsNormForward(
  m: number,
  n: number,
  epsilon: number,
  x: Float32Array,
): { y: Doubles; inverse: Doubles } {
  const inverse = Float64Array.from({ length: m }, (_, i) => {
    const row = x.subarray(i * n, (i + 1) * n);
    return 1 / Math.sqrt(row.reduce((sum, value) => sum + value * value, 0) / n + epsilon);
  });
  return { y: Float64Array.from(x, (value, at) => value * inverse[Math.floor(at / n)]!), inverse };
}

/** r·(g − y·mean(g ⊙ y)) of every row, from the normalised rows y [m, n] and r [m]; in f64 */
export function rmsNormBackward(
  m: number,
  n: number,
  y: Float32Array,
  inverse: Float32Array,
  g: Float32Array,
): Doubles {
  const out = new Float64Array(m * n);
  for (let i = 0; i < m; i++) {
    let share = 0;
    for (let j = 0; j < n; j++) share += g[i * n + j]! * y[i * n + j]! / n;
    for (let j = 0; j < n; j++) {
      out[i * n + j] = inverse[i]! * (g[i * n + j]! - y[i * n + j]! * share);
    }
  }
  return out;
}

/** Every row of x [m, n] ⊙ b [n] */
export function multiplyRow(m: number, n: number, x: Floats, b: Floats): Floats {
  const y = new Float32Array(m * n);
  for (let at = 0; at < m * n; at++) y[at] = x[at]! * b[at % n]!;
  return y;
}

/** Rows [m, n] of table [·, n] at indices [m] */
export function gatherRows(m: number, n: number, table: Floats, indices: Int32Array): Floats {
  const y = new Float32Array(m * n);
  for (let at = 0; at < m * n; at++) y[at] = table[indices[Math.floor(at / n)]! * n + at % n]!;
  return y;
}

/** table [·, n] plus the rows of g [m, n] at indices [m], one after the other */
export function scatterRows(
  m: number,
  n: number,
  g: Floats,
  indices: Int32Array,
  table: Floats,
): Floats {
  const sum = table.slice();
  for (let at = 0; at < m * n; at++) {
    const target = indices[Math.floor(at / n)]! * n + at % n;
    sum[target] = sum[target]! + g[at]!;
  }
  return sum;
}
