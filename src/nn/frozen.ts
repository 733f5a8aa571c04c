import { full, type PackedWeight, packWeight, type Tensor } from "../tensor/mod.ts";
import { computation, type Layer } from "./layers.ts";
import { predict } from "./predict.ts";
import { rowProgram } from "./row_program.ts";
import { inOrder, type Model } from "./sequential.ts";

/** A network for inference alone, with weights of its own, packed once. */
export interface Frozen {
  (x: Tensor): Tensor;
  /** Width of one input row; 0 where it takes indices. */
  readonly inputs: number;
  /** Width of one output row. */
  readonly outputs: number;
  /** Every tensor that it owns: weights as stored and as packed, and what one row passes through. */
  readonly tensors: readonly Tensor[];
  /** What {@linkcode Model} predicts, to the bit. */
  predict(values: ArrayLike<number>): Float32Array<ArrayBuffer>;
  /** Frees the weights. */
  [Symbol.dispose](): void;
}

/**
 * A copy of a network for inference alone: its weights are laid out once as the kernels read them, so
 * that batches of seven rows and more need no packing. Later changes of the model do not reach it; it takes about
 * three times the memory of the weights, and has no gradients.
 *
 * @example
 * ```ts
 * import { nn } from "@odot/odot";
 * const model = nn.sequential([nn.bilinear(16, 8), nn.linear(8, 2)], { seed: 1 });
 * const frozen = nn.frozen(model);
 * console.log(frozen.predict(new Float32Array(10 * 16)).length); // 20
 * frozen[Symbol.dispose]();
 * ```
 */
export function frozen(model: Model): Frozen {
  const tensors: Tensor[] = [], parameters = new Map<string, Tensor>();
  const copiesOf = (layers: readonly Layer[], prefix: string): ((x: Tensor) => Tensor)[] =>
    layers.map((layer, i) => copyOf(layer, `${prefix}${i}.`));
  const copyOf = (layer: Layer, prefix: string): (x: Tensor) => Tensor => {
    const inner = copiesOf(layer.layers, prefix);
    const packed = new Map<string, PackedWeight>(), plain = new Map<string, Tensor>();
    for (const [name, parameter] of layer.parameters) {
      if (name.includes(".")) continue; // an inner layer's
      if (parameter.shape.length === 2 && layer.config.type !== "embedding") {
        const { source, panels } = packWeight(parameter);
        packed.set(name, { source, panels });
        parameters.set(prefix + name, source);
        tensors.push(source, panels);
      } else {
        plain.set(name, full(parameter.shape, 0).set(parameter.toArray()));
        parameters.set(prefix + name, plain.get(name)!);
        tensors.push(plain.get(name)!);
      }
    }
    const places = {
      own: (name: string) => plain.get(name)!,
      weight: (name: string) => packed.get(name)!,
    };
    return computation(layer.config, places, inner);
  };
  const { inputs, outputs } = model;
  const apply = inOrder(copiesOf(model.layers, ""), inputs);
  const row = rowProgram(model, parameters, tensors);
  return Object.assign(apply, {
    inputs,
    outputs,
    tensors,
    predict: (values: ArrayLike<number>) =>
      row?.(values) ?? predict(apply, inputs, outputs, values),
    [Symbol.dispose]: () => tensors.forEach((one) => one[Symbol.dispose]()),
  });
}
