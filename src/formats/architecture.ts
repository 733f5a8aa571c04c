/**
 * What a model is, as plain data: the layers that files describe, and the checks that a description of
 * unknown origin must pass.
 */

/**
 * Activation functions: `gelu` is exact, x·Φ(x), `gelu-tanh` its usual approximation; `silu` is
 * x·sigmoid(β·x), also called Swish.
 */
export type Activation = "relu" | "gelu" | "gelu-tanh" | "silu" | "sigmoid" | "tanh";

/** Their names, each at its code in asm/activations.ts. */
export const activations: readonly Activation[] = [
  "relu",
  "gelu",
  "gelu-tanh",
  "silu",
  "sigmoid",
  "tanh",
];

/** Whether a name is that of an activation. */
export function isActivation(name: unknown): name is Activation {
  return activations.includes(name as Activation);
}

/** x·Wᵀ + b. */
export interface LinearConfig {
  /** Always `linear`. */
  readonly type: "linear";
  /** Columns of the input. */
  readonly inputs: number;
  /** Columns of the output. */
  readonly outputs: number;
  /** Whether a bias is added. */
  readonly bias: boolean;
}

/** act(x·Wᵀ + b) ⊙ (x·Vᵀ + c); no activation where there is no gate. */
export interface BilinearConfig {
  /** Always `bilinear`. */
  readonly type: "bilinear";
  /** Columns of the input. */
  readonly inputs: number;
  /** Columns of the output. */
  readonly outputs: number;
  /** Whether a bias is added. */
  readonly bias: boolean;
  /** Activation of the left side; none where it is not given. */
  readonly gate?: Activation;
  /** β of `silu`; 1 where it is not given. */
  readonly beta?: number;
}

/** An activation function of every element. */
export interface ActivationConfig {
  /** Always `activation`. */
  readonly type: "activation";
  /** Which activation. */
  readonly kind: Activation;
  /** β of `silu`; 1 where it is not given. */
  readonly beta?: number;
}

/** Root-mean-square normalisation of rows. */
export interface RmsNormConfig {
  /** Always `rmsNorm`. */
  readonly type: "rmsNorm";
  /** Columns of the rows. */
  readonly width: number;
  /** Whether every column has a learned factor. */
  readonly scale: boolean;
  /** Added to the mean square before the root. */
  readonly epsilon: number;
}

/** Rows of a table for indices. */
export interface EmbeddingConfig {
  /** Always `embedding`. */
  readonly type: "embedding";
  /** Rows of the table. */
  readonly count: number;
  /** Columns of the rows. */
  readonly width: number;
}

/** Causal self-attention with rotary positions, input and output projections included. */
export interface AttentionConfig {
  /** Always `attention`. */
  readonly type: "attention";
  /** Columns of the rows. */
  readonly width: number;
  /** Attention heads; they divide the width into even parts. */
  readonly heads: number;
  /** Base of the rotary angles. */
  readonly base: number;
}

/** x + scale·layers(x). */
export interface ResidualConfig {
  /** Always `residual`. */
  readonly type: "residual";
  /** Factor of what the layers add. */
  readonly scale: number;
  /** The layers inside, in order. */
  readonly layers: readonly LayerConfig[];
}

/** Layers one after another, as one. */
export interface BlockConfig {
  /** Always `block`. */
  readonly type: "block";
  /** The layers inside, in order. */
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
export function parameterShapes(config: LayerConfig): Map<string, readonly number[]> {
  const shapes = new Map<string, readonly number[]>();
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
export function allShapes(
  layers: readonly LayerConfig[],
  prefix = "",
): Map<string, readonly number[]> {
  return new Map(layers.flatMap((config, i) => [
    ...[...parameterShapes(config)].map(([name, shape]) =>
      [`${prefix}${i}.${name}`, shape] as const
    ),
    ...("layers" in config ? allShapes(config.layers, `${prefix}${i}.`) : []),
  ]));
}

/** Number of parameters of layers that follow each other. */
export function countParameters(layers: readonly LayerConfig[]): number {
  return [...allShapes(layers).values()].reduce(
    (total, shape) => total + shape.reduce((size, length) => size * length, 1),
    0,
  );
}

/** Whether a layer takes indices: an embedding, or layers that begin with one. */
export function takesIndices(config: LayerConfig): boolean {
  if (config.type === "embedding") return true;
  return "layers" in config && config.layers[0] !== undefined && takesIndices(config.layers[0]);
}

/** Columns that a layer takes, or undefined where any number will do, or where it takes indices. */
export function widthIn(config: LayerConfig): number | undefined {
  if ("inputs" in config) return config.inputs;
  if (config.type === "rmsNorm" || config.type === "attention") return config.width;
  if (!("layers" in config) || takesIndices(config)) return undefined;
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
    if (takesIndices(config) && i > 0) {
      throw new TypeError(
        `Cannot put an embedding in layer ${i}: it takes indices, so it is first`,
      );
    }
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
    if (config.type === "residual" && takesIndices(config)) {
      throw new TypeError(`Cannot add a residual in layer ${i}: it takes indices, no numbers`);
    }
    const after = widthAfter(config.layers, given);
    if (config.type === "residual" && after !== given) {
      throw new TypeError(
        `Cannot add a residual in layer ${i}: its layers turn ${given} columns into ${after}, and must keep them`,
      );
    }
    return after;
  }, before);
}

/** What may stand in the description of a layer besides its type. */
type Field = "size" | "flag" | "number" | "activation" | "layers" | "optional";

/** The fields of every type of layer; what a file has beside them is left out. */
const FIELDS: Readonly<Record<LayerConfig["type"], Readonly<Record<string, Field>>>> = {
  linear: { inputs: "size", outputs: "size", bias: "flag" },
  bilinear: { inputs: "size", outputs: "size", bias: "flag", gate: "optional", beta: "optional" },
  activation: { kind: "activation", beta: "optional" },
  rmsNorm: { width: "size", scale: "flag", epsilon: "number" },
  embedding: { count: "size", width: "size" },
  attention: { width: "size", heads: "size", base: "number" },
  residual: { scale: "number", layers: "layers" },
  block: { layers: "layers" },
};

/** Layers inside layers, so many deep at most. */
const DEPTH = 64;

/** A value of a description as text, fit for a message, however hostile. */
function show(value: unknown): string {
  const text = typeof value === "number" ? `${value}` : JSON.stringify(value) ?? "missing";
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

/** What is wrong with one field, or undefined. */
function fault(kind: Field, name: string, value: unknown): string | undefined {
  if (kind === "size" && !(Number.isSafeInteger(value) && (value as number) >= 1)) {
    return `it must be a whole number ≥ 1`;
  }
  if (kind === "flag" && typeof value !== "boolean") return "it must be true or false";
  const activation = kind === "activation" || name === "gate";
  if (activation && !isActivation(value)) return "that is no activation";
  const lowest = name === "epsilon" ? 0 : name === "base" ? 1 : -Infinity;
  const numeric = kind === "number" || name === "beta";
  if (numeric && !(Number.isFinite(value) && (value as number) >= lowest)) {
    return `it must be a finite number${lowest === -Infinity ? "" : ` ≥ ${lowest}`}`;
  }
  if (kind === "layers" && (!Array.isArray(value) || value.length === 0)) {
    return "it must hold one layer or more";
  }
  return undefined;
}

/**
 * The description of a layer, checked and copied: what comes from a file may be anything.
 *
 * @throws {RangeError} that names what is wrong with it.
 */
export function checkConfig(given: unknown, place = "it", depth = 0): LayerConfig {
  const refuse = (what: string): never => {
    throw new RangeError(`${place} ${what}`);
  };
  if (given === null || typeof given !== "object") return refuse(`is ${show(given)}, no layer`);
  if (depth > DEPTH) return refuse(`lies more than ${DEPTH} layers deep`);
  const { type, ...found } = given as Readonly<Record<string, unknown>>;
  if (typeof type !== "string" || !Object.hasOwn(FIELDS, type)) {
    const known = Object.keys(FIELDS).join(", ");
    return refuse(`is of type ${show(type)}, and this odot knows ${known}`);
  }
  const config: Record<string, unknown> = { type };
  for (const [name, kind] of Object.entries(FIELDS[type as LayerConfig["type"]])) {
    const value = Object.hasOwn(found, name) ? found[name] : undefined;
    if (value === undefined && kind === "optional") continue;
    const wrong = fault(kind, name, value);
    if (wrong) refuse(`has ${name} ${show(value)}, and ${wrong}`);
    config[name] = kind === "layers"
      ? (value as unknown[]).map((inner, i) => checkConfig(inner, `${place}.${i}`, depth + 1))
      : value;
  }
  const checked = config as unknown as LayerConfig;
  if (checked.type === "attention" && checked.width % (2 * checked.heads) !== 0) {
    refuse(
      `has ${checked.heads} heads of ${checked.width} columns: each head needs an even number of them`,
    );
  }
  return checked;
}

/** What a model is, as plain data. */
export interface ModelConfig {
  /** Always `sequential`. */
  readonly type: "sequential";
  /** The layers inside, in order. */
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
