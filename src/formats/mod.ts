/**
 * Bytes to plain typed arrays and back: safetensors files, models packed for the edge, the 16-bit
 * floating-point formats, the description of a model, and the error that all readers of files throw.
 *
 * The bottom of the house: it knows nothing of tensors in WebAssembly memory, models or data sets.
 *
 * @module
 */
export {
  type Activation,
  type ActivationConfig,
  activations,
  allShapes,
  type AttentionConfig,
  type BilinearConfig,
  type BlockConfig,
  checkConfig,
  checkModelConfig,
  countParameters,
  type EmbeddingConfig,
  isActivation,
  type LayerConfig,
  type LinearConfig,
  type ModelConfig,
  parameterShapes,
  type ResidualConfig,
  type RmsNormConfig,
  takesIndices,
  widthAfter,
  widthIn,
} from "./architecture.ts";
export {
  type ByteOrder,
  decodeNumbers,
  encodeNumbers,
  type TypedArrayConstructor,
} from "./byte_order.ts";
export {
  describeShape,
  FormatError,
  type FormatErrorOptions,
  nameOfType,
  quote,
} from "./errors.ts";
export { decodeBfloat16, decodeFloat16, encodeBfloat16, encodeFloat16 } from "./half.ts";
export {
  type ReadOptions,
  readSafetensors,
  type SafetensorsFile,
  writeSafetensors,
} from "./safetensors.ts";
export { type Header, readHeader, type TensorEntry } from "./safetensors_header.ts";
export {
  PACKED,
  type PackedParts,
  type Precision,
  readStoredModel,
  sequenceLayer,
  type StoredEigenvectors,
  type StoredModel,
  type StoredTensor,
  writePackedModel,
} from "./packed_model.ts";
export {
  countElements,
  type Dtype,
  type TensorData,
  toFloat32,
  type TypedArrays,
} from "./tensor_data.ts";
