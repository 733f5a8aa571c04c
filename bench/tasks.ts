/**
 * The work that odot and its peers are timed on: plain data, the same bits for all of them.
 *
 * @module
 */
import { nn, random, scope } from "@odot/odot";

/** Which operands of a product are stored transposed. */
export type Form = "NN" | "NT" | "TN";

/** What is carried between JavaScript's arrays and the engine's memory in every call. */
export type Crossing = "nothing" | "activations" | "everything";

/** C [m, n] of row-major operands: NN: A [m, k] B [k, n]; NT: B [n, k]; TN: A [k, m]. */
export interface ProductTask {
  readonly form: Form;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly a: Float32Array<ArrayBuffer>;
  readonly b: Float32Array<ArrayBuffer>;
}

/** A layer without bias. Weights as PyTorch keeps them: [outputs, inputs]; bilinear W above V, twice that. */
export interface LayerTask {
  readonly type: "linear" | "bilinear";
  readonly inputs: number;
  readonly outputs: number;
}

/** Inputs [rows, features] and a class for each. */
export interface Batch {
  readonly inputs: Float32Array<ArrayBuffer>;
  readonly labels: Int32Array<ArrayBuffer>;
}

/** A network with softmax cross-entropy and AdamW (betas 0.9 and 0.999, epsilon 1e-8), and its batches. */
export interface NetworkTask {
  readonly name: string;
  readonly layers: readonly LayerTask[];
  readonly weights: readonly Float32Array<ArrayBuffer>[];
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly rows: number;
  readonly inputs: number;
  readonly classes: number;
  /** The batch of a step, from 0: five that recur. */
  readonly batch: (step: number) => Batch;
}

/** Symmetric matrices [n, n] to be diagonalised one after the other, in f64. */
export interface SymmetricTask {
  readonly n: number;
  readonly matrices: readonly Float64Array<ArrayBuffer>[];
}

/** A matrix [rows, columns] whose thin singular value decomposition is wanted, in f64. */
export interface SvdTask {
  readonly rows: number;
  readonly columns: number;
  readonly matrix: Float64Array<ArrayBuffer>;
}

const REFERENCE: readonly LayerTask[] = [
  { type: "linear", inputs: 784, outputs: 256 },
  { type: "bilinear", inputs: 256, outputs: 256 },
  { type: "linear", inputs: 256, outputs: 10 },
];
const TOY: readonly LayerTask[] = [
  { type: "bilinear", inputs: 4, outputs: 8 },
  { type: "linear", inputs: 8, outputs: 6 },
];

/** The sizes that decide: the shapes of the training step are those of the reference model. */
export const PRODUCTS: readonly (readonly [Form, m: number, n: number, k: number])[] = [
  ...([64, 128, 256, 512] as const).flatMap((n) =>
    (["NN", "NT", "TN"] as const).map((form) => [form, n, n, n] as const)
  ),
  ["NT", 128, 256, 784], // forward, batch 128
  ["NT", 2048, 256, 784], // forward, batch 2048
  ["NT", 2048, 512, 256], // forward of the bilinear layer, both halves
  ["NN", 2048, 256, 512], // gradient of its input
  ["TN", 256, 784, 2048], // gradient of the first weight
];

function normal(seed: number, count: number): Float32Array<ArrayBuffer> {
  return scope(() => random(seed).normal([count]).toArray());
}

/** Random operands of a product. */
export function productTask(form: Form, m: number, n: number, k: number): ProductTask {
  return { form, m, n, k, a: normal(1, m * k), b: normal(2, k * n) };
}

/** What people call a product: `NT 2048×784·784×256`. */
export function productName(
  { form, m, n, k }: Pick<ProductTask, "form" | "m" | "n" | "k">,
): string {
  return `${form} ${m === n && n === k ? `${m}³` : `${m}×${k}·${k}×${n}`}`;
}

/** The layers of a task, ready for `nn.sequential`. */
export function layersOf(layers: readonly LayerTask[]): nn.Layer[] {
  return layers.map(({ type, inputs, outputs }) => nn[type](inputs, outputs, { bias: false }));
}

/** The reference model (784 → 256 → bilinear 256 → 10) or the toy (4 → bilinear 8 → 6), and five batches. */
export function networkTask(which: "reference" | "toy", rows: number): NetworkTask {
  return trainingTask(which, which === "reference" ? REFERENCE : TOY, rows);
}

/** Training of any network, with five batches. */
export function trainingTask(
  name: string,
  layers: readonly LayerTask[],
  rows: number,
): NetworkTask {
  const model = nn.sequential(layersOf(layers), { seed: 42 });
  const weights = [...model.parameters.values()].map((parameter) => parameter.toArray());
  const { inputs, outputs: classes } = model;
  model[Symbol.dispose]();
  const batches = Array.from({ length: 5 }, (_, i) => ({
    inputs: scope(() => random(i, 1).uniform([rows, inputs]).toArray()),
    labels: Int32Array.from(random(i, 2).words(rows), (word) => word % classes),
  }));
  const batch = (step: number): Batch => batches[step % batches.length]!;
  const rates = { learningRate: 1e-3, weightDecay: 0.5 };
  return { name, layers, weights, ...rates, rows, inputs, classes, batch };
}

/** Multiplications and additions of a training step; the gradient of the network's input is not needed. */
export function stepFlops({ layers, rows }: NetworkTask): number {
  return layers.reduce(
    (sum, { type, inputs, outputs }, i) =>
      sum + (i === 0 ? 4 : 6) * rows * inputs * outputs * (type === "bilinear" ? 2 : 1),
    0,
  );
}

/** Random symmetric matrices. */
export function symmetricTask(n: number): SymmetricTask {
  const a = Float64Array.from(normal(3, n * n));
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) a[i * n + j] = a[j * n + i]!;
  }
  return { n, matrices: [a] };
}

/** A random matrix. */
export function svdTask(rows: number, columns: number): SvdTask {
  return { rows, columns, matrix: Float64Array.from(normal(4, rows * columns)) };
}
