import { batches, type Dataset, gather } from "../data/mod.ts";
import type { Model } from "../nn/mod.ts";
import { add, crossEntropy, random, reshape, scope } from "../tensor/mod.ts";
import { valueAndGrad } from "../autodiff/mod.ts";
import { checkFit, evaluate, predictions } from "./evaluate.ts";
import type { Batch, EpochEvent, FitOptions, StepEvent, StopEvent } from "./fit_types.ts";
import type { Position } from "./position.ts";

/** The loss stopped being a number. */
export class DivergenceError extends Error {
  /** Always `DivergenceError`. */
  override name = "DivergenceError";
  /** Step at which it happened, from 1. */
  readonly step: number;
  /** An error for the step at which the loss was not finite. */
  constructor(step: number, loss: number) {
    super(
      `Training diverged: the loss is ${loss} at step ${step}; try a smaller learning rate, and look for extreme inputs`,
    );
    this.step = step;
  }
}

/** First stream of the noise: one an epoch; see data/batches.ts for the others. */
const NOISE = 2 ** 33;

/**
 * Trains a model on labelled rows with softmax cross-entropy, event by event: one after every step,
 * one after every epoch, and one if it ends early. Training goes on when the next event is asked for;
 * `break` ends it.
 *
 * @throws {DivergenceError} when the loss stops being finite; {TypeError} or {RangeError} for options
 * that do not fit.
 */
export function* steps(
  model: Model,
  training: Dataset,
  options: FitOptions,
): Generator<StepEvent | EpochEvent | StopEvent> {
  const { optimizer, epochs, schedule, validation } = options;
  const { batchSize = 256, noise = 0, seed = 0, seconds = Infinity } = options;
  checkFit(model, training);
  if (validation) checkFit(model, validation);
  if (!Number.isSafeInteger(epochs) || epochs < 0) {
    throw new RangeError(`Cannot train for ${epochs} epochs: give a whole number ≥ 0`);
  }
  if (!(noise >= 0 && Number.isFinite(noise))) {
    throw new RangeError(
      `Cannot add noise of deviation ${noise}: it must be finite and at least 0`,
    );
  }
  if (!(seconds >= 0)) {
    throw new RangeError(`Cannot train for ${seconds} seconds: give a number ≥ 0`);
  }
  const augment = options.augment ? { augment: options.augment } : {};
  const size = Math.min(batchSize, training.count);
  const stepsPerEpoch = Math.floor(training.count / size);
  const deadline = performance.now() + 1000 * seconds;
  const stopped = (): StopEvent["reason"] | undefined =>
    options.signal?.aborted ? "aborted" : performance.now() >= deadline ? "time" : undefined;
  let position = options.from ?? startOf(1, 0, seed);
  if (options.from) checkPosition(position, stepsPerEpoch, seed);
  while (position.epoch <= epochs) {
    const { epoch, stepInEpoch: before } = position, start = performance.now();
    const source = random(position.random);
    let paused = 0, seen = 0;
    for (const rows of batches(training, { size, seed, epoch, last: "drop" })) {
      if (seen++ < position.stepInEpoch) continue;
      const reason = stopped();
      if (reason) {
        yield { type: "stop", reason, position };
        return;
      }
      if (schedule) {
        optimizer.learningRate = schedule.rate(
          schedule.unit === "epoch" ? epoch - 1 : position.step,
        );
      }
      const { loss, hits } = scope(() => {
        const changes = { random: source, deviation: noise, ...augment };
        const { inputs, labels } = gather(training, rows, changes);
        return update(model, { inputs, labels, step: position.step }, options);
      });
      const step = position.step + 1;
      if (!Number.isFinite(loss)) throw new DivergenceError(step, loss);
      position = {
        epoch,
        stepInEpoch: position.stepInEpoch + 1,
        step,
        lossSum: position.lossSum + loss,
        right: position.right + hits,
        random: source.state,
      };
      const pause = performance.now();
      const { learningRate } = optimizer;
      const steps = epochs * stepsPerEpoch;
      yield { type: "step", epoch, step, steps, loss, learningRate, position };
      paused += performance.now() - pause;
    }
    const trained = performance.now() - start - paused;
    const rows = stepsPerEpoch * size, { lossSum, right } = position;
    const measured = validation && evaluate(model, validation);
    position = startOf(epoch + 1, position.step, seed);
    yield {
      type: "epoch",
      epoch,
      loss: lossSum / stepsPerEpoch,
      trainingAccuracy: right / rows,
      accuracy: measured?.accuracy ?? right / rows,
      ...(measured ? { validationLoss: measured.loss } : {}),
      learningRate: optimizer.learningRate,
      position,
      seconds: (performance.now() - start - paused) / 1000,
      // what was trained before it went on took its time then
      rowsPerSecond: (stepsPerEpoch - before) * size / (trained / 1000),
    };
  }
}

/** The position before the first step of an epoch. */
function startOf(epoch: number, step: number, seed: number): Position {
  const { state } = random(seed, NOISE + epoch);
  return { epoch, stepInEpoch: 0, step, lossSum: 0, right: 0, random: state };
}

function checkPosition(position: Position, stepsPerEpoch: number, seed: number): void {
  const { epoch, stepInEpoch, step, random: { seed: found } } = position;
  if (step !== (epoch - 1) * stepsPerEpoch + stepInEpoch || stepInEpoch > stepsPerEpoch) {
    throw new RangeError(
      `Cannot go on from step ${step} (${stepInEpoch} of epoch ${epoch}): an epoch has ${stepsPerEpoch} steps; use the same data and batchSize as before`,
    );
  }
  if (found !== seed) {
    throw new RangeError(`Cannot go on with seed ${seed}: training began with seed ${found}`);
  }
}

/** One step: loss before the update, and how many rows were right. */
function update(
  model: Model,
  batch: Batch,
  { optimizer, smoothing = 0, penalty }: FitOptions,
): { loss: number; hits: number } {
  const { inputs, labels } = batch;
  let hits = 0;
  const { value, gradients } = valueAndGrad(() => {
    const outputs = model(inputs), truth = labels.toArray();
    hits = predictions(outputs).reduce(
      (count, found, i) => count + (found === truth[i] ? 1 : 0),
      0,
    );
    const loss = crossEntropy(outputs, labels, smoothing);
    const more = penalty && Number.isFinite(loss.item()) ? penalty(model, batch) : undefined;
    return more ? add(loss, reshape(more, loss.shape)) : loss;
  }, model.parameters);
  if (Number.isFinite(value)) optimizer.step(gradients);
  return { loss: value, hits };
}

/**
 * Trains a model on labelled rows with softmax cross-entropy, epoch by epoch. Early stopping is `break`.
 *
 * @throws {DivergenceError} when the loss stops being finite; {TypeError} or {RangeError} for options
 * that do not fit.
 * @example
 * ```ts
 * import { data, nn, optim, train } from "@odot/odot";
 * const xor = data.dataset({
 *   inputs: Float32Array.of(0, 0, 0, 1, 1, 0, 1, 1),
 *   labels: [0, 1, 1, 0],
 * });
 * const model = nn.sequential([nn.bilinear(2, 4), nn.linear(4, 2)], { seed: 1 });
 * const optimizer = optim.adamw(model, { learningRate: 0.05 });
 * for (const { accuracy } of train.fit(model, xor, { optimizer, epochs: 500 })) {
 *   if (accuracy === 1) break;
 * }
 * console.log(train.evaluate(model, xor).accuracy); // 1
 * ```
 */
export function* fit(
  model: Model,
  training: Dataset,
  options: FitOptions,
): Generator<EpochEvent> {
  for (const event of steps(model, training, options)) {
    if (event.type === "epoch") yield event;
  }
}
