import { adamwUpdate, sameShape, type Tensor, zeros } from "../tensor/mod.ts";

/** Something with named parameters: a model. */
export interface Trainable {
  readonly parameters: ReadonlyMap<string, Tensor>;
}

/** What updates the parameters of a model from their gradients. */
export interface Optimizer {
  /** Step size; a schedule sets it anew. */
  learningRate: number;
  /** Steps taken so far. */
  readonly steps: number;
  /** Moments by parameter name, such as `0.weight.first`. */
  readonly state: ReadonlyMap<string, Tensor>;
  /**
   * Updates the parameters in place; on an error, none.
   *
   * @throws {ReferenceError} when the gradient of a parameter is missing or freed; {TypeError} when its
   * shape differs; {RangeError} when the learning rate was set to no finite number ≥ 0.
   */
  step(gradients: ReadonlyMap<string, Tensor>): void;
  /** Frees the state. */
  [Symbol.dispose](): void;
}

/** Options of {@linkcode adamw}; the defaults are PyTorch's. */
export interface AdamwOptions {
  /** Step size, dimensionless; 1e-3 unless said. */
  readonly learningRate?: number;
  /** Decoupled decay: each step multiplies the weights by 1 − learningRate · weightDecay; 0.01 unless said. */
  readonly weightDecay?: number;
  /** Decay rates of the two moments; [0.9, 0.999] unless said. */
  readonly betas?: readonly [number, number];
  /** Added to the root of the second moment; 1e-8 unless said. */
  readonly epsilon?: number;
}

function checkRange(name: string, value: number, below: number): void {
  if (!(value >= 0 && value < below)) {
    throw new RangeError(
      `Cannot use ${name} ${value}: it must be at least 0${
        below === Infinity ? " and finite" : ` and below ${below}`
      }`,
    );
  }
}

/**
 * AdamW: Adam with decoupled weight decay (Loshchilov & Hutter 2019).
 *
 * @throws {RangeError} for an option out of range.
 */
export function adamw(model: Trainable, options: AdamwOptions = {}): Optimizer {
  const { learningRate = 1e-3, weightDecay = 0.01, betas: [beta1, beta2] = [0.9, 0.999] } = options;
  const epsilon = options.epsilon ?? 1e-8;
  checkRange("learningRate", learningRate, Infinity);
  checkRange("weightDecay", weightDecay, Infinity);
  checkRange("epsilon", epsilon, Infinity);
  checkRange("beta1", beta1, 1);
  checkRange("beta2", beta2, 1);

  const state = new Map<string, Tensor>();
  for (const [name, parameter] of model.parameters) {
    for (const moment of ["first", "second"]) {
      state.set(`${name}.${moment}`, zeros(parameter.shape));
    }
  }
  let steps = 0;
  // β₁ᵗ and β₂ᵗ by repeated multiplication: Math.pow may differ between engines
  let power1 = 1, power2 = 1;
  return {
    learningRate,
    get steps(): number {
      return steps;
    },
    state,
    step(gradients: ReadonlyMap<string, Tensor>): void {
      checkRange("learningRate", this.learningRate, Infinity);
      for (const [name, parameter] of model.parameters) {
        const gradient = gradients.get(name);
        if (!gradient) {
          throw new ReferenceError(`Cannot step: the gradient of "${name}" is missing`);
        }
        if (gradient.dtype !== "f32" || !sameShape(gradient.shape, parameter.shape)) {
          throw new TypeError(`Cannot step: "${name}" is ${parameter}, its gradient ${gradient}`);
        }
        void gradient.address; // a freed gradient throws here, before any parameter changes
      }
      steps++;
      power1 *= beta1;
      power2 *= beta2;
      const scalars = {
        rate: this.learningRate / (1 - power1),
        decay: 1 - this.learningRate * weightDecay,
        beta1,
        beta2,
        epsilon,
        root: 1 / Math.sqrt(1 - power2),
      };
      for (const [name, parameter] of model.parameters) {
        const [first, second] = [state.get(`${name}.first`)!, state.get(`${name}.second`)!];
        adamwUpdate(parameter, gradients.get(name)!, first, second, scalars);
      }
    },
    [Symbol.dispose]: () => state.forEach((moment) => moment[Symbol.dispose]()),
  };
}
