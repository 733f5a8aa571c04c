/**
 * 7. Does giving up the activation cost anything? The GLU family at matched parameters.
 *
 * A gated layer has two matrices where a plain one has one, so here it gets half of the width (two thirds
 * in a transformer's block, Shazeer 2020). A short run on real digits; `--full` trains five seeds for ten epochs.
 *
 *     deno task example examples/07_gated_family.ts
 *     deno task example examples/07_gated_family.ts --full
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { data, nn, optim, train } from "@odot/odot";

const full = Deno.args.includes("--full");
const [seeds, epochs] = full ? [[0, 1, 2, 3, 4], 10] : [[0], 1];
const { training, test } = await data.mnist();

const plain = (activation: () => nn.Layer) => [
  nn.linear(784, 96, { bias: false }),
  activation(),
  nn.linear(96, 10, { bias: false }),
];
const gated = (gate: "none" | "relu" | "gelu" | "silu" | "sigmoid") => [
  nn.bilinear(784, 48, { bias: false, gate }),
  nn.linear(48, 10, { bias: false }),
];
const family: Record<string, () => nn.Layer[]> = {
  "ReLU": () => plain(nn.relu),
  "GELU": () => plain(nn.gelu),
  "SiLU": () => plain(nn.silu),
  "bilinear": () => gated("none"),
  "GLU": () => gated("sigmoid"),
  "ReGLU": () => gated("relu"),
  "GEGLU": () => gated("gelu"),
  "SwiGLU": () => gated("silu"),
};

console.log(
  `epochs: ${epochs}, seeds: ${seeds.length}; test accuracy${full ? ", mean ± deviation" : ""}`,
);
for (const [name, layers] of Object.entries(family)) {
  const found = seeds.map((seed) => {
    using model = nn.sequential(layers(), { seed });
    using optimizer = optim.adamw(model, { learningRate: 2e-3, weightDecay: 0.1 });
    const schedule = optim.cosine(2e-3, { epochs });
    const options = { optimizer, schedule, epochs, noise: 0.3, seed };
    for (const _ of train.fit(model, training, options));
    return train.evaluate(model, test).accuracy;
  });
  const mean = found.reduce((sum, value) => sum + value, 0) / found.length;
  const spread = Math.sqrt(
    found.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, found.length - 1),
  );
  const count = nn.countParameters(layers().map(({ config }) => config));
  const deviation = seeds.length > 1 ? ` ± ${(100 * spread).toFixed(2)}` : "";
  console.log(
    `${name.padEnd(9)} ${(100 * mean).toFixed(2)}${deviation} %   ${count} parameters`,
  );
}
