import { type Address, doubles, kernels, withBlocks } from "../kernels/mod.ts";
import { divideBidiagonal } from "./bidiagonal_divide.ts";
import { applyReflectors, gather, withReflectors } from "./householder.ts";
import { rowBytes, type Target } from "./reflectors.ts";

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

/** Singular triplets of A: bidiagonalisation, and divide and conquer. */
export function decompose({ m, n, a, row, u, uRow, v, vRow, d }: Triplets): void {
  const leftRow = rowBytes(m);
  withBlocks([(n + 1) * 8, n * leftRow, n * 8, n * 8], (e, left, tauLeft, tauRight) => {
    withBlocks([n * 8, m * 8], (x, y) => {
      kernels().bidiagonalise(m, n, a, row, left!, leftRow, d, e!, tauLeft!, tauRight!, x!, y!);
    });
    doubles(e!, n + 1)[n] = 0;
    doubles(u, n * uRow / 8).fill(0);
    divideBidiagonal(n, d, e!, { u, uRow, v, vRow });
    const turn = (k: number, size: number, from: Address, row: number, tau: Address, to: Target) =>
      withReflectors(k, size, (reflectors) => {
        gather(reflectors, from, row, tau);
        applyReflectors(reflectors, to);
      });
    turn(n, m, left!, leftRow, tauLeft!, { m: n, at: u, row: uRow, filled: n });
    turn(n - 1, n - 1, a + 8, row, tauRight!, { m: n, at: v + 8, row: vRow, filled: n - 1 });
  });
}
