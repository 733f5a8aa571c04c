import { sizeOf } from "../tensor/mod.ts";

/** Labelled rows: what training, evaluation and reports read. */
export interface Dataset {
  /** What people call it. */
  readonly name: string;
  /** Number of rows. */
  readonly count: number;
  /** Numbers a row. */
  readonly features: number;
  /** Number of classes; labels are 0 … classes − 1. */
  readonly classes: number;
  /** Rows one after another [count · features]; divided by `divisor` when used. */
  readonly inputs: Float32Array | Uint8Array;
  /** 255 for pixels kept as bytes, else 1. */
  readonly divisor: number;
  /** One label a row [count]. */
  readonly labels: Uint8Array | Int32Array;
  /** Width and height where rows are images, pixels. */
  readonly image?: { readonly width: number; readonly height: number };
  /** What people call the classes [classes], where they have names. */
  readonly classNames?: readonly string[];
}

/** What {@linkcode dataset} takes: a dataset, some parts of which follow from the others. */
export interface DatasetParts {
  /** Rows one after another [count · features]. */
  readonly inputs: Float32Array | Uint8Array;
  /** One label a row [count]. */
  readonly labels: Uint8Array | Int32Array | readonly number[];
  /** Number of classes; as many as have names, else one more than the largest label, unless said. */
  readonly classes?: number;
  /** 255 for pixels kept as bytes; 1 unless said. */
  readonly divisor?: number;
  /** What people call it; "data" unless said. */
  readonly name?: string;
  /** Width and height where rows are images, pixels. */
  readonly image?: { readonly width: number; readonly height: number };
  /** One name a class. */
  readonly classNames?: readonly string[];
}

/**
 * A checked dataset from its parts.
 *
 * @throws {RangeError} when it is empty, a label is no class or an input is not finite;
 * {TypeError} when inputs are no whole number of rows.
 * @example
 * ```ts
 * import { data } from "@odot/odot";
 * const xor = data.dataset({
 *   inputs: Float32Array.of(0, 0, 0, 1, 1, 0, 1, 1),
 *   labels: [0, 1, 1, 0],
 * });
 * console.log(xor.features, xor.classes); // 2 2
 * ```
 */
export function dataset(parts: DatasetParts): Dataset {
  const { inputs, divisor = 1, name = "data" } = parts;
  if (parts.labels.length === 0) {
    throw new RangeError(`Cannot use ${name}: it is empty; give at least one row and its label`);
  }
  if (!(divisor > 0 && Number.isFinite(divisor))) {
    throw new RangeError(`Cannot use ${name}: divisor ${divisor} must be finite and above 0`);
  }
  const labels = Array.isArray(parts.labels) || !ArrayBuffer.isView(parts.labels)
    ? checkedLabels(name, parts.labels as readonly number[])
    : parts.labels as Uint8Array | Int32Array;
  const count = labels.length, features = inputs.length / count;
  if (!Number.isInteger(features) || features === 0) {
    throw new TypeError(
      `Cannot use ${name}: ${inputs.length} inputs are no whole number of rows for ${count} labels`,
    );
  }
  if (parts.image && sizeOf([parts.image.width, parts.image.height]) !== features) {
    throw new TypeError(
      `Cannot use ${name}: rows of ${features} are no images of ${parts.image.width} × ${parts.image.height}`,
    );
  }
  let largest = 0;
  for (const label of labels) largest = Math.max(largest, label);
  const classes = parts.classes ?? parts.classNames?.length ?? largest + 1;
  if (!Number.isSafeInteger(classes) || classes < 1) {
    throw new RangeError(`Cannot use ${name} with ${classes} classes: give a whole number ≥ 1`);
  }
  if (parts.classNames && parts.classNames.length !== classes) {
    throw new RangeError(
      `Cannot use ${name}: ${parts.classNames.length} names do not fit ${classes} classes`,
    );
  }
  const wrong = labels.findIndex((label) => label < 0 || label >= classes);
  if (wrong >= 0) {
    throw new RangeError(
      `Cannot use ${name}: label ${wrong} is ${labels[wrong]}, but the classes are 0 to ${
        classes - 1
      }`,
    );
  }
  if (inputs instanceof Float32Array) {
    const bad = inputs.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) {
      throw new RangeError(
        `Cannot use ${name}: input ${bad % features} of row ${Math.floor(bad / features)} is ${
          inputs[bad]
        }, and must be finite`,
      );
    }
  }
  return {
    name,
    count,
    features,
    classes,
    inputs,
    divisor,
    labels,
    ...(parts.image ? { image: parts.image } : {}),
    ...(parts.classNames ? { classNames: parts.classNames } : {}),
  };
}

function checkedLabels(name: string, labels: readonly number[]): Int32Array {
  labels.forEach((label, i) => {
    if (label !== (label | 0)) {
      throw new RangeError(
        `Cannot use ${name}: label ${i} is ${label}, no whole number below 2^31`,
      );
    }
  });
  return Int32Array.from(labels);
}

/**
 * The rows [start, end) of a dataset, sharing its memory.
 *
 * @throws {RangeError} when they are none or beyond the ends.
 */
export function slice(whole: Dataset, start: number, end: number): Dataset {
  if (
    !(Number.isInteger(start) && Number.isInteger(end) && 0 <= start && start < end &&
      end <= whole.count)
  ) {
    throw new RangeError(
      `Cannot take rows ${start} to ${end} of ${whole.name}: it has ${whole.count}`,
    );
  }
  return {
    ...whole,
    count: end - start,
    inputs: whole.inputs.subarray(start * whole.features, end * whole.features),
    labels: whole.labels.subarray(start, end),
  };
}

/**
 * One row of a dataset as numbers [features], pixels divided.
 *
 * @throws {RangeError} when there is no such row.
 */
export function row(source: Dataset, index: number): Float32Array<ArrayBuffer> {
  const { inputs, features, divisor } = slice(source, index, index + 1);
  return Float32Array.from(inputs.subarray(0, features), (value) => value / divisor);
}
