import type { DenseTensor } from "./dense_tensor.ts";

/** What every decomposition says of itself beside its factors. */
export interface Approximation {
  /** ‖X − X̂‖_F / ‖X‖_F, dimensionless; 0 where both are zero. */
  readonly relativeError: number;
  /** What theory promises the relative error stays below, where it does; dimensionless. */
  readonly errorBound?: number;
  /** Relative error after each sweep, never rising; one entry for a direct method. */
  readonly trace: readonly number[];
  /** Whether the method ended because nothing improved further, not because its sweeps ran out. */
  readonly converged: boolean;
  /** How many numbers the factors hold. */
  readonly parameterCount: number;
  /** X̂, formed. */
  toDense(): DenseTensor;
}

/** How an iterative decomposition runs. */
export interface IterationOptions {
  /** Sweeps at most; each method says its default. */
  readonly sweeps?: number;
  /** Ends when a sweep lowers the relative error by less than this; dimensionless. */
  readonly tolerance?: number;
  /** Of the random starts; 0 unless said. */
  readonly seed?: number;
  /**
   * Called after each sweep. Nothing here awaits, so no timer fires meanwhile: this is the place to
   * look at the clock and to abort the signal.
   */
  readonly progress?: (state: { sweep: number; sweeps: number; relativeError: number }) => void;
  /** Ends the work with the signal's reason, looked at before each sweep. */
  readonly signal?: AbortSignal;
}
