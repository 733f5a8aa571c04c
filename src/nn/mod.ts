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
export {
  attention,
  bilinear,
  block,
  embedding,
  fromConfig,
  gelu,
  linear,
  relu,
  residual,
  rmsNorm,
  sigmoid,
  silu,
  tanh,
  transformer,
} from "./layers.ts";
export type { BilinearOptions, Layer, LayerOptions, TransformerOptions } from "./layers.ts";
export { allShapes, checkModelConfig, countParameters } from "./config.ts";
export { describe } from "./describe.ts";
export type {
  ActivationConfig,
  AttentionConfig,
  BilinearConfig,
  BlockConfig,
  EmbeddingConfig,
  LayerConfig,
  LinearConfig,
  ModelConfig,
  ResidualConfig,
  RmsNormConfig,
} from "./config.ts";
export { sequential } from "./sequential.ts";
export type { Model, ParameterValues } from "./sequential.ts";
export { frozen } from "./frozen.ts";
export type { Frozen } from "./frozen.ts";
export { meanSquaredError } from "./losses.ts";
export { crossEntropy } from "../tensor/mod.ts";
export type { Activation } from "../tensor/mod.ts";
