import { activations, type LayerConfig, type ModelConfig } from "../formats/mod.ts";
import type { EdgeKernels, RowKernels } from "../kernels/edge.ts";
import type { Arena, Placed } from "./arena.ts";

export type { Placed };

/** Does one thing with numbers at fixed addresses. */
export type Step = () => void;

/** Largest whole number that products of k numbers of 8 and 16 bits may reach without overflow. */
function wholeLimit(k: number): number {
  return Math.min(32767, Math.floor((2 ** 31 - 1) / (128 * 2 * Math.ceil(k / 8))));
}

/** y = W·x for rows [first, first + count) of W; `scratch` has room for x. */
export function multiply(
  kernels: EdgeKernels,
  { dtype, columns, address, scale }: Placed,
  first: number,
  count: number,
  x: number,
  y: number,
  scratch: number,
): void {
  if (dtype === "F32") {
    kernels.matvec_f32(count, columns, address + 4 * first * columns, 4 * columns, x, y);
  } else {
    const unit = kernels.quantize(columns, wholeLimit(columns), x, scratch);
    const weights = address + first * columns;
    kernels.matvec_i8(count, columns, weights, scale + 4 * first, scratch, unit, y);
  }
}

/** The steps of a model, and where its input and output lie. */
export interface Program {
  /** In order. */
  readonly steps: readonly Step[];
  /** Address of the input. */
  readonly input: number;
  /** Address of the output. */
  readonly output: number;
}

/** A model with parameters by name. */
export interface Described<T> {
  /** What it is. */
  readonly config: ModelConfig;
  /** Numbers in an input. */
  readonly inputs: number;
  /** Parameters by name. */
  readonly parameters: ReadonlyMap<string, T>;
}

/** What a program needs from outside. */
export interface Surroundings<T> extends Pick<Arena, "reserve"> {
  /** Where a parameter lies. */
  place(parameter: T): Placed;
  /** y = W·x for the addresses of x and y. */
  multiply(weight: Placed, x: number, y: number): void;
}

/** What a model computes from one row, its numbers at addresses that stay. */
export function program<T>(
  model: Described<T>,
  kernels: RowKernels,
  memory: Surroundings<T>,
): Program {
  const { parameters, config } = model, steps: Step[] = [];

  /** Appends the steps of layers; returns where their output lies, and how wide it is. */
  function append(
    layers: readonly LayerConfig[],
    prefix: string,
    x: number,
    width: number,
  ): [address: number, width: number] {
    layers.forEach((layer, i) => [x, width] = one(layer, `${prefix}${i}.`, x, width));
    return [x, width];
  }

  function one(layer: LayerConfig, prefix: string, x: number, n: number): [number, number] {
    const own = (name: string): Placed => memory.place(parameters.get(prefix + name)!);
    const room = (count: number): number => memory.reserve(4 * count);
    switch (layer.type) {
      case "linear":
      case "bilinear": {
        const weight = own("weight"), { rows } = weight, y = room(rows);
        steps.push(() => memory.multiply(weight, x, y));
        if (layer.bias) {
          const bias = own("bias").address;
          steps.push(() => kernels.add(rows, y, bias, y));
        }
        if (layer.type === "linear") return [y, rows];
        const h = layer.outputs, z = room(h), { gate, beta = 1 } = layer;
        if (gate) {
          const code = activations.indexOf(gate);
          steps.push(() => kernels.gatedForward(code, 1, h, beta, y, z));
        } else steps.push(() => kernels.bilinearForward(1, h, y, z));
        return [z, h];
      }
      case "activation": {
        const code = activations.indexOf(layer.kind), y = room(n), { beta = 1 } = layer;
        steps.push(() => kernels.activate(code, n, beta, x, y));
        return [y, n];
      }
      case "rmsNorm": {
        const y = room(n), inverse = room(1), { epsilon } = layer;
        steps.push(() => kernels.rmsNormForward(1, n, epsilon, x, y, inverse));
        if (layer.scale) {
          const weight = own("weight").address;
          steps.push(() => kernels.multiplyRow(1, n, y, weight, y));
        }
        return [y, n];
      }
      case "residual": {
        const [inner] = append(layer.layers, prefix, x, n), y = room(n), { scale } = layer;
        if (scale !== 1) steps.push(() => kernels.affine(n, scale, 0, inner, inner));
        steps.push(() => kernels.add(n, x, inner, y));
        return [y, n];
      }
      case "block":
        return append(layer.layers, prefix, x, n);
      case "attention":
      case "embedding":
        // not of one row: whoever calls has refused them
        throw new TypeError(`Cannot run a layer of type ${layer.type}`);
    }
  }

  const input = memory.reserve(4 * model.inputs);
  const [output] = append(config.layers, "", input, model.inputs);
  return { steps, input, output };
}
