// What the kernel of asm/linalg_deflation.ts computes: see linalg.ts.

/** What a rank-one update leaves to do: eigenpairs that it does not change are set aside. */
export interface Deflation {
  /** Those that change, by ascending value: of any two the values are apart, and no weight is negligible. */
  readonly kept: number[];
  /** Those that are eigenpairs already. */
  readonly settled: number[];
  /** Rotations of the rows i and j, one after the other: (x, y) ← (c·x + s·y, c·y − s·x). */
  readonly rotations: Rotation[];
}

/** A plane rotation of rows i and j. */
export interface Rotation {
  readonly i: number;
  readonly j: number;
  readonly c: number;
  readonly s: number;
}

/**
 * Deflates diag(values) + ρ·w·wᵀ, ρ ≥ 0, ‖w‖ ≈ 1: what is changed by no more than rounding errors of the
 * whole counts as not changed. Of two values that are nearly equal, a rotation gives all weight to one.
 * `order` sorts the values; values and weights are updated in place (Dongarra and Sorensen, 1987).
 */
export function deflate(
  values: Float64Array,
  weights: Float64Array,
  rho: number,
  order: Iterable<number>,
): Deflation {
  const kept: number[] = [], settled: number[] = [], rotations: Rotation[] = [];
  const tolerance = 8 * Number.EPSILON * Math.max(largest(values), rho * largest(weights));
  let i = -1;
  for (const j of order) {
    if (rho * Math.abs(weights[j]!) <= tolerance) {
      settled.push(j);
      continue;
    }
    const rotation = i < 0 ? undefined : separate(values, weights, i, j, tolerance);
    if (rotation) {
      rotations.push(rotation);
      settled.push(i);
    } else if (i >= 0) {
      kept.push(i);
    }
    i = j;
  }
  if (i >= 0) kept.push(i);
  return { kept, settled, rotations };
}

function largest(x: Float64Array): number {
  let most = 0;
  for (let i = 0; i < x.length; i++) most = Math.max(most, Math.abs(x[i]!));
  return most;
}

/** Moves the weight of i to j, if the two values are so close that nobody notices. */
function separate(
  values: Float64Array,
  weights: Float64Array,
  i: number,
  j: number,
  tolerance: number,
): Rotation | undefined {
  const [x, y] = [values[i]!, values[j]!];
  const [p, q] = [weights[i]!, weights[j]!], square = p * p + q * q;
  // |(y − x)·c·s| beside the tolerance
  if (Math.abs((y - x) * p * q) > tolerance * square) return undefined;
  const size = Math.sqrt(square), c = q / size, s = -p / size;
  weights[i] = 0;
  weights[j] = size;
  values[i] = x * c * c + y * s * s;
  values[j] = x * s * s + y * c * c;
  return { i, j, c, s };
}

/** The kept ones of a deflation once more, by where their rows are not zero. */
export interface Groups {
  /** Rows that are zero from column m on, then full ones, then those that are zero before column m. */
  readonly rows: number[];
  /** How many there are of the first kind, and of the second. */
  readonly left: number;
  readonly full: number;
}

/** Groups of n rows of which the first m were zero from column m on, and the others before. */
export function groupRows(m: number, n: number, { kept, rotations }: Deflation): Groups {
  const kind = new Uint8Array(n).fill(2, m);
  for (const { i, j } of rotations) if (kind[i] !== kind[j]) kind[j] = 1;
  const [left, full, right] = [0, 1, 2].map((wanted) => kept.filter((i) => kind[i] === wanted));
  return { rows: [...left!, ...full!, ...right!], left: left!.length, full: full!.length };
}
