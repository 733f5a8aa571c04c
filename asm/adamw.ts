// One AdamW step in place (Loshchilov & Hutter 2019, with the conventions of PyTorch): decoupled decay
// first, ε outside the root, moments corrected for their start at zero.
import { at } from "./simd";

/**
 * p ← decay·p − rate · m / (√v · root + ε), m ← m + (g − m)·(1 − β₁), v ← β₂·v + (1 − β₂)·g², with
 * rate = learning rate / (1 − β₁ᵗ), root = 1 / √(1 − β₂ᵗ), rest = 1 − β from the caller, who has them in f64.
 */
export function adamw(
  n: i32,
  p: usize,
  g: usize,
  m: usize,
  v: usize,
  rate: f32,
  decay: f32,
  rest1: f32,
  beta2: f32,
  rest2: f32,
  epsilon: f32,
  root: f32,
): void {
  const rate4 = f32x4.splat(rate), decay4 = f32x4.splat(decay), rest14 = f32x4.splat(rest1);
  const beta24 = f32x4.splat(beta2), rest24 = f32x4.splat(rest2);
  const epsilon4 = f32x4.splat(epsilon), root4 = f32x4.splat(root);
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const o = at<f32>(i);
    const gradient = v128.load(g + o), first = v128.load(m + o);
    const mean = f32x4.add(first, f32x4.mul(f32x4.sub(gradient, first), rest14));
    const square = f32x4.add(
      f32x4.mul(beta24, v128.load(v + o)),
      f32x4.mul(rest24, f32x4.mul(gradient, gradient)),
    );
    v128.store(m + o, mean);
    v128.store(v + o, square);
    const size = f32x4.add(f32x4.mul(f32x4.sqrt(square), root4), epsilon4);
    const move = f32x4.div(f32x4.mul(rate4, mean), size);
    v128.store(p + o, f32x4.sub(f32x4.mul(decay4, v128.load(p + o)), move));
  }
  for (; i < n; i++) {
    const o = at<f32>(i);
    const gradient = load<f32>(g + o), first = load<f32>(m + o);
    const mean = first + (gradient - first) * rest1;
    const square = beta2 * load<f32>(v + o) + rest2 * (gradient * gradient);
    store<f32>(m + o, mean);
    store<f32>(v + o, square);
    const move = (rate * mean) / (sqrt<f32>(square) * root + epsilon);
    store<f32>(p + o, decay * load<f32>(p + o) - move);
  }
}
