/** Lengths that force tails, whole vectors and several iterations of every loop. */
export const LENGTHS = [0, 1, 3, 4, 5, 7, 8, 15, 16, 17, 33] as const;

/** Pairs of lengths, none left out. */
export const PAIRS: readonly (readonly [number, number])[] = LENGTHS.flatMap((m) =>
  LENGTHS.map((n) => [m, n] as const)
);
