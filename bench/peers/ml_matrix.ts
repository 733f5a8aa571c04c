import { bring, type Peer } from "./peer.ts";

const VERSION = "6.15.1";

interface MlMatrix {
  readonly EVD: new (a: number[][], options: { assumeSymmetric: boolean }) => {
    readonly realEigenvalues: number[];
  };
  readonly SVD: new (a: number[][], options: { autoTranspose: boolean }) => {
    readonly diagonal: number[];
  };
}

function rowsOf(data: Float64Array, columns: number): number[][] {
  return Array.from(
    { length: data.length / columns },
    (_, i) => Array.from(data.subarray(i * columns, (i + 1) * columns)),
  );
}

/** ml-matrix: the usual choice for eigenvalues in JavaScript. */
export async function open(): Promise<Peer> {
  const { EVD, SVD } = await bring<MlMatrix>(`npm:ml-matrix@${VERSION}`);
  return {
    name: "ml-matrix",
    version: VERSION,
    threads: 1,
    eigh: ({ n, matrices }) => {
      const inputs = matrices.map((data) => rowsOf(data, n));
      const run = (): number[] =>
        inputs.flatMap((a) => new EVD(a, { assumeSymmetric: true }).realEigenvalues);
      return { run, result: () => Float64Array.from(run()) };
    },
    svd: ({ columns, matrix }) => {
      const a = rowsOf(matrix, columns);
      const run = (): number[] => new SVD(a, { autoTranspose: true }).diagonal;
      return { run, result: () => Float64Array.from(run()) };
    },
  };
}
