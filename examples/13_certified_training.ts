/**
 * 13. Training for certified radii. The exact radius of an image is differentiable in the weights: by the
 * envelope theorem its gradient is that of the margin at the nearest boundary point, held fixed. So the
 * penalty needs the eigenvectors of the moment (milliseconds) and one more backward pass. A bound in closed
 * form needs five points instead of one, and no iteration.
 *
 * Networks trained alike: as they are, with noise on the pixels, and with either penalty. Printed: test
 * accuracy, the share of test images that are right and provably stay so within an L2 radius (f32 rounding
 * of the network included), and the median of the exact radius over those that are right.
 *
 *     deno task example examples/13_certified_training.ts          # 16 neurons, 5,000 digits
 *     deno task example examples/13_certified_training.ts --full   # 32 neurons, 60,000 digits: a while
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { data, guarantee, nn, optim, report, train } from "@odot/odot";

const full = Deno.args.includes("--full");
const { neurons, images, tested, epochs } = full
  ? { neurons: 32, images: 60_000, tested: 10_000, epochs: 4 }
  : { neurons: 16, images: 5000, tested: 2000, epochs: 4 };
const batchSize = 128, learningRate = 3e-3, radii = [0.5, 1, 1.5];

const { training, test } = await data.mnist();
const some = ({ inputs, labels, features, divisor }: data.Dataset, count: number): data.Dataset =>
  data.dataset({
    inputs: Float32Array.from(inputs.subarray(0, count * features), (x) => x / divisor),
    labels: labels.subarray(0, count),
  });
const digits = some(training, images), unseen = some(test, tested);

type Method = Pick<train.FitOptions, "noise" | "penalty">;

const methods: Readonly<Record<string, Method>> = {
  "plain": {},
  "noise 0.4": { noise: 0.4 },
  "closed form": { penalty: guarantee.radiusPenalty({ radius: "closed form" }) },
  "exact radius": { penalty: guarantee.radiusPenalty() },
  "exact + noise": { noise: 0.2, penalty: guarantee.radiusPenalty({ target: 2 }) },
};

function trained(method: Method): nn.Model {
  const model = nn.sequential([
    nn.bilinear(784, neurons, { bias: false }),
    nn.linear(neurons, 10, { bias: false }),
  ], { seed: 0 });
  const steps = epochs * Math.floor(images / batchSize);
  using optimizer = optim.adamw(model, { weightDecay: 0 });
  const schedule = optim.cosine(learningRate, { steps });
  const options = { optimizer, schedule, epochs, batchSize, seed: 0, ...method };
  for (const _ of train.fit(model, digits, options));
  return model;
}

const cells = (values: readonly string[]): string => values.map((x) => x.padStart(8)).join("");
console.log(`${"".padEnd(14)}${cells(["test", ...radii.map((r) => `≥ ${r}`), "median", "time"])}`);
for (const [name, method] of Object.entries(methods)) {
  const begin = performance.now();
  using model = trained(method);
  const seconds = (performance.now() - begin) / 1000;
  const { labels } = unseen, found = guarantee.radii(model, unseen.inputs, { labels });
  const shares = [0, ...radii].map((radius) =>
    `${(100 * report.certifiedAccuracy(found, radius)).toFixed(1)}%`
  );
  const median = report.medianRadius(found).toFixed(3);
  console.log(`${name.padEnd(14)}${cells([...shares, median, `${seconds.toFixed(0)} s`])}`);
}
