import { fromFactors } from "../decompose/mod.ts";
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
  shifted,
  tangentProduct,
} from "./composition_set.ts";
import { normAbove } from "./rounding.ts";
import { coordinatesOf, spectralForm } from "./spectral_form.ts";

/** Layers in order, blocks taken apart. */
export function flattened(layers: readonly Layer[]): Layer[] {
  return layers.flatMap((layer) => layer.config.type === "block" ? flattened(layer.layers) : layer);
}

/** A set after layers that follow each other. */
export function throughAll(set: AffineSet, layers: readonly Layer[]): AffineSet {
  let result = set;
  for (let i = 0; i < layers.length; i++) {
    const layer = layers[i]!, next = layers[i + 1];
    const plain = layer.config.type === "bilinear" && layer.config.gate === undefined;
    if (plain && next?.config.type === "linear" && next.config.outputs <= FUSED) {
      result = fused(result, layer, next);
      i++;
    } else result = through(result, layer);
  }
  return result;
}

/** Outputs up to which a bilinear layer and the linear one after it are bounded as one: an eigenproblem each. */
const FUSED = 128;

/**
 * A bilinear layer and the linear one after it: the part that is quadratic in the change of the input is
 * one form an output, and runs through radius² times the range of its eigenvalues, which is less than what
 * its neurons add up to.
 */
function fused(set: AffineSet, layer: Layer, next: Layer): AffineSet {
  const both = halves(set, layer), half = both.center.length / 2;
  const left = part(both, 0, half), right = part(both, half, 2 * half);
  const { weight, bias } = weights(next), outputs = weight.rows, none = new Float64Array(half);
  const separate = (): AffineSet => mapped(product(left, right), weight, bias);
  if (!(normAbove(both.slopes.data) < 2 ** 250)) return separate();
  const forms = fromFactors({
    left: left.slopes,
    right: right.slopes,
    leftBias: none,
    rightBias: none,
    readout: weight,
    outputBias: new Float64Array(outputs),
  });
  const coordinates = coordinatesOf(forms), square = set.radius ** 2 * (1 + 2 ** -48);
  const lower = new Float64Array(outputs), upper = new Float64Array(outputs);
  for (let o = 0; o < outputs; o++) {
    const { values, errors } = spectralForm(forms.output(o), coordinates);
    lower[o] = (Math.min(0, values[0]!) - errors.quadratic) * square;
    upper[o] = (Math.max(0, values.at(-1)!) + errors.quadratic) * square;
  }
  return shifted(mapped(tangentProduct(left, right), weight, bias), lower, upper);
}

/** A set after one layer. */
function through(set: AffineSet, layer: Layer): AffineSet {
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
      return added(set, throughAll(set, flattened(layer.layers)), config.scale);
    case "block":
      return throughAll(set, flattened(layer.layers));
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
