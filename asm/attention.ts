// What causal attention needs besides matrix products: softmax over what came before, and rotary
// positions (Su et al. 2021) in the half-split form.
import { at } from "./simd";
import { exp4 } from "./math";

/** Row i of p [n, n] = softmax over j ≤ i of scale·scores[i, j], zero beyond; p may be scores. */
export function causalSoftmax(n: i32, scale: f32, scores: usize, p: usize): void {
  for (let i = 0; i < n; i++) {
    let top: f32 = load<f32>(scores);
    for (let j = 1; j <= i; j++) top = max(top, load<f32>(scores + at<f32>(j)));
    let total: f32 = 0;
    for (let j = 0; j <= i; j++) {
      const o = at<f32>(j);
      const e = f32x4.extract_lane(exp4(f32x4.splat(scale * (load<f32>(scores + o) - top))), 0);
      store<f32>(p + o, e);
      total += e;
    }
    for (let j = 0; j <= i; j++) {
      const o = at<f32>(j);
      store<f32>(p + o, load<f32>(p + o) / total);
    }
    memory.fill(p + at<f32>(i + 1), 0, at<f32>(n - 1 - i));
    scores += at<f32>(n);
    p += at<f32>(n);
  }
}

/** out [n, n] = scale·p ⊙ (g − Σⱼ g·p) in every row; out may be g */
export function causalSoftmaxBackward(n: i32, scale: f32, p: usize, g: usize, out: usize): void {
  for (let i = 0; i < n; i++) {
    let share: f32 = 0;
    for (let j = 0; j <= i; j++) share += load<f32>(p + at<f32>(j)) * load<f32>(g + at<f32>(j));
    for (let j = 0; j <= i; j++) {
      const o = at<f32>(j);
      store<f32>(out + o, scale * load<f32>(p + o) * (load<f32>(g + o) - share));
    }
    memory.fill(out + at<f32>(i + 1), 0, at<f32>(n - 1 - i));
    p += at<f32>(n);
    g += at<f32>(n);
    out += at<f32>(n);
  }
}

/**
 * Rotates every head of x [rows, heads·2·half] at its position: (a, b) → (a·c − sign·b·s, b·c + sign·a·s)
 * for the two halves of a head; row r stands at position r mod n, cos and sin are [n, half]. Rows of x
 * and y are xRow and yRow bytes apart; y may be x.
 */
export function rotate(
  rows: i32,
  n: i32,
  heads: i32,
  half: i32,
  sign: f32,
  cos: usize,
  sin: usize,
  x: usize,
  xRow: usize,
  y: usize,
  yRow: usize,
): void {
  const width = at<f32>(half);
  for (let r = 0; r < rows; r++) {
    const c = cos + <usize> (r % n) * width, s = sin + <usize> (r % n) * width;
    let p = x, q = y;
    for (let h = 0; h < heads; h++) {
      for (let j = 0; j < half; j++) {
        const o = at<f32>(j), a = load<f32>(p + o), b = load<f32>(p + width + o);
        const u = load<f32>(c + o), v = sign * load<f32>(s + o);
        store<f32>(q + o, a * u - b * v);
        store<f32>(q + width + o, b * u + a * v);
      }
      p += 2 * width;
      q += 2 * width;
    }
    x += xRow;
    y += yRow;
  }
}
