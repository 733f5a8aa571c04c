/**
 * Makes what the Worker imports, in examples/edge/built: a small model of digits, packed in 8 bits with
 * eight eigenvectors of every digit, the kernels as a file, and some digits to try it on.
 *
 *   deno run -A examples/edge/build.ts [model.safetensors]
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { data, deploy, io, nn, optim, train } from "@odot/odot";
import { kernels } from "@odot/odot/edge";

const built = new URL("./built/", import.meta.url);
await Deno.mkdir(built, { recursive: true });
const { training, test } = await data.mnist();

function trained(): nn.Model {
  const model = nn.sequential([
    nn.bilinear(784, 64, { bias: false }),
    nn.linear(64, 10, { bias: false }),
  ], { seed: 0 });
  const optimizer = optim.adamw(model, { learningRate: 2e-3, weightDecay: 0.5 });
  const options = { optimizer, epochs: 3, noise: 0.4, validation: test };
  for (const { epoch, accuracy } of train.fit(model, training, options)) {
    if (epoch !== undefined && accuracy !== undefined) console.error(`epoch ${epoch}: ${accuracy}`);
  }
  return model;
}

const [path] = Deno.args;
const model = path ? io.load(await Deno.readFile(path), { name: path }) : trained();
const packed = deploy.pack(model, { precision: "int8", eigenvectors: 8, on: test });
const { before, after, agreement } = packed.accuracy!;
console.error(
  `${packed.size} bytes, ${packed.savedSize} unpacked; accuracy ${before} before, ${after} after; ${agreement} of the digits in the same class`,
);
const samples = 500;
await Deno.writeFile(new URL("digits.safetensors", built), packed.bytes);
await Deno.writeFile(new URL("kernels.wasm", built), kernels());
await Deno.writeFile(
  new URL("samples.bin", built),
  (test.inputs as Uint8Array).slice(0, 784 * samples),
);
await Deno.writeFile(
  new URL("labels.bin", built),
  Uint8Array.from(test.labels.subarray(0, samples)),
);
