// Activation functions and their derivatives, alone and as the gate of a layer act(left) ⊙ right.
// Codes are those of src/tensor/activations.ts.
import { at } from "./simd";
import { exp4, half4, one4 } from "./math";

const RELU = 0, GELU = 1, GELU_TANH = 2, SILU = 3, SIGMOID = 4, TANH = 5;

// Read from memory at every use, as in math.ts. Φ(−u) = e^(−u²/2)·t·P(t) with t = 1/(1 + 0.35·u) for u ≥ 0
// has a small relative error in the whole tail, where ½·(1 + erf x) would cancel; P is a fit of ours to
// ½·erfcx(u/√2)/t on [0, 15], wrong by 3.2e-8 at most. tanh near 0: after Cephes (S. Moshier, 1989).
const TABLE = memory.data<f32>([
  // 0: 0.35, then P from the highest power
  0.35,
  -0.02916373550675167,
  0.14405992912931798,
  -0.25590017525778574,
  0.15939111554065227,
  -0.023262679483159236,
  0.10557435115569208,
  0.11981560105206006,
  0.13986432069069477,
  0.1396212566791042,
  // 10: end of the polynomial of tanh, its coefficients
  0.625,
  -5.70498872745e-3,
  2.06390887954e-2,
  -5.37397155531e-2,
  1.33314422036e-1,
  -3.33332819422e-1,
  // 16: 1/√(2π), √(2/π), 0.044715, 3·0.044715, 2
  0.398942280401432678,
  0.797884560802865356,
  0.044715,
  0.134145,
  2,
]);

function constant(i: i32): v128 {
  return v128.load32_splat(TABLE + (<usize> i << 2));
}

function step(x: v128, y: v128, i: i32): v128 {
  return f32x4.add(f32x4.mul(x, y), constant(i));
}

/** x where the factor is not 0, else 0: infinity · 0 is 0 where the factor falls faster. */
function unless0(x: v128, factor: v128): v128 {
  return v128.and(x, f32x4.ne(factor, f32x4.splat(0)));
}

/** e^(−x²/2) */
function bell4(x: v128): v128 {
  return exp4(f32x4.neg(f32x4.mul(half4(), f32x4.mul(x, x))));
}

/** Φ(x), the distribution function of the normal numbers, from x and e^(−x²/2) */
function normal4(x: v128, bell: v128): v128 {
  const t = f32x4.div(one4(), f32x4.add(one4(), f32x4.mul(constant(0), f32x4.abs(x))));
  let p = step(constant(1), t, 2);
  p = step(p, t, 3);
  p = step(p, t, 4);
  p = step(p, t, 5);
  p = step(p, t, 6);
  p = step(p, t, 7);
  p = step(p, t, 8);
  p = step(p, t, 9);
  const below = f32x4.mul(bell, f32x4.mul(t, p));
  return v128.bitselect(f32x4.sub(one4(), below), below, f32x4.gt(x, f32x4.splat(0)));
}

function sigmoid4(x: v128): v128 {
  return f32x4.div(one4(), f32x4.add(one4(), exp4(f32x4.neg(x))));
}

/** tanh x = 1 − 2/(e²ˣ + 1), and a polynomial near 0, where that would cancel */
function tanh4(x: v128): v128 {
  const e = exp4(f32x4.mul(constant(20), x));
  const far = f32x4.sub(one4(), f32x4.div(constant(20), f32x4.add(e, one4())));
  const z = f32x4.mul(x, x);
  let p = step(constant(11), z, 12);
  p = step(p, z, 13);
  p = step(p, z, 14);
  p = step(p, z, 15);
  const near = f32x4.add(x, f32x4.mul(f32x4.mul(p, z), x));
  return v128.bitselect(near, far, f32x4.lt(f32x4.abs(x), constant(10)));
}

/** √(2/π)·(x + 0.044715·x³), the argument of the tanh in the approximation of GELU. */
function geluArgument4(x: v128): v128 {
  const cube = f32x4.mul(f32x4.mul(constant(18), x), f32x4.mul(x, x));
  return f32x4.mul(constant(17), f32x4.add(x, cube));
}

/** ½·(1 + tanh x) = sigmoid(2x), which does not cancel */
function geluShare4(x: v128): v128 {
  return sigmoid4(f32x4.mul(constant(20), geluArgument4(x)));
}

function value(kind: i32, x: v128, beta: v128): v128 {
  if (kind == RELU) return f32x4.max(x, f32x4.splat(0));
  if (kind == GELU) {
    const share = normal4(x, bell4(x));
    return f32x4.mul(unless0(x, share), share);
  }
  if (kind == GELU_TANH) {
    const share = geluShare4(x);
    return f32x4.mul(unless0(x, share), share);
  }
  if (kind == SILU) {
    const share = sigmoid4(f32x4.mul(beta, x));
    return f32x4.mul(unless0(x, share), share);
  }
  if (kind == SIGMOID) return sigmoid4(x);
  return tanh4(x);
}

function derivative(kind: i32, x: v128, beta: v128): v128 {
  if (kind == GELU) {
    const bell = bell4(x);
    const slope = f32x4.mul(f32x4.mul(unless0(x, bell), constant(16)), bell);
    return f32x4.add(normal4(x, bell), slope);
  }
  if (kind == GELU_TANH) {
    // s + x·s·(1 − s)·2a′ with s the share and a the argument
    const s = geluShare4(x), slope = f32x4.mul(s, f32x4.sub(one4(), s));
    const inner = f32x4.add(one4(), f32x4.mul(constant(19), f32x4.mul(x, x)));
    const twice = f32x4.mul(f32x4.mul(constant(20), constant(17)), unless0(inner, slope));
    return f32x4.add(s, f32x4.mul(f32x4.mul(unless0(x, slope), slope), twice));
  }
  if (kind == SILU) {
    const z = f32x4.mul(beta, x), s = sigmoid4(z), slope = f32x4.mul(s, f32x4.sub(one4(), s));
    return f32x4.add(s, f32x4.mul(unless0(z, slope), slope));
  }
  if (kind == SIGMOID) {
    const s = sigmoid4(x);
    return f32x4.mul(s, f32x4.sub(one4(), s));
  }
  const t = tanh4(x);
  return f32x4.sub(one4(), f32x4.mul(t, t));
}

/** g·act′(x) */
function chain(kind: i32, g: v128, x: v128, beta: v128): v128 {
  if (kind == RELU) return v128.and(g, f32x4.gt(x, f32x4.splat(0)));
  return f32x4.mul(g, derivative(kind, x, beta));
}

function valueLoop(kind: i32, n: i32, beta: v128, x: usize, y: usize): void {
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    v128.store(y, value(kind, v128.load(x), beta));
    x += 16;
    y += 16;
  }
  for (; i < n; i++) {
    v128.store32_lane(y, value(kind, v128.load32_splat(x), beta), 0);
    x += 4;
    y += 4;
  }
}

function derivativeLoop(kind: i32, n: i32, beta: v128, x: usize, g: usize, y: usize): void {
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    v128.store(y, chain(kind, v128.load(g), v128.load(x), beta));
    x += 16;
    g += 16;
    y += 16;
  }
  for (; i < n; i++) {
    const d = chain(kind, v128.load32_splat(g), v128.load32_splat(x), beta);
    v128.store32_lane(y, d, 0);
    x += 4;
    g += 4;
    y += 4;
  }
}

/** y [n] = act(x) */
export function activate(kind: i32, n: i32, beta: f32, x: usize, y: usize): void {
  const b = f32x4.splat(beta);
  if (kind == RELU) valueLoop(RELU, n, b, x, y);
  else if (kind == GELU) valueLoop(GELU, n, b, x, y);
  else if (kind == GELU_TANH) valueLoop(GELU_TANH, n, b, x, y);
  else if (kind == SILU) valueLoop(SILU, n, b, x, y);
  else if (kind == SIGMOID) valueLoop(SIGMOID, n, b, x, y);
  else valueLoop(TANH, n, b, x, y);
}

/** y [n] = g ⊙ act′(x); y may be g */
export function activateBackward(kind: i32, n: i32, beta: f32, x: usize, g: usize, y: usize): void {
  const b = f32x4.splat(beta);
  if (kind == RELU) derivativeLoop(RELU, n, b, x, g, y);
  else if (kind == GELU) derivativeLoop(GELU, n, b, x, g, y);
  else if (kind == GELU_TANH) derivativeLoop(GELU_TANH, n, b, x, g, y);
  else if (kind == SILU) derivativeLoop(SILU, n, b, x, g, y);
  else if (kind == SIGMOID) derivativeLoop(SIGMOID, n, b, x, g, y);
  else derivativeLoop(TANH, n, b, x, g, y);
}

/** z [n] = x ⊙ y; z may be x */
function product(n: i32, x: usize, y: usize, z: usize): void {
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const o = at<f32>(i);
    v128.store(z + o, f32x4.mul(v128.load(x + o), v128.load(y + o)));
  }
  for (; i < n; i++) {
    const o = at<f32>(i);
    store<f32>(z + o, load<f32>(x + o) * load<f32>(y + o));
  }
}

/** y [m, h] = act(left half) ⊙ right half of every row of halves [m, 2h] */
export function gatedForward(kind: i32, m: i32, h: i32, beta: f32, halves: usize, y: usize): void {
  const half = at<f32>(h);
  for (let i = 0; i < m; i++) {
    activate(kind, h, beta, halves, y);
    product(h, y, halves + half, y);
    halves += 2 * half;
    y += half;
  }
}

/** gradient of the halves [m, 2h] from that of y, g [m, h]: (g ⊙ right ⊙ act′(left), g ⊙ act(left)) */
export function gatedBackward(
  kind: i32,
  m: i32,
  h: i32,
  beta: f32,
  halves: usize,
  g: usize,
  out: usize,
): void {
  const half = at<f32>(h);
  for (let i = 0; i < m; i++) {
    activate(kind, h, beta, halves, out + half);
    product(h, out + half, g, out + half);
    product(h, halves + half, g, out);
    activateBackward(kind, h, beta, halves, out, out);
    halves += 2 * half;
    out += 2 * half;
    g += half;
  }
}
