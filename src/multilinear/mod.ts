/**
 * Dense tensors of any order in f64 and their decompositions, under tensorly's names. Every result
 * carries its own error.
 *
 * @module
 */
export { denseTensor } from "./dense_tensor.ts";
export type { DenseTensor } from "./dense_tensor.ts";
export type { Approximation, IterationOptions } from "./approximation.ts";
