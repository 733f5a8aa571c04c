// Networks of every shape that the decompositions tell apart, and what they compute, by plain loops in f64.
import type { Matrix } from "../../src/linalg/mod.ts";
import * as nn from "../../src/nn/mod.ts";
import { numbers } from "./numbers.ts";

/** Sizes of a network with one bilinear layer. */
export interface NetworkShape {
  readonly name: string;
  readonly inputs: number;
  /** Outputs of the linear layers before the bilinear one. */
  readonly before: readonly number[];
  readonly neurons: number;
  /** Outputs of the linear layers after it. */
  readonly after: readonly number[];
}

/** n inputs, h neurons and an embedding of width e, smaller and larger than each other. */
export const NETWORK_SHAPES: readonly NetworkShape[] = [
  { name: "2h < n", inputs: 12, before: [], neurons: 3, after: [4] },
  { name: "2h = n", inputs: 6, before: [], neurons: 3, after: [2] },
  { name: "2h > n", inputs: 4, before: [], neurons: 7, after: [3] },
  { name: "one neuron", inputs: 5, before: [], neurons: 1, after: [] },
  { name: "one input", inputs: 1, before: [], neurons: 3, after: [2] },
  { name: "no readout", inputs: 7, before: [], neurons: 2, after: [] },
  { name: "e < 2h < n", inputs: 15, before: [4], neurons: 5, after: [3] },
  { name: "2h < e < n", inputs: 12, before: [9], neurons: 2, after: [3] },
  { name: "n < e", inputs: 5, before: [8], neurons: 6, after: [2] },
  { name: "many layers", inputs: 11, before: [9, 4, 6], neurons: 5, after: [8, 3] },
];

/** Which layers have a bias: none, all, or every second one. */
export const BIASES = ["none", "all", "some"] as const;

/** Every shape with every choice of biases, seeded. */
export const NETWORKS: readonly {
  readonly name: string;
  readonly shape: NetworkShape;
  readonly bias: (typeof BIASES)[number];
  readonly seed: number;
}[] = NETWORK_SHAPES.flatMap((shape, i) =>
  BIASES.map((bias, j) => ({
    name: `${shape.name}, bias: ${bias}`,
    shape,
    bias,
    seed: 100 + 10 * i + j,
  }))
);

/** A network of a shape, its weights drawn from [−1, 1) in f32. */
export function network(
  { inputs, before, neurons, after }: NetworkShape,
  bias: (typeof BIASES)[number],
  seed: number,
): nn.Model {
  const sizes = [inputs, ...before, neurons, ...after];
  const layers = sizes.slice(1).map((size, i) => {
    const options = { bias: bias === "all" || (bias === "some" && i % 2 === 0) };
    return i === before.length
      ? nn.bilinear(sizes[i]!, size, options)
      : nn.linear(sizes[i]!, size, options);
  });
  const model = nn.sequential(layers), draw = numbers(seed);
  for (const parameter of model.parameters.values()) parameter.set(draw.floats(parameter.size));
  return model;
}

/** What a network computes at one input, layer by layer in f64. */
export function forward(model: nn.Model, input: ArrayLike<number>): Float64Array {
  return model.layers.reduce((x, { config, parameters }) => {
    const weight = parameters.get("weight")!.toArray(), bias = parameters.get("bias")?.toArray();
    const rows = weight.length / x.length;
    const y = Float64Array.from({ length: rows }, (_, r) => {
      let total = bias?.[r] ?? 0;
      x.forEach((value, i) => total += weight[r * x.length + i]! * value);
      return total;
    });
    if (config.type === "linear") return y;
    return y.slice(0, rows / 2).map((left, k) => left * y[rows / 2 + k]!);
  }, Float64Array.from(input));
}

/** A quadratic function of n inputs from its values alone, by polarisation. */
export function polarised(
  f: (x: Float64Array) => number,
  n: number,
): { dense: Float64Array; linear: Float64Array; constant: number } {
  const at = (...ones: [index: number, value: number][]): number => {
    const x = new Float64Array(n);
    for (const [index, value] of ones) x[index] = x[index]! + value;
    return f(x);
  };
  const constant = at(), dense = new Float64Array(n * n), linear = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    linear[i] = (at([i, 1]) - at([i, -1])) / 2;
    for (let j = 0; j < n; j++) {
      dense[i * n + j] = (at([i, 1], [j, 1]) - at([i, 1]) - at([j, 1]) + constant) / 2;
    }
  }
  return { dense, linear, constant };
}

/** Σ value·vectorᵀvector [columns, columns] of rows of vectors. */
export function outerSum(values: ArrayLike<number>, vectors: Matrix): Float64Array {
  const { rows, columns, data } = vectors, result = new Float64Array(columns * columns);
  for (let r = 0; r < rows; r++) {
    for (let i = 0; i < columns; i++) {
      for (let j = 0; j < columns; j++) {
        result[i * columns + j] = result[i * columns + j]! +
          values[r]! * data[r * columns + i]! * data[r * columns + j]!;
      }
    }
  }
  return result;
}

/** √Σx² of the difference of two arrays, or of one. */
export function distance(a: ArrayLike<number>, b?: ArrayLike<number>): number {
  let largest = 0;
  const gaps = Array.from(a, (value, i) => value - (b?.[i] ?? 0));
  for (const gap of gaps) largest = Math.max(largest, Math.abs(gap));
  if (largest === 0) return 0;
  return largest * Math.sqrt(gaps.reduce((sum, gap) => sum + (gap / largest) ** 2, 0));
}

/** Row r of a matrix. */
export function rowOf({ columns, data }: Matrix, r: number): Float64Array {
  return data.slice(r * columns, (r + 1) * columns);
}

/** Largest entry of |VVᵀ − I| of rows of vectors. */
export function skewness(vectors: Matrix): number {
  let worst = 0;
  for (let a = 0; a < vectors.rows; a++) {
    for (let b = 0; b <= a; b++) {
      const other = rowOf(vectors, b);
      const product = rowOf(vectors, a).reduce((sum, x, i) => sum + x * other[i]!, 0);
      worst = Math.max(worst, Math.abs(product - (a === b ? 1 : 0)));
    }
  }
  return worst;
}

/**
 * (a + b) mod p of two one-hot inputs by three neurons, a complex product in three multiplications: with
 * c and s the cosine and sine of 2πa/p and 2πb/p, Re = (c_a + s_a)·c_b − s_a·(c_b + s_b) and
 * Im = (c_a + s_a)·c_b + c_a·(s_b − c_b).
 */
export function modularAddition(p: number): nn.Model {
  const zeros = Array<number>(p).fill(0);
  const angles = Array.from({ length: p }, (_, q) => 2 * Math.PI * q / p);
  const [c, s] = [angles.map(Math.cos), angles.map(Math.sin)];
  const sum = c.map((x, q) => x + s[q]!), gap = s.map((x, q) => x - c[q]!);
  const left = [sum, c, s].flatMap((row) => [...row, ...zeros]);
  const right = [c, gap, sum].flatMap((row) => [...zeros, ...row]);
  const model = nn.sequential([
    nn.bilinear(2 * p, 3, { bias: false }),
    nn.linear(3, p, { bias: false }),
  ]);
  model.assign({
    "0.weight": [...left, ...right],
    "1.weight": c.flatMap((x, q) => [x + s[q]!, s[q]!, -x]),
  });
  return model;
}
