/**
 * The MNIST networks 784 → bilinear → 10 of the literature that several benches look at: with and without
 * weight decay and input noise, AdamW 1e-3, cosine by epoch, batch 256, 10 epochs, seed 0.
 *
 * @module
 */
import { type data, nn, optim, train } from "@odot/odot";

/** How one of the networks is trained. */
export interface MnistModel {
  /** Neurons of the bilinear layer; 64 unless said. */
  readonly neurons?: number;
  /** Weight decay. */
  readonly weightDecay: number;
  /** Standard deviation of the noise on every pixel. */
  readonly noise: number;
}

/** Trains one of them, which takes the better part of a minute. */
export function trained(
  { neurons = 64, weightDecay, noise }: MnistModel,
  training: data.Dataset,
): nn.Model {
  const epochs = 10;
  const model = nn.sequential([
    nn.bilinear(784, neurons, { bias: false }),
    nn.linear(neurons, 10, { bias: false }),
  ], { seed: 0 });
  const optimizer = optim.adamw(model, { learningRate: 1e-3, weightDecay });
  const schedule = optim.cosine(1e-3, { epochs });
  const options = { optimizer, schedule, epochs, batchSize: 256, noise, seed: 0 };
  for (const _ of train.fit(model, training, options));
  optimizer[Symbol.dispose]();
  return model;
}
