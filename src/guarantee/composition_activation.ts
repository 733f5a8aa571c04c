import type { Activation } from "../tensor/mod.ts";

/** slope·x + shift ± slack encloses an activation on an interval. */
export interface Band {
  /** Slope of the line. */
  readonly slope: number;
  /** Height of the line at 0. */
  readonly shift: number;
  /** Distance of the activation from the line, at most. */
  readonly slack: number;
}

/** Cells that an interval is cut into. */
const CELLS = 64;

/**
 * A line and a band about it that holds an activation on [low, high]: the chord, and the largest distance
 * from it on a grid, with what may happen between its points, curvature·cell²/8, on top.
 */
export function band(kind: Activation, beta: number, low: number, high: number): Band {
  const { value, curvature } = shape(kind, beta);
  if (!(Number.isFinite(low) && Number.isFinite(high))) {
    return { slope: 0, shift: 0, slack: Infinity };
  }
  const width = high - low, [first, last] = [value(low), value(high)];
  const slope = width > 0 ? (last - first) / width : 0;
  let least = Infinity, most = -Infinity, size = 0;
  // relu has its kink at 0, where no curvature bounds it: its distance from a chord is largest there
  const grid = kind === "relu"
    ? [low, Math.min(high, Math.max(low, 0)), high]
    : Array.from({ length: CELLS + 1 }, (_, i) => i === CELLS ? high : low + width * i / CELLS);
  for (const x of grid) {
    const y = value(x), off = y - slope * x;
    least = Math.min(least, off);
    most = Math.max(most, off);
    size = Math.max(size, Math.abs(y), Math.abs(slope * x));
  }
  const between = kind === "relu" ? 0 : curvature * (width / CELLS) ** 2 / 8 * 1.01;
  const shift = (least + most) / 2;
  // the functions here are right to 10⁻¹³ relative to their arguments
  return {
    slope,
    shift,
    slack: (most - least) / 2 + between + 1e-12 * (size + Math.abs(shift)) + 1e-300,
  };
}

/** A function and a bound on the magnitude of its second derivative. */
function shape(
  kind: Activation,
  beta: number,
): { value: (x: number) => number; curvature: number } {
  switch (kind) {
    case "relu":
      return { value: (x) => Math.max(x, 0), curvature: 0 };
    // |σ″| ≤ 1/(6√3)
    case "sigmoid":
      return { value: logistic, curvature: 0.09623 };
    // |tanh″| ≤ 4/(3√3)
    case "tanh":
      return { value: Math.tanh, curvature: 0.7699 };
    // (x·σ(βx))″ = β(2σ′ + βx·σ″)(βx), at most ½|β|, at 0
    case "silu":
      return { value: (x) => x * logistic(beta * x), curvature: 0.5001 * Math.abs(beta) };
    // (x·Φ)″ = φ(x)(2 − x²), at most 2φ(0)
    case "gelu":
      return { value: (x) => x * normal(x), curvature: 0.79789 };
    // close to gelu; |″| ≤ 0.799 on a fine grid with its third derivative's bound, rounded up widely
    case "gelu-tanh":
      return {
        value: (x) => x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))) / 2,
        curvature: 1,
      };
  }
}

function logistic(x: number): number {
  return x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x));
}

/** Distribution function of the standard normal: a series near 0, a continued fraction beyond. */
export function normal(x: number): number {
  if (x > 0) return 1 - normal(-x);
  const density = Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
  if (x > -3) {
    let term = x, total = x;
    for (let k = 3; Math.abs(term) > 1e-18; k += 2) {
      term *= x * x / k;
      total += term;
    }
    return 0.5 + density * total;
  }
  let fraction = 0;
  for (let k = 120; k >= 1; k--) fraction = k / (-x + fraction);
  return density / (-x + fraction);
}
