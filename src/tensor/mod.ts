/**
 * Tensors in the kernels' memory, the scopes that free them, the operations on them, random numbers.
 *
 * @module
 */
export { Tensor } from "./tensor.ts";
export type { DType } from "./tensor.ts";
export { checkShape, sameShape, shapeText, sizeOf } from "./shape.ts";
export type { Shape } from "./shape.ts";
export { holdScopes, scope } from "./scope.ts";
export { recording, refuseRecording } from "./record.ts";
export type { Recorded } from "./record.ts";
export { fromBytes, full, indices, ones, tensor, zeros } from "./create.ts";
export type { Nested } from "./create.ts";
export { random } from "./random.ts";
export type { Random, RandomState } from "./random.ts";
export {
  add,
  addRow,
  affine,
  argmax,
  divide,
  exp,
  log,
  matrixShape,
  mean,
  multiply,
  relu,
  reshape,
  rowsShape,
  scale,
  softmax,
  sqrt,
  subtract,
  sum,
  sumRows,
  transpose,
} from "./operations.ts";
export { bilinear, bilinearGradient, linear, matmul, matmulNT, matmulTN } from "./products.ts";
export { packWeight } from "./packed.ts";
export type { PackedWeight } from "./packed.ts";
export { crossEntropy, crossEntropyGradient, reluGradient } from "./losses.ts";
export { adamUpdate, blend, clampInPlace, sgdUpdate } from "./updates.ts";
export type { AdamStep, SgdStep } from "./updates.ts";
export { activate, activateGradient, isActivation } from "./activations.ts";
export type { Activation } from "./activations.ts";
export { gatherRows, multiplyRow, rmsNorm, rmsNormGradient, scatterRows } from "./rows.ts";
export { causalAttention, causalAttentionGradient } from "./attention.ts";
export type { Gate } from "./products.ts";
