import { type Address, doubles, floats, kernels, product, withBlocks } from "../kernels/mod.ts";

/** y = A·x for vectors [n] in working memory. */
export type Action = (x: Address, y: Address) => void;

/** An orthonormal basis in working memory, and A projected onto it. */
export interface Basis {
  readonly n: number;
  /** Vectors that there is room for, besides the next one. */
  readonly capacity: number;
  /** Vectors, rows [capacity + 1, n], and the bytes between them. */
  readonly rows: Address;
  readonly row: number;
  readonly action: Action;
  /** Qᵀ·A·Q [capacity, capacity] of the vectors that A has been applied to. */
  readonly projected: Float64Array;
  readonly seed: number;
  /** Vectors that A has been applied to; vector `size` is the next. */
  size: number;
  /** Length of what the last image has outside of the basis. */
  beta: number;
  /** Largest ‖A·q‖₂ so far, which ‖A‖₂ cannot be below. */
  norm: number;
  /** How often A has been applied. */
  applications: number;
  /** Random vectors drawn so far. */
  draws: number;
}

/** Vector `index` becomes random, orthogonal to those before. */
export function drawVector(basis: Basis, index: number): void {
  const { n, rows, row, seed } = basis, at = rows + index * row;
  for (let length = 0; length < 0.01;) {
    withBlocks([n * 4], (normal) => {
      const [low, high] = [seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0];
      kernels().randomNormal(n, normal!, low, high, basis.draws++, 0, 0, 0, 1);
      doubles(at, n).set(floats(normal!, n));
    });
    normalise(n, at);
    withBlocks([index * 8], (c) => {
      removeBasis(basis, index, at, c!);
      length = normalise(n, at);
      removeBasis(basis, index, at, c!);
      normalise(n, at);
    });
  }
}

/** Makes x [n] a unit vector and returns the length it had; leaves zero as it is. */
function normalise(n: number, x: Address): number {
  const length = Math.sqrt(kernels().dot_f64(n, x, x));
  if (length > 0) {
    const values = doubles(x, n);
    for (let i = 0; i < n; i++) values[i]! /= length;
  }
  return length;
}

/** c = Q·w for the first `count` vectors, and w −= Qᵀ·c. */
function removeBasis({ n, rows, row }: Basis, count: number, w: Address, c: Address): void {
  kernels().rowDots(count, n, rows, row, w, c);
  kernels().addRows(count, n, -1, rows, row, c, w);
}

/**
 * Applies A to the next vector and makes what is new in the image the one after that; where nothing is
 * new, a random one. Orthogonalised twice against the whole basis (Parlett, The Symmetric Eigenvalue
 * Problem, 13.8).
 */
export function extend(basis: Basis): void {
  const { n, rows, row, projected, capacity, size } = basis;
  const count = size + 1, q = rows + size * row, w = rows + count * row;
  basis.action(q, w);
  basis.applications++;
  const coefficients = withBlocks([count * 8], (c) => {
    removeBasis(basis, count, w, c!);
    const first = doubles(c!, count).slice();
    removeBasis(basis, count, w, c!);
    return first.map((x, i) => x + doubles(c!, count)[i]!);
  });
  let square = 0;
  coefficients.forEach((x, i) => {
    projected[i * capacity + size] = projected[size * capacity + i] = x;
    square += x * x;
  });
  const rest = kernels().dot_f64(n, w, w);
  basis.norm = Math.max(basis.norm, Math.sqrt(square + rest));
  basis.size = count;
  basis.beta = count === n ? 0 : Math.sqrt(rest);
  if (basis.beta > n * Number.EPSILON * basis.norm) normalise(n, w);
  else {
    basis.beta = 0;
    if (count < n) drawVector(basis, count);
  }
}

/**
 * Goes on with combinations of the vectors alone, orthonormal rows [count, size] with Ritz values, and
 * with the next vector as it is, or a random one. (Wu and Simon, 2000, thick restart.)
 */
export function restart(
  basis: Basis,
  combinations: readonly Float64Array[],
  values: readonly number[],
  random: boolean,
): void {
  const { n, rows, row, size, projected, capacity } = basis, count = values.length;
  combine(basis, combinations, (at, bytes) => {
    doubles(rows, count * bytes / 8).set(doubles(at, count * bytes / 8));
  });
  projected.fill(0);
  values.forEach((x, i) => projected[i * capacity + i] = x);
  if (random) drawVector(basis, count);
  else doubles(rows + count * row, n).set(doubles(rows + size * row, n));
  basis.size = count;
}

/** Passes the address of combinations of the vectors, rows, and the bytes between them. */
export function combine<T>(
  { n, rows, row, size }: Basis,
  combinations: readonly Float64Array[],
  use: (at: Address, row: number) => T,
): T {
  const count = combinations.length;
  return withBlocks([count * size * 8, count * row], (weights, out) => {
    combinations.forEach((c, i) => doubles(weights! + i * size * 8, size).set(c));
    product({
      ...{ type: "f64", form: "NN", m: count, n, k: size },
      ...{ a: weights!, b: rows, bRow: row, c: out!, cRow: row },
    });
    return use(out!, row);
  });
}
