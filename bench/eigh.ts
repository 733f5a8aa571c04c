/**
 * How much faster is `eigh` than the eigenvalue decomposition of ml-matrix, the usual choice in
 * JavaScript? Both on the same symmetric matrix, interleaved, best of the repetitions. The time of
 * `eigh` includes what ml-matrix leaves out: measuring the residual and the orthogonality.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { configure } from "@odot/odot";
import { eigh, type Matrix, matrix } from "@odot/odot/linalg";
import { bestOf, quick, type Side } from "./support.ts";

const PEER = "npm:ml-matrix@6.15.1";
const SIZES = quick ? [64, 128, 256] : [64, 128, 256, 512, 784];

interface Peer {
  readonly EVD: new (a: number[][], options: { assumeSymmetric: boolean }) => unknown;
}

function symmetric(n: number): Matrix {
  const a = matrix(n, n);
  for (let i = 0, x = 0.37; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      x = 3.99 * x * (1 - x); // chaotic enough
      a.data[i * n + j] = a.data[j * n + i] = x - 0.5;
    }
  }
  return a;
}

const peer = await import(PEER).catch(() => undefined) as Peer | undefined;
if (!peer) console.log(`${PEER} cannot be fetched: no ratio to it`);
console.log(
  "  n    eigh ms   strict ms   ml-matrix ms   ml-matrix/eigh   residual   orthogonality",
);
for (const n of SIZES) {
  const a = symmetric(n);
  const rows = Array.from({ length: n }, (_, i) => Array.from(a.data.subarray(i * n, i * n + n)));
  const sides: Side[] = (["fast", "strict"] as const).map((kernels) => ({
    name: kernels,
    prepare: () => configure({ kernels }),
    run: () => eigh(a),
  }));
  if (peer) {
    const run = (): unknown => new peer.EVD(rows, { assumeSymmetric: true });
    sides.push({ name: "ml-matrix", run });
  }
  const [fast, strict, other] = bestOf(sides, n < 200 ? 40 : n < 600 ? 8 : 4);
  configure({ kernels: "fast" });
  const { residual, orthogonality } = eigh(a);
  console.log([
    String(n).padStart(3),
    fast!.toFixed(2).padStart(10),
    strict!.toFixed(2).padStart(11),
    (other?.toFixed(2) ?? "-").padStart(14),
    (other ? (other / fast!).toFixed(2) : "-").padStart(16),
    residual.toExponential(1).padStart(10),
    orthogonality.toExponential(1).padStart(15),
  ].join(" "));
}
