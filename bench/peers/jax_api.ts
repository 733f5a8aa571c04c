import type { NetworkTask } from "../tasks.ts";

/** What these benches use of jax-js. Every use of an array consumes it, unless through `ref`. */
export interface Array {
  readonly ref: Array;
  readonly data: () => Promise<Float32Array>;
  readonly blockUntilReady: () => Promise<Array>;
  readonly dispose: () => void;
  readonly mul: (other: Array | number) => Array;
  readonly add: (other: Array | number) => Array;
  readonly sub: (other: Array | number) => Array;
  readonly div: (other: Array | number) => Array;
}

/** First and second moments, in the order of the parameters. */
export type Tree = readonly [first: Array[][], second: Array[][]];

/** Its NumPy. */
export interface Numpy {
  readonly array: (values: Float32Array | Int32Array, options: { shape: number[] }) => Array;
  readonly matmul: (a: Array, b: Array) => Array;
  readonly transpose: (a: Array) => Array;
  readonly multiply: (a: Array, b: Array) => Array;
  readonly sqrt: (a: Array) => Array;
  readonly sum: (a: Array) => Array;
  readonly zerosLike: (a: Array) => Array;
}

/** The module `@jax-js/jax`, as far as it is used. */
export interface Jax {
  readonly init: () => Promise<unknown>;
  readonly defaultDevice: (name: string) => unknown;
  readonly jit: <A extends unknown[], R>(
    body: (...args: A) => R,
  ) => ((...args: A) => R) & { readonly dispose: () => void };
  readonly valueAndGrad: <A extends unknown[]>(
    loss: (all: Array[][], ...rest: A) => Array,
  ) => (all: Array[][], ...rest: A) => [Array, Array[][]];
  readonly nn: {
    readonly logSoftmax: (scores: Array) => Array;
    readonly oneHot: (labels: Array, classes: number) => Array;
  };
  readonly numpy: Numpy;
}

/** The weights: one array a linear layer, W and V of a bilinear one. */
export function parameters(np: Numpy, { layers, weights }: NetworkTask): Array[][] {
  return layers.map(({ type, inputs, outputs }, i) => {
    const size = inputs * outputs;
    return globalThis.Array.from({ length: type === "bilinear" ? 2 : 1 }, (_, half) => {
      const part = weights[i]!.slice(half * size, (half + 1) * size);
      return np.array(part, { shape: [outputs, inputs] });
    });
  });
}

/** The logits. */
export function forward(np: Numpy, all: readonly Array[][], x: Array): Array {
  return all.reduce((value, [left, right]) => {
    const first = np.matmul(right ? value.ref : value, np.transpose(left!));
    return right ? np.multiply(first, np.matmul(value, np.transpose(right))) : first;
  }, x);
}

/** What an update reads. */
export interface Update {
  readonly all: readonly Array[][];
  readonly gradients: readonly Array[][];
  readonly moments: Tree;
  readonly decay: number;
  /** [learning rate over (1 − β₁ᵗ), 1 over √(1 − β₂ᵗ)]. */
  readonly rates: readonly Array[];
}

/** Parameters and moments after a step of AdamW. */
export function update(
  np: Numpy,
  { all, gradients, moments: [firsts, seconds], decay, rates: [rate, root] }: Update,
): [Array[][], Tree] {
  const next: [Array[][], Array[][], Array[][]] = [[], [], []];
  all.forEach((of, i) => {
    for (const rows of next) rows.push([]);
    of.forEach((one, j) => {
      const gradient = gradients[i]![j]!;
      const first = firsts[i]![j]!.mul(0.9).add(gradient.ref.mul(1 - 0.9));
      const square = np.multiply(gradient.ref, gradient);
      const second = seconds[i]![j]!.mul(0.999).add(square.mul(1 - 0.999));
      const scale = np.sqrt(second.ref).mul(root!.ref).add(1e-8);
      const change = first.ref.mul(rate!.ref).div(scale);
      next[0][i]!.push(one.mul(decay).sub(change));
      next[1][i]!.push(first);
      next[2][i]!.push(second);
    });
  });
  for (const one of [rate, root]) one!.dispose();
  return [next[0], [next[1], next[2]]];
}
