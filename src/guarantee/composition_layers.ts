import { type Matrix, matrix } from "../linalg/mod.ts";
import type { Layer } from "../nn/mod.ts";
import { band } from "./composition_activation.ts";
import { normalized } from "./composition_norm.ts";
import {
  added,
  type AffineSet,
  mapped,
  part,
  product,
  reachOf,
  scaledBy,
} from "./composition_set.ts";

/** Layers in order, blocks taken apart. */
export function flattened(layers: readonly Layer[]): Layer[] {
  return layers.flatMap((layer) => layer.config.type === "block" ? flattened(layer.layers) : layer);
}

/** A set after one layer. */
export function through(set: AffineSet, layer: Layer): AffineSet {
  const { config } = layer;
  switch (config.type) {
    case "linear": {
      const { weight, bias } = weights(layer);
      return mapped(set, weight, bias);
    }
    case "bilinear": {
      const both = halves(set, layer), half = config.outputs;
      const left = part(both, 0, half), right = part(both, half, 2 * half);
      const gated = config.gate ? activated(left, config.gate, config.beta ?? 1) : left;
      return product(gated, right);
    }
    case "activation":
      return activated(set, config.kind, config.beta ?? 1);
    case "rmsNorm": {
      const normal = normalized(set, config.epsilon), scale = layer.parameters.get("weight");
      const none = new Float64Array(config.width);
      return scale ? scaledBy(normal, scale.toArray(), none, none) : normal;
    }
    case "residual":
      return added(set, flattened(layer.layers).reduce(through, set), config.scale);
    case "block":
      return flattened(layer.layers).reduce(through, set);
    default:
      throw new TypeError(
        `Cannot bound a layer of type ${config.type}: linear, bilinear, gated, activation, rmsNorm, residual and block layers have bounds; bound the layers after it by themselves`,
      );
  }
}

/** Both halves of a bilinear layer before they are multiplied. */
export function halves(set: AffineSet, layer: Layer): AffineSet {
  const { weight, bias } = weights(layer);
  return mapped(set, weight, bias);
}

function activated(
  set: AffineSet,
  kind: Parameters<typeof band>[0],
  beta: number,
): AffineSet {
  const reach = reachOf(set);
  const bands = Array.from(
    set.center,
    (x, i) => {
      const low = x - reach[i]!, high = x + reach[i]!;
      const slack = (Math.abs(x) + reach[i]!) * 2 ** -52;
      return band(kind, beta, low - slack, high + slack);
    },
  );
  return scaledBy(
    set,
    bands.map((each) => each.slope),
    bands.map((each) => each.shift),
    bands.map((each) => each.slack),
  );
}

/** Weight and bias of a linear or bilinear layer, in f64. */
export function weights({ parameters }: Layer): { weight: Matrix; bias: Float64Array } {
  const tensor = parameters.get("weight")!, [rows, columns] = tensor.shape as [number, number];
  return {
    weight: matrix(rows, columns, tensor.toArray()),
    bias: Float64Array.from(parameters.get("bias")?.toArray() ?? new Float32Array(rows)),
  };
}
