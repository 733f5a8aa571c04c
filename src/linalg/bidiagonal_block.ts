import { type Address, doubles, integers, kernels, withBlocks } from "../kernels/mod.ts";
import { ConvergenceError } from "./errors.ts";

/** Rotations of either side that are recorded before they are applied: 256 KiB, which every strip finds in the cache. */
const ROTATIONS = 16384;

/** Where singular vectors go, as rows, and the bytes between them. */
export interface SingularVectors {
  readonly u: Address;
  readonly uRow: number;
  readonly v: Address;
  readonly vRow: number;
}

/** The rotation that takes (x, y) to (r, 0), r ≥ 0. */
export function rotation(x: number, y: number): { c: number; s: number; r: number } {
  const largest = Math.max(Math.abs(x), Math.abs(y));
  if (largest === 0) return { c: 1, s: 0, r: 0 };
  const a = x / largest, b = y / largest, size = Math.sqrt(a * a + b * b);
  return { c: a / size, s: b / size, r: size * largest };
}

/**
 * Singular triplets of a few rows of a bidiagonal matrix, n rows and n + 1 columns: d [n] beside e [n + 1], eᵢ₊₁
 * right of dᵢ. d becomes the singular values, descending, and u [n, n] and v [n + 1, n + 1], zeros before, the
 * vectors; the last row of v is what the rows leave out. e is used up.
 */
export function solveBlock(n: number, d: Address, e: Address, to: SingularVectors): void {
  const { u, uRow, v, vRow } = to;
  const turns = squareUp(n, doubles(d, n), doubles(e, n + 1));
  for (const [at, row] of [[u, uRow], [v, vRow]] as const) {
    const entries = doubles(at, n * row / 8);
    for (let i = 0; i < n; i++) entries[i * (row / 8 + 1)] = 1;
  }
  diagonalise(n, d, e, to);
  const stride = vRow / 8, rows = doubles(v, (n + 1) * stride);
  rows[n * (stride + 1)] = 1;
  if (turns) turnBack(n, rows, stride, turns);
}

/** Rotates the last column away, upwards: c and s of rotation i, of the columns i and n, if there are any. */
function squareUp(n: number, d: Float64Array, e: Float64Array): Float64Array | undefined {
  let x = e[n]!;
  if (x === 0) {
    e[0] = 0;
    return undefined;
  }
  const turns = new Float64Array(2 * n);
  for (let i = n - 1; i >= 0; i--) {
    const { c, s, r } = rotation(d[i]!, x);
    d[i] = r;
    turns[2 * i] = c;
    turns[2 * i + 1] = s;
    x = -s * e[i]!;
    e[i]! *= c;
  }
  e[0] = 0;
  return turns;
}

/** The rows of v in terms of all columns again. */
function turnBack(n: number, v: Float64Array, stride: number, turns: Float64Array): void {
  for (let j = 0; j <= n; j++) {
    const row = j * stride;
    let last = v[row + n]!;
    for (let i = 0; i < n; i++) {
      const c = turns[2 * i]!, s = turns[2 * i + 1]!, x = v[row + i]!;
      v[row + i] = c * x - s * last;
      last = s * x + c * last;
    }
    v[row + n] = last;
  }
}

/** The sweeps go towards the smaller end, or they converge slowly: reverses B where they would not. */
function turn(n: number, d: Address, e: Address): boolean {
  const values = doubles(d, n);
  let excess = 0;
  for (let i = 0, j = n - 1; i < j; i++, j--) excess += Math.abs(values[i]!) - Math.abs(values[j]!);
  if (excess >= 0) return false;
  values.reverse();
  doubles(e + 8, n - 1).reverse();
  return true;
}

/** QR on d and e; the rows of u and v, identities before, become singular vectors in the order of descending d. */
function diagonalise(
  n: number,
  d: Address,
  e: Address,
  { u, uRow, v, vRow }: SingularVectors,
): void {
  // J·Bᵀ·J is upper bidiagonal too, with left and right exchanged
  const turned = turn(n, d, e);
  const capacity = Math.max(n, Math.min(ROTATIONS, n * n * 2));
  const strips = Math.ceil(n / 16) * (n + 3) * 128;
  withBlocks(
    [strips, strips, capacity * 8, capacity * 16, capacity * 16, 16, n * 4],
    (us, vs, sweeps, left, right, state, order) => {
      // rows in the order of the sweeps, which go downwards
      const load = (at: Address, row: number, strip: Address): void => {
        const [first, step] = turned ? [at, row] : [at + (n - 1) * row, -row];
        kernels().toStrips(n, n, first, step, strip);
      };
      load(u, uRow, us!);
      load(v, vRow, vs!);
      const [ofU, ofV] = turned ? [right!, left!] : [left!, right!];
      integers(state!, 3).fill(0);
      let status = 0;
      while (status === 0) {
        status = kernels().bidiagonalSweeps(n, d, e, state!, sweeps!, left!, right!, capacity);
        const count = integers(state!, 3)[2]!;
        kernels().applySweeps(n, n, us!, count, sweeps!, ofU);
        kernels().applySweeps(n, n, vs!, count, sweeps!, ofV);
      }
      if (status < 0) {
        const [found, iterations] = integers(state!, 2);
        throw new ConvergenceError(
          `Cannot take singular values: ${found} of ${n} found after ${iterations} sweeps of QR; please report the matrix`,
          iterations!,
        );
      }
      sortValues(doubles(d, n), integers(order!, n), doubles(sweeps!, n));
      kernels().fromStrips(n, n, us!, order!, u, uRow);
      kernels().fromStrips(n, n, vs!, order!, v, vRow);
      kernels().scaleRows(n, n, 1, v, vRow, sweeps!);
    },
  );
}

/**
 * Sorts a few values by descending magnitude, which is all that is left of them, and tells where each was, in
 * rows that are reversed, and its sign; equal ones keep their order.
 */
function sortValues(values: Float64Array, order: Int32Array, signs: Float64Array): void {
  const n = values.length;
  for (let i = 0; i < n; i++) {
    const value = values[i]!, size = Math.abs(value), sign = value < 0 ? -1 : 1;
    let j = i;
    for (; j > 0 && values[j - 1]! < size; j--) {
      values[j] = values[j - 1]!;
      order[j] = order[j - 1]!;
      signs[j] = signs[j - 1]!;
    }
    values[j] = size;
    order[j] = n - 1 - i;
    signs[j] = sign;
  }
}
