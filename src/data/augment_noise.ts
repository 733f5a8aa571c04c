import { scope, tensor } from "../tensor/mod.ts";
import type { ImageChange } from "./augment.ts";

// Changes of images that alter pixels where they are, each on its own.

/** Options of {@linkcode gaussianNoise}. */
export interface GaussianNoiseOptions {
  /** Standard deviation, in the units of the pixels; 0.4 unless said. */
  readonly deviation?: number;
}

/**
 * Adds normal numbers of mean 0 to every pixel.
 *
 * @throws {RangeError} when the deviation is not finite or below 0.
 */
export function gaussianNoise({ deviation = 0.4 }: GaussianNoiseOptions = {}): ImageChange {
  if (!(deviation >= 0 && Number.isFinite(deviation))) {
    throw new RangeError(
      `Cannot add noise of deviation ${deviation}: it must be finite and at least 0`,
    );
  }
  return (pixels, _size, random) =>
    scope(() => {
      const noisy = tensor(pixels, [pixels.length]);
      random.addNormal(noisy, deviation);
      pixels.set(noisy.toArray());
    });
}

/** Options of {@linkcode saltAndPepper}. */
export interface SaltAndPepperOptions {
  /** Probability that a pixel changes, 0 to 1; 0.1 unless said. */
  readonly probability?: number;
  /** What black is; 0 unless said. */
  readonly low?: number;
  /** What white is; 1 unless said. */
  readonly high?: number;
}

/**
 * Makes some pixels black or white, with equal chances.
 *
 * @throws {RangeError} when the probability is not from 0 to 1, or black or white is not finite.
 */
export function saltAndPepper(
  { probability = 0.1, low = 0, high = 1 }: SaltAndPepperOptions = {},
): ImageChange {
  if (!(probability >= 0 && probability <= 1)) {
    throw new RangeError(
      `Cannot change pixels with probability ${probability}: it must be from 0 to 1`,
    );
  }
  if (!(Number.isFinite(low) && Number.isFinite(high))) {
    throw new RangeError(`Cannot make pixels ${low} or ${high}: both must be finite`);
  }
  const changed = probability * 2 ** 32;
  return (pixels, _size, random) => {
    const words = random.words(pixels.length);
    for (let i = 0; i < pixels.length; i++) {
      const word = words[i]!;
      if (word < changed) pixels[i] = word < changed / 2 ? low : high;
    }
  };
}

/** Options of {@linkcode dropout}. */
export interface DropoutOptions {
  /** Probability that a pixel is dropped, from 0 to below 1; 0.5 unless said. */
  readonly probability?: number;
}

/**
 * Makes some pixels 0 and divides the others by the probability that they stay, so that the mean of each
 * stays too.
 *
 * Source: N. Srivastava and others, "Dropout: a simple way to prevent neural networks from overfitting",
 * 2014, section 10.
 *
 * @throws {RangeError} when the probability is not from 0 to below 1.
 */
export function dropout({ probability = 0.5 }: DropoutOptions = {}): ImageChange {
  if (!(probability >= 0 && probability < 1)) {
    throw new RangeError(
      `Cannot drop pixels with probability ${probability}: it must be from 0 to below 1`,
    );
  }
  const stay = 1 - probability, dropped = probability * 2 ** 32;
  return (pixels, _size, random) => {
    const words = random.words(pixels.length);
    for (let i = 0; i < pixels.length; i++) {
      pixels[i] = words[i]! < dropped ? 0 : pixels[i]! / stay;
    }
  };
}
