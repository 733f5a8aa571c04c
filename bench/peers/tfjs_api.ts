/** What these benches use of TensorFlow.js. */
export interface Tensor {
  readonly dataSync: () => Float32Array;
  readonly dispose: () => void;
  readonly mul: (other: Tensor | number) => Tensor;
}

/** A tensor that training changes. */
export interface Variable extends Tensor {
  readonly assign: (value: Tensor) => void;
}

/** The module `@tensorflow/tfjs`, as far as it is used. */
export interface Tfjs {
  readonly version: { readonly "tfjs-core": string };
  readonly setBackend: (name: string) => Promise<boolean>;
  readonly getBackend: () => string;
  readonly env: () => { readonly getAsync: (flag: string) => Promise<boolean> };
  readonly tensor2d: (values: Float32Array, shape: readonly number[]) => Tensor;
  readonly tensor1d: (values: Int32Array, type: "int32") => Tensor;
  readonly variable: (initial: Tensor) => Variable;
  readonly matMul: (a: Tensor, b: Tensor, transposeA?: boolean, transposeB?: boolean) => Tensor;
  readonly transpose: (a: Tensor) => Tensor;
  readonly mul: (a: Tensor, b: Tensor) => Tensor;
  readonly oneHot: (labels: Tensor, classes: number) => Tensor;
  readonly tidy: <T>(body: () => T) => T;
  readonly customGrad: (
    forward: (...args: never[]) => {
      readonly value: Tensor;
      readonly gradFunc: (dy: Tensor, saved: Tensor[]) => Tensor[];
    },
  ) => (...args: Tensor[]) => Tensor;
  readonly variableGrads: (loss: () => Tensor, over: Variable[]) => {
    readonly value: Tensor;
    readonly grads: Readonly<Record<string, Tensor>>;
  };
  readonly losses: { readonly softmaxCrossEntropy: (labels: Tensor, logits: Tensor) => Tensor };
  readonly train: {
    readonly adam: (rate: number, beta1: number, beta2: number, epsilon: number) => {
      readonly applyGradients: (gradients: Readonly<Record<string, Tensor>>) => void;
      readonly dispose: () => void;
    };
  };
}
