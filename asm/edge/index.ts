// The kernels of inference at the edge: those that one row of inputs needs, taken from the library's own
// sources so that the sums run in the same order, products with weights of 8 bits, and weights of 16 made f32. Strict alone:
// the same bits in every engine. Signatures: src/kernels/edge.ts; twins: src/kernels/reference/edge.ts.

/** First address of what belongs to the caller: above the constants. */
export function heapBase(): usize {
  return 4096;
}
export { activate, gatedForward } from "../activations";
export { bilinearForward } from "../bilinear";
export { firstNotFinite } from "../check";
export { add, affine } from "../elementwise";
export { matvec_f32 } from "../matvec";
export { multiplyRow, rmsNormForward } from "../rows";
export { widen } from "./half";
export { matvec_i8, quantize } from "./whole";
