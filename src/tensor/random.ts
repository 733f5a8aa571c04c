import { kernels, type StreamPosition, withBlocks, words } from "../kernels/mod.ts";
import { checkFloats } from "./operations.ts";
import { type Shape, shapeText } from "./shape.ts";
import { Tensor } from "./tensor.ts";

/** All that a random sequence is: its next numbers follow from these three. */
export interface RandomState {
  /** Whole number from 0 to 2^53 − 1. */
  readonly seed: number;
  /** Which of the independent sequences of the seed, from 0 to 2^53 − 1. */
  readonly stream: number;
  /** Blocks of 16 numbers used so far. */
  readonly position: number;
}

/**
 * A sequence of random numbers: Philox4x32-10 (Salmon et al. 2011), counter-based, the same in every
 * engine and build. Streams of one seed are independent of each other.
 */
export interface Random {
  /** Where the sequence stands; `random(state)` goes on from there. */
  readonly state: RandomState;
  /** Normal numbers; mean 0 and deviation 1 unless said. */
  normal(shape: Shape, options?: { mean?: number; deviation?: number }): Tensor;
  /** Uniform numbers in (low, high); (0, 1) unless said. */
  uniform(shape: Shape, options?: { low?: number; high?: number }): Tensor;
  /** Adds deviation · normal numbers to a tensor in place. */
  addNormal(target: Tensor, deviation: number): void;
  /** Random words of 32 bits. */
  words(count: number): Uint32Array<ArrayBuffer>;
  /** The numbers 0 … count − 1 in random order (Fisher & Yates). */
  permutation(count: number): Uint32Array<ArrayBuffer>;
  /** An independent sequence of the same seed. */
  fork(stream: number): Random;
}

function checkCounter(name: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new RangeError(
      `Cannot use ${value} as ${name}: it must be a whole number from 0 to 2^53 − 1`,
    );
  }
}

function fromState({ seed, stream, position: start }: RandomState): Random {
  checkCounter("seed", seed);
  checkCounter("stream", stream);
  checkCounter("position", start);
  let position = start;
  const take = (count: number): StreamPosition => {
    const block = position;
    position += Math.ceil(count / 16);
    if (position > 2 ** 32) {
      throw new RangeError(`Cannot draw more than 2^36 numbers of one stream: fork() another`);
    }
    return [seed | 0, Math.floor(seed / 2 ** 32), stream | 0, Math.floor(stream / 2 ** 32), block];
  };
  const drawWords = (count: number): Uint32Array<ArrayBuffer> =>
    withBlocks([4 * count], (block) => {
      kernels().randomBits(count, block, ...take(count));
      return words(block, count).slice();
    });
  return {
    get state(): RandomState {
      return { seed, stream, position };
    },
    normal: (shape, { mean = 0, deviation = 1 } = {}) => {
      const made = new Tensor(shape);
      kernels().randomNormal(made.size, made.address, ...take(made.size), mean, deviation);
      return made;
    },
    uniform: (shape, { low = 0, high = 1 } = {}) => {
      if (!(low <= high)) {
        throw new RangeError(
          `Cannot draw ${
            shapeText(shape)
          } uniform numbers between ${low} and ${high}: low must not exceed high`,
        );
      }
      const made = new Tensor(shape);
      kernels().randomUniform(made.size, made.address, ...take(made.size), low, high - low);
      return made;
    },
    addNormal: (target, deviation) => {
      checkFloats("add noise to", target);
      kernels().addNormal(target.size, target.address, ...take(target.size), deviation);
    },
    words: drawWords,
    permutation: (count) => {
      const order = Uint32Array.from({ length: count }, (_, i) => i);
      const draws = drawWords(count);
      for (let i = count - 1; i > 0; i--) {
        const j = Math.floor(draws[i]! / 2 ** 32 * (i + 1));
        [order[i], order[j]] = [order[j]!, order[i]!];
      }
      return order;
    },
    fork: (other) => fromState({ seed, stream: other, position: 0 }),
  };
}

/**
 * A sequence of random numbers from a seed, or the one that stood at a given state.
 *
 * @throws {RangeError} when the seed is no whole number from 0 to 2^53 − 1.
 * @example
 * ```ts
 * import { random } from "@odot/odot";
 * const x = random(7).normal([2, 3]);
 * console.log(x.toArray()); // the same six numbers everywhere
 * ```
 */
export function random(seed: number | RandomState, stream = 0): Random {
  return fromState(typeof seed === "number" ? { seed, stream, position: 0 } : seed);
}
