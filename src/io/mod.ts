/**
 * Files: models saved and loaded, safetensors of any origin read and written.
 *
 * @module
 */
export { load, save } from "./models.ts";
export {
  decodeBfloat16,
  decodeFloat16,
  encodeBfloat16,
  encodeFloat16,
  FormatError,
  readSafetensors,
  toFloat32,
  writeSafetensors,
} from "../formats/mod.ts";
export type {
  Dtype,
  FormatErrorOptions,
  ReadOptions,
  SafetensorsFile,
  TensorData,
  TypedArrays,
} from "../formats/mod.ts";
