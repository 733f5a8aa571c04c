import type { Augmentation, Dataset } from "../data/mod.ts";
import type { Optimizer, Schedule } from "../optim/mod.ts";
import type { Position } from "./position.ts";

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
  /** Mean cross-entropy of the batch before the update, nats. */
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
  /** Mean training loss of its steps, nats. */
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
  /** Time of the epoch, validation included, seconds. */
  readonly seconds: number;
  /** Training rows a second, validation left out. */
  readonly rowsPerSecond: number;
}
