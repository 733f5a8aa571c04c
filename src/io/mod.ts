/**
 * Files: models saved and loaded, safetensors of any origin read and written.
 *
 * @example
 * ```ts
 * import { load, save } from "@odot/odot/io";
 * import { bilinear, linear, sequential } from "@odot/odot/nn";
 * const model = sequential([bilinear(4, 3), linear(3, 2)], { seed: 1 });
 * const bytes = save(model, { purpose: "an example" }); // safetensors: await Deno.writeFile(…, bytes)
 * console.log(load(bytes).predict([1, 2, 3, 4])); // what model.predict gives, to the bit
 * ```
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
