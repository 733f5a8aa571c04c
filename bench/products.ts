/**
 * How much faster are the kernels' matrix products than plain TypeScript, and the relaxed build than
 * the strict one? Best of interleaved repetitions in one process.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { configure, info, matmul, matmulNT, matmulTN, random, scope } from "@odot/odot";
import { bestOf, quick } from "./support.ts";

type Form = "NN" | "NT" | "TN";
const product = { NN: matmul, NT: matmulNT, TN: matmulTN };
const shapes: readonly (readonly [m: number, n: number, k: number, form: Form])[] = [
  [64, 64, 64, "NN"],
  [128, 128, 128, "NN"],
  [256, 256, 256, "NN"],
  [256, 128, 784, "NT"],
  [256, 784, 256, "TN"],
  ...(quick ? [] : [[2048, 256, 784, "NT"], [512, 512, 512, "NN"]] as const),
];

function plain(
  form: Form,
  m: number,
  n: number,
  k: number,
  a: Float32Array,
  b: Float32Array,
): void {
  const c = new Float32Array(m * n);
  const [aRow, aStep] = form === "TN" ? [1, m] : [k, 1],
    [bRow, bStep] = form === "NT" ? [1, k] : [n, 1];
  for (let i = 0; i < m; i++) {
    for (let p = 0; p < k; p++) {
      const value = a[i * aRow + p * aStep]!;
      for (let j = 0; j < n; j++) c[i * n + j]! += value * b[p * bRow + j * bStep]!;
    }
  }
}

console.log("product            kernels GFLOP/s   relaxed/strict   kernels/plain");
for (const [m, n, k, form] of shapes) {
  scope(() => {
    const source = random(1);
    const a = source.normal(form === "TN" ? [k, m] : [m, k]);
    const b = source.normal(form === "NT" ? [n, k] : [k, n]);
    const [aPlain, bPlain] = [a.toArray(), b.toArray()];
    const run = (): void => scope((): void => void product[form](a, b));
    const [fast, strict, slow] = bestOf([
      { name: "fast", prepare: () => (configure({ kernels: "fast" }), run()), run },
      { name: "strict", prepare: () => (configure({ kernels: "strict" }), run()), run },
      { name: "plain", run: () => plain(form, m, n, k, aPlain, bPlain) },
    ], quick ? 3 : 30);
    configure({ kernels: "fast" });
    const flops = 2 * m * n * k / 1e6;
    console.log(
      `${form} ${m}×${k}·${k}×${n}`.padEnd(24),
      (flops / fast!).toFixed(1).padStart(8),
      (strict! / fast!).toFixed(2).padStart(16),
      (slow! / fast!).toFixed(1).padStart(15),
    );
  });
}
console.log(`build: ${info().kernels} (${info().reason})`);
