/**
 * How much faster is `svd` than the singular value decomposition of ml-matrix, the usual choice in
 * JavaScript? Both on the same matrix, interleaved, best of the repetitions. The time of `svd` includes
 * what ml-matrix leaves out: measuring the residual and the orthogonality.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { configure } from "@odot/odot";
import { type Matrix, matrix, svd } from "@odot/odot/linalg";
import { bestOf, quick, type Side } from "./support.ts";

const PEER = "npm:ml-matrix@6.15.1";
const SHAPES = [[64, 64], [256, 64], [256, 256], [784, 256]] as const;

interface Peer {
  readonly SVD: new (a: number[][], options: { autoTranspose: boolean }) => unknown;
}

function dense(m: number, n: number): Matrix {
  const a = matrix(m, n);
  for (let i = 0, x = 0.37; i < m * n; i++) {
    x = 3.99 * x * (1 - x); // chaotic enough
    a.data[i] = x - 0.5;
  }
  return a;
}

const peer = await import(PEER).catch(() => undefined) as Peer | undefined;
if (!peer) console.log(`${PEER} cannot be fetched: no ratio to it`);
console.log(
  "shape       svd ms   strict ms   ml-matrix ms   ml-matrix/svd   residual   orthogonality",
);
for (const [m, n] of SHAPES) {
  const a = dense(m, n);
  const rows = Array.from({ length: m }, (_, i) => Array.from(a.data.subarray(i * n, i * n + n)));
  const sides: Side[] = (["fast", "strict"] as const).map((kernels) => ({
    name: kernels,
    prepare: () => configure({ kernels }),
    run: () => svd(a),
  }));
  if (peer) {
    const run = (): unknown => new peer.SVD(rows, { autoTranspose: true });
    sides.push({ name: "ml-matrix", run });
  }
  const [fast, strict, other] = bestOf(sides, quick ? 3 : m * n < 20000 ? 40 : 12);
  configure({ kernels: "fast" });
  const { residual, orthogonality } = svd(a);
  console.log([
    `${m}×${n}`.padEnd(9),
    fast!.toFixed(2).padStart(8),
    strict!.toFixed(2).padStart(11),
    (other?.toFixed(2) ?? "-").padStart(14),
    (other ? (other / fast!).toFixed(2) : "-").padStart(15),
    residual.toExponential(1).padStart(10),
    orthogonality.toExponential(1).padStart(15),
  ].join(" "));
}
