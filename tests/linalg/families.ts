import { numbers } from "../support/numbers.ts";

/** Sizes below, at and above one, two, four and more leaves, odd ones among them. */
export const DIVIDED: readonly number[] = [1, 2, 16, 17, 18, 24, 25, 26, 31, 33, 50, 97, 130, 300];

/** A matrix of two diagonals, symmetric or not: eᵢ couples i − 1 and i. */
export interface TwoDiagonals {
  readonly d: Float64Array;
  readonly e: Float64Array;
}

type Entry = (i: number, n: number) => number;

function make(n: number, d: Entry, e: Entry): TwoDiagonals {
  return {
    d: Float64Array.from({ length: n }, (_, i) => d(i, n)),
    e: Float64Array.from({ length: n }, (_, i) => i === 0 ? 0 : e(i, n)),
  };
}

/** Matrices that are hard in one way each, with entries of about 1 or less, as eigh() makes them. */
export function families(n: number): Record<string, TwoDiagonals> {
  const random = numbers(n), any = (): number => random.next(-1, 1);
  const some = Float64Array.from({ length: n }, any);
  return {
    zero: make(n, () => 0, () => 0),
    identity: make(n, () => 1, () => 0),
    "already diagonal": make(n, any, () => 0),
    "in two parts": make(n, any, (i) => i === n >> 1 ? 0 : any()),
    random: make(n, any, any),
    "no diagonal": make(n, () => 0, any),
    "Toeplitz 1-2-1": make(n, () => 2, () => 1),
    "negative couplings": make(n, () => -2, () => -1),
    Clement: make(n, () => 0, (i) => Math.sqrt(i * (n - i)) / n),
    Legendre: make(n, () => 0, (i) => i / Math.sqrt(4 * i * i - 1)),
    Wilkinson: make(n, (i) => Math.abs(i - (n - 1) / 2) / n, () => 1 / n),
    "Wilkinson, glued": make(
      n,
      (i) => Math.abs(i % 21 - 10) / 16,
      (i) => i % 21 === 0 ? 1e-14 : 1 / 16,
    ),
    "clusters of poles": make(n, (i) => (i % 3) / 3 + 1e-14 * i, () => 1e-13),
    "half repeated": make(n, (i) => i % 2 ? some[i]! : 0.5, () => 1e-9),
    "equal but for noise": make(n, () => 1 + any() * 1e-15, () => any() * 1e-15),
    "tiny couplings": make(n, any, () => 1e-300),
    "couplings about to vanish": make(n, any, () => any() * 1e-16),
    "huge couplings": make(n, () => any() * 1e-10, any),
    "one huge coupling": make(n, () => 1e-8 * any(), (i) => i === n >> 1 ? -1 : 1e-8),
    "graded downwards": make(n, (i) => 10 ** (-200 * i / n), (i) => 10 ** (-200 * i / n)),
    "graded upwards": make(n, (i) => 10 ** (200 * (i / n - 1)), (i) => 10 ** (-200 * i / n)),
    "graded beyond all numbers": make(n, (i) => 2 ** (-8 * i), (i) => -(2 ** (-8 * i))),
    subnormal: make(n, (i) => i === 0 ? 1 : any() * 1e-310, () => any() * 1e-310),
    "of all magnitudes": make(
      n,
      () => any() * 10 ** random.next(-30, 0),
      () => any() * 10 ** random.next(-30, 0),
    ),
  };
}
