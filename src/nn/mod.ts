/**
 * Networks: layers, models, losses.
 *
 * @example
 * ```ts
 * import * as nn from "@odot/odot/nn";
 * const model = nn.sequential([nn.bilinear(784, 64, { bias: false }), nn.linear(64, 10)], { seed: 0 });
 * console.log([...model.parameters.keys()]); // ["0.weight", "1.weight", "1.bias"]
 * model[Symbol.dispose]();
 * ```
 *
 * @module
 */
export { bilinear, linear } from "./layers.ts";
export type { BilinearConfig, Layer, LayerConfig, LayerOptions, LinearConfig } from "./layers.ts";
export { sequential } from "./sequential.ts";
export type { Model, ModelConfig, ParameterValues } from "./sequential.ts";
export type { Dtype, TensorData, TypedArrays } from "../formats/mod.ts";
export { crossEntropy } from "../tensor/mod.ts";
