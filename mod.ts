/**
 * odot: bilinear networks in TypeScript. Train y = (W x) ⊙ (V x), decompose it, explain it from its
 * weights, on SIMD kernels written in AssemblyScript.
 *
 * @example
 * ```ts
 * import { data, decompose, interpret, nn, optim, train } from "@odot/odot";
 *
 * const xor = data.dataset({ inputs: Float32Array.of(0, 0, 0, 1, 1, 0, 1, 1), labels: [0, 1, 1, 0] });
 * const model = nn.sequential([nn.bilinear(2, 4), nn.linear(4, 2)], { seed: 1 });
 * const optimizer = optim.adamw(model, { learningRate: 0.05 });
 * for (const { accuracy } of train.fit(model, xor, { optimizer, epochs: 500 })) {
 *   if (accuracy === 1) break;
 * }
 * const yes = decompose.interactions(model).difference(1, 0);
 * console.log(decompose.eigen(yes, { bias: "homogeneous" }).values);
 * console.log(interpret.polynomial(model, { output: 1 }).collected.text);
 * ```
 *
 * @module
 */
export * as data from "./src/data/mod.ts";
export * as decompose from "./src/decompose/mod.ts";
export * as deploy from "./src/deploy/mod.ts";
export * as guarantee from "./src/guarantee/mod.ts";
export * as interpret from "./src/interpret/mod.ts";
export * as io from "./src/io/mod.ts";
export * as linalg from "./src/linalg/mod.ts";
export * as multilinear from "./src/multilinear/mod.ts";
export * as nn from "./src/nn/mod.ts";
export * as optim from "./src/optim/mod.ts";
export * as report from "./src/report/mod.ts";
export * as train from "./src/train/mod.ts";
export { valueAndGrad } from "./src/autodiff/mod.ts";
export type { ValueAndGrad } from "./src/autodiff/mod.ts";
export { configure, info } from "./src/kernels/mod.ts";
export type { Build, Configuration, Info } from "./src/kernels/mod.ts";
export {
  activate,
  add,
  addRow,
  affine,
  argmax,
  bilinear,
  causalAttention,
  crossEntropy,
  divide,
  exp,
  full,
  gatherRows,
  indices,
  linear,
  log,
  matmul,
  matmulNT,
  matmulTN,
  mean,
  multiply,
  multiplyRow,
  ones,
  packWeight,
  random,
  relu,
  reshape,
  rmsNorm,
  scale,
  scope,
  softmax,
  sqrt,
  subtract,
  sum,
  sumRows,
  Tensor,
  tensor,
  transpose,
  zeros,
} from "./src/tensor/mod.ts";
export type {
  Activation,
  DType,
  Gate,
  Nested,
  PackedWeight,
  Random,
  RandomState,
  Shape,
} from "./src/tensor/mod.ts";
