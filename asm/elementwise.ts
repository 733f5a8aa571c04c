// Elementwise operations on n numbers of f32. Output and inputs may be the same address.
// Every kernel is a loop over whole vectors and a last vector that is cut to what remains.
import { at } from "./simd";
import { exp4, log4 } from "./math";

/** The first `count` < 4 numbers at p, zeros behind. */
function loadPart(p: usize, count: i32): v128 {
  let x = v128.load32_zero(p);
  if (count > 1) x = v128.load32_lane(p, x, 1, 4);
  if (count > 2) x = v128.load32_lane(p, x, 2, 8);
  return x;
}

function storePart(p: usize, x: v128, count: i32): void {
  v128.store32_lane(p, x, 0);
  if (count > 1) v128.store32_lane(p, x, 1, 4);
  if (count > 2) v128.store32_lane(p, x, 2, 8);
}

// Operation codes are constants where they are used, so each kernel below compiles to its own loop.
const ADD = 0, SUBTRACT = 1, MULTIPLY = 2, DIVIDE = 3, RELU_BACKWARD = 4;
const EXP = 0, LOG = 1, SQRT = 2, RELU = 3;

function unary(op: i32, x: v128): v128 {
  if (op == EXP) return exp4(x);
  if (op == LOG) return log4(x);
  if (op == SQRT) return f32x4.sqrt(x);
  return f32x4.max(x, f32x4.splat(0));
}

function binary(op: i32, x: v128, y: v128): v128 {
  if (op == ADD) return f32x4.add(x, y);
  if (op == SUBTRACT) return f32x4.sub(x, y);
  if (op == MULTIPLY) return f32x4.mul(x, y);
  if (op == DIVIDE) return f32x4.div(x, y);
  return v128.and(y, f32x4.gt(x, f32x4.splat(0)));
}

function map1(op: i32, n: i32, x: usize, y: usize): void {
  const whole = n & ~3, end = y + at<f32>(whole);
  while (y < end) {
    v128.store(y, unary(op, v128.load(x)));
    x += 16;
    y += 16;
  }
  if (n > whole) storePart(y, unary(op, loadPart(x, n - whole)), n - whole);
}

function map2(op: i32, n: i32, x: usize, y: usize, z: usize): void {
  const whole = n & ~3, end = z + at<f32>(whole);
  while (z < end) {
    v128.store(z, binary(op, v128.load(x), v128.load(y)));
    x += 16;
    y += 16;
    z += 16;
  }
  if (n > whole) {
    storePart(z, binary(op, loadPart(x, n - whole), loadPart(y, n - whole)), n - whole);
  }
}

/** z = x + y */
export function add(n: i32, x: usize, y: usize, z: usize): void {
  map2(ADD, n, x, y, z);
}
/** z = x − y */
export function subtract(n: i32, x: usize, y: usize, z: usize): void {
  map2(SUBTRACT, n, x, y, z);
}
/** z = x ⊙ y, the Hadamard product */
export function multiply(n: i32, x: usize, y: usize, z: usize): void {
  map2(MULTIPLY, n, x, y, z);
}
/** z = x / y */
export function divide(n: i32, x: usize, y: usize, z: usize): void {
  map2(DIVIDE, n, x, y, z);
}
/** z = y where x > 0, else 0 */
export function reluBackward(n: i32, x: usize, y: usize, z: usize): void {
  map2(RELU_BACKWARD, n, x, y, z);
}
/** y = eˣ */
export function exp(n: i32, x: usize, y: usize): void {
  map1(EXP, n, x, y);
}
/** y = ln x */
export function log(n: i32, x: usize, y: usize): void {
  map1(LOG, n, x, y);
}
/** y = √x */
export function sqrt(n: i32, x: usize, y: usize): void {
  map1(SQRT, n, x, y);
}
/** y = max(x, 0) */
export function relu(n: i32, x: usize, y: usize): void {
  map1(RELU, n, x, y);
}

/** y = a·x + b */
export function affine(n: i32, a: f32, b: f32, x: usize, y: usize): void {
  const a4 = f32x4.splat(a), b4 = f32x4.splat(b);
  const whole = n & ~3, end = y + at<f32>(whole);
  while (y < end) {
    v128.store(y, f32x4.add(f32x4.mul(a4, v128.load(x)), b4));
    x += 16;
    y += 16;
  }
  if (n > whole) {
    storePart(y, f32x4.add(f32x4.mul(a4, loadPart(x, n - whole)), b4), n - whole);
  }
}

/** y = x, cut to [low, high]; NaN stays NaN */
export function clamp(n: i32, low: f32, high: f32, x: usize, y: usize): void {
  const low4 = f32x4.splat(low), high4 = f32x4.splat(high);
  const whole = n & ~3, end = y + at<f32>(whole);
  while (y < end) {
    v128.store(y, f32x4.min(f32x4.max(v128.load(x), low4), high4));
    x += 16;
    y += 16;
  }
  if (n > whole) {
    storePart(y, f32x4.min(f32x4.max(loadPart(x, n - whole), low4), high4), n - whole);
  }
}

/** x = a·x + b·y */
export function blend(n: i32, a: f32, x: usize, b: f32, y: usize): void {
  const a4 = f32x4.splat(a), b4 = f32x4.splat(b);
  const whole = n & ~3, end = x + at<f32>(whole);
  while (x < end) {
    v128.store(x, f32x4.add(f32x4.mul(a4, v128.load(x)), f32x4.mul(b4, v128.load(y))));
    x += 16;
    y += 16;
  }
  for (let i = whole; i < n; i++) {
    store<f32>(x, a * load<f32>(x) + b * load<f32>(y));
    x += 4;
    y += 4;
  }
}

/** Every row of y [m, n] = row of x [m, n] + b [n] */
export function addRow(m: i32, n: i32, x: usize, b: usize, y: usize): void {
  const row = at<f32>(n);
  for (let i = 0; i < m; i++) {
    map2(ADD, n, x, b, y);
    x += row;
    y += row;
  }
}

/** y = bytes / divisor */
export function fromBytes(n: i32, bytes: usize, divisor: f32, y: usize): void {
  const d = f32x4.splat(divisor);
  const whole = n & ~3, end = y + at<f32>(whole);
  while (y < end) {
    const wide = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(bytes)));
    v128.store(y, f32x4.div(f32x4.convert_i32x4_u(wide), d));
    bytes += 4;
    y += 16;
  }
  for (let i = 0; i < n - whole; i++) {
    store<f32>(y + at<f32>(i), <f32> load<u8>(bytes + <usize> i) / divisor);
  }
}

/** y [n, m] = xᵀ, x [m, n] */
export function transpose(m: i32, n: i32, x: usize, y: usize): void {
  const xRow = at<f32>(n), yRow = at<f32>(m);
  // blocks of 8 × 8 keep both sides within the cache lines they touch
  for (let i0 = 0; i0 < m; i0 += 8) {
    const i1 = min(m, i0 + 8);
    for (let j = 0; j < n; j++) {
      let s = x + <usize> i0 * xRow + at<f32>(j), d = y + <usize> j * yRow + at<f32>(i0);
      for (let i = i0; i < i1; i++) {
        store<f32>(d, load<f32>(s));
        s += xRow;
        d += 4;
      }
    }
  }
}
