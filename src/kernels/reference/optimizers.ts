import type { Floats } from "./arrays.ts";

const f = Math.fround;

/** Scalars of a step of Adam, in the order of the kernel's parameters. */
export type AdamScalars = readonly [
  rate: number,
  decay: number,
  coupled: number,
  rest1: number,
  beta2: number,
  rest2: number,
  epsilon: number,
  root: number,
];

/** What a step of Adam leaves: parameters, moments, and the largest second moment where it is kept. */
export interface AdamResult {
  readonly p: Floats;
  readonly m: Floats;
  readonly v: Floats;
  readonly maximum: Floats | undefined;
}

/**
 * One step of Adam (Kingma & Ba 2015) or AdamW (Loshchilov & Hutter 2019) on parameters p with gradient g
 * and moments m and v: g' = g + coupled·p, m' = m + (g' − m)·(1 − β₁), v' = β₂·v + (1 − β₂)·g'²,
 * p' = decay·p − rate·m' / (√u·root + ε), u = v' or, with `maximum`, the larger of the two (AMSGrad, Reddi
 * et al. 2018). Every operation is rounded to f32, as in the kernel.
 */
export function adam(
  p: Floats,
  g: Floats,
  m: Floats,
  v: Floats,
  maximum: Floats | undefined,
  scalars: AdamScalars,
): AdamResult {
  const [rate, decay, coupled, rest1, beta2, rest2, epsilon, root] = scalars.map(
    f,
  ) as unknown as AdamScalars;
  const gradient = g.map((value, i) => value + f(coupled * p[i]!));
  const mean = m.map((first, i) => first + f(f(gradient[i]! - first) * rest1));
  const square = v.map((second, i) =>
    f(beta2 * second) + f(rest2 * f(gradient[i]! * gradient[i]!))
  );
  const largest = maximum?.map((before, i) => Math.max(square[i]!, before));
  const moved = p.map((value, i) => {
    const size = f(f(f(Math.sqrt((largest ?? square)[i]!)) * root) + epsilon);
    return f(decay * value) - f(f(rate * mean[i]!) / size);
  });
  return { p: moved, m: mean, v: square, maximum: largest };
}

/** Scalars of a step of gradient descent, in the order of the kernel's parameters. */
export type SgdScalars = readonly [rate: number, decay: number, coupled: number, momentum: number];

/**
 * One step of gradient descent: g' = g + coupled·p, u' = momentum·u + g', p' = decay·p − rate·d with
 * d = u', or g' + momentum·u' with Nesterov's momentum. Every operation is rounded to f32.
 */
export function sgd(
  p: Floats,
  g: Floats,
  u: Floats,
  scalars: SgdScalars,
  nesterov: boolean,
): { p: Floats; u: Floats } {
  const [rate, decay, coupled, momentum] = scalars.map(f) as unknown as SgdScalars;
  const gradient = g.map((value, i) => value + f(coupled * p[i]!));
  const velocity = u.map((before, i) => f(momentum * before) + gradient[i]!);
  const move = nesterov ? gradient.map((value, i) => value + f(momentum * velocity[i]!)) : velocity;
  return { p: p.map((value, i) => f(decay * value) - f(rate * move[i]!)), u: velocity };
}
