/**
 * The border to WebAssembly: the compiled kernels, their memory and its owner, and the plain TypeScript
 * twins that say what each kernel does. Nothing above this layer touches WebAssembly.
 *
 * @module
 */
export { configure, info, kernels } from "./runtime.ts";
export type { Build, Configuration, Info } from "./runtime.ts";
export type { Address, Kernels, MatrixProduct, StreamPosition } from "./signatures.ts";
export {
  allocate,
  bytes,
  doubles,
  floats,
  heapUsage,
  integers,
  release,
  sizeClass,
  withBlocks,
  words,
} from "./heap.ts";
export { packedBytes, packOnce, product, rolled } from "./matmul.ts";
export { cosPi, expOf, logOf } from "./scalar.ts";
export type { Form, Product } from "./matmul.ts";
