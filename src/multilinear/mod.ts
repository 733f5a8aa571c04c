/**
 * Dense tensors of any order in f64 and their decompositions, under tensorly's names. Every result
 * carries its own error.
 *
 * @module
 */
export { denseTensor } from "./dense_tensor.ts";
export type { DenseTensor } from "./dense_tensor.ts";
export type { Approximation, IterationOptions } from "./approximation.ts";
export { fold, unfold } from "./unfold.ts";
export {
  inner,
  khatriRao,
  kronecker,
  modeProduct,
  multiModeProduct,
  norm,
  outer,
} from "./products.ts";
export type { RankChoice } from "./rank.ts";
export { hosvd, sthosvd } from "./hosvd.ts";
export type { Hosvd, HosvdOptions } from "./hosvd.ts";
export { tucker } from "./tucker.ts";
export type { Tucker, TuckerOptions } from "./tucker.ts";
export { tuckerToTensor } from "./tucker_tensor.ts";
export type { TuckerTensor } from "./tucker_tensor.ts";
export { mttkrp } from "./mttkrp.ts";
export { cp } from "./cp.ts";
export type { Cp, CpOptions } from "./cp.ts";
export { cpToTensor } from "./cp_tensor.ts";
export type { CpTensor } from "./cp_tensor.ts";
export { cpCongruence } from "./congruence.ts";
export type { CpCongruence } from "./congruence.ts";
export { kruskal } from "./kruskal.ts";
export type { Kruskal, KruskalOptions } from "./kruskal.ts";
export { tensorTrain } from "./tensor_train.ts";
export type { TensorTrainOptions, TensorTrainResult } from "./tensor_train.ts";
export { ttToTensor } from "./train.ts";
export type { TensorTrain } from "./train.ts";
export { round } from "./round.ts";
export { blockTerm } from "./block_term.ts";
export type { Block, BlockTerm, BlockTermOptions } from "./block_term.ts";
