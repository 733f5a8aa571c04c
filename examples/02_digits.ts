/**
 * 2. Real digits: train on MNIST, save, load, evaluate.
 *
 *     deno task example examples/02_digits.ts          (5 epochs, seconds)
 *     deno task example examples/02_digits.ts 20
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { data, io, nn, optim, train } from "@odot/odot";

const epochs = Number(Deno.args[0] ?? 5);
const { training, test } = await data.mnist();
const model = nn.sequential([
  nn.bilinear(784, 64, { bias: false }),
  nn.linear(64, 10, { bias: false }),
], { seed: 0 });

const optimizer = optim.adamw(model, { learningRate: 1e-3, weightDecay: 0.01 });
const schedule = optim.cosine(1e-3, { epochs });
const options = { optimizer, schedule, epochs, batchSize: 256, noise: 0.4, validation: test };
for (const { epoch, loss, accuracy, rowsPerSecond } of train.fit(model, training, options)) {
  console.log(
    `epoch ${epoch}: loss ${loss.toFixed(3)}, test accuracy ${(100 * accuracy).toFixed(2)} %, ` +
      `${Math.round(rowsPerSecond)} images a second`,
  );
}

// The file holds architecture and weights; any safetensors reader opens it.
const bytes = io.save(model);
const copy = io.load(bytes);
const { correct, count } = train.evaluate(copy, test);
console.log(`saved in ${bytes.length} bytes; loaded again it has ${correct} of ${count} right`);
