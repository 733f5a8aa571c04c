import { batches, type Dataset, row } from "../data/mod.ts";
import type { Model } from "../nn/mod.ts";
import { UsageError } from "./errors.ts";

/** Some rows of a dataset as a model sees them. */
export interface Rows {
  /** Where they come from. */
  readonly source: Dataset;
  /** Their numbers there, in order [count]. */
  readonly indices: readonly number[];
  /** Inputs [count, features]. */
  readonly inputs: Float32Array<ArrayBuffer>;
  /** Their classes [count]. */
  readonly labels: Int32Array;
}

/** So many rows, drawn by a seed; all where there are fewer. */
export function drawnRows(source: Dataset, count: number, seed: number): Rows {
  const [order] = batches(source, { size: source.count, seed });
  const drawn = count >= source.count ? order! : order!.subarray(0, count);
  return rowsAt(source, [...drawn].sort((a, b) => a - b));
}

/** @throws {UsageError} when there is no such row. */
export function oneRow(source: Dataset, index: number): Rows {
  if (index >= source.count) {
    throw new UsageError(
      `--index: ${source.name} has no row ${index}; its rows are 0 to ${source.count - 1}`,
    );
  }
  return rowsAt(source, [index]);
}

function rowsAt(source: Dataset, indices: readonly number[]): Rows {
  const inputs = new Float32Array(indices.length * source.features);
  indices.forEach((index, i) => inputs.set(row(source, index), i * source.features));
  const labels = Int32Array.from(indices, (index) => source.labels[index]!);
  return { source, indices, inputs, labels };
}

/** The input of one of them [features]. */
export function inputAt({ inputs, source: { features } }: Rows, at: number): Float32Array {
  return inputs.subarray(at * features, (at + 1) * features);
}

/** The first of them. */
export function firstRows(rows: Rows, count: number): Rows {
  const { source, indices, inputs, labels } = rows;
  return {
    source,
    indices: indices.slice(0, count),
    inputs: inputs.slice(0, count * source.features),
    labels: labels.slice(0, count),
  };
}

/** Fails early for a model that compares nothing. @throws {UsageError} */
export function checkClasses({ outputs }: Model): void {
  if (outputs < 2) {
    throw new UsageError(
      `this model has ${outputs} output and so no classes to keep apart; bound the output with --at-most and --within`,
    );
  }
}
