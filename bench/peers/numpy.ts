import type { Peer } from "./peer.ts";
import { python } from "./python.ts";

/** NumPy on a fast BLAS: native code with vectors of 256 or 512 bits. */
export async function open(threads: number): Promise<Peer> {
  const { version, job, file, end } = await python("numpy", threads);
  return {
    name: "numpy",
    version,
    threads,
    product: async ({ form, m, n, k, a, b }) => ({
      ...await job<Float32Array>("product", { form, m, n, k, a: file(a), b: file(b) }),
      crossing: "nothing",
    }),
    eigh: ({ n, matrices }) => {
      const all = new Float64Array(matrices.length * n * n);
      matrices.forEach((matrix, i) => all.set(matrix, i * n * n));
      return job("eigh", { n, matrices: file(all) });
    },
    svd: ({ rows, columns, matrix }) => job("svd", { rows, columns, matrix: file(matrix) }),
    end,
  };
}
