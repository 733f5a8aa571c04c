import type { Floats } from "./arrays.ts";

// Operations on every element. The typed arrays round each result to f32 once; where a formula has two
// steps, Math.fround marks the first, so these twins are exact to the last bit (but for exp and log).

/** x + y */
export function add(x: Floats, y: Floats): Floats {
  return x.map((value, i) => value + y[i]!);
}

/** x − y */
export function subtract(x: Floats, y: Floats): Floats {
  return x.map((value, i) => value - y[i]!);
}

/** x ⊙ y */
export function multiply(x: Floats, y: Floats): Floats {
  return x.map((value, i) => value * y[i]!);
}

/** x / y */
export function divide(x: Floats, y: Floats): Floats {
  return x.map((value, i) => value / y[i]!);
}

/** y where x > 0, else 0 */
export function reluBackward(x: Floats, y: Floats): Floats {
  return x.map((value, i) => value > 0 ? y[i]! : 0);
}

/** eˣ; the kernel is within 1 ulp. */
export function exp(x: Floats): Floats {
  return x.map(Math.exp);
}

/** Natural logarithm; the kernel is within 1 ulp. */
export function log(x: Floats): Floats {
  return x.map(Math.log);
}

/** √x */
export function sqrt(x: Floats): Floats {
  return x.map(Math.sqrt);
}

/** max(x, 0); NaN stays NaN. */
export function relu(x: Floats): Floats {
  return x.map((value) => Math.max(value, 0));
}

/** a·x + b for two numbers a and b, rounded after the product and after the sum. */
export function affine(a: number, b: number, x: Floats): Floats {
  return x.map((value) => Math.fround(Math.fround(a) * value) + Math.fround(b));
}

/** x, cut to [low, high]; NaN stays NaN. */
export function clamp(low: number, high: number, x: Floats): Floats {
  return x.map((value) => Math.min(Math.max(value, Math.fround(low)), Math.fround(high)));
}

/** a·x + b·y for two numbers a and b, rounded after both products and after the sum. */
export function blend(a: number, x: Floats, b: number, y: Floats): Floats {
  const f = Math.fround;
  return x.map((value, i) => f(f(a) * value) + f(f(b) * y[i]!));
}

/** Every row of x [m, n] plus b [n] */
export function addRow(m: number, n: number, x: Floats, b: Floats): Floats {
  const y = new Float32Array(m * n);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) y[i * n + j] = x[i * n + j]! + b[j]!;
  }
  return y;
}

/** bytes / divisor */
export function fromBytes(bytes: Uint8Array, divisor: number): Floats {
  return Float32Array.from(bytes, (byte) => byte / Math.fround(divisor));
}

/** xᵀ [n, m] of x [m, n] */
export function transpose(m: number, n: number, x: Floats): Floats {
  const y = new Float32Array(n * m);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) y[j * m + i] = x[i * n + j]!;
  }
  return y;
}
