import { type Address, doubles, integers, kernels, withBlocks } from "../kernels/mod.ts";
import { ConvergenceError } from "./errors.ts";
import { formBasis } from "./householder.ts";
import { rowBytes, writeIdentity } from "./reflectors.ts";

/** Rotations of either side that are recorded before they are applied: 256 KiB, which every strip finds in the cache. */
const ROTATIONS = 16384;

/** A matrix [m, n], m ≥ n, in working memory, and room for what it is decomposed into. */
export interface Triplets {
  readonly m: number;
  readonly n: number;
  /** A [m, n], which is lost, and the bytes between its rows. */
  readonly a: Address;
  readonly row: number;
  /** Takes the left singular vectors as rows [n, m]. */
  readonly u: Address;
  readonly uRow: number;
  /** Takes the right singular vectors as rows [n, n]. */
  readonly v: Address;
  readonly vRow: number;
  /** Takes the singular values [n], descending. */
  readonly d: Address;
}

/** Singular triplets of A: bidiagonalisation and implicit QR. */
export function decompose(triplets: Triplets): void {
  const { m, n, a, row, u, uRow, v, vRow, d } = triplets;
  withBlocks([n * 8], (e) => {
    const leftRow = rowBytes(m);
    withBlocks([n * leftRow, n * 8, n * 8, n * 8, m * 8], (left, tauLeft, tauRight, x, y) => {
      kernels().bidiagonalise(m, n, a, row, left!, leftRow, d, e!, tauLeft!, tauRight!, x!, y!);
      writeIdentity(n, m, u, uRow);
      formBasis(m, n, left!, leftRow, tauLeft!, u, uRow);
      writeIdentity(n, n, v, vRow);
      formBasis(n - 1, n - 1, a + 8, row, tauRight!, v + vRow + 8, vRow);
    });
    diagonalise(triplets, e!);
  });
}

/** The sweeps go towards the smaller end, or they converge slowly: reverses B where they would not. */
function turn(n: number, d: Address, e: Address): boolean {
  const values = doubles(d, n);
  if (Math.abs(values[0]!) >= Math.abs(values[n - 1]!)) return false;
  values.reverse();
  doubles(e + 8, n - 1).reverse();
  return true;
}

/** QR on d and e; the rows of u and v become singular vectors, in the order of descending d. */
function diagonalise({ m, n, u, uRow, v, vRow, d }: Triplets, e: Address): void {
  // J·Bᵀ·J is upper bidiagonal too, with left and right exchanged
  const turned = turn(n, d, e);
  const capacity = Math.max(n, Math.min(ROTATIONS, n * n * 2));
  const strips = (columns: number): number => Math.ceil(columns / 16) * (n + 3) * 128;
  withBlocks(
    [strips(m), strips(n), capacity * 8, capacity * 16, capacity * 16, 16, n * 4],
    (us, vs, sweeps, left, right, state, order) => {
      // rows in the order of the sweeps, which go downwards
      const load = (columns: number, at: Address, row: number, to: Address): void => {
        const [first, step] = turned ? [at, row] : [at + (n - 1) * row, -row];
        kernels().toStrips(n, columns, first, step, to);
      };
      load(m, u, uRow, us!);
      load(n, v, vRow, vs!);
      const [ofU, ofV] = turned ? [right!, left!] : [left!, right!];
      integers(state!, 3).fill(0);
      let status = 0;
      while (status === 0) {
        status = kernels().bidiagonalSweeps(n, d, e, state!, sweeps!, left!, right!, capacity);
        const count = integers(state!, 3)[2]!;
        kernels().applySweeps(n, m, us!, count, sweeps!, ofU);
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
      kernels().fromStrips(n, m, us!, order!, u, uRow);
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
