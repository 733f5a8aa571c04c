/**
 * 6. Which gate did it learn? Read from the weights, without running it.
 *
 * Sixteen networks learn the sixteen gates of two bits. On bits x² = x, so four numbers of the polynomial
 * are the truth table.
 *
 *     deno task example examples/06_gates_from_weights.ts
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { data, interpret, nn, optim, train } from "@odot/odot";

const inputs = Float32Array.of(0, 0, 0, 1, 1, 0, 1, 1);
console.log("table  read from weights  margin   γ + a·x + b·y + c·xy");
let right = 0;
for (let table = 0; table < 16; table++) {
  const bits = table.toString(2).padStart(4, "0");
  const rows = data.dataset({ inputs, labels: [...bits].map(Number), classes: 2 });
  using model = nn.sequential([nn.bilinear(2, 4), nn.linear(4, 2)], { seed: table });
  using optimizer = optim.adamw(model, { learningRate: 0.05, weightDecay: 0 });
  for (const { loss } of train.fit(model, rows, { optimizer, epochs: 2000 })) {
    if (loss < 1e-3) break;
  }
  const { name, table: found, margin, constant, first, second, interaction } = interpret.gate(
    model,
  );
  if (found === bits) right++;
  const numbers = [constant, first, second, interaction].map((value) =>
    value.toFixed(1).padStart(6)
  );
  console.log(
    `${bits}   ${name.padEnd(17)}  ${margin.toFixed(2).padStart(6)}  ${numbers.join(" ")}`,
  );
}
console.log(`${right} of 16 read right`);
