import { assert } from "@std/assert";
import { heapUsage } from "../../src/kernels/mod.ts";
import { exponent, predictedBytes } from "../../bench/growth.ts";
import { training } from "../../bench/ours.ts";
import { type LayerTask, trainingTask } from "../../bench/tasks.ts";

/** Bytes that a product's workspace may take, rounded up to a size class. */
const WORKSPACE = 8 * 2 ** 20 * 9 / 8;

/** Widths, then how the layers are made of them: `l` linear, `b` bilinear. */
const NETWORKS: readonly [widths: number[], layers: string, rows: number][] = [
  [[784, 256, 256, 10], "lbl", 2048],
  [[64, 128, 128, 128, 10], "bbbl", 4096],
  [[784, 10], "l", 8192],
  [[2048, 2048, 2048, 10], "bbl", 64],
];

for (const [widths, kinds, rows] of NETWORKS) {
  Deno.test(`training ${widths.join(" → ")} in batches of ${rows} takes the memory that is foretold`, () => {
    const layers = [...kinds].map((kind, i): LayerTask => ({
      type: kind === "l" ? "linear" : "bilinear",
      inputs: widths[i]!,
      outputs: widths[i + 1]!,
    }));
    const task = trainingTask("memory", layers, rows), before = heapUsage();
    const { run, end } = training(task);
    for (let i = 0; i < 3; i++) run!();
    const grown = heapUsage().top - before.top, predicted = predictedBytes(task);
    end!();
    // blocks are up to an eighth larger than what they hold; what earlier tests freed is used again
    assert(grown <= 9 / 8 * predicted + WORKSPACE, `${grown} of ${predicted} bytes foretold`);
    assert(before.top > 1e6 || grown >= 0.9 * predicted, `${grown} of ${predicted} bytes foretold`);
  });
}

Deno.test("exponent() finds a power", () => {
  for (const power of [1, 2, 2.5]) {
    const points = [3, 10, 40].map((size) => ({ size, cost: 7 * size ** power }));
    assert(Math.abs(exponent(points) - power) < 1e-12);
  }
});
