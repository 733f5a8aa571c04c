// One step of an optimizer in place, with the conventions of PyTorch.
import { at } from "./simd";

/**
 * Adam (Kingma & Ba 2015) and AdamW (Loshchilov & Hutter 2019): g ← g + coupled·p, m ← m + (g − m)·rest1,
 * v ← β₂·v + rest2·g², p ← decay·p − rate·m / (√u·root + ε). u is v, or with `maximum` [n] the largest v
 * so far, kept there (AMSGrad, Reddi et al. 2018). The caller has in f64: rate = learning rate / (1 − β₁ᵗ),
 * root = 1/√(1 − β₂ᵗ), rest = 1 − β.
 */
export function adam(
  n: i32,
  p: usize,
  g: usize,
  m: usize,
  v: usize,
  maximum: usize,
  rate: f32,
  decay: f32,
  coupled: f32,
  rest1: f32,
  beta2: f32,
  rest2: f32,
  epsilon: f32,
  root: f32,
): void {
  const rate4 = f32x4.splat(rate), decay4 = f32x4.splat(decay), coupled4 = f32x4.splat(coupled);
  const rest14 = f32x4.splat(rest1), beta24 = f32x4.splat(beta2), rest24 = f32x4.splat(rest2);
  const epsilon4 = f32x4.splat(epsilon), root4 = f32x4.splat(root);
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const o = at<f32>(i), value = v128.load(p + o), first = v128.load(m + o);
    const gradient = f32x4.add(v128.load(g + o), f32x4.mul(coupled4, value));
    const mean = f32x4.add(first, f32x4.mul(f32x4.sub(gradient, first), rest14));
    let square = f32x4.add(
      f32x4.mul(beta24, v128.load(v + o)),
      f32x4.mul(rest24, f32x4.mul(gradient, gradient)),
    );
    v128.store(m + o, mean);
    v128.store(v + o, square);
    if (maximum) {
      square = f32x4.max(square, v128.load(maximum + o));
      v128.store(maximum + o, square);
    }
    const size = f32x4.add(f32x4.mul(f32x4.sqrt(square), root4), epsilon4);
    const move = f32x4.div(f32x4.mul(rate4, mean), size);
    v128.store(p + o, f32x4.sub(f32x4.mul(decay4, value), move));
  }
  for (; i < n; i++) {
    const o = at<f32>(i), value = load<f32>(p + o), first = load<f32>(m + o);
    const gradient = load<f32>(g + o) + coupled * value;
    const mean = first + (gradient - first) * rest1;
    let square = beta2 * load<f32>(v + o) + rest2 * (gradient * gradient);
    store<f32>(m + o, mean);
    store<f32>(v + o, square);
    if (maximum) {
      square = max<f32>(square, load<f32>(maximum + o));
      store<f32>(maximum + o, square);
    }
    const move = (rate * mean) / (sqrt<f32>(square) * root + epsilon);
    store<f32>(p + o, decay * value - move);
  }
}

/**
 * Stochastic gradient descent: g ← g + coupled·p, u ← momentum·u + g, p ← decay·p − rate·d with d = u, or
 * g + momentum·u (Nesterov, as in Sutskever et al. 2013).
 */
export function sgd(
  n: i32,
  p: usize,
  g: usize,
  u: usize,
  rate: f32,
  decay: f32,
  coupled: f32,
  momentum: f32,
  nesterov: bool,
): void {
  const rate4 = f32x4.splat(rate), decay4 = f32x4.splat(decay);
  const coupled4 = f32x4.splat(coupled), momentum4 = f32x4.splat(momentum);
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const o = at<f32>(i), value = v128.load(p + o);
    const gradient = f32x4.add(v128.load(g + o), f32x4.mul(coupled4, value));
    const velocity = f32x4.add(f32x4.mul(momentum4, v128.load(u + o)), gradient);
    v128.store(u + o, velocity);
    const move = nesterov ? f32x4.add(gradient, f32x4.mul(momentum4, velocity)) : velocity;
    v128.store(p + o, f32x4.sub(f32x4.mul(decay4, value), f32x4.mul(rate4, move)));
  }
  for (; i < n; i++) {
    const o = at<f32>(i), value = load<f32>(p + o);
    const gradient = load<f32>(g + o) + coupled * value;
    const velocity = momentum * load<f32>(u + o) + gradient;
    store<f32>(u + o, velocity);
    const move = nesterov ? gradient + momentum * velocity : velocity;
    store<f32>(p + o, decay * value - rate * move);
  }
}
