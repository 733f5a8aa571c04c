/**
 * What each kernel computes, in plain TypeScript: the specification that the WebAssembly is tested
 * against, loops over typed arrays without a thought for speed. A twin has the name of its kernel, takes
 * arrays where that takes addresses, and returns what that writes. Nothing else in the library calls
 * them: some use Math.exp and its kind, whose last bit differs between engines.
 *
 * The f64 twins of linear algebra are in linalg.ts, bidiagonal.ts and secular.ts.
 *
 * @module
 */
export type { StreamPosition } from "../signatures.ts";
export type { Doubles, Floats } from "./arrays.ts";
export { matmul, matmul_f32, matmul_f64, matvec_f32, vecmat_f32 } from "./matmul.ts";
export type { Operand } from "./matmul.ts";
export {
  add,
  addRow,
  affine,
  blend,
  clamp,
  divide,
  exp,
  fromBytes,
  log,
  multiply,
  relu,
  reluBackward,
  sqrt,
  subtract,
  transpose,
} from "./elementwise.ts";
export { argmaxRows, dot, firstNotFinite, sum, sumRows } from "./reduce.ts";
export { bilinearBackward, bilinearForward } from "./bilinear.ts";
export { crossEntropyBackward, crossEntropyForward, softmaxRows } from "./softmax.ts";
export { adam, sgd } from "./optimizers.ts";
export type { AdamResult, AdamScalars, SgdScalars } from "./optimizers.ts";
export {
  activate,
  activateBackward,
  activation,
  activationSlope,
  gatedBackward,
  gatedForward,
  normalShare,
} from "./activations.ts";
export { causalSoftmax, causalSoftmaxBackward, rotate } from "./attention.ts";
export { gatherRows, multiplyRow, rmsNormBackward, rmsNormForward, scatterRows } from "./rows.ts";
export {
  addNormal,
  philox,
  randomBits,
  randomNormal,
  randomUniform,
  standardNormal,
} from "./random.ts";
export type { Counter } from "./random.ts";
