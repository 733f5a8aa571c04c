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
  const turns = squareUp(doubles(d, n), doubles(e, n + 1));
  for (const [at, row] of [[u, uRow], [v, vRow]] as const) {
    const entries = doubles(at, n * row / 8);
    for (let i = 0; i < n; i++) entries[i * (row / 8 + 1)] = 1;
  }
  diagonalise(n, d, e, to);
  const stride = vRow / 8, rows = doubles(v, (n + 1) * stride);
  rows[n * (stride + 1)] = 1;
  turns.forEach(({ c, s }, i) => {
    if (s === 0 && c === 1) return;
    for (let j = 0; j <= n; j++) {
      const row = j * stride, x = rows[row + i]!, y = rows[row + n]!;
      rows[row + i] = c * x - s * y;
      rows[row + n] = s * x + c * y;
    }
  });
}

/** Rotates the last column away, upwards; rotation i is of the columns i and n. */
function squareUp(d: Float64Array, e: Float64Array): { c: number; s: number }[] {
  const n = d.length, turns: { c: number; s: number }[] = [];
  for (let i = n - 1, x = e[n]!; i >= 0; i--) {
    const { c, s, r } = x === 0 ? { c: 1, s: 0, r: d[i]! } : rotation(d[i]!, x);
    d[i] = r;
    turns[i] = { c, s };
    x = i > 0 ? -s * e[i]! : 0;
    if (i > 0) e[i]! *= c;
  }
  e[0] = 0;
  return turns;
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
      const signed = doubles(d, n).slice(), sizes = signed.map(Math.abs);
      const places = Int32Array.from(sizes.keys()).sort((i, j) => sizes[j]! - sizes[i]! || i - j);
      integers(order!, n).set(places.map((i) => n - 1 - i));
      kernels().fromStrips(n, n, us!, order!, u, uRow);
      kernels().fromStrips(n, n, vs!, order!, v, vRow);
      const values = doubles(d, n), signs = doubles(sweeps!, n);
      for (let i = 0; i < n; i++) {
        values[i] = sizes[places[i]!]!;
        signs[i] = signed[places[i]!]! < 0 ? -1 : 1;
      }
      kernels().scaleRows(n, n, 1, v, vRow, sweeps!);
    },
  );
}
