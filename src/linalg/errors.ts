/**
 * An iteration that has not reached its goal within the steps it was given.
 *
 * @example
 * ```ts
 * import * as linalg from "@odot/odot/linalg";
 *
 * try {
 *   linalg.eigh(linalg.identity(3));
 * } catch (error) {
 *   if (error instanceof linalg.ConvergenceError) console.log(error.iterations);
 * }
 * ```
 */
export class ConvergenceError extends Error {
  /** Always `"ConvergenceError"`. */
  override readonly name = "ConvergenceError";
  /** Steps that were done, a count. */
  readonly iterations: number;

  /** An error with this message, after this many steps. */
  constructor(message: string, iterations: number, options?: ErrorOptions) {
    super(message, options);
    this.iterations = iterations;
  }
}

/**
 * A symmetric matrix that has no Cholesky factor.
 *
 * @example
 * ```ts
 * import * as linalg from "@odot/odot/linalg";
 *
 * try {
 *   linalg.cholesky(linalg.fromRows([[1, 2], [2, 1]]));
 * } catch (error) {
 *   if (error instanceof linalg.NotPositiveDefiniteError) console.log(error.pivot); // 1
 * }
 * ```
 */
export class NotPositiveDefiniteError extends RangeError {
  /** Always `"NotPositiveDefiniteError"`. */
  override readonly name = "NotPositiveDefiniteError";
  /** Row of the first pivot that is not positive: the leading block up to it is not positive definite. */
  readonly pivot: number;

  /** An error with this message, about this pivot. */
  constructor(message: string, pivot: number, options?: ErrorOptions) {
    super(message, options);
    this.pivot = pivot;
  }
}
