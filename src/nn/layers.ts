import {
  activate,
  type Activation,
  add,
  bilinear as bilinearOf,
  causalAttention,
  gatherRows,
  linear as linearOf,
  multiplyRow,
  type PackedWeight,
  type Random,
  rmsNorm as rmsNormOf,
  scale as scaled,
  scope,
  Tensor,
} from "../tensor/mod.ts";
import { checkConfig, type LayerConfig, parameterShapes, widthAfter, widthIn } from "./config.ts";

/** One layer: a function of tensors […, columns] with named parameters. */
export interface Layer {
  (x: Tensor): Tensor;
  /** What it is, as plain data. */
  readonly config: LayerConfig;
  /** Own parameters, such as `weight` and `bias`, and those of inner layers, such as `0.weight`. */
  readonly parameters: ReadonlyMap<string, Tensor>;
  /** Layers inside, where there are any. */
  readonly layers: readonly Layer[];
  /** Draws the own parameters anew, not those of inner layers. */
  readonly initialize: (random: Random) => void;
}

/** Whether V begins as a copy of W. */
type Halves = "apart" | "tied";

/** Where a layer's own parameters are: `own` as tensors, `weight` as the factor of a product. */
export interface Places {
  readonly own: (name: string) => Tensor;
  readonly weight: (name: string) => Tensor | PackedWeight;
}

/** What a layer computes from its parameters; of the tensors that it makes only the result is left. */
export function computation(
  config: LayerConfig,
  { own, weight }: Places,
  inner: readonly ((x: Tensor) => Tensor)[],
): (x: Tensor) => Tensor {
  const through = (x: Tensor): Tensor => inner.reduce((value, layer) => layer(value), x);
  const scoped = (compute: (x: Tensor) => Tensor) => (x: Tensor) => scope(() => compute(x));
  switch (config.type) {
    case "linear": {
      const factor = weight("weight"), bias = config.bias ? own("bias") : undefined;
      return (x) => linearOf(x, factor, bias);
    }
    case "bilinear": {
      const factor = weight("weight"), bias = config.bias ? own("bias") : undefined;
      const gate = config.gate && { kind: config.gate, beta: config.beta ?? 1 };
      return (x) => bilinearOf(x, factor, bias, gate);
    }
    case "activation":
      return (x) => activate(x, config.kind, config.beta ?? 1);
    case "rmsNorm": {
      if (!config.scale) return (x) => rmsNormOf(x, config.epsilon);
      const factors = own("weight");
      return scoped((x) => multiplyRow(rmsNormOf(x, config.epsilon), factors));
    }
    case "embedding": {
      const table = own("weight");
      return (x) => gatherRows(table, x);
    }
    case "attention": {
      const qkv = weight("qkv"), output = weight("output"), { heads, base } = config;
      return scoped((x) => linearOf(causalAttention(linearOf(x, qkv), heads, base), output));
    }
    case "residual": {
      const { scale } = config;
      return scoped((x) => add(x, scale === 1 ? through(x) : scaled(through(x), scale)));
    }
    case "block":
      return scoped(through);
  }
}

/** Draws the parameters of one layer: see the layers for their laws. */
function draw(
  config: LayerConfig,
  parameters: ReadonlyMap<string, Tensor>,
  random: Random,
  halves: Halves,
): void {
  for (const [name, parameter] of parameters) {
    if (config.type === "rmsNorm") {
      parameter.set(new Float32Array(parameter.size).fill(1));
      continue;
    }
    const bound = 1 / Math.sqrt(widthIn(config) ?? 1);
    const drawn = config.type === "embedding"
      ? random.normal(parameter.shape)
      : random.uniform(parameter.shape, { low: -bound, high: bound });
    const values = drawn.toArray();
    if (halves === "tied" && name === "weight") {
      values.copyWithin(values.length / 2, 0, values.length / 2);
    }
    parameter.set(values);
    drawn[Symbol.dispose]();
  }
}

/** A layer from its description. @throws {RangeError} when the description is none. */
export function fromConfig(given: LayerConfig): Layer {
  const config = checkConfig(given);
  return assemble(config, "layers" in config ? config.layers.map(fromConfig) : []);
}

function assemble(config: LayerConfig, inner: readonly Layer[], halves: Halves = "apart"): Layer {
  const own = new Map<string, Tensor>();
  for (const [name, shape] of parameterShapes(config)) own.set(name, new Tensor(shape));
  const parameters = new Map(own);
  inner.forEach((layer, i) =>
    layer.parameters.forEach((parameter, name) => parameters.set(`${i}.${name}`, parameter))
  );
  const place = (name: string): Tensor => own.get(name)!;
  const compute = computation(config, { own: place, weight: place }, inner);
  return Object.assign(compute, {
    config,
    parameters,
    layers: [...inner],
    initialize: (random: Random): void => draw(config, own, random, halves),
  });
}

/** Options of a linear layer. */
export interface LayerOptions {
  /** Whether a bias is added; true unless said. */
  readonly bias?: boolean;
}

/** Options of a bilinear layer. */
export interface BilinearOptions extends LayerOptions {
  /** Activation of the left side; `none`, which makes the layer bilinear, unless said. */
  readonly gate?: "none" | Activation;
  /** β of `silu`, x·sigmoid(β·x); 1 unless said. */
  readonly beta?: number;
  /** `tied` makes V begin equal to W; they are drawn apart unless said. */
  readonly halves?: "apart" | "tied";
}

/**
 * y = x·Wᵀ + b; weight [outputs, inputs], bias [outputs], both drawn from U(±1/√inputs) when the layer
 * joins a model: the law of PyTorch's nn.Linear.
 *
 * @throws {RangeError} when a size is no whole number ≥ 1.
 */
export function linear(inputs: number, outputs: number, options: LayerOptions = {}): Layer {
  return made({ type: "linear", inputs, outputs, bias: options.bias ?? true });
}

/**
 * y = act(x·Wᵀ + b) ⊙ (x·Vᵀ + c); weight [2·outputs, inputs] holds W above V, bias [2·outputs] holds b
 * before c, all drawn from U(±1/√inputs) when the layer joins a model. Without a gate act is the
 * identity and y a polynomial of degree two. With `tied` halves V starts as a copy of W: y begins as
 * (x·Wᵀ)², all its quadratic forms positive semidefinite, and training takes the halves apart.
 *
 * The gates give the GLU family (Shazeer 2020): `sigmoid` GLU, `relu` ReGLU, `gelu` GEGLU, `silu` SwiGLU.
 *
 * @throws {RangeError} when a size is no whole number ≥ 1, or the gate is none.
 */
export function bilinear(inputs: number, outputs: number, options: BilinearOptions = {}): Layer {
  const { bias = true, gate = "none", beta, halves = "apart" } = options;
  const config: LayerConfig = {
    ...{ type: "bilinear", inputs, outputs, bias },
    ...(gate !== "none" && { gate }),
    ...(beta !== undefined && { beta }),
  };
  return made(config, halves);
}

/** max(x, 0). */
export function relu(): Layer {
  return made({ type: "activation", kind: "relu" });
}

/** x·Φ(x), or its usual approximation by tanh. Source: Hendrycks & Gimpel 2016. */
export function gelu(options: { readonly approximation?: "none" | "tanh" } = {}): Layer {
  return made({
    type: "activation",
    kind: options.approximation === "tanh" ? "gelu-tanh" : "gelu",
  });
}

/** x·sigmoid(β·x), also called Swish; β is 1 unless said. Source: Ramachandran et al. 2017. */
export function silu(options: { readonly beta?: number } = {}): Layer {
  return made({ type: "activation", kind: "silu", beta: options.beta ?? 1 });
}

/** 1/(1 + e⁻ˣ). */
export function sigmoid(): Layer {
  return made({ type: "activation", kind: "sigmoid" });
}

/** Hyperbolic tangent. */
export function tanh(): Layer {
  return made({ type: "activation", kind: "tanh" });
}

/**
 * x / √(mean x² + ε) of every row, times a learned weight [width] where asked for, which begins at 1.
 * Source: Zhang & Sennrich 2019.
 */
export function rmsNorm(
  width: number,
  options: { readonly scale?: boolean; readonly epsilon?: number } = {},
): Layer {
  const { scale = false, epsilon = 1e-8 } = options;
  return made({ type: "rmsNorm", width, scale, epsilon });
}

/** Row of a table [count, width] for every index, drawn from N(0, 1). */
export function embedding(count: number, width: number): Layer {
  return made({ type: "embedding", count, width });
}

/**
 * Causal self-attention with rotary positions over [batch, length, width]: qkv [3·width, width] maps to q,
 * k and v, output [width, width] back; no biases, drawn from U(±1/√width).
 *
 * @throws {RangeError} when the heads do not divide the width into even parts.
 */
export function attention(
  width: number,
  options: { readonly heads: number; readonly base?: number },
): Layer {
  return made({ type: "attention", width, heads: options.heads, base: options.base ?? 10_000 });
}

/** x + scale·layers(x); the layers must keep the width. @throws {TypeError} when they do not. */
export function residual(
  layers: readonly Layer[],
  options: { readonly scale?: number } = {},
): Layer {
  return container({
    type: "residual",
    scale: options.scale ?? 1,
    layers: layers.map(({ config }) => config),
  }, layers);
}

/** Layers one after another, as one. @throws {TypeError} when two neighbours do not fit. */
export function block(layers: readonly Layer[]): Layer {
  return container({ type: "block", layers: layers.map(({ config }) => config) }, layers);
}

/** Options of a transformer block. */
export interface TransformerOptions {
  /** Attention heads; they divide the width into even parts. */
  readonly heads: number;
  /** Hidden width of the gated layer; 4·width·⅔ unless said, so that parameters match a plain one of 4·width. */
  readonly hidden?: number;
  /** Gate of the gated layer; none, so bilinear, unless said. */
  readonly gate?: "none" | Activation;
  /** Blocks in the whole model: attention is added with the factor 1/√(2·blocks). 1 unless said. */
  readonly blocks?: number;
}

/**
 * x ← x + attention(rmsNorm(x))/√(2·blocks), x ← x + linear(gated(rmsNorm(x))): one block of a
 * transformer whose second half is bilinear or gated, without biases, in the conventions of
 * Pearce et al. 2024 (2410.08417).
 */
export function transformer(width: number, options: TransformerOptions): Layer {
  const { heads, gate = "none", blocks = 1 } = options;
  const hidden = options.hidden ?? Math.round(8 * width / 3);
  return block([
    residual([rmsNorm(width), attention(width, { heads })], { scale: 1 / Math.sqrt(2 * blocks) }),
    residual([
      rmsNorm(width),
      bilinear(width, hidden, { bias: false, gate }),
      linear(hidden, width, { bias: false }),
    ]),
  ]);
}

/** A layer whose description comes from a call, so that a mistake is the caller's. */
function made(config: LayerConfig, halves?: Halves, inner: readonly Layer[] = []): Layer {
  try {
    return assemble(checkConfig(config), inner, halves);
  } catch (error) {
    const layer = `${/^[aeiou]/.test(config.type) ? "an" : "a"} ${config.type} layer`;
    throw new RangeError(`Cannot make ${layer}: ${(error as Error).message}`, { cause: error });
  }
}

function container(
  config: LayerConfig & { layers: readonly LayerConfig[] },
  inner: readonly Layer[],
): Layer {
  if (inner.length === 0) {
    throw new TypeError(`Cannot make a ${config.type} of no layers: give at least one`);
  }
  const layer = made(config, "apart", inner);
  widthAfter([layer.config], undefined);
  return layer;
}
