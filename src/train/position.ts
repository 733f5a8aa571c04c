import type { RandomState } from "../tensor/mod.ts";

/**
 * Where training stands between two steps: all that it needs, beside weights and optimizer, to go on as if
 * it had never stopped.
 */
export interface Position {
  /** Pass over the data, from 1. */
  readonly epoch: number;
  /** Steps made in this epoch. */
  readonly stepInEpoch: number;
  /** Steps made in all. */
  readonly step: number;
  /** Sum of the losses of this epoch, nats. */
  readonly lossSum: number;
  /** Training rows of this epoch that were right. */
  readonly right: number;
  /** The random numbers of this epoch: noise and augmentation. */
  readonly random: RandomState;
}
