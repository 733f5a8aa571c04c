import { cosPi, expOf } from "../kernels/mod.ts";
import { eachImage, type ImageChange, imageCount, type ImageSize } from "./augment.ts";
import { unit } from "./regression.ts";

// Changes of images that move pixels. Positions are those of pixel centres, x to the right and y down;
// what comes from outside an image is 0.

/** A number, or a range to draw from for every image. */
type Range = number | readonly [low: number, high: number];

function ends(what: string, range: Range, around: "zero" | "itself"): [number, number] {
  const [low, high] = typeof range === "number"
    ? around === "zero" ? [-range, range] : [range, range]
    : range;
  if (!(low <= high && Number.isFinite(high - low))) {
    throw new RangeError(
      `Cannot change images by ${what} of ${range}: give a finite number ≥ 0, or [low, high]`,
    );
  }
  return [low, high];
}

/** Options of {@linkcode translation}. */
export interface TranslationOptions {
  /** Farthest that an image moves either way along each axis, whole pixels; 7 unless said. */
  readonly pixels?: number;
}

/**
 * Moves every image by whole pixels, as many to the right and down as is drawn from −pixels to pixels,
 * each as likely; black comes in.
 *
 * @throws {RangeError} when pixels are no whole number from 0 to 2^20.
 * @example
 * ```ts
 * import * as data from "@odot/odot/data";
 * import { random } from "@odot/odot";
 * const dot = Float32Array.of(0, 0, 0, 0, 1, 0, 0, 0, 0);
 * data.augment(dot, { width: 3, height: 3 }, [data.translation({ pixels: 1 })], random(1));
 * console.log(dot.indexOf(1) >= 0); // true: somewhere
 * ```
 */
export function translation({ pixels = 7 }: TranslationOptions = {}): ImageChange {
  if (!Number.isInteger(pixels) || pixels < 0 || pixels > 2 ** 20) {
    throw new RangeError(
      `Cannot translate images by ${pixels} pixels: give a whole number from 0 to 2^20`,
    );
  }
  return (batch, size, random) => {
    const words = random.words(2 * imageCount(batch, size));
    const steps = (word: number): number => Math.floor(word / 2 ** 32 * (2 * pixels + 1)) - pixels;
    const { width, height } = size, before = new Float32Array(width * height);
    eachImage(batch, size, (image, i) => {
      const dx = steps(words[2 * i]!), dy = steps(words[2 * i + 1]!);
      before.set(image);
      image.fill(0);
      const left = Math.max(0, dx), right = Math.min(width, width + dx);
      if (left >= right) return;
      for (let y = Math.max(0, dy); y < Math.min(height, height + dy); y++) {
        const from = (y - dy) * width - dx;
        image.set(before.subarray(from + left, from + right), y * width + left);
      }
    });
  };
}

/** Options of {@linkcode rotation}. */
export interface RotationOptions {
  /** Farthest that an image turns either way, degrees, or a range; 15 unless said. */
  readonly degrees?: number | readonly [low: number, high: number];
}

/**
 * Turns every image counterclockwise about its centre by an angle uniform in the range, with bilinear
 * interpolation; black comes in.
 *
 * @throws {RangeError} when degrees are no finite number ≥ 0 or range.
 * @example
 * ```ts
 * import * as data from "@odot/odot/data";
 * import { random } from "@odot/odot";
 * const corner = Float32Array.of(1, 0, 0, 0);
 * data.augment(corner, { width: 2, height: 2 }, [data.rotation({ degrees: [90, 90] })], random(1));
 * console.log(corner.map(Math.round)); // [0, 0, 1, 0]
 * ```
 */
export function rotation({ degrees = 15 }: RotationOptions = {}): ImageChange {
  const [low, high] = ends("degrees", degrees, "zero");
  return (batch, size, random) => {
    const words = random.words(imageCount(batch, size));
    const before = new Float32Array(size.width * size.height);
    eachImage(batch, size, (image, i) => {
      before.set(image);
      turn(before, image, size, (low + (high - low) * unit(words[i]!)) / 180);
    });
  };
}

/** Turns an image by `angle`, half turns counterclockwise. */
function turn(
  from: Float32Array,
  to: Float32Array,
  { width, height }: ImageSize,
  angle: number,
): void {
  const cosine = cosPi(angle), sine = cosPi(angle - 0.5);
  const middleX = (width - 1) / 2, middleY = (height - 1) / 2;
  const pixel = (x: number, y: number): number =>
    x >= 0 && x < width && y >= 0 && y < height ? from[y * width + x]! : 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const right = x - middleX, down = y - middleY;
      const sourceX = middleX + cosine * right - sine * down;
      const sourceY = middleY + sine * right + cosine * down;
      const column = Math.floor(sourceX), line = Math.floor(sourceY);
      const u = sourceX - column, v = sourceY - line;
      to[y * width + x] = (1 - v) * ((1 - u) * pixel(column, line) + u * pixel(column + 1, line)) +
        v * ((1 - u) * pixel(column, line + 1) + u * pixel(column + 1, line + 1));
    }
  }
}

/** Options of {@linkcode blur}. */
export interface BlurOptions {
  /** Standard deviation of the Gaussian, pixels, or a range to draw from; 1 unless said. */
  readonly deviation?: number | readonly [low: number, high: number];
}

/**
 * Blurs every image with a Gaussian cut off at three deviations. Its weights sum to 1, so away from the
 * edges the sum of the pixels stays; beyond the edges all is black.
 *
 * @throws {RangeError} when the deviation is no number or range from 0 to 100.
 * @example
 * ```ts
 * import * as data from "@odot/odot/data";
 * import { random } from "@odot/odot";
 * const dot = new Float32Array(81);
 * dot[40] = 1;
 * data.augment(dot, { width: 9, height: 9 }, [data.blur({ deviation: 1 })], random(1));
 * console.log(dot.reduce((total, value) => total + value)); // about 1
 * ```
 */
export function blur({ deviation = 1 }: BlurOptions = {}): ImageChange {
  const [low, high] = ends("a blur", deviation, "itself");
  if (low < 0 || high > 100) {
    throw new RangeError(
      `Cannot blur images with a deviation of ${deviation}: it must be from 0 to 100 pixels`,
    );
  }
  return (batch, size, random) => {
    const words = random.words(low === high ? 0 : imageCount(batch, size));
    const between = new Float32Array(size.width * size.height);
    const always = low === high ? gaussianWeights(low) : undefined;
    const { width, height } = size;
    eachImage(batch, size, (image, i) => {
      const weights = always ?? gaussianWeights(low + (high - low) * unit(words[i]!));
      for (let y = 0; y < height; y++) smooth(image, between, y * width, 1, width, weights);
      for (let x = 0; x < width; x++) smooth(between, image, x, width, height, weights);
    });
  };
}

/** exp(−k²/2σ²) for k = 0 … ⌈3σ⌉, scaled so that all weights, those of −k too, sum to 1. */
function gaussianWeights(deviation: number): Float64Array {
  const raw = Float64Array.from({ length: Math.ceil(3 * deviation) + 1 }, (_, k) => {
    const z = k === 0 ? 0 : k / deviation;
    return z > 30 ? 0 : expOf(-z * z / 2);
  });
  const total = raw.reduce((sum, weight) => sum + 2 * weight, -raw[0]!);
  return raw.map((weight) => weight / total);
}

/** Convolves one line of pixels: `count` of them from `start`, `step` apart. */
function smooth(
  from: Float32Array,
  to: Float32Array,
  start: number,
  step: number,
  count: number,
  weights: Float64Array,
): void {
  for (let i = 0; i < count; i++) {
    let total = weights[0]! * from[start + i * step]!;
    for (let k = 1; k < weights.length; k++) {
      const before = i - k < 0 ? 0 : from[start + (i - k) * step]!;
      const after = i + k >= count ? 0 : from[start + (i + k) * step]!;
      total += weights[k]! * (before + after);
    }
    to[start + i * step] = total;
  }
}
