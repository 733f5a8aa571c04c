// Random stacks of bilinear layers, and what they compute, by plain loops in f64.
import { fromFactors, type Interactions } from "../../src/decompose/mod.ts";
import { type Matrix, matrix } from "../../src/linalg/mod.ts";
import * as nn from "../../src/nn/mod.ts";
import { type Numbers, numbers } from "../support/numbers.ts";

/** A random network with `depth` bilinear layers, its widths from 1 to 5, its weights from [−1, 1). */
export function deepNetwork(
  seed: number,
  depth: number,
  { bias = "some", residual = true }: { bias?: "none" | "some"; residual?: boolean } = {},
): nn.Model {
  const draw = numbers(seed);
  const size = (): number => draw.whole(1, 1, 5)[0]!;
  const flip = (): boolean => draw.next() < 0.5;
  const biased = (): { bias: boolean } => ({ bias: bias === "some" && flip() });
  let width = size();
  const layers: nn.Layer[] = [];
  const linear = (outputs: number): nn.Layer => {
    const made = nn.linear(width, outputs, biased());
    width = outputs;
    return made;
  };
  if (flip()) layers.push(linear(size()));
  for (let l = 0; l < depth; l++) {
    const hidden = size(), into = nn.bilinear(width, hidden, biased());
    if (residual && flip()) {
      const back = nn.linear(hidden, width, biased());
      layers.push(nn.residual([into, back], { scale: flip() ? 1 : 0.5 }));
    } else {
      layers.push(flip() ? nn.block([into]) : into);
      width = hidden;
    }
    if (flip()) layers.push(linear(size()));
  }
  return filled(nn.sequential(layers), draw);
}

/** The model with weights from [−1, 1). */
export function filled(model: nn.Model, draw: Numbers): nn.Model {
  for (const parameter of model.parameters.values()) parameter.set(draw.floats(parameter.size));
  return model;
}

/**
 * What layers compute at one input, in f64; of absolute values throughout when `sizes`, which is the
 * scale that roundings have.
 */
export function deepForward(
  layers: readonly nn.Layer[],
  input: ArrayLike<number>,
  sizes = false,
): Float64Array {
  const size = (value: number): number => sizes ? Math.abs(value) : value;
  return layers.reduce<Float64Array>((x, { config, parameters, layers: inner }) => {
    if (config.type === "block") return deepForward(inner, x, sizes);
    if (config.type === "residual") {
      const added = deepForward(inner, x, sizes);
      return x.map((value, i) => value + size(config.scale) * added[i]!);
    }
    const weight = parameters.get("weight")!.toArray(), bias = parameters.get("bias")?.toArray();
    const rows = weight.length / x.length;
    const y = Float64Array.from({ length: rows }, (_, r) => {
      let total = size(bias?.[r] ?? 0);
      x.forEach((value, i) => total += size(weight[r * x.length + i]!) * value);
      return total;
    });
    if (config.type === "linear") return y;
    return y.slice(0, rows / 2).map((left, k) => left * y[rows / 2 + k]!);
  }, Float64Array.from(input, size));
}

/** The same function with neurons permuted, sides swapped and rescaled. */
export function disguised(source: Interactions, draw: Numbers): Interactions {
  const { neurons, inputs, outputs } = source;
  const order = Array.from({ length: neurons }, (_, k) => k)
    .map((k) => ({ k, key: draw.next() })).sort((a, b) => a.key - b.key).map(({ k }) => k);
  const left = matrix(neurons, inputs), right = matrix(neurons, inputs);
  const leftBias = new Float64Array(neurons), rightBias = new Float64Array(neurons);
  const readout = matrix(outputs, neurons);
  order.forEach((k, at) => {
    const a = draw.next(0.2, 3) * (draw.next() < 0.5 ? -1 : 1), b = draw.next(0.2, 3);
    const swap = draw.next() < 0.5;
    const row = (m: Matrix): Float64Array => m.data.slice(k * inputs, (k + 1) * inputs);
    const [l, r] = swap ? [source.right, source.left] : [source.left, source.right];
    const [c, d] = swap ? [source.rightBias, source.leftBias] : [source.leftBias, source.rightBias];
    left.data.set(row(l).map((value) => value * a), at * inputs);
    right.data.set(row(r).map((value) => value * b), at * inputs);
    [leftBias[at], rightBias[at]] = [c[k]! * a, d[k]! * b];
    for (let o = 0; o < outputs; o++) {
      readout.data[o * neurons + at] = source.readout.data[o * neurons + k]! / a / b;
    }
  });
  const { outputBias } = source;
  return fromFactors({ left, right, leftBias, rightBias, readout, outputBias });
}

/** Modular addition with three neurons: every form has two degenerate planes. METHODS 14. */
export function modularAddition(p: number): Interactions {
  const angle = (a: number): number => 2 * Math.PI * a / p;
  const left = matrix(3, 2 * p), right = matrix(3, 2 * p), readout = matrix(p, 3);
  for (let a = 0; a < p; a++) {
    const [c, s] = [Math.cos(angle(a)), Math.sin(angle(a))];
    [c + s, c, s].forEach((value, k) => left.data[k * 2 * p + a] = value);
    [c, s - c, c + s].forEach((value, k) => right.data[k * 2 * p + p + a] = value);
    // Re = k1 − k3, Im = k1 + k2
    readout.data.set([c + s, s, -c], a * 3);
  }
  const zero = (size: number): Float64Array => new Float64Array(size);
  return fromFactors({
    left,
    right,
    leftBias: zero(3),
    rightBias: zero(3),
    readout,
    outputBias: zero(p),
  });
}
