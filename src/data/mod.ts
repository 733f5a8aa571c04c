/**
 * Data: labelled rows, batches in seeded order, MNIST and the IDX format it comes in.
 *
 * @example
 * ```ts
 * import * as data from "@odot/odot/data";
 * const gate = data.dataset({ inputs: Float32Array.of(0, 0, 0, 1, 1, 0, 1, 1), labels: [0, 0, 0, 1] });
 * console.log(data.row(gate, 3)); // Float32Array [1, 1]
 * ```
 *
 * @module
 */
export { dataset, row, slice } from "./dataset.ts";
export type { Dataset, DatasetParts } from "./dataset.ts";
export { batches, gather } from "./batches.ts";
export type { Batch, BatchOptions } from "./batches.ts";
export { readIdx, writeIdx } from "./idx.ts";
export type { IdxArray, IdxArrays, IdxDtype, IdxOptions } from "./idx.ts";
export { images, mnist } from "./mnist.ts";
export type { MnistFiles } from "./mnist.ts";
export { readBytes } from "./host.ts";
