import { assert, assertEquals } from "@std/assert";
import * as data from "../../src/data/mod.ts";
import { info } from "../../src/kernels/mod.ts";
import { shareFrom } from "../../src/kernels/matmul.ts";
import * as nn from "../../src/nn/mod.ts";
import * as optim from "../../src/optim/mod.ts";
import { random, scope } from "../../src/tensor/mod.ts";
import * as train from "../../src/train/mod.ts";
import { everyWorker, withBuild, withThreads } from "../support/builds.ts";
import { leakChecked } from "../support/leaks.ts";

const [rows, inputs, classes] = [300, 50, 7];

/** SHA-256 of the losses and weights of a short training. */
async function digest(): Promise<string> {
  const images = data.dataset({
    name: "random",
    inputs: scope(() => random(1).normal([rows, inputs]).toArray()),
    labels: Uint8Array.from({ length: rows }, (_, i) => i * i % classes),
  });
  using model = nn.sequential([
    nn.linear(inputs, 33),
    nn.bilinear(33, 41),
    nn.linear(41, classes),
  ], { seed: 3 });
  using optimizer = optim.adamw(model, { learningRate: 0.01, weightDecay: 0.1 });
  const losses: number[] = [];
  const settings = { optimizer, epochs: 2, batchSize: 128, noise: 0.1, seed: 5 };
  for (const { loss } of train.fit(model, images, settings)) losses.push(loss);
  const parts = [...model.parameters.values()].map((one) => one.toArray());
  const all = await new Blob([Float64Array.from(losses), ...parts]).arrayBuffer();
  return new Uint8Array(await crypto.subtle.digest("SHA-256", all)).toHex();
}

for (const build of ["strict", "fast"] as const) {
  leakChecked(`training gives the same bits on 1, 2 and 3 threads (${build})`, async () => {
    const before = shareFrom(0);
    try {
      const digests: string[] = [];
      for (const threads of [1, 2, 3]) {
        await withThreads(threads, async () => {
          assertEquals(info().threads, threads);
          await everyWorker();
          digests.push(await withBuild(build, digest));
        });
      }
      assert(digests.every((one) => one === digests[0]), digests.join(" "));
    } finally {
      shareFrom(before);
    }
  });
}
