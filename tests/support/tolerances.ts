import { assert } from "@std/assert";

/**
 * Largest allowed error of a sum of so many terms, as a fraction of the sum of their magnitudes: about
 * four times what was seen. It does not grow with the terms, since errors of either sign cancel.
 */
const SUMS = [
  { terms: 16, f32: 5e-7, f64: 1e-15 },
  { terms: 256, f32: 5e-7, f64: 1.2e-15 },
  { terms: 4096, f32: 2e-7, f64: 1.2e-15 },
  { terms: 1e6, f32: 1e-7, f64: 1e-15 },
] as const;

/**
 * Largest error of the elementary functions of the f32 kernels, in units of the last place: every third
 * number of f32 was tried and was wrong by at most 0.9764 and 0.8291 units.
 */
export const ULPS = { exp: 0.98, log: 0.84 } as const;

/**
 * Largest allowed error of f32: of a softmax, of a cross-entropy (relative where it is above 1) and of a
 * normal number: about four times what was seen.
 */
export const ERRORS = { softmax: 1e-6, crossEntropy: 1.2e-6, normal: 1.5e-6 } as const;

/**
 * Largest errors of the activations in f32, about a tenth above what was seen: `value` counts against the
 * larger of 1 and the value, `relative` against the value alone, far tails included; `slope` is absolute.
 * The tail of gelu by tanh ends where its exponential overflows, near −9.
 */
export const ACTIVATION_ERRORS = {
  relu: { value: 0, relative: 0, slope: 0 },
  gelu: { value: 1.2e-7, relative: 5e-6, slope: 2e-7 },
  "gelu-tanh": { value: 1.6e-7, relative: 1, slope: 2.2e-6 },
  silu: { value: 1.6e-7, relative: 1.3e-6, slope: 1.1e-6 },
  sigmoid: { value: 1e-7, relative: 1.6e-7, slope: 1e-7 },
  tanh: { value: 2e-7, relative: 2.9e-7, slope: 4.2e-7 },
} as const;

/** What the error of a sum of `terms` terms whose magnitudes add up to `magnitude` may be. */
export function sumTolerance(type: "f32" | "f64", terms: number, magnitude: number): number {
  const row = SUMS.find((entry) => terms <= entry.terms);
  assert(row, `no tolerance is known for sums of ${terms} terms`);
  return row[type] * magnitude;
}

function assertLengths(
  { length }: ArrayLike<number>,
  expected: ArrayLike<number>,
  what: string,
): void {
  assert(length === expected.length, `${what}: ${length} ≠ ${expected.length} numbers`);
}

/** Asserts that two arrays hold the same numbers: a zero has its sign, and NaN is NaN. */
export function assertSame(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  what: string,
): void {
  assertLengths(actual, expected, what);
  for (let i = 0; i < expected.length; i++) {
    const [a, b] = [actual[i]!, expected[i]!];
    assert(Object.is(a, b), `${what}: number ${i} is ${a}, not ${b}`);
  }
}

/** Asserts that two arrays have the same length and differ nowhere by more than the tolerance there. */
export function assertClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number | ((index: number) => number),
  what: string,
): void {
  assertLengths(actual, expected, what);
  for (let i = 0; i < expected.length; i++) {
    const [a, b] = [actual[i]!, expected[i]!];
    const allowed = typeof tolerance === "number" ? tolerance : tolerance(i);
    assert(
      Object.is(a, b) || Math.abs(a - b) <= allowed,
      `${what}: number ${i} is ${a}, not ${b} ± ${allowed}`,
    );
  }
}

/** Spacing of f32 at a number: the unit in which its last place counts. */
export function ulp(value: number): number {
  const magnitude = Math.abs(value);
  if (magnitude < 2 ** -126) return 2 ** -149;
  return 2 ** (Math.floor(Math.log2(magnitude)) - 23);
}
