/**
 * 12. Guarantees. A ReLU network can only be bounded loosely; the outputs of this one are exact quadratic
 * polynomials, so what it can and cannot say is known: the range of a logit, the distance to the nearest
 * input of another class, and where that input is. What is proven is proven for the network in f32, and
 * anybody can check it from the weights.
 *
 *     deno task example examples/12_guarantees.ts
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { data, decompose, guarantee, io, nn, optim, train } from "@odot/odot";
import { check } from "@odot/odot/guarantee/checker";

const { training, test } = await data.mnist();
using model = nn.sequential([
  nn.bilinear(784, 16, { bias: false }),
  nn.linear(16, 10, { bias: false }),
], { seed: 0 });
using optimizer = optim.adamw(model, { learningRate: 2e-3 });
const options = { optimizer, epochs: 2, batchSize: 128, noise: 0.3, validation: test };
for (const { epoch, accuracy } of train.fit(model, training, options)) {
  console.log(`epoch ${epoch}: ${(100 * accuracy).toFixed(1)}% of the test images are right`);
}

// 1. The exact range of a logit: around an image, and for every input of a length
const image = data.row(test, 0), label = test.labels[0]!; // a seven
const three = decompose.interactions(model).output(3);
const near = guarantee.range(three, { center: image, radius: 0.5 });
console.log(`\nwithin 0.5 of the image the logit of 3 runs from ${near.lower} to ${near.upper}`);
const anywhere = guarantee.range(three, { radius: 10 });
const limit = guarantee.atMost(model, { output: 3, limit: anywhere.upper + 1, radius: 10 });
console.log(`no input of length 10 brings it above ${anywhere.upper + 1}: ${limit.verdict}`);

// 2. How far is the nearest image that is taken for something else, and what does it look like?
const pairs = guarantee.classPairs(model); // once a model, then microseconds an image
const { radius, lower, rival, change } = guarantee.radius(pairs, image);
const changed = (reach: number): Float32Array =>
  Float32Array.from(image, (x, i) => x + reach * change[i]!);
const said = (x: Float32Array): number => {
  const logits = model.predict(x);
  return logits.indexOf(Math.max(...logits));
};
console.log(
  `\nthe nearest other class of this ${label} is ${rival}, at ${radius} (proven: ${lower})`,
);
console.log(
  `99.9% of the way it is a ${said(changed(0.999))}, at 100.1% a ${said(changed(1.001))}`,
);
const [interval] = guarantee.intervalRadii(pairs, image);
console.log(
  `interval propagation proves ${interval}: ${(radius / interval!).toFixed(1)} times less`,
);

// 3. A certificate, which says nothing that its checker has to believe
const proven = guarantee.certify(pairs, image, { radius: 0.9 * lower });
if (proven.verdict !== "certified") throw new Error(`unexpected: ${proven.verdict}`);
const file = JSON.stringify(proven.certificate);
const bytes = io.save(model);
console.log(
  `\na certificate of ${file.length} bytes: ${check(JSON.parse(file), bytes, image).verdict}`,
);
const forged = { ...proven.certificate, radius: 2 * radius };
const verdict = check(forged, bytes, image);
console.log(`with a larger radius: ${"reason" in verdict ? verdict.reason : verdict.verdict}`);

// 4. Asked for too much it answers with the input that proves it wrong
const refuted = guarantee.certify(pairs, image, { radius: 1.1 * radius });
if (refuted.verdict !== "refuted") throw new Error(`unexpected: ${refuted.verdict}`);
console.log(
  `\nradius ${1.1 * radius} is ${refuted.verdict}: ${refuted.distance} away it says ${
    said(refuted.point)
  }`,
);
// and where f32 itself blurs the boundary it says so
console.log(guarantee.certify(pairs, image, { radius: (lower + radius) / 2 }));
