/**
 * Inference alone, for places where little fits: Cloudflare Workers, browsers, embedded engines. One row in,
 * logits or an explanation out; all memory is taken when the model is loaded, and a call takes none. The
 * kernels are part of the module and compiled when it is imported; nothing is generated at run time, no
 * file is read and no network used.
 *
 * The numbers of an f32 model are the same bits as those of the library's strict kernels, in every engine.
 *
 * @example
 * ```ts
 * import { io, nn } from "@odot/odot";
 * import { load } from "@odot/odot/edge";
 * const trained = nn.sequential([nn.bilinear(2, 3), nn.linear(3, 2)], { seed: 1 });
 * const model = load(io.save(trained)); // or the bytes of deploy.pack
 * const logits = model.predict([0.5, 1]); // the model's own array: the next call overwrites it
 * console.log(logits.indexOf(Math.max(...logits)));
 * ```
 *
 * @module
 */
export { kernels, load } from "./model.ts";
export type { EdgeModel, LoadOptions } from "./model.ts";
export type { Evidence, Explanation } from "./explanation.ts";
export { FormatError } from "../formats/mod.ts";
export type {
  Activation,
  ActivationConfig,
  AttentionConfig,
  BilinearConfig,
  BlockConfig,
  EmbeddingConfig,
  FormatErrorOptions,
  LayerConfig,
  LinearConfig,
  ModelConfig,
  Precision,
  ResidualConfig,
  RmsNormConfig,
} from "../formats/mod.ts";
