/**
 * Models made small for the edge: weights in 32, 16 or 8 bits, eigenvectors of every output beside them, and
 * what that costs in accuracy. Version 1 of the file is a safetensors file; src/formats/packed_model.ts
 * lists what is in it.
 *
 * @example
 * ```ts
 * import { data, deploy, nn } from "@odot/odot";
 * const model = nn.sequential([nn.bilinear(2, 4), nn.linear(4, 2)], { seed: 1 });
 * const rows = data.dataset({ inputs: Float32Array.of(0, 0, 0, 1, 1, 0, 1, 1), labels: [0, 1, 1, 0] });
 * const packed = deploy.pack(model, { precision: "int8", eigenvectors: 2, on: rows });
 * console.log(packed.size, packed.largestError, packed.accuracy?.change);
 * // await Deno.writeFile("model.odot", packed.bytes)
 * ```
 *
 * @module
 */
export { pack } from "./pack.ts";
export type { Packed, PackOptions } from "./pack.ts";
export { compare } from "./compare.ts";
export type { Comparison } from "./compare.ts";
export type { Precision } from "../formats/mod.ts";
