// What seeds promise: the same bits in every engine, build and release. The hashes were equal in Deno and
// Node; a change of one means that seeds in use no longer give the data they gave.
import { assertEquals } from "@std/assert";
import * as data from "../../src/data/mod.ts";
import { random } from "../../src/tensor/mod.ts";
import { leakChecked } from "../support/leaks.ts";

/** Hash of the bytes of an array (Fowler, Noll & Vo, 32 bits, FNV-1a). */
function hash({ buffer, byteOffset, byteLength }: ArrayBufferView): number {
  return new Uint8Array(buffer, byteOffset, byteLength).reduce(
    (state, byte) => Math.imul(state ^ byte, 16777619),
    2166136261,
  ) >>> 0;
}

const SAMPLERS: readonly [data.Sampler, inputs: number, targets: number][] = [
  [data.sparseFeatures({ features: 6, sparsity: 0.7, seed: 3 }), 1104146060, 1104146060],
  ...([["gaussian", 846550751, 3775938580], ["laplace", 3402821620, 1056134227], [
    "uniform",
    2190148088,
    448596489,
  ]] as const).map(([distribution, inputs, targets]): [data.Sampler, number, number] => [
    data.kurtosisFeatures({ features: 5, distribution, probability: 0.3, seed: 3 }),
    inputs,
    targets,
  ]),
  [data.functionTask("sin πx", { seed: 2 }), 1801896015, 3945385950],
];

for (const [sampler, inputs, targets] of SAMPLERS) {
  leakChecked(`samplers give the bits they always gave: ${sampler.name}, ${inputs}`, () => {
    const drawn = data.draw(sampler, 1000);
    assertEquals([hash(drawn.inputs), hash(drawn.targets)], [inputs, targets]);
  });
}

leakChecked("augment() and split() give the bits they always gave", () => {
  const pixels = Float32Array.from({ length: 784 * 20 }, (_, i) => (i * 7919 % 256) / 255);
  data.augment(pixels, { width: 28, height: 28 }, [
    data.translation(),
    data.rotation(),
    data.blur({ deviation: [0.3, 2] }),
    data.gaussianNoise(),
    data.saltAndPepper(),
    data.dropout(),
  ], random(9));
  assertEquals(hash(pixels), 2535549527);
  assertEquals(hash(data.modularAddition(13, { seed: 2 }).training.inputs), 1966574647);
});
