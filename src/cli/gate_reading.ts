import { gate, polynomial } from "../interpret/mod.ts";
import type { Model } from "../nn/mod.ts";
import { formatNumber } from "../report/mod.ts";
import type { Terminal } from "./terminal.ts";

/** `+ 2·x` or `− 2·x`. */
function term(coefficient: number, name: string): string {
  return `${coefficient < 0 ? "−" : "+"} ${formatNumber(Math.abs(coefficient), 3)}·${name}`;
}

/** Says which gate of two bits a model computes, read from its weights, and its polynomials. */
export function sayGate(model: Model, terminal: Terminal): void {
  const { say, style } = terminal;
  const gated = model.config.layers.find((config) => config.type === "bilinear" && config.gate);
  if (gated) {
    say("Its layer is gated, so its outputs are no polynomials: no gate can be read from weights.");
    return;
  }
  const { name, table, values, margin, constant, first, second, interaction } = gate(model);
  say();
  say(`Read from the weights: ${style.bold(name)} (${table} at 00, 01, 10, 11).`);
  say(
    `  logit 1 − logit 0 is ${
      values.map((value) => formatNumber(value, 3)).join(", ")
    } there; the ` +
      `nearest to 0, where the gate would change, is ${formatNumber(margin, 3)} away`,
  );
  say(
    `  on bits it is ${formatNumber(constant, 3)} ${term(first, "x")} ${term(second, "y")} ${
      term(interaction, "xy")
    }`,
  );
  const logits = Array.from(
    { length: model.outputs },
    (_, output) => polynomial(model, { output }).collected.text,
  );
  logits.forEach((text, output) => say(`  logit ${output} = ${text}`));
  terminal.emit({
    ...{ type: "gate", name, table, values, margin, constant, first, second, interaction },
    polynomials: logits,
  });
}
