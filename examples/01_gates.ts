/**
 * 1. A bilinear layer learns XOR, and its weights say so.
 *
 * A layer y = (W x) ⊙ (V x) is a polynomial of degree two, so what it learned can be read off: here
 * the polynomial that decides between "different" and "equal".
 *
 *     deno task example examples/01_gates.ts
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { data, decompose, interpret, nn, optim, train } from "@odot/odot";

const inputs = Float32Array.of(0, 0, 0, 1, 1, 0, 1, 1);
const xor = data.dataset({ name: "XOR", inputs, labels: [0, 1, 1, 0] });

const model = nn.sequential([nn.bilinear(2, 4), nn.linear(4, 2)], { seed: 1 });
const optimizer = optim.adamw(model, { learningRate: 0.05, weightDecay: 0 });
for (const { epoch, loss, accuracy } of train.fit(model, xor, { optimizer, epochs: 1000 })) {
  if (epoch % 10 === 0) {
    console.log(`epoch ${epoch}: loss ${loss.toFixed(5)}, accuracy ${accuracy}`);
  }
  if (loss < 1e-3) break; // early stopping is just break
}

// The difference of the two logits decides; softmax sees nothing else.
const different = decompose.interactions(model).difference(1, 0);
console.log("\nlogit(different) − logit(equal), from the weights alone:");
const { name, constant, first, second, interaction } = interpret.gate(model);
const numbers = { constant, first, second, interaction };
for (const [part, value] of Object.entries(numbers)) {
  console.log(`  ${part.padEnd(12)} ${value.toFixed(2).padStart(7)}`);
}
console.log(`On bits these four numbers are the truth table of ${name}:\n`);

for (const [x, y] of [[0, 0], [0, 1], [1, 0], [1, 1]] as const) {
  const margin = different.evaluate([x, y]);
  console.log(
    `  ${x} ${y} → ${margin > 0 ? "different" : "equal    "}  margin ${margin.toFixed(2)}`,
  );
}

console.log("\nThe logit of “different” as a polynomial:");
console.log(" ", interpret.polynomial(model, { output: 1, digits: 3 }).collected.text);
