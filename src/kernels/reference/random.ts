import type { StreamPosition } from "../signatures.ts";
import type { Doubles, Floats } from "./arrays.ts";

// Philox4x32-10 (Salmon, Moraes, Dror & Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3"): ten
// rounds of two multiplications scramble a counter of four words under a key of two.

const MULTIPLIERS = [0xd2511f53, 0xcd9e8d57] as const;
/** Steps of the key from round to round: the golden ratio and √3 − 1, in units of 2⁻³². */
const WEYL = [0x9e3779b9, 0xbb67ae85] as const;

/** The counter of one draw of {@linkcode philox}, and the four words it gives. */
export type Counter = readonly [number, number, number, number];

/** High and low word of a 64-bit product. */
function product(a: number, b: number): [high: number, low: number] {
  const exact = BigInt(a) * BigInt(b);
  return [Number(exact >> 32n), Number(exact & 0xffffffffn)];
}

/** The four random words of one counter under one key. */
export function philox(counter: Counter, key: readonly [number, number]): Counter {
  let [x0, x1, x2, x3] = counter, [k0, k1] = key;
  for (let round = 0; round < 10; round++) {
    const [high0, low0] = product(MULTIPLIERS[0], x0);
    const [high1, low1] = product(MULTIPLIERS[1], x2);
    [x0, x1, x2, x3] = [(high1 ^ x1 ^ k0) >>> 0, low1, (high0 ^ x3 ^ k1) >>> 0, low0];
    k0 = (k0 + WEYL[0]) >>> 0;
    k1 = (k1 + WEYL[1]) >>> 0;
  }
  return [x0, x1, x2, x3];
}

/**
 * n random words from block b of a stream on. Block b is the counters 4b … 4b + 3, side by side: word w
 * of counter 4b + l is number 16b + 4w + l of the stream. The seed is the key, the stream the upper half
 * of the counter.
 */
export function randomBits(n: number, ...position: StreamPosition): Uint32Array<ArrayBuffer> {
  const [seedLow, seedHigh, streamLow, streamHigh, block] = position;
  const out = new Uint32Array(n);
  for (let i = 0; i < n; i += 16) {
    for (let lane = 0; lane < 4; lane++) {
      const index = (block + i / 16) * 4 + lane;
      const words = philox(
        [index % 2 ** 32, Math.floor(index / 2 ** 32), streamLow >>> 0, streamHigh >>> 0],
        [seedLow >>> 0, seedHigh >>> 0],
      );
      words.forEach((word, w) => out[i + 4 * w + lane] = word);
    }
  }
  return out;
}

/** The upper 23 bits of a word and a half, as a number in (0, 1): exact in f32. */
function unit(word: number): number {
  return ((word >>> 9) + 0.5) / 2 ** 23;
}

/** n numbers low + width·u, u uniform in (0, 1), each step rounded to f32 */
export function randomUniform(
  n: number,
  ...[seedLow, seedHigh, streamLow, streamHigh, block, low, width]: [
    ...StreamPosition,
    low: number,
    width: number,
  ]
): Floats {
  const bits = randomBits(n, seedLow, seedHigh, streamLow, streamHigh, block);
  return Float32Array.from(
    bits,
    (word) => Math.fround(low) + Math.fround(Math.fround(width) * unit(word)),
  );
}

/**
 * n standard normal numbers in f64 (Box & Muller 1958): numbers 8q + l and 8q + 4 + l of the stream, as
 * uniform u and v, become √(−2 ln u)·cos and ·sin of the angle 2π(v − ½).
 */
export function standardNormal(n: number, ...position: StreamPosition): Doubles {
  const bits = randomBits(Math.ceil(n / 16) * 16, ...position);
  return Float64Array.from({ length: n }, (_, i) => {
    const first = i & ~4;
    const radius = Math.sqrt(-2 * Math.log(unit(bits[first]!)));
    const angle = 2 * Math.PI * (unit(bits[first + 4]!) - 0.5);
    return radius * (i === first ? Math.cos(angle) : Math.sin(angle));
  });
}

/** n numbers mean + deviation·z, z standard normal */
export function randomNormal(
  n: number,
  ...[seedLow, seedHigh, streamLow, streamHigh, block, mean, deviation]: [
    ...StreamPosition,
    mean: number,
    deviation: number,
  ]
): Floats {
  const z = standardNormal(n, seedLow, seedHigh, streamLow, streamHigh, block);
  return Float32Array.from(z, (value) => mean + deviation * value);
}

/** y + deviation·z, z standard normal */
export function addNormal(
  y: Floats,
  ...[seedLow, seedHigh, streamLow, streamHigh, block, deviation]: [
    ...StreamPosition,
    deviation: number,
  ]
): Floats {
  const z = standardNormal(y.length, seedLow, seedHigh, streamLow, streamHigh, block);
  return y.map((value, i) => value + deviation * z[i]!);
}
