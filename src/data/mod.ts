/**
 * Data: labelled rows and rows with numbers as targets, batches in seeded order, augmentation, MNIST and
 * Fashion-MNIST, files (IDX, CSV, gzip), and generated tasks.
 *
 * All that is random comes from a seed, by counter-based numbers that are the same in every engine.
 *
 * @example
 * ```ts
 * import * as data from "@odot/odot/data";
 * const gate = data.dataset({ inputs: Float32Array.of(0, 0, 0, 1, 1, 0, 1, 1), labels: [0, 0, 0, 1] });
 * console.log(data.row(gate, 3)); // Float32Array [1, 1]
 * ```
 *
 * @example Files, a split, and augmented batches
 * ```ts
 * import * as data from "@odot/odot/data";
 * import { random, scope } from "@odot/odot";
 *
 * const text = "label,a,b,c,d\n0,0,1,0,1\n1,1,0,1,0\n0,0,0,0,1\n1,1,1,1,0\n";
 * const pictures = data.csv(text, { label: "label", image: { width: 2, height: 2 } });
 * const { training, test } = data.split(pictures, { testShare: 0.5, seed: 1 });
 * const augment = data.augmentation({ width: 2, height: 2 }, [data.translation({ pixels: 1 })]);
 * for (const rows of data.batches(training, { size: 2, seed: 1 })) {
 *   scope(() => console.log(data.gather(training, rows, { random: random(1), augment }).inputs.shape));
 * }
 * console.log(test.count); // 2
 * ```
 *
 * @module
 */
export { dataset, row, slice } from "./dataset.ts";
export type { Dataset, DatasetParts } from "./dataset.ts";
export { split } from "./split.ts";
export type { SplitOptions } from "./split.ts";
export { batches, gather } from "./batches.ts";
export type { Batch, BatchChanges, BatchOptions } from "./batches.ts";

export { augment, augmentation } from "./augment.ts";
export type { Augmentation, ImageChange, ImageSize } from "./augment.ts";
export { blur, rotation, translation } from "./augment_shape.ts";
export type { BlurOptions, RotationOptions, TranslationOptions } from "./augment_shape.ts";
export { dropout, gaussianNoise, saltAndPepper } from "./augment_noise.ts";
export type {
  DropoutOptions,
  GaussianNoiseOptions,
  SaltAndPepperOptions,
} from "./augment_noise.ts";

export { images, mnist } from "./mnist.ts";
export type { MnistFiles } from "./mnist.ts";
export { fashionMnist } from "./fashion_mnist.ts";
export type { FashionMnist, FashionMnistOptions } from "./fashion_mnist.ts";
export { csv, readCsv } from "./csv.ts";
export type { CsvDatasetOptions, CsvOptions, NumberTable } from "./csv.ts";
export { readIdx, writeIdx } from "./idx.ts";
export type { IdxArray, IdxArrays, IdxDtype, IdxOptions } from "./idx.ts";
export { decompress } from "./gzip.ts";
export type { DecompressOptions } from "./gzip.ts";
export { readBytes } from "./host.ts";
export type { Source } from "./sources.ts";

export { draw, gatherTargets, regression, resample } from "./regression.ts";
export type { RegressionBatch, RegressionData, RegressionParts, Sampler } from "./regression.ts";
export { gate, gates, truthTable } from "./tasks/gates.ts";
export type { Bit, GateLike, GateName, GateOptions, Gates, GatesOptions } from "./tasks/gates.ts";
export { modularAddition } from "./tasks/modular_addition.ts";
export type { ModularAddition, ModularAdditionOptions } from "./tasks/modular_addition.ts";
export { sparseFeatures } from "./tasks/sparse_features.ts";
export type { SparseFeatures, SparseFeaturesOptions } from "./tasks/sparse_features.ts";
export { kurtosisFeatures } from "./tasks/kurtosis_features.ts";
export type {
  FeatureDistribution,
  KurtosisFeatures,
  KurtosisFeaturesOptions,
} from "./tasks/kurtosis_features.ts";
export { functionTask } from "./tasks/function_task.ts";
export type { FunctionName, FunctionTaskOptions } from "./tasks/function_task.ts";
