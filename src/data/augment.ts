import type { Random, Tensor } from "../tensor/mod.ts";

/** Width and height of images, pixels. */
export interface ImageSize {
  /** Pixels a row. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
}

/** A change to a batch of images in place: pixels [count · height · width], row by row. */
export type ImageChange = (pixels: Float32Array, size: ImageSize, random: Random) => void;

/**
 * A change to the inputs of a batch [rows, features] before they are trained on: in place, or as a new
 * tensor that takes their place. It must take all that is random from `random`.
 */
export type Augmentation = (inputs: Tensor, random: Random) => Tensor | void;

/**
 * Changes a batch of images in place, one change after another, and returns it: a tensor or an array of
 * rows of height · width pixels. Equal random states give equal bits.
 *
 * Source: the list of changes is that of the ablation in M. Pearce and others, "Bilinear MLPs enable
 * weight-based mechanistic interpretability", 2024.
 *
 * @throws {TypeError} when rows are no images of that size; {RangeError} when the size is none.
 * @example
 * ```ts
 * import * as data from "@odot/odot/data";
 * import { random } from "@odot/odot";
 * const digit = new Float32Array(28 * 28).fill(0.5);
 * const size = { width: 28, height: 28 };
 * data.augment(digit, size, [data.translation({ pixels: 7 }), data.rotation({ degrees: 15 })], random(1));
 * ```
 */
export function augment<T extends Tensor | Float32Array>(
  images: T,
  size: ImageSize,
  changes: readonly ImageChange[],
  random: Random,
): T {
  checkSize(size);
  const { width, height } = size;
  const fits = images instanceof Float32Array
    ? images.length % (width * height) === 0
    : images.dtype === "f32" && images.shape.length > 1 &&
      images.shape.slice(1).reduce((product, n) => product * n, 1) === width * height;
  if (!fits) {
    const found = images instanceof Float32Array ? `${images.length} numbers` : `${images}`;
    throw new TypeError(
      `Cannot change ${found} as images of ${width} × ${height} pixels: a row must be ${
        width * height
      } numbers`,
    );
  }
  // a copy of a tensor: the changes draw random numbers, which may move the memory under a view
  const pixels = images instanceof Float32Array ? images : images.toArray();
  for (const change of changes) change(pixels, size, random);
  if (!(images instanceof Float32Array)) images.set(pixels);
  return images;
}

/**
 * Changes of images as one change of a batch's inputs, as training takes it.
 *
 * @throws {RangeError} when the size is none.
 * @example
 * ```ts
 * import * as data from "@odot/odot/data";
 * import { random, zeros } from "@odot/odot";
 * const shifted = data.augmentation({ width: 28, height: 28 }, [data.translation({ pixels: 3 })]);
 * shifted(zeros([256, 784]), random(1));
 * ```
 */
export function augmentation(
  size: ImageSize,
  changes: readonly ImageChange[],
): Augmentation {
  checkSize(size);
  return (inputs, random) => {
    augment(inputs, size, changes, random);
  };
}

function checkSize({ width, height }: ImageSize): void {
  for (const side of [width, height]) {
    if (!Number.isSafeInteger(side) || side < 1) {
      throw new RangeError(
        `Cannot change images of ${width} × ${height} pixels: both are whole numbers ≥ 1`,
      );
    }
  }
}

/** Calls `body` with every image of a batch and its place in it. */
export function eachImage(
  pixels: Float32Array,
  { width, height }: ImageSize,
  body: (image: Float32Array, index: number) => void,
): void {
  const size = width * height;
  for (let i = 0; i * size < pixels.length; i++) body(pixels.subarray(i * size, (i + 1) * size), i);
}

/** How many images a batch holds. */
export function imageCount(pixels: Float32Array, { width, height }: ImageSize): number {
  return pixels.length / (width * height);
}
