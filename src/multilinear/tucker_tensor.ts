import type { Matrix } from "../linalg/mod.ts";
import type { DenseTensor } from "./dense_tensor.ts";
import { multiModeProduct } from "./products.ts";

/** A core and one factor a mode: X̂ = G ×₀ U₀ ×₁ U₁ ⋯. */
export interface TuckerTensor {
  /** Core [R₀, R₁, …], in the unit of the tensor. */
  readonly core: DenseTensor;
  /** Factors [Iₙ, Rₙ]. */
  readonly factors: readonly Matrix[];
}

/**
 * The tensor that a core and factors stand for.
 *
 * @throws {TypeError} when the sizes differ; {RangeError} when it does not fit.
 */
export function tuckerToTensor({ core, factors }: TuckerTensor): DenseTensor {
  return multiModeProduct(core, factors);
}

/** How many numbers a core and factors hold. */
export function tuckerCount({ core, factors }: TuckerTensor): number {
  return factors.reduce((sum, { data }) => sum + data.length, core.data.length);
}
