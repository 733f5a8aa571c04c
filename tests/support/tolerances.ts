import { assert } from "@std/assert";

/**
 * Largest allowed error of a sum of so many terms, as a fraction of the sum of their magnitudes: about
 * four times what was seen, and far below the bound (terms · ε / 2) of the worst case.
 */
const SUMS = [
  { terms: 16, f32: 1e-6, f64: 2e-15 },
  { terms: 256, f32: 2e-6, f64: 4e-15 },
  { terms: 4096, f32: 6e-6, f64: 1e-14 },
  { terms: 1e6, f32: 2e-5, f64: 4e-14 },
] as const;

/**
 * Largest error of the elementary functions of the f32 kernels, in units of the last place: every third
 * number of f32 was tried and was wrong by at most 0.9764 and 0.8291 units.
 */
export const ULPS = { exp: 0.98, log: 0.84 } as const;

/** Largest error of a softmax, of a cross-entropy and of a normal number in f32. */
export const ERRORS = { softmax: 1e-6, crossEntropy: 1e-6, normal: 2e-6 } as const;

/** What the error of a sum of `terms` terms whose magnitudes add up to `magnitude` may be. */
export function sumTolerance(type: "f32" | "f64", terms: number, magnitude: number): number {
  const row = SUMS.find((entry) => terms <= entry.terms);
  assert(row, `no tolerance is known for sums of ${terms} terms`);
  return row[type] * magnitude;
}

/** Asserts that two arrays hold the same numbers: a zero has its sign, and NaN is NaN. */
export function assertSame(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  what: string,
): void {
  assert(
    actual.length === expected.length,
    `${what}: ${actual.length} ≠ ${expected.length} numbers`,
  );
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
  assert(
    actual.length === expected.length,
    `${what}: ${actual.length} ≠ ${expected.length} numbers`,
  );
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
