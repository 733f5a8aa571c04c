/**
 * Bytes to plain typed arrays and back: safetensors files, the 16-bit floating-point formats, and
 * the error that all readers of files throw.
 *
 * The bottom of the house: it knows nothing of tensors in WebAssembly memory, models or data sets.
 *
 * @module
 */
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
export {
  countElements,
  type Dtype,
  type TensorData,
  toFloat32,
  type TypedArrays,
} from "./tensor_data.ts";
