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
