import { type TensorData, toFloat32 } from "../formats/mod.ts";
import { random, sameShape, scope, shapeText, Tensor } from "../tensor/mod.ts";
import { type LayerConfig, type ModelConfig, takesIndices, widthAfter, widthIn } from "./config.ts";
import type { Layer } from "./layers.ts";
import { checkFinite, predict } from "./predict.ts";

/**
 * Values for one parameter: a tensor, a tensor of a safetensors file in whatever type it was stored, or
 * an array with or without its shape.
 */
export type ParameterValues =
  | Tensor
  | TensorData
  | ArrayLike<number>
  | { readonly shape: readonly number[]; readonly data: ArrayLike<number> };

/** A network: a function of tensors [batch, inputs] with named parameters. */
export interface Model {
  (x: Tensor): Tensor;
  /** What it is, as plain data. */
  readonly config: ModelConfig;
  /** The layers inside, in order. */
  readonly layers: readonly Layer[];
  /** Width of one input row; 0 where the model begins with an embedding and takes indices. */
  readonly inputs: number;
  /** Width of one output row. */
  readonly outputs: number;
  /** Every parameter under its name, such as `0.weight`, in the order of the layers. */
  readonly parameters: ReadonlyMap<string, Tensor>;
  /**
   * Sets parameters by name; either all or, on an error, none.
   *
   * @throws {ReferenceError} for a name that the model lacks; {TypeError} for a wrong shape;
   * {RangeError} for a value that is not finite.
   */
  assign(values: Readonly<Record<string, ParameterValues>>): void;
  /**
   * Outputs [rows · outputs] for one or more rows of inputs [rows · inputs], row by row. Up to six rows
   * are summed in another order than more of them: the last bits may differ.
   *
   * @throws {TypeError} when the values are no whole number of rows; {RangeError} for one that is not
   * finite.
   */
  predict(values: ArrayLike<number>): Float32Array<ArrayBuffer>;
  /** Frees the parameters. */
  [Symbol.dispose](): void;
}

/**
 * A model of layers that follow each other, its parameters drawn from a seed.
 *
 * @throws {TypeError} when there is no layer or two neighbours do not fit.
 * @example
 * ```ts
 * import { nn } from "@odot/odot";
 * const model = nn.sequential([nn.bilinear(2, 3), nn.linear(3, 1)], { seed: 1 });
 * console.log(model.predict(Float32Array.of(0, 1)).length); // 1
 * model[Symbol.dispose]();
 * ```
 */
export function sequential(layers: readonly Layer[], options: { seed?: number } = {}): Model {
  if (layers.length === 0) {
    throw new TypeError("Cannot make a model of no layers: give at least one");
  }
  const configs = layers.map(({ config }) => config);
  const outputs = widthAfter(configs, undefined), inputs = inputWidth(configs);
  if (outputs === undefined) {
    throw new TypeError(
      "Cannot make a model of layers without a size: give one with inputs and outputs",
    );
  }
  const places = withInner(layers), every = places.map(([, layer]) => layer);
  places.forEach(([place, layer], i) => {
    if (every.indexOf(layer) !== i) {
      throw new TypeError(`Cannot use one layer twice: make layer ${place} anew`);
    }
  });
  const seed = options.seed ?? 0;
  every.forEach((layer, i) => layer.initialize(random(seed, i)));

  const parameters = new Map<string, Tensor>();
  layers.forEach((layer, i) => {
    for (const [name, parameter] of layer.parameters) parameters.set(`${i}.${name}`, parameter);
  });
  const apply = inOrder(layers, inputs);
  return Object.assign(apply, {
    config: { type: "sequential", layers: configs } as const,
    layers: [...layers],
    inputs,
    outputs,
    parameters,
    assign: (values: Readonly<Record<string, ParameterValues>>) => assign(parameters, values),
    predict: (values: ArrayLike<number>) => predict(apply, inputs, outputs, values),
    [Symbol.dispose]: () => parameters.forEach((parameter) => parameter[Symbol.dispose]()),
  });
}

/** The layers one after another, for rows of the right width. */
export function inOrder(
  layers: readonly ((x: Tensor) => Tensor)[],
  inputs: number,
): (x: Tensor) => Tensor {
  return (x) => {
    if (inputs > 0 && (x.shape.length < 2 || x.shape.at(-1) !== inputs)) {
      throw new TypeError(`Cannot apply the model to ${x}: it takes [batch, ${inputs}]`);
    }
    return scope(() => layers.reduce((value, layer) => layer(value), x));
  };
}

/** Width of the rows that a model takes, or 0 where it takes indices. */
function inputWidth(configs: readonly LayerConfig[]): number {
  for (const config of configs) {
    const width = widthIn(config);
    if (width !== undefined) return width;
    if (takesIndices(config)) return 0;
  }
  return 0;
}

/** Layers in order, each followed by those inside it, with their places, such as `1.0`. */
function withInner(layers: readonly Layer[], prefix = ""): [place: string, layer: Layer][] {
  return layers.flatMap((layer, i): [string, Layer][] => [
    [`${prefix}${i}`, layer],
    ...withInner(layer.layers, `${prefix}${i}.`),
  ]);
}

function assign(
  parameters: ReadonlyMap<string, Tensor>,
  values: Readonly<Record<string, ParameterValues>>,
): void {
  const checked: [Tensor, ArrayLike<number>][] = [];
  for (const [name, given] of Object.entries(values)) {
    const parameter = parameters.get(name);
    if (!parameter) {
      throw new ReferenceError(
        `Cannot assign "${name}": the model has ${[...parameters.keys()].join(", ")}`,
      );
    }
    const shape = "shape" in given ? given.shape : undefined;
    const data = dataOf(given);
    const found = shape ? shapeText(shape) : `${data.length} values`;
    if ((shape && !sameShape(shape, parameter.shape)) || data.length !== parameter.size) {
      throw new TypeError(
        `Cannot assign ${found} to "${name}": it takes ${shapeText(parameter.shape)}`,
      );
    }
    checkFinite(`Cannot assign to "${name}"`, data);
    checked.push([parameter, data]);
  }
  for (const [parameter, data] of checked) parameter.set(data);
}

function dataOf(given: ParameterValues): ArrayLike<number> {
  if (given instanceof Tensor) return given.toArray();
  if ("dtype" in given) return toFloat32(given);
  return "data" in given ? given.data : given;
}
