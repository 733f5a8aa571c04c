// Activation functions and their derivatives, alone and as the gate of a layer act(left) ⊙ right.
// Codes are those of src/tensor/activations.ts.
import { at } from "./simd";
import { exp4, half4, one4 } from "./math";

const RELU = 0, GELU = 1, GELU_TANH = 2, SILU = 3, SIGMOID = 4, TANH = 5;

// Read from memory at every use, as in math.ts. The error function is x·P(x²)/Q(x²) on [−3.83, 3.83],
// the rational approximation of Eigen and XLA for f32.
const TABLE = memory.data<f32>([
  // 0: limit, then P from the highest power, then Q
  3.832506856900711, -2.72614225801306e-10, 2.77068142495902e-08, -2.10102402082508e-06,
  -5.69250639462346e-05, -7.34990630326855e-04, -2.95459980854025e-03, -1.60960333262415e-02,
  -1.45660718464996e-05, -2.13374055278905e-04, -1.68282697438203e-03, -7.37332916720468e-03,
  -1.42647390514189e-02,
  // 13: 1/√2, 1/√(2π), √(2/π), 0.044715, 3·0.044715, 2
  0.707106781186547524, 0.398942280401432678, 0.797884560802865356, 0.044715, 0.134145, 2,
]);

@inline
function constant(i: i32): v128 {
  return v128.load32_splat(TABLE + (<usize> i << 2));
}

@inline
function step(x: v128, y: v128, i: i32): v128 {
  return f32x4.add(f32x4.mul(x, y), constant(i));
}

@inline
function erf4(x0: v128): v128 {
  const limit = constant(0);
  const x = f32x4.max(f32x4.min(x0, limit), f32x4.neg(limit));
  const z = f32x4.mul(x, x);
  let p = step(constant(1), z, 2);
  p = step(p, z, 3);
  p = step(p, z, 4);
  p = step(p, z, 5);
  p = step(p, z, 6);
  p = step(p, z, 7);
  let q = step(constant(8), z, 9);
  q = step(q, z, 10);
  q = step(q, z, 11);
  q = step(q, z, 12);
  return f32x4.div(f32x4.mul(x, p), q);
}

@inline
function sigmoid4(x: v128): v128 {
  return f32x4.div(one4(), f32x4.add(one4(), exp4(f32x4.neg(x))));
}

/** tanh x = 1 − 2/(e²ˣ + 1) */
@inline
function tanh4(x: v128): v128 {
  const e = exp4(f32x4.mul(constant(18), x));
  return f32x4.sub(one4(), f32x4.div(constant(18), f32x4.add(e, one4())));
}

/** √(2/π)·(x + 0.044715·x³), the argument of the tanh in the approximation of GELU. */
@inline
function geluArgument4(x: v128): v128 {
  const cube = f32x4.mul(f32x4.mul(constant(16), x), f32x4.mul(x, x));
  return f32x4.mul(constant(15), f32x4.add(x, cube));
}

@inline
function value(kind: i32, x: v128, beta: v128): v128 {
  if (kind == RELU) return f32x4.max(x, f32x4.splat(0));
  if (kind == GELU) {
    const share = f32x4.add(one4(), erf4(f32x4.mul(x, constant(13))));
    return f32x4.mul(f32x4.mul(half4(), x), share);
  }
  if (kind == GELU_TANH) {
    const share = f32x4.add(one4(), tanh4(geluArgument4(x)));
    return f32x4.mul(f32x4.mul(half4(), x), share);
  }
  if (kind == SILU) return f32x4.mul(x, sigmoid4(f32x4.mul(beta, x)));
  if (kind == SIGMOID) return sigmoid4(x);
  return tanh4(x);
}

@inline
function derivative(kind: i32, x: v128, beta: v128): v128 {
  if (kind == RELU) return v128.and(one4(), f32x4.gt(x, f32x4.splat(0)));
  if (kind == GELU) {
    const share = f32x4.add(one4(), erf4(f32x4.mul(x, constant(13))));
    const density = exp4(f32x4.neg(f32x4.mul(half4(), f32x4.mul(x, x))));
    return f32x4.add(
      f32x4.mul(half4(), share),
      f32x4.mul(f32x4.mul(x, constant(14)), density),
    );
  }
  if (kind == GELU_TANH) {
    const t = tanh4(geluArgument4(x)), slope = f32x4.sub(one4(), f32x4.mul(t, t));
    const inner = f32x4.add(one4(), f32x4.mul(constant(17), f32x4.mul(x, x)));
    const second = f32x4.mul(f32x4.mul(half4(), x), f32x4.mul(f32x4.mul(slope, constant(15)), inner));
    return f32x4.add(f32x4.mul(half4(), f32x4.add(one4(), t)), second);
  }
  if (kind == SILU) {
    const s = sigmoid4(f32x4.mul(beta, x)), rest = f32x4.sub(one4(), s);
    return f32x4.add(s, f32x4.mul(f32x4.mul(f32x4.mul(beta, x), s), rest));
  }
  if (kind == SIGMOID) {
    const s = sigmoid4(x);
    return f32x4.mul(s, f32x4.sub(one4(), s));
  }
  const t = tanh4(x);
  return f32x4.sub(one4(), f32x4.mul(t, t));
}

@inline
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

@inline
function derivativeLoop(kind: i32, n: i32, beta: v128, x: usize, g: usize, y: usize): void {
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    v128.store(y, f32x4.mul(v128.load(g), derivative(kind, v128.load(x), beta)));
    x += 16;
    g += 16;
    y += 16;
  }
  for (; i < n; i++) {
    const d = f32x4.mul(v128.load32_splat(g), derivative(kind, v128.load32_splat(x), beta));
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
@inline
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
export function gatedBackward(kind: i32, m: i32, h: i32, beta: f32, halves: usize, g: usize, out: usize): void {
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
