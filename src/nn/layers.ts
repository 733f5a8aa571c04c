import { bilinear as bilinearOf, linear as linearOf, type Random, Tensor } from "../tensor/mod.ts";

/** What a linear layer is, as plain data. */
export interface LinearConfig {
  readonly type: "linear";
  readonly inputs: number;
  readonly outputs: number;
  readonly bias: boolean;
}

/** What a bilinear layer is, as plain data. */
export interface BilinearConfig {
  readonly type: "bilinear";
  readonly inputs: number;
  readonly outputs: number;
  readonly bias: boolean;
}

/** What a layer is, as plain data: enough to make it again. */
export type LayerConfig = LinearConfig | BilinearConfig;

/** One layer: a function of tensors [batch, inputs] with named parameters. */
export interface Layer {
  (x: Tensor): Tensor;
  readonly config: LayerConfig;
  /** `weight`, and `bias` where there is one. */
  readonly parameters: ReadonlyMap<string, Tensor>;
  /** Draws all parameters anew. */
  readonly initialize: (random: Random) => void;
}

/** Options of a layer. */
export interface LayerOptions {
  /** Whether a bias is added; true unless said. */
  readonly bias?: boolean;
}

function checkSizes(type: string, inputs: number, outputs: number): void {
  for (const size of [inputs, outputs]) {
    if (!Number.isSafeInteger(size) || size < 1) {
      throw new RangeError(
        `Cannot make a ${type} layer of ${inputs} inputs and ${outputs} outputs: sizes are whole numbers ≥ 1`,
      );
    }
  }
}

function layer(
  config: LayerConfig,
  rows: number,
  apply: (x: Tensor, weight: Tensor, bias?: Tensor) => Tensor,
): Layer {
  const weight = new Tensor([rows, config.inputs]);
  const bias = config.bias ? new Tensor([rows]) : undefined;
  const parameters = new Map([["weight", weight]]);
  if (bias) parameters.set("bias", bias);
  // U(±1/√inputs), the law of PyTorch's nn.Linear
  const bound = 1 / Math.sqrt(config.inputs);
  const initialize = (random: Random): void => {
    for (const parameter of parameters.values()) {
      const drawn = random.uniform(parameter.shape, { low: -bound, high: bound });
      parameter.set(drawn.toArray());
      drawn[Symbol.dispose]();
    }
  };
  return Object.assign((x: Tensor): Tensor => apply(x, weight, bias), {
    config,
    parameters,
    initialize,
  });
}

/**
 * y = x·Wᵀ + b; weight [outputs, inputs], bias [outputs], both drawn from U(±1/√inputs) when the layer
 * joins a model.
 *
 * @throws {RangeError} when a size is no whole number ≥ 1.
 */
export function linear(inputs: number, outputs: number, options: LayerOptions = {}): Layer {
  checkSizes("linear", inputs, outputs);
  return layer({ type: "linear", inputs, outputs, bias: options.bias ?? true }, outputs, linearOf);
}

/**
 * y = (x·Wᵀ + b) ⊙ (x·Vᵀ + c), a polynomial of degree two; weight [2·outputs, inputs] holds W above V,
 * bias [2·outputs] holds b before c, all drawn from U(±1/√inputs) when the layer joins a model.
 * Source: Shazeer 2020 (GLU variants, without the gate's nonlinearity); Pearce et al. 2024.
 *
 * @throws {RangeError} when a size is no whole number ≥ 1.
 */
export function bilinear(inputs: number, outputs: number, options: LayerOptions = {}): Layer {
  checkSizes("bilinear", inputs, outputs);
  const config = { type: "bilinear", inputs, outputs, bias: options.bias ?? true } as const;
  return layer(config, 2 * outputs, bilinearOf);
}
