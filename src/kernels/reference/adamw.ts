import type { Floats } from "./arrays.ts";

/** Scalars of a step, in the order of the kernel's parameters. */
export type AdamwScalars = readonly [
  rate: number,
  decay: number,
  rest1: number,
  beta2: number,
  rest2: number,
  epsilon: number,
  root: number,
];

/**
 * One AdamW step (Loshchilov & Hutter 2019) on parameters p with gradient g and moments m and v:
 * m' = m + (g − m)·(1 − β₁), v' = β₂·v + (1 − β₂)·g², p' = decay·p − rate·m' / (√v'·root + ε).
 * Every operation is rounded to f32, as in the kernel.
 */
export function adamw(
  p: Floats,
  g: Floats,
  m: Floats,
  v: Floats,
  scalars: AdamwScalars,
): { p: Floats; m: Floats; v: Floats } {
  const f = Math.fround;
  const [rate, decay, rest1, beta2, rest2, epsilon, root] = scalars.map(
    f,
  ) as unknown as AdamwScalars;
  const mean = m.map((first, i) => first + f(f(g[i]! - first) * rest1));
  const square = v.map((second, i) => f(beta2 * second) + f(rest2 * f(g[i]! * g[i]!)));
  const moved = p.map((value, i) => {
    const size = f(f(f(Math.sqrt(square[i]!)) * root) + epsilon);
    return f(decay * value) - f(f(rate * mean[i]!) / size);
  });
  return { p: moved, m: mean, v: square };
}
