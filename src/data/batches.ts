import {
  fromBytes,
  indices,
  type Random,
  random,
  sameShape,
  type Tensor,
  tensor,
} from "../tensor/mod.ts";
import type { Augmentation } from "./augment.ts";
import type { Dataset } from "./dataset.ts";

/** Options of {@linkcode batches}. */
export interface BatchOptions {
  /** Rows a batch. */
  readonly size: number;
  /** Seed of the order; the rows come as they stand unless given. */
  readonly seed?: number;
  /** Which pass over the data: each has an order of its own; 0 unless said. */
  readonly epoch?: number;
  /** What becomes of a last, smaller batch; kept unless said. */
  readonly last?: "keep" | "drop";
}

/**
 * The row numbers of one pass over a dataset, batch by batch.
 *
 * @throws {RangeError} when the size is no whole number ≥ 1, or no batch would remain.
 * @example
 * ```ts
 * import { data, scope } from "@odot/odot";
 * const some = data.dataset({ inputs: new Float32Array(20), labels: new Uint8Array(10) });
 * for (const rows of data.batches(some, { size: 4, seed: 0 })) {
 *   scope(() => console.log(data.gather(some, rows).inputs.shape)); // [4, 2], [4, 2], [2, 2]
 * }
 * ```
 */
export function* batches(
  source: Pick<Dataset, "count">,
  { size, seed, epoch = 0, last = "keep" }: BatchOptions,
): Generator<Uint32Array<ArrayBuffer>> {
  if (!Number.isSafeInteger(size) || size < 1) {
    throw new RangeError(`Cannot make batches of ${size} rows: give a whole number ≥ 1`);
  }
  if (last === "drop" && size > source.count) {
    throw new RangeError(
      `Cannot make batches of ${size} rows from ${source.count} with the last one dropped: none would remain`,
    );
  }
  const order = seed === undefined
    ? Uint32Array.from({ length: source.count }, (_, i) => i)
    : random(seed, ORDER + epoch).permutation(source.count);
  const end = last === "drop" ? source.count - source.count % size : source.count;
  for (let i = 0; i < end; i += size) yield order.slice(i, Math.min(end, i + size));
}

/** First stream of the orders: one an epoch. Streams below draw weights, those from 2^33 noise and augmentation. */
const ORDER = 2 ** 32;

/** A batch as tensors: inputs [rows, features], labels i32 [rows]. */
export interface Batch {
  /** [rows, features], f32. */
  readonly inputs: Tensor;
  /** [rows], i32. */
  readonly labels: Tensor;
}

/** What happens to the inputs of a batch before they are used. */
export interface BatchChanges {
  /** Source of all that is random. */
  readonly random: Random;
  /** What changes the inputs first: {@linkcode augmentation}, or a function of your own. */
  readonly augment?: Augmentation;
  /** Standard deviation of Gaussian noise that is added then, in the units of the inputs; none unless said. */
  readonly deviation?: number;
}

/**
 * The given rows of a dataset as tensors, augmented and with Gaussian noise on the inputs when asked.
 *
 * @throws {RangeError} when there is no such row; {TypeError} when an augmentation gives inputs of another
 * shape.
 */
export function gather(source: Dataset, rows: Uint32Array, changes?: BatchChanges): Batch {
  const { features, inputs, labels, divisor } = source;
  const beyond = rows.find((index) => index >= source.count);
  if (beyond !== undefined) {
    throw new RangeError(`Cannot take row ${beyond} of ${source.name}: it has ${source.count}`);
  }
  const taken = inputs instanceof Uint8Array
    ? new Uint8Array(rows.length * features)
    : new Float32Array(rows.length * features);
  const labelsTaken = new Int32Array(rows.length);
  rows.forEach((index, i) => {
    taken.set(inputs.subarray(index * features, (index + 1) * features), i * features);
    labelsTaken[i] = labels[index]!;
  });
  const shape = [rows.length, features];
  const x = taken instanceof Uint8Array
    ? fromBytes(taken, shape, divisor)
    : tensor(divisor === 1 ? taken : taken.map((value) => value / divisor), shape);
  return { inputs: changes ? changed(x, changes) : x, labels: indices(labelsTaken) };
}

function changed(inputs: Tensor, { random, augment, deviation = 0 }: BatchChanges): Tensor {
  const after = augment?.(inputs, random) ?? inputs;
  if (!sameShape(after.shape, inputs.shape)) {
    throw new TypeError(`Cannot use ${after} for ${inputs}: augmentation must keep the shape`);
  }
  if (after !== inputs) inputs[Symbol.dispose]();
  if (deviation > 0) random.addNormal(after, deviation);
  return after;
}
