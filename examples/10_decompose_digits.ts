/**
 * 10. How small can the network be? Every decomposition of one layer, each with its error.
 *
 * The interaction tensor of a network on MNIST has 6 million numbers. It is never formed: from the factors
 * come its output directions, a shared basis, fewer neurons, a dictionary of squares, and networks of each
 * that run.
 *
 *     deno task example examples/10_decompose_digits.ts
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { data, decompose, nn, optim, train } from "@odot/odot";

const { training, test } = await data.mnist();
const model = nn.sequential([
  nn.bilinear(784, 64, { bias: false }),
  nn.linear(64, 10, { bias: false }),
], { seed: 0 });
const optimizer = optim.adamw(model, { learningRate: 2e-3, weightDecay: 0.5 });
const schedule = optim.cosine(2e-3, { epochs: 3 });
for (const _ of train.fit(model, training, { optimizer, schedule, epochs: 3, noise: 0.4 }));
const { accuracy } = train.evaluate(model, test);
console.log(`64 neurons: ${(100 * accuracy).toFixed(2)} %\n`);

const layer = decompose.interactions(model);
const { denseBytes, bytes } = decompose.plan(layer, { method: "cp", rank: 25 });
console.log(
  `dense ${(denseBytes / 2 ** 20).toFixed(0)} MiB, cp holds ${(bytes / 2 ** 20).toFixed(1)} MiB\n`,
);

// Which combinations of digits matter? Directions in output space, in order.
const { singularValues, directions } = decompose.hosvd(layer);
console.log("singular values:", [...singularValues].map((value) => value.toFixed(2)).join(" "));
const first = [...directions.data.slice(0, 10)].map((value) => value.toFixed(2));
console.log(`the first direction, digit by digit: ${first.join(" ")}\n`);

console.log("method                          numbers     error   test accuracy");
const show = (name: string, found: decompose.LayerApproximation): void => {
  using smaller = found.toModel();
  const { accuracy } = train.evaluate(smaller, test);
  console.log(
    `${name.padEnd(30)}${String(found.parameterCount).padStart(9)}${
      found.relativeError.toFixed(3).padStart(10)
    }${(100 * accuracy).toFixed(2).padStart(14)} %`,
  );
};
for (const rank of [10, 25, 50]) {
  show(`cp, ${rank} neurons`, decompose.cp(layer, { rank, sweeps: 60 }));
}
show("tucker, 10 × 20 × 20", decompose.tucker(layer, { rank: [10, 20] }));
show("tensor train, 10 and 20", decompose.tensorTrain(layer, { rank: [10, 20] }));
show("dictionary of 50 squares", decompose.symmetricCp(layer, { rank: 50, sweeps: 100 }));
show(
  "the same, sparse",
  decompose.symmetricCp(layer, { rank: 50, sweeps: 100, sparsity: 0.01 }),
);
show("20 blocks of 4", decompose.blockTerm(layer, { rank: 20, blockRank: 4, sweeps: 10 }));

// Ask for what is needed instead of a rank.
const enough = decompose.tucker(layer, { rank: { accuracyDrop: 0.005, on: test } });
console.log(`\nhalf a percent less takes a basis of ${enough.rank[1]} images for all ten digits`);
