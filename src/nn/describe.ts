import { type LayerConfig, type ModelConfig, widthIn } from "./config.ts";

/** What one layer is called, such as `bilinear 128`. */
function layerName(config: LayerConfig): string {
  switch (config.type) {
    case "linear":
      return `linear ${config.outputs}`;
    case "bilinear":
      return config.gate ? `${config.gate}-gated ${config.outputs}` : `bilinear ${config.outputs}`;
    case "activation":
      return config.kind;
    case "rmsNorm":
      return "rmsNorm";
    case "embedding":
      return `embedding ${config.width}`;
    case "attention":
      return `attention of ${config.heads} heads`;
    case "residual":
      return `x + (${config.layers.map(layerName).join(" → ")})`;
    case "block":
      return `(${config.layers.map(layerName).join(" → ")})`;
  }
}

/**
 * A model in one line, from its inputs to its outputs: `784 → bilinear 128 → 10`. The last linear layer is
 * named by its outputs alone.
 *
 * @example
 * ```ts
 * import { nn } from "@odot/odot";
 * const model = nn.sequential([nn.bilinear(784, 64, { gate: "silu" }), nn.linear(64, 10)]);
 * console.log(nn.describe(model.config)); // 784 → silu-gated 64 → 10
 * model[Symbol.dispose]();
 * ```
 */
export function describe({ layers }: ModelConfig): string {
  const [first] = layers, last = layers.at(-1);
  const begin = first?.type === "embedding" ? `${first.count} indices` : firstWidth(layers);
  const names = layers.map(layerName);
  if (last?.type === "linear") names[names.length - 1] = String(last.outputs);
  return [begin, ...names].join(" → ");
}

function firstWidth(layers: readonly LayerConfig[]): string {
  return String(layers.map(widthIn).find((width) => width !== undefined) ?? "x");
}
