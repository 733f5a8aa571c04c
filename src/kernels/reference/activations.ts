import type { Doubles } from "./arrays.ts";

// Activations and their derivatives in f64: what the f32 kernels approximate. The codes are those of
// src/tensor/activations.ts: relu, gelu, gelu by tanh, silu with β, sigmoid, tanh.

const GELU_SCALE = Math.sqrt(2 / Math.PI), GELU_CUBE = 0.044715;

/** Φ(x), the distribution function of the normal numbers, with a small relative error in both tails. */
export function normalShare(x: number): number {
  if (Number.isNaN(x)) return NaN;
  const z = Math.abs(x), density = Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
  if (z < 3) {
    // ½ + φ(x)·(x + x³/3 + x⁵/(3·5) + …)
    let term = x, total = x;
    for (let k = 3; Math.abs(term) > 1e-18 * Math.abs(total); k += 2) {
      term *= x * x / k;
      total += term;
    }
    return 0.5 + density * total;
  }
  // φ(z)/(z + 1/(z + 2/(z + 3/(z + …)))), the upper tail (Laplace)
  let fraction = z;
  for (let k = 120; k > 0; k--) fraction = z + k / fraction;
  const tail = density / fraction;
  return x > 0 ? 1 - tail : tail;
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** Slope of the sigmoid, the same on both sides of 0 as it should be. */
const bump = (x: number): number => sigmoid(x) * sigmoid(-x);

/** x · factor, 0 where the factor is. */
const times = (x: number, factor: number): number => factor === 0 ? 0 : x * factor;

const geluArgument = (x: number): number => GELU_SCALE * (x + GELU_CUBE * x * x * x);

/** act(x) of one number. */
export function activation(kind: number, x: number, beta: number): number {
  if (kind === 0) return Math.max(0, x);
  if (kind === 1) return times(x, normalShare(x));
  if (kind === 2) return times(x, sigmoid(2 * geluArgument(x)));
  if (kind === 3) return times(x, sigmoid(beta * x));
  return kind === 4 ? sigmoid(x) : Math.tanh(x);
}

/** act′(x) of one number; 0 at the kink of relu. */
export function activationSlope(kind: number, x: number, beta: number): number {
  if (kind === 0) return x > 0 ? 1 : 0;
  if (kind === 1) {
    return normalShare(x) + times(x, Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI));
  }
  if (kind === 2) {
    const slope = bump(2 * geluArgument(x)), inner = 1 + times(3 * GELU_CUBE * x * x, slope && 1);
    return sigmoid(2 * geluArgument(x)) + times(x, slope) * 2 * GELU_SCALE * inner;
  }
  if (kind === 3) return sigmoid(beta * x) + times(beta * x, bump(beta * x));
  return kind === 4 ? bump(x) : 4 * bump(2 * x);
}

/** act(x) [n] */
export function activate(kind: number, beta: number, x: Float32Array): Doubles {
  return Float64Array.from(x, (value) => activation(kind, value, beta));
}

/** g ⊙ act′(x) [n]; for relu g where x > 0, else 0 */
export function activateBackward(
  kind: number,
  beta: number,
  x: Float32Array,
  g: Float32Array,
): Doubles {
  return Float64Array.from(
    x,
    (value, i) => kind === 0 ? (value > 0 ? g[i]! : 0) : g[i]! * activationSlope(kind, value, beta),
  );
}

/** act(left) ⊙ right [m, h] of halves [m, 2h] */
export function gatedForward(
  kind: number,
  m: number,
  h: number,
  beta: number,
  halves: Float32Array,
): Doubles {
  const y = new Float64Array(m * h);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < h; j++) {
      const left = halves[i * 2 * h + j]!, right = halves[i * 2 * h + h + j]!;
      y[i * h + j] = activation(kind, left, beta) * right;
    }
  }
  return y;
}

/** Gradient of the halves [m, 2h], (g ⊙ right ⊙ act′(left), g ⊙ act(left)), from g [m, h] */
export function gatedBackward(
  kind: number,
  m: number,
  h: number,
  beta: number,
  halves: Float32Array,
  g: Float32Array,
): Doubles {
  const out = new Float64Array(m * 2 * h);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < h; j++) {
      const at = i * 2 * h + j, left = halves[at]!, right = halves[at + h]!, d = g[i * h + j]!;
      out[at] = d * right * activationSlope(kind, left, beta);
      out[at + h] = d * activation(kind, left, beta);
    }
  }
  return out;
}
