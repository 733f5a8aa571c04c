/**
 * 8. Stop anywhere, go on to the bit.
 *
 * A checkpoint holds weights, optimizer, schedule, random state and position. Training that is cut off in
 * the middle of an epoch and resumed ends with the same weights, bit for bit, as training that was not.
 *
 *     deno task example examples/08_resume.ts
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { data, nn, optim, train } from "@odot/odot";

const { training, test } = await data.mnist();
const rows = data.slice(training, 0, 10_000);
const settings = { epochs: 3, batchSize: 100, noise: 0.3, seed: 7 };
const begin = () => {
  const model = nn.sequential([nn.bilinear(784, 32), nn.linear(32, 10)], { seed: 7 });
  const optimizer = optim.adamw(model, { weightDecay: 0.1 });
  return { model, optimizer, schedule: optim.cosine(1e-3, { epochs: settings.epochs }), settings };
};
const hash = async ({ model }: { model: nn.Model }): Promise<string> => {
  const bytes = new Uint8Array(model.parameters.get("0.weight")!.toArray().buffer);
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex().slice(0, 16);
};

const whole = begin();
for (const _ of train.fit(whole.model, rows, { ...settings, ...whole }));

// The same again, cut off after step 137: in the middle of the second epoch.
const first = begin();
const file = await Deno.makeTempFile({ suffix: ".safetensors" });
for (const event of train.steps(first.model, rows, { ...settings, ...first })) {
  if (event.type !== "step" || event.step < 137) continue;
  await Deno.writeFile(file, train.checkpoint({ ...first, position: event.position }));
  console.log(`cut off after step ${event.step} of ${event.steps}: ${file}`);
  break;
}

// Another process could do this part.
const second = begin();
const from = train.restore(await Deno.readFile(file), second, { name: file });
for (const { epoch, loss } of train.fit(second.model, rows, { ...settings, ...second, from })) {
  console.log(`resumed, epoch ${epoch}: loss ${loss.toFixed(4)}`);
}
const hashes = [await hash(whole), await hash(second)];
console.log(`weights without the cut ${hashes[0]}…\nweights with the cut    ${hashes[1]}…`);
console.log(hashes[0] === hashes[1] ? "the same bits" : "they differ");
console.log(`test accuracy ${(100 * train.evaluate(second.model, test).accuracy).toFixed(2)} %`);
await Deno.remove(file);
if (hashes[0] !== hashes[1]) Deno.exit(1);
