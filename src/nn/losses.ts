import { mean, multiply, scope, subtract, type Tensor } from "../tensor/mod.ts";

/**
 * Mean of (prediction − target)² over all elements, as a tensor [].
 *
 * @throws {TypeError} when the shapes differ.
 */
export function meanSquaredError(prediction: Tensor, target: Tensor): Tensor {
  return scope(() => {
    const difference = subtract(prediction, target);
    return mean(multiply(difference, difference));
  });
}
