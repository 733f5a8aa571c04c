import { bytes as bytesAt, packedBytes, packOnce } from "../kernels/mod.ts";
import { Tensor } from "./tensor.ts";

/**
 * A weight [outputs, inputs] for products x·Wᵀ that meet it again and again: its own copy of the numbers,
 * laid out once in the order in which the kernels read them. It takes about twice the weight's memory.
 */
export interface PackedWeight {
  /** The numbers as they were [outputs, inputs]. */
  readonly source: Tensor;
  /** The numbers as the kernels read them. */
  readonly panels: Tensor;
}

/**
 * Copies and packs a weight [outputs, inputs]; later changes of the weight do not reach the copy.
 *
 * @throws {TypeError} when it is no f32 matrix.
 */
export function packWeight(weight: Tensor): PackedWeight {
  const [n, k] = weight.shape;
  if (weight.shape.length !== 2 || weight.dtype !== "f32") {
    throw new TypeError(`Cannot pack ${weight}: a weight is f32[outputs, inputs]`);
  }
  const sizes = { type: "f32", n: n!, k: k! } as const;
  const source = new Tensor(weight.shape), panels = new Tensor([packedBytes(sizes) / 4]);
  bytesAt(source.address, 4 * weight.size).set(bytesAt(weight.address, 4 * weight.size));
  packOnce({ ...sizes, form: "NT", b: source.address }, panels.address);
  return { source, panels };
}
