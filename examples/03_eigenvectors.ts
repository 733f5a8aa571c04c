/**
 * 3. What does the network look for? Its eigenvectors, from the weights alone.
 *
 * Every logit is x·Q·x, and Q = Σ λ v vᵀ: an image is scored by how much of each eigenvector it holds,
 * squared, times λ. A handful of them carries the accuracy.
 *
 *     deno task example examples/03_eigenvectors.ts
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { data, decompose, nn, optim, report, train } from "@odot/odot";

const { training, test } = await data.mnist();
const model = nn.sequential([
  nn.bilinear(784, 64, { bias: false }),
  nn.linear(64, 10, { bias: false }),
], { seed: 0 });
const optimizer = optim.adamw(model, { learningRate: 2e-3, weightDecay: 0.5 });
const schedule = optim.cosine(2e-3, { epochs: 3 });
for (
  const { epoch, accuracy } of train.fit(model, training, {
    optimizer,
    schedule,
    epochs: 3,
    noise: 0.4,
    validation: test,
  })
) {
  console.log(`epoch ${epoch}: test accuracy ${(100 * accuracy).toFixed(2)} %`);
}

const interactions = decompose.interactions(model); // B [10, 784, 784], never formed
const three = decompose.eigen(interactions.output(3));
const { participation } = decompose.effectiveRank(three.spectrum);
console.log(
  `\nThe digit 3: ${three.values.length} eigenvalues, effective rank ${participation.toFixed(1)}`,
);
console.log("largest:", [...three.values.slice(0, 6)].map((value) => value.toFixed(3)).join(", "));

console.log("\neigenvectors of each digit   test accuracy");
for (const { rank, accuracy } of decompose.accuracyByRank(interactions, test)) {
  console.log(`${String(rank).padStart(28)}   ${(100 * accuracy).toFixed(2)} %`);
}

// The eight eigenvectors that matter most to a 3, as one picture.
const { data: rows, columns } = three.vectors;
const images = Array.from({ length: 8 }, (_, i) => rows.slice(i * columns, (i + 1) * columns));
const svg = report.imageGrid(images, {
  width: 28,
  height: 28,
  columns: 4,
  title: "Eigenvectors of the digit 3",
  captions: [...three.values.slice(0, 8)].map((value) => value.toFixed(3)),
});
const file = await Deno.makeTempFile({ prefix: "three_", suffix: ".svg" });
await Deno.writeTextFile(file, svg);
console.log(`\npicture: ${file}`);

// A network of those eigenvectors alone runs like any other.
const { model: smaller, neurons } = decompose.truncate(interactions, { rank: 10 });
const { accuracy } = train.evaluate(smaller, test);
console.log(`ten eigenvectors a digit, ${neurons} neurons: ${(100 * accuracy).toFixed(2)} %`);
