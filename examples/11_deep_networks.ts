/**
 * 11. A deep network, read from its weights: which directions of its inner states matter, what may go,
 * and how training moved it.
 *
 *     deno task example examples/11_deep_networks.ts
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { data, decompose, io, nn, optim, report, train } from "@odot/odot";

const { training, test } = await data.mnist();
const rows = data.slice(training, 0, 20_000);
using model = nn.sequential([
  nn.linear(784, 48),
  nn.residual([nn.bilinear(48, 64), nn.linear(64, 48)]),
  nn.residual([nn.bilinear(48, 64), nn.linear(64, 48)]),
  nn.linear(48, 10),
], { seed: 0 });

// Every epoch leaves a checkpoint.
using optimizer = optim.adamw(model, { learningRate: 2e-3, weightDecay: 0.1 });
const checkpoints = [io.save(model)];
const options = { optimizer, epochs: 6, batchSize: 256, noise: 0.4, validation: test };
for (const { epoch, accuracy } of train.fit(model, rows, options)) {
  console.log(`epoch ${epoch}: test accuracy ${(100 * accuracy).toFixed(2)} %`);
  checkpoints.push(io.save(model));
}

// Two residual layers make a polynomial of degree four: a chain of two bilinear maps, exactly.
const deep = decompose.deepInteractions(model);
console.log(`\nstates of ${deep.widths.join(", ")} numbers, with the constant 1`);

// Which directions of each state carry the function? The constant is kept, and told apart.
const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
for (const { width, singularValues, withConstant } of decompose.odt(deep).bonds) {
  const [first, second] = [singularValues, withConstant].map((values) =>
    decompose.effectiveRank(values).participation.toFixed(1)
  );
  console.log(`width ${width}: effective rank ${first}, with the constant ${second}`);
}

console.log("\nrelative error ≤ bound   ranks            numbers   accuracy");
const size = nn.countParameters(model.config.layers);
console.log(
  `${"whole network".padEnd(40)} ${size}     ${percent(train.evaluate(model, test).accuracy)}`,
);
const held = data.slice(training, 20_000, 24_000);
const goals: decompose.OdtRank[] = [
  ...[0.05, 0.1, 0.2, 0.3].map((relativeError) => ({ relativeError })),
  { accuracyDrop: 0.005, on: held },
];
for (const rank of goals) {
  const smaller = decompose.odt(deep, { rank });
  using runs = io.load(io.save(smaller.toModel()));
  const { accuracy } = train.evaluate(runs, test);
  const ranks = smaller.bonds.map(({ rank }) => rank).join(", ");
  console.log(
    `${smaller.relativeError.toFixed(4)} ≤ ${smaller.errorBound.toFixed(4)}`.padEnd(25) +
      `${ranks.padEnd(15)} ${String(smaller.parameterCount).padEnd(9)} ${percent(accuracy)}`,
  );
}

// How alike are the networks of all epochs, as functions of normal inputs?
const networks = checkpoints.map((bytes) => io.load(bytes));
const map = decompose.similarityMap(networks, { measure: "gaussian", outputs: "centered" });
const labels = networks.map((_, epoch) => `epoch ${epoch}`);
console.log(
  `\nsimilarity to the last: ${
    [...map.cosines.data.slice(-networks.length)].map((value) => value.toFixed(3)).join(", ")
  }; two phases, the second from ${labels[map.phases(2).starts[1]!]}`,
);
const svg = report.heatMap(map.cosines.data, { title: "Similarity", labels, limit: 1 });
console.log(`a heat map of ${svg.length} bytes, for report.page`);
networks.forEach((network) => network[Symbol.dispose]());
