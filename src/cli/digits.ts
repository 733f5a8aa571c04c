import { bilinear, type BilinearOptions, linear, type Model, sequential } from "../nn/mod.ts";

/** The network of `odot demo`, and how it is trained: the one place to tune it. */
export const digits: {
  readonly hidden: number;
  readonly epochs: number;
  readonly batchSize: number;
  /** Of AdamW at the start; it follows a cosine to zero. */
  readonly learningRate: number;
  readonly weightDecay: number;
  /** Standard deviation of the noise added to pixels of 0 to 1. */
  readonly noise: number;
} = {
  hidden: 128,
  epochs: 10,
  batchSize: 256,
  learningRate: 2e-3,
  weightDecay: 0.5,
  noise: 0.4,
};

/** Sizes of a network with one bilinear layer. */
export interface Architecture {
  readonly inputs: number;
  /** Width of a linear layer before the bilinear one; none unless given. */
  readonly embed?: number | undefined;
  readonly hidden: number;
  readonly outputs: number;
  readonly bias: boolean;
  /** Activation of the bilinear layer's left side; none unless given. */
  readonly gate?: NonNullable<BilinearOptions["gate"]>;
}

/** The network: an embedding where one is asked for, products, and a readout. */
export function makeModel(
  { inputs, embed, hidden, outputs, bias, gate = "none" }: Architecture,
  seed: number,
): Model {
  return sequential([
    ...(embed === undefined ? [] : [linear(inputs, embed, { bias })]),
    bilinear(embed ?? inputs, hidden, { bias, gate }),
    linear(hidden, outputs, { bias }),
  ], { seed });
}
