/** A box [lower, upper] of inputs, entry by entry. */
export interface Box {
  /** Lower ends [inputs]. */
  readonly lower: Float64Array;
  /** Upper ends [inputs]. */
  readonly upper: Float64Array;
}

/**
 * All inputs whose entries are at most `radius` from those of the center, and where a domain is given
 * inside it: [max(low, center − radius), min(high, center + radius)], rounded outwards.
 *
 * @throws {RangeError} when the radius is negative or not finite, an entry is not finite, or the center
 * lies outside the domain.
 * @example
 * ```ts
 * import { guarantee } from "@odot/odot";
 * console.log(guarantee.boxAround([0, 0.5], 0.25, [0, 1])); // [0, 0.25] × [0.25, 0.75]
 * ```
 */
export function boxAround(
  center: ArrayLike<number>,
  radius: number,
  domain?: readonly [low: number, high: number],
): Box {
  if (!(radius >= 0 && Number.isFinite(radius))) {
    throw new RangeError(
      `Cannot make a box of radius ${radius}: the radius is a finite number ≥ 0`,
    );
  }
  const [low, high] = domain ?? [-Infinity, Infinity];
  if (!(low <= high)) {
    throw new RangeError(`Cannot make a box in the domain [${low}, ${high}]: it is empty`);
  }
  const lower = new Float64Array(center.length), upper = new Float64Array(center.length);
  for (let i = 0; i < center.length; i++) {
    const x = center[i]!;
    if (!Number.isFinite(x)) {
      throw new RangeError(`Cannot make a box: entry ${i} is ${x}, and must be finite`);
    }
    if (x < low || x > high) {
      throw new RangeError(
        `Cannot make a box: entry ${i} is ${x}, outside the domain [${low}, ${high}]; scale the input, or give no domain`,
      );
    }
    const slack = radius === 0 ? 0 : (Math.abs(x) + radius) * 2 ** -52;
    lower[i] = Math.max(low, x - radius - slack);
    upper[i] = Math.min(high, x + radius + slack);
  }
  return { lower, upper };
}

/** Refuses a box that is none. @throws {TypeError} for sizes; {RangeError} for values. */
export function checkBox({ lower, upper }: Box, inputs: number): void {
  if (lower.length !== inputs || upper.length !== inputs) {
    throw new TypeError(
      `Cannot bound over a box of ${lower.length} and ${upper.length} entries: the inputs have ${inputs}`,
    );
  }
  for (let i = 0; i < inputs; i++) {
    if (!(lower[i]! <= upper[i]! && Number.isFinite(lower[i]!) && Number.isFinite(upper[i]!))) {
      throw new RangeError(
        `Cannot bound over a box: entry ${i} runs from ${lower[i]} to ${
          upper[i]
        }; both must be finite, the first not above the second`,
      );
    }
  }
}

/** Middle and half-widths of a box: middle ± half covers it, rounding included. */
export function middleOf({ lower, upper }: Box): { middle: Float64Array; half: Float64Array } {
  const middle = lower.map((low, i) => low / 2 + upper[i]! / 2);
  const half = middle.map((m, i) => {
    const width = Math.max(upper[i]! - m, m - lower[i]!);
    return width === 0 ? 0 : width * (1 + 2 ** -51);
  });
  return { middle, half };
}

/** The nearest point of a box. */
export function clipped({ lower, upper }: Box, x: ArrayLike<number>): Float64Array {
  return lower.map((low, i) => Math.min(upper[i]!, Math.max(low, x[i]!)));
}
