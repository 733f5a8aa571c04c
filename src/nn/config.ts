// What a model is, as plain data, belongs to the formats: files hold it, and inference at the edge reads it.
export {
  allShapes,
  checkConfig,
  checkModelConfig,
  countParameters,
  parameterShapes,
  takesIndices,
  widthAfter,
  widthIn,
} from "../formats/mod.ts";
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
} from "../formats/mod.ts";
