/**
 * How much faster are two threads than one? Both take turns on the same team of threads, so that noise
 * hits them alike: `deno run -A bench/threads.ts [--quick]`. Rows below the first block show from which
 * size on threads are worth their while.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import {
  configure,
  crossEntropy,
  info,
  matmul,
  matmulNT,
  matmulTN,
  nn,
  optim,
  random,
  scope,
  Tensor,
  valueAndGrad,
} from "@odot/odot";
import { shareFrom } from "../src/kernels/matmul.ts";

const quick = Deno.args.includes("--quick");
const forms = { NN: matmul, NT: matmulNT, TN: matmulTN } as const;
const products: readonly (readonly [keyof typeof forms, number, number, number])[] = [
  ["NN", 512, 512, 512],
  ["NN", 1024, 1024, 1024],
  ["NT", 2048, 256, 784],
  ["TN", 256, 784, 2048],
  ["NN", 64, 64, 64],
  ["NN", 96, 96, 96],
  ["NN", 128, 128, 128],
  ["NT", 128, 256, 256],
  ["NN", 256, 256, 256],
];

/** Best and median milliseconds of one thread and of two, in turn. */
function compare(run: () => void, repetitions: number): [one: number[], two: number[]] {
  const times: [number[], number[]] = [[], []];
  const before = shareFrom(0);
  try {
    for (let i = 0; i < 2 * repetitions; i++) {
      shareFrom(i % 2 === 0 ? Infinity : 0);
      // twice: the first call wakes the other thread, as in a row of products
      run();
      const start = performance.now();
      run();
      times[i % 2]!.push(performance.now() - start);
    }
  } finally {
    shareFrom(before);
  }
  for (const one of times) one.sort((a, b) => a - b);
  return times;
}

function row(name: string, [one, two]: [number[], number[]]): void {
  const half = one.length >> 1;
  console.log(
    name.padEnd(28),
    one[0]!.toFixed(3).padStart(10),
    two[0]!.toFixed(3).padStart(10),
    (one[0]! / two[0]!).toFixed(2).padStart(8),
    (one[half]! / two[half]!).toFixed(2).padStart(8),
  );
}

configure({ threads: 2 });
if (info().threads < 2) {
  console.log(`no second thread: ${info().threadsReason}`);
  Deno.exit(0);
}
console.log("best, ms                            one        two    ratio  of medians");
for (const [form, m, n, k] of products) {
  scope(() => {
    const a = random(1).normal(form === "TN" ? [k, m] : [m, k]);
    const b = random(2).normal(form === "NT" ? [n, k] : [k, n]);
    const repetitions = quick ? 3 : Math.ceil(Math.min(2000, 3e10 / (m * n * k)));
    const run = (): void => scope((): void => void forms[form](a, b));
    row(`${form} ${m}×${k}·${k}×${n}`, compare(run, repetitions));
  });
}

const batch = 2048;
using model = nn.sequential([
  nn.linear(784, 256, { bias: false }),
  nn.bilinear(256, 256, { bias: false }),
  nn.linear(256, 10, { bias: false }),
], { seed: 0 });
using optimizer = optim.adamw(model, { learningRate: 1e-3, weightDecay: 0.5 });
scope(() => {
  const inputs = random(3).normal([batch, 784]);
  const labels = new Tensor([batch], "i32").set(Array.from({ length: batch }, (_, i) => i % 10));
  const step = (): void =>
    scope((): void => {
      const { gradients } = valueAndGrad(
        () => crossEntropy(model(inputs), labels),
        model.parameters,
      );
      optimizer.step(gradients);
    });
  row(`training step, batch ${batch}`, compare(step, quick ? 3 : 30));
});
configure({ threads: 1 });
