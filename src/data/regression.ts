import { type Random, random, type RandomState, type Tensor, tensor } from "../tensor/mod.ts";

/** Rows of inputs with numbers as targets: what regression reads, as {@linkcode Dataset} has labels. */
export interface RegressionData {
  /** What people call it. */
  readonly name: string;
  /** Number of rows. */
  readonly count: number;
  /** Inputs a row. */
  readonly features: number;
  /** Targets a row. */
  readonly outputs: number;
  /** Rows one after another [count · features]. */
  readonly inputs: Float32Array;
  /** Targets one after another [count · outputs]. */
  readonly targets: Float32Array;
}

/** A batch as tensors: inputs [rows, features], targets [rows, outputs]. */
export interface RegressionBatch {
  /** [rows, features]. */
  readonly inputs: Tensor;
  /** [rows, outputs]. */
  readonly targets: Tensor;
}

/** A source of fresh rows: no two batches share any. The same seed gives the same rows everywhere. */
export interface Sampler {
  /** What people call it. */
  readonly name: string;
  /** Inputs a row. */
  readonly features: number;
  /** Targets a row. */
  readonly outputs: number;
  /** Where its random numbers stand: as `seed` of the same sampler it goes on from there. */
  readonly state: RandomState;
  /** So many new rows; inputs and targets are one tensor where they are the same. */
  batch(count: number): RegressionBatch;
}

/** What {@linkcode regression} takes. */
export interface RegressionParts {
  /** Rows one after another [count · features]. */
  readonly inputs: Float32Array;
  /** Targets one after another [count · outputs]. */
  readonly targets: Float32Array;
  /** Number of rows. */
  readonly count: number;
  /** What people call it; "data" unless said. */
  readonly name?: string;
}

/**
 * Checked rows of inputs and targets.
 *
 * @throws {RangeError} when there are none, or a number is not finite; {TypeError} when inputs or targets
 * are no whole number of rows.
 * @example
 * ```ts
 * import * as data from "@odot/odot/data";
 * const doubled = data.regression({
 *   inputs: Float32Array.of(1, 2, 3),
 *   targets: Float32Array.of(2, 4, 6),
 *   count: 3,
 * });
 * console.log(doubled.features, doubled.outputs); // 1 1
 * ```
 */
export function regression(
  { inputs, targets, count, name = "data" }: RegressionParts,
): RegressionData {
  if (!Number.isSafeInteger(count) || count < 1) {
    throw new RangeError(`Cannot use ${name} of ${count} rows: give a whole number ≥ 1`);
  }
  for (const [what, values] of [["inputs", inputs], ["targets", targets]] as const) {
    if (values.length === 0 || values.length % count !== 0) {
      throw new TypeError(
        `Cannot use ${name}: ${values.length} ${what} are no whole number for each of ${count} rows`,
      );
    }
    const bad = values.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) {
      const width = values.length / count;
      throw new RangeError(
        `Cannot use ${name}: number ${bad % width} of the ${what} of row ${
          Math.floor(bad / width)
        } is ${values[bad]}, and must be finite`,
      );
    }
  }
  const features = inputs.length / count, outputs = targets.length / count;
  return { name, count, features, outputs, inputs, targets };
}

/**
 * The given rows as tensors.
 *
 * @throws {RangeError} when there is no such row.
 */
export function gatherTargets(source: RegressionData, rows: Uint32Array): RegressionBatch {
  const beyond = rows.find((index) => index >= source.count);
  if (beyond !== undefined) {
    throw new RangeError(`Cannot take row ${beyond} of ${source.name}: it has ${source.count}`);
  }
  const take = (values: Float32Array, width: number): Tensor => {
    const taken = new Float32Array(rows.length * width);
    rows.forEach((index, i) =>
      taken.set(values.subarray(index * width, (index + 1) * width), i * width)
    );
    return tensor(taken, [rows.length, width]);
  };
  return {
    inputs: take(source.inputs, source.features),
    targets: take(source.targets, source.outputs),
  };
}

/**
 * Rows drawn at random from a fixed set, each as likely as any other, again and again.
 *
 * @throws {RangeError} when the seed is no whole number from 0 to 2^53 − 1.
 * @example
 * ```ts
 * import * as data from "@odot/odot/data";
 * import { scope } from "@odot/odot";
 * const bits = data.resample(data.gates(4), { seed: 1 });
 * scope(() => console.log(bits.batch(100).targets.shape)); // [100, 6]
 * ```
 */
export function resample(
  source: RegressionData,
  { seed = 0 }: { readonly seed?: number | RandomState } = {},
): Sampler {
  const { name, features, outputs } = source;
  return sampler({ name, features, outputs }, seed, (count, from) =>
    gatherTargets(
      source,
      from.words(count).map((word) => Math.floor(word / 2 ** 32 * source.count)),
    ));
}

/**
 * So many rows of a sampler as a fixed set: to measure on, or to look at.
 *
 * @throws {RangeError} when the count is no whole number ≥ 1.
 */
export function draw(source: Sampler, count: number): RegressionData {
  checkRows(source.name, count);
  const { inputs, targets } = source.batch(count);
  const made = regression({
    name: source.name,
    inputs: inputs.toArray(),
    targets: targets.toArray(),
    count,
  });
  inputs[Symbol.dispose]();
  targets[Symbol.dispose]();
  return made;
}

/** Stream of the samples: above those of weights, orders and noise of the same seed. */
const SAMPLES = 2 ** 34;

/** A sampler that makes its batches by `make` from one sequence of random numbers. */
export function sampler<P extends Pick<Sampler, "name" | "features" | "outputs">>(
  parts: P,
  seed: number | RandomState,
  make: (count: number, from: Random) => RegressionBatch,
): P & Pick<Sampler, "state" | "batch"> {
  const from = typeof seed === "number" ? random(seed, SAMPLES) : random(seed);
  return {
    ...parts,
    get state(): RandomState {
      return from.state;
    },
    batch: (count: number) => {
      checkRows(parts.name, count);
      return make(count, from);
    },
  };
}

function checkRows(name: string, count: number): void {
  if (!Number.isSafeInteger(count) || count < 1) {
    throw new RangeError(`Cannot draw ${count} rows of ${name}: give a whole number ≥ 1`);
  }
}

/** A random word as a number in (0, 1): its upper 23 bits and a half, exact in f32. */
export function unit(word: number): number {
  return ((word >>> 9) + 0.5) / 2 ** 23;
}

/** Throws a RangeError unless a number of features is a whole one from 1 up. */
export function checkFeatures(name: string, features: number): void {
  if (!Number.isSafeInteger(features) || features < 1) {
    throw new RangeError(`Cannot make ${name} of ${features} features: give a whole number ≥ 1`);
  }
}
