/**
 * Scales from values to positions, with ticks at round numbers.
 *
 * @module
 */

import { formatNumber, formatTick } from "./format.ts";

/** A labelled position on an axis. */
export interface Tick {
  /** Where, in the units of the data. */
  value: number;
  /** As it is printed. */
  label: string;
}

/** From values of the data to positions in user units. */
export interface Scale {
  /** The values at the two ends of the axis, smaller first. */
  readonly domain: readonly [number, number];
  /** The position of a value in user units; NaN for what has no place (NaN, or not positive on a log axis). */
  map(value: number): number;
  /** About `count` ticks inside the domain, ascending, at least one. */
  ticks(count: number): Tick[];
}

/** Least and greatest finite values, or `undefined` where there is none. */
export function extent(values: Iterable<number>): [number, number] | undefined {
  let low = Infinity, high = -Infinity;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low <= high ? [low, high] : undefined;
}

/** Ten to an integer power, correctly rounded (repeated or `**` multiplication is not everywhere). */
function powerOfTen(exponent: number): number {
  return Number(`1e${exponent}`);
}

/** The round step (1, 2 or 5 times a power of ten) that splits a span into about `count` parts. */
function stepOf(span: number, count: number): { multiple: number; exponent: number } {
  const raw = span / Math.max(1, count);
  let exponent = Math.floor(Math.log10(raw));
  const mantissa = raw / powerOfTen(exponent);
  // Geometric means of neighbours decide which of 1, 2, 5, 10 is nearest.
  const multiple = mantissa < Math.SQRT2
    ? 1
    : mantissa < Math.sqrt(10)
    ? 2
    : mantissa < Math.sqrt(50)
    ? 5
    : 10;
  if (multiple < 10) return { multiple, exponent };
  exponent += 1;
  return { multiple: 1, exponent };
}

/** Multiples of a round step inside [low, high]; `undefined` where doubles are too coarse for any. */
function multiples(
  low: number,
  high: number,
  count: number,
): { values: number[]; step: number } | undefined {
  const { multiple, exponent } = stepOf(high - low, count);
  if (!(exponent > -300)) return undefined;
  const step = multiple * powerOfTen(exponent);
  // The slack keeps an end that is a multiple up to rounding; adding 0 turns −0 into 0.
  const first = Math.ceil(low / step - 1e-9) + 0, last = Math.floor(high / step + 1e-9);
  if (Math.max(Math.abs(first), Math.abs(last)) > 1e12 || last < first) return undefined;
  const values: number[] = [];
  for (let index = first; index <= last; index++) {
    // Dividing by 10^k gives the double nearest to the decimal; multiplying by 10^-k does not.
    values.push(exponent < 0 ? index * multiple / powerOfTen(-exponent) : index * step);
  }
  return { values, step };
}

/** A domain that can be drawn: finite, of positive length, and short enough to subtract its ends. */
function spread(domain: readonly [number, number]): [number, number] {
  const bound = 8e307;
  const clamp = (value: number): number => Math.max(-bound, Math.min(bound, value));
  let low = clamp(Math.min(domain[0], domain[1])), high = clamp(Math.max(domain[0], domain[1]));
  if (Number.isNaN(low) || Number.isNaN(high)) return [0, 1];
  if (high - low <= Math.max(Math.abs(low), Math.abs(high)) * 1e-12) {
    const pad = low === 0 && high === 0 ? 1 : Math.max(Math.abs(low), Math.abs(high)) * 0.1;
    low = clamp(low - pad);
    high = clamp(high + pad);
    if (!(high > low)) return [-1, 1]; // subnormal: padding rounds away
  }
  return [low, high];
}

/**
 * A linear scale; a domain of one value is widened, `nice` extends it to round ends.
 *
 * @param domain values at the ends, in the units of the data
 * @param range positions at the ends, in user units
 */
export function linearScale(
  domain: readonly [number, number],
  range: readonly [number, number],
  options: { nice?: boolean; count?: number } = {},
): Scale {
  let [low, high] = spread(domain);
  if (options.nice) {
    const { multiple, exponent } = stepOf(high - low, options.count ?? 5);
    const step = exponent > -300 ? multiple * powerOfTen(exponent) : 0;
    if (step > 0 && Math.max(Math.abs(low), Math.abs(high)) / step < 1e12) {
      [low, high] = spread([
        Math.floor(low / step + 1e-9) * step,
        Math.ceil(high / step - 1e-9) * step,
      ]);
    }
  }
  const map = (value: number): number => {
    const share = Math.max(-2, Math.min(3, (value - low) / (high - low)));
    return range[0] + share * (range[1] - range[0]);
  };
  const ticks = (count: number): Tick[] => {
    const found = multiples(low, high, count);
    const values = found?.values ?? [low, high];
    const step = found?.step ?? high - low;
    return values.map((value) => ({ value, label: formatTick(value, step) }));
  };
  return { domain: [low, high], map, ticks };
}

/**
 * A logarithmic scale (base 10); what is not positive has no place on it.
 *
 * @param domain values at the ends, in the units of the data; [1, 10] where they are not positive
 * @param range positions at the ends, in user units
 */
export function logScale(
  domain: readonly [number, number],
  range: readonly [number, number],
): Scale {
  let low = Math.min(domain[0], domain[1]), high = Math.max(domain[0], domain[1]);
  if (!(low > 0) || !Number.isFinite(high)) [low, high] = [1, 10];
  if (high / low < 1.0001) {
    low = Math.max(low / 2, Number.MIN_VALUE);
    high = Math.min(high * 2, Number.MAX_VALUE);
  }
  const start = Math.log10(low), span = Math.log10(high) - start;
  const map = (value: number): number =>
    value > 0
      ? range[0] +
        Math.max(-2, Math.min(3, (Math.log10(value) - start) / span)) * (range[1] - range[0])
      : NaN;
  const ticks = (count: number): Tick[] => {
    const values: number[] = [];
    const first = Math.floor(start), last = Math.ceil(start + span);
    const stride = Math.max(1, Math.ceil((last - first) / Math.max(1, count)));
    const within = span > 2.5 ? [1] : span > 1 ? [1, 3] : [1, 2, 5];
    for (let exponent = Math.ceil(first / stride) * stride; exponent <= last; exponent += stride) {
      for (const multiple of within) {
        const value = multiple * powerOfTen(exponent);
        if (value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9)) values.push(value);
      }
    }
    if (values.length < 2) return linearScale([low, high], range).ticks(count);
    return values.map((value) => ({ value, label: formatNumber(value) }));
  };
  return { domain: [low, high], map, ticks };
}
