/** A seeded generator for tests, independent of what is tested: a xorshift (Marsaglia 2003). */
export interface Numbers {
  /** One number in [low, high). */
  next(low?: number, high?: number): number;
  /** f32 in [low, high); [−1, 1) unless said. */
  floats(count: number, low?: number, high?: number): Float32Array<ArrayBuffer>;
  /** f64 in [low, high); [−1, 1) unless said. */
  doubles(count: number, low?: number, high?: number): Float64Array<ArrayBuffer>;
  /** Whole numbers from low to high, both included. */
  whole(count: number, low: number, high: number): number[];
}

/** The numbers of a seed. */
export function numbers(seed: number): Numbers {
  let state = (Math.imul(seed, 0x9e3779b1) ^ 0x2545f491) | 1;
  const next = (low = 0, high = 1): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return low + (high - low) * ((state >>> 0) / 2 ** 32);
  };
  for (let i = 0; i < 8; i++) next();
  return {
    next,
    floats: (count, low = -1, high = 1) =>
      Float32Array.from({ length: count }, () => next(low, high)),
    doubles: (count, low = -1, high = 1) =>
      Float64Array.from({ length: count }, () => next(low, high)),
    whole: (count, low, high) =>
      Array.from({ length: count }, () => Math.floor(next(low, high + 1))),
  };
}
