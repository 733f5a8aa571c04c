import type { Augmentation, Dataset } from "../data/mod.ts";
import type { Model } from "../nn/mod.ts";
import type { Optimizer, Schedule } from "../optim/mod.ts";
import type { Tensor } from "../tensor/mod.ts";
import type { Position } from "./position.ts";

/** The rows of one step. */
export interface Batch {
  /** Inputs as the model gets them [rows, features], with their changes and noise. */
  readonly inputs: Tensor;
  /** Their classes [rows]. */
  readonly labels: Tensor;
  /** Steps before this one. */
  readonly step: number;
}

/**
 * What is added to the loss of a step: a tensor of one element, made of operations that can be
 * differentiated; nothing where it is undefined. `guarantee.radiusPenalty` makes one.
 */
export type Penalty = (model: Model, batch: Batch) => Tensor | undefined;

/** Options of fit and steps. */
export interface FitOptions {
  /** What updates the weights; it must have been made for the same model. */
  readonly optimizer: Optimizer;
  /** Passes over the data. */
  readonly epochs: number;
  /** Rows a step; 256 unless said. A smaller rest at the end of an epoch is left out. */
  readonly batchSize?: number;
  /** Standard deviation of Gaussian noise added to the inputs, in their units; none unless said. */
  readonly noise?: number;
  /** Changes every batch before the noise: translations, blur and the like. */
  readonly augment?: Augmentation;
  /** Label smoothing ε: targets are (1 − ε)·one-hot + ε/classes; 0 unless said. */
  readonly smoothing?: number;
  /** Added to the cross-entropy of every step, and so to the losses that events give; none unless said. */
  readonly penalty?: Penalty;
  /** Learning rate over time; the optimizer's own unless given. */
  readonly schedule?: Schedule;
  /** Data to measure accuracy and loss on after every epoch. */
  readonly validation?: Dataset;
  /** Seed of the order of the rows and of the noise; 0 unless said. */
  readonly seed?: number;
  /** Where to go on: the position of an earlier event, with weights and optimizer as they were then. */
  readonly from?: Position;
  /** Time after which no further step begins, seconds. */
  readonly seconds?: number;
  /** Ends training before the next step once it is aborted. */
  readonly signal?: AbortSignal;
}

/** What one step gave. */
export interface StepEvent {
  /** Always `step`. */
  readonly type: "step";
  /** Pass over the data, from 1. */
  readonly epoch: number;
  /** Steps so far, this one included. */
  readonly step: number;
  /** Steps in all. */
  readonly steps: number;
  /** Mean cross-entropy of the batch before the update, nats, and the penalty where there is one. */
  readonly loss: number;
  /** Step size, dimensionless. */
  readonly learningRate: number;
  /** Where training stands after this step. */
  readonly position: Position;
}

/** Why training ended before its last epoch. */
export interface StopEvent {
  /** Always `stop`. */
  readonly type: "stop";
  /** What ended it. */
  readonly reason: "time" | "aborted";
  /** Where training stands. */
  readonly position: Position;
}

/** What one epoch gave. */
export interface EpochEvent {
  /** Always `epoch`. */
  readonly type: "epoch";
  /** Pass over the data, from 1. */
  readonly epoch: number;
  /** Mean training loss of its steps, nats, penalty included. */
  readonly loss: number;
  /** Share of training rows (with their noise) that were right before the update, 0 to 1. */
  readonly trainingAccuracy: number;
  /** Accuracy on the validation data; on the training rows where there are none. */
  readonly accuracy: number;
  /** Mean cross-entropy on the validation data, nats, where there are some. */
  readonly validationLoss?: number;
  /** Step size, dimensionless. */
  readonly learningRate: number;
  /** Where training stands: before the next epoch. */
  readonly position: Position;
  /** Time of the epoch, validation included, seconds; where it went on inside, from there. */
  readonly seconds: number;
  /** Training rows a second, validation left out; where it went on inside, of the rows from there. */
  readonly rowsPerSecond: number;
}
