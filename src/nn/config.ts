import { type Activation, isActivation, type Shape, sizeOf } from "../tensor/mod.ts";

/** x·Wᵀ + b. */
export interface LinearConfig {
  readonly type: "linear";
  readonly inputs: number;
  readonly outputs: number;
  readonly bias: boolean;
}

/** act(x·Wᵀ + b) ⊙ (x·Vᵀ + c); no activation where there is no gate. */
export interface BilinearConfig {
  readonly type: "bilinear";
  readonly inputs: number;
  readonly outputs: number;
  readonly bias: boolean;
  readonly gate?: Activation;
  /** β of `silu`; 1 where it is not given. */
  readonly beta?: number;
}

/** An activation function of every element. */
export interface ActivationConfig {
  readonly type: "activation";
  readonly kind: Activation;
  readonly beta?: number;
}

/** Root-mean-square normalisation of rows. */
export interface RmsNormConfig {
  readonly type: "rmsNorm";
  readonly width: number;
  /** Whether every column has a learned factor. */
  readonly scale: boolean;
  readonly epsilon: number;
}

/** Rows of a table for indices. */
export interface EmbeddingConfig {
  readonly type: "embedding";
  readonly count: number;
  readonly width: number;
}

/** Causal self-attention with rotary positions, input and output projections included. */
export interface AttentionConfig {
  readonly type: "attention";
  readonly width: number;
  readonly heads: number;
  /** Base of the rotary angles. */
  readonly base: number;
}

/** x + scale·layers(x). */
export interface ResidualConfig {
  readonly type: "residual";
  readonly scale: number;
  readonly layers: readonly LayerConfig[];
}

/** Layers one after another, as one. */
export interface BlockConfig {
  readonly type: "block";
  readonly layers: readonly LayerConfig[];
}

/** What a layer is, as plain data: enough to make it again. */
export type LayerConfig =
  | LinearConfig
  | BilinearConfig
  | ActivationConfig
  | RmsNormConfig
  | EmbeddingConfig
  | AttentionConfig
  | ResidualConfig
  | BlockConfig;

/** Shapes of the parameters that a layer owns itself, by name. */
export function parameterShapes(config: LayerConfig): Map<string, Shape> {
  const shapes = new Map<string, Shape>();
  switch (config.type) {
    case "linear":
    case "bilinear": {
      const rows = config.type === "bilinear" ? 2 * config.outputs : config.outputs;
      shapes.set("weight", [rows, config.inputs]);
      if (config.bias) shapes.set("bias", [rows]);
      break;
    }
    case "rmsNorm":
      if (config.scale) shapes.set("weight", [config.width]);
      break;
    case "embedding":
      shapes.set("weight", [config.count, config.width]);
      break;
    case "attention":
      shapes.set("qkv", [3 * config.width, config.width]);
      shapes.set("output", [config.width, config.width]);
  }
  return shapes;
}

/** Shapes of every parameter of layers that follow each other, under the names of a model. */
export function allShapes(layers: readonly LayerConfig[], prefix = ""): Map<string, Shape> {
  return new Map(layers.flatMap((config, i) => [
    ...[...parameterShapes(config)].map(([name, shape]) =>
      [`${prefix}${i}.${name}`, shape] as const
    ),
    ...("layers" in config ? allShapes(config.layers, `${prefix}${i}.`) : []),
  ]));
}

/** Number of parameters of layers that follow each other. */
export function countParameters(layers: readonly LayerConfig[]): number {
  return [...allShapes(layers).values()].reduce((total, shape) => total + sizeOf(shape), 0);
}

/** Columns that a layer takes, or undefined where any number will do, or where it takes indices. */
export function widthIn(config: LayerConfig): number | undefined {
  if ("inputs" in config) return config.inputs;
  if (config.type === "rmsNorm" || config.type === "attention") return config.width;
  if (!("layers" in config)) return undefined;
  return config.layers.map(widthIn).find((width) => width !== undefined);
}

/**
 * Columns after layers that follow each other, from the number before.
 *
 * @throws {TypeError} when two neighbours do not fit.
 */
export function widthAfter(
  layers: readonly LayerConfig[],
  before: number | undefined,
): number | undefined {
  return layers.reduce((width, config, i) => {
    const wanted = widthIn(config);
    if (width !== undefined && wanted !== undefined && width !== wanted) {
      throw new TypeError(
        `Cannot join layer ${
          i - 1
        } to layer ${i}: it gives ${width} outputs and the next takes ${wanted} inputs`,
      );
    }
    const given = width ?? wanted;
    if ("outputs" in config) return config.outputs;
    if (config.type === "embedding") return config.width;
    if (!("layers" in config)) return given;
    const after = widthAfter(config.layers, given);
    if (config.type === "residual" && after !== given) {
      throw new TypeError(
        `Cannot add a residual in layer ${i}: its layers turn ${given} columns into ${after}, and must keep them`,
      );
    }
    return after;
  }, before);
}

/** Every whole number ≥ 1 and every flag that a type of layer must have. */
const FIELDS: Readonly<Record<LayerConfig["type"], { sizes: string[]; flags: string[] }>> = {
  linear: { sizes: ["inputs", "outputs"], flags: ["bias"] },
  bilinear: { sizes: ["inputs", "outputs"], flags: ["bias"] },
  activation: { sizes: [], flags: [] },
  rmsNorm: { sizes: ["width"], flags: ["scale"] },
  embedding: { sizes: ["count", "width"], flags: [] },
  attention: { sizes: ["width", "heads"], flags: [] },
  residual: { sizes: [], flags: [] },
  block: { sizes: [], flags: [] },
};

/**
 * The description of a layer, checked: what comes from a file may be anything.
 *
 * @throws {RangeError} that names what is wrong with it.
 */
export function checkConfig(given: unknown, place = "layer"): LayerConfig {
  const refuse = (what: string): never => {
    throw new RangeError(`${place} ${what}`);
  };
  const show = (value: unknown): string => JSON.stringify(value)?.slice(0, 60) ?? "missing";
  if (given === null || typeof given !== "object") return refuse(`is ${show(given)}, no layer`);
  const config = given as Record<string, unknown>;
  const fields = typeof config["type"] === "string" && Object.hasOwn(FIELDS, config["type"])
    ? FIELDS[config["type"] as LayerConfig["type"]]
    : refuse(
      `is of type ${show(config["type"])}, and this odot knows ${Object.keys(FIELDS).join(", ")}`,
    );
  for (const name of fields.sizes) {
    const size = config[name];
    if (typeof size !== "number" || !Number.isSafeInteger(size) || size < 1) {
      refuse(`has ${name} ${show(size)}, and it must be a whole number ≥ 1`);
    }
  }
  for (const name of fields.flags) {
    if (typeof config[name] !== "boolean") {
      refuse(`has ${name} ${show(config[name])}, neither true nor false`);
    }
  }
  for (const name of ["beta", "epsilon", "base", "scale"]) {
    const value = config[name];
    if (value !== undefined && !fields.flags.includes(name) && !Number.isFinite(value)) {
      refuse(`has ${name} ${show(value)}, and it must be a finite number`);
    }
  }
  const activation = config["type"] === "activation" ? config["kind"] : config["gate"];
  if ((activation !== undefined || config["type"] === "activation") && !isActivation(activation)) {
    refuse(`has the activation ${show(activation)}, which is none`);
  }
  if (config["type"] === "attention") {
    const { width, heads } = config as { width: number; heads: number };
    if (width % heads !== 0 || (width / heads) % 2 !== 0) {
      refuse(`has ${heads} heads of ${width} columns: each head needs an even number of them`);
    }
  }
  if (config["type"] === "residual" || config["type"] === "block") {
    if (!Array.isArray(config["layers"]) || config["layers"].length === 0) {
      refuse(`has layers ${show(config["layers"])}, and it must hold one or more`);
    }
    (config["layers"] as unknown[]).forEach((inner, i) => checkConfig(inner, `${place}.${i}`));
  }
  return config as unknown as LayerConfig;
}

/** What a model is, as plain data. */
export interface ModelConfig {
  readonly type: "sequential";
  readonly layers: readonly LayerConfig[];
}

/**
 * The description of a model, checked down to its widths: what comes from a file may be anything.
 *
 * @throws {RangeError} or {TypeError} that name what is wrong with it.
 */
export function checkModelConfig(given: unknown): ModelConfig {
  const { type, layers } = (given ?? {}) as { type?: unknown; layers?: unknown };
  if (type !== "sequential" || !Array.isArray(layers) || layers.length === 0) {
    throw new RangeError(
      'the architecture must be {"type":"sequential","layers":[…]} with a layer or more',
    );
  }
  const checked = layers.map((layer, i) => checkConfig(layer, `layer ${i}`));
  widthAfter(checked, undefined);
  return { type, layers: checked };
}
