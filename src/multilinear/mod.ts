/**
 * Dense tensors of any order in f64 and their decompositions: HOSVD, Tucker, CP, tensor train and block
 * terms, under tensorly's names and with its conventions (modes count from 0, an unfolding keeps the order
 * of the other modes). Every result carries its own error, a bound where theory has one, and the way there.
 *
 * Signs and order are settled: vectors have their entry of largest magnitude positive, but for one a
 * component, which takes the sign; components come by descending weight or singular value. The same seed
 * gives the same result.
 *
 * @example
 * ```ts
 * import { cp, denseTensor, hosvd } from "@odot/odot/multilinear";
 *
 * const x = denseTensor([2, 2, 2], [4, 2, 2, 1, 8, 4, 4, 2]);
 * console.log(hosvd(x, { rank: { relativeError: 1e-9 } }).core.shape); // [1, 1, 1]
 * console.log(cp(x, { rank: 1 }).relativeError);
 * ```
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
