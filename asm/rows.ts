// Operations on whole rows: root-mean-square normalisation, and rows picked from a table.
import { at, sumLanes } from "./simd";

function dotRow(n: i32, x: usize, y: usize): f32 {
  let s = f32x4.splat(0), i = 0;
  for (; i + 4 <= n; i += 4) {
    const o = at<f32>(i);
    s = f32x4.add(s, f32x4.mul(v128.load(x + o), v128.load(y + o)));
  }
  let total = sumLanes<f32>(s);
  for (; i < n; i++) {
    const o = at<f32>(i);
    total += load<f32>(x + o) * load<f32>(y + o);
  }
  return total;
}

/** y = x / √(mean x² + ε) for every row of x [m, n]; inverse [m] keeps 1/√… for the gradient. */
export function rmsNormForward(
  m: i32,
  n: i32,
  epsilon: f32,
  x: usize,
  y: usize,
  inverse: usize,
): void {
  for (let i = 0; i < m; i++) {
    const r: f32 = <f32> 1 / sqrt<f32>(dotRow(n, x, x) / <f32> n + epsilon);
    store<f32>(inverse, r);
    for (let j = 0; j < n; j++) store<f32>(y + at<f32>(j), load<f32>(x + at<f32>(j)) * r);
    x += at<f32>(n);
    y += at<f32>(n);
    inverse += 4;
  }
}

/** out = r·(g − y·mean(g ⊙ y)) for every row, y the normalised row and r its inverse root */
export function rmsNormBackward(
  m: i32,
  n: i32,
  y: usize,
  inverse: usize,
  g: usize,
  out: usize,
): void {
  for (let i = 0; i < m; i++) {
    const r = load<f32>(inverse), share = dotRow(n, g, y) / <f32> n;
    for (let j = 0; j < n; j++) {
      const o = at<f32>(j);
      store<f32>(out + o, r * (load<f32>(g + o) - load<f32>(y + o) * share));
    }
    y += at<f32>(n);
    g += at<f32>(n);
    out += at<f32>(n);
    inverse += 4;
  }
}

/** Every row of y [m, n] = row of x [m, n] ⊙ b [n] */
export function multiplyRow(m: i32, n: i32, x: usize, b: usize, y: usize): void {
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      const o = at<f32>(j);
      store<f32>(y + o, load<f32>(x + o) * load<f32>(b + o));
    }
    x += at<f32>(n);
    y += at<f32>(n);
  }
}

/** y [m, n] = rows of table [·, n] at indices [m] of i32 */
export function gatherRows(m: i32, n: i32, table: usize, indices: usize, y: usize): void {
  const row = at<f32>(n);
  for (let i = 0; i < m; i++) {
    memory.copy(y, table + <usize> load<i32>(indices) * row, row);
    indices += 4;
    y += row;
  }
}

/** rows of table [·, n] at indices [m] += rows of g [m, n], in the order of the rows */
export function scatterRows(m: i32, n: i32, g: usize, indices: usize, table: usize): void {
  const row = at<f32>(n);
  for (let i = 0; i < m; i++) {
    const target = table + <usize> load<i32>(indices) * row;
    for (let j = 0; j < n; j++) {
      const q = target + at<f32>(j);
      store<f32>(q, load<f32>(q) + load<f32>(g + at<f32>(j)));
    }
    indices += 4;
    g += row;
  }
}
