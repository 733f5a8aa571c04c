// Networks of every layer that the edge runs, with biases that are not zero.
import { nn } from "../../mod.ts";
import { numbers } from "./numbers.ts";

const GATES = ["relu", "gelu", "gelu-tanh", "silu", "sigmoid", "tanh"] as const;

/** Layers by what they are, for inputs of 11 numbers. */
export const EDGE_NETWORKS: Readonly<Record<string, () => nn.Model>> = {
  linear: () => nn.sequential([nn.linear(11, 5)], { seed: 1 }),
  "linear without bias": () => nn.sequential([nn.linear(11, 3, { bias: false })], { seed: 2 }),
  bilinear: () => nn.sequential([nn.bilinear(11, 7), nn.linear(7, 4)], { seed: 3 }),
  "one output": () => nn.sequential([nn.bilinear(11, 1, { bias: false })], { seed: 4 }),
  ...Object.fromEntries(GATES.map((gate, i) => [
    `gate ${gate}`,
    () => nn.sequential([nn.bilinear(11, 6, { gate }), nn.linear(6, 3)], { seed: 10 + i }),
  ])),
  "gate silu with beta": () =>
    nn.sequential([nn.bilinear(11, 6, { gate: "silu", beta: 1.7 })], { seed: 20 }),
  activations: () =>
    nn.sequential([
      ...[nn.linear(11, 9), nn.gelu(), nn.linear(9, 9), nn.silu({ beta: 0.3 })],
      ...[nn.linear(9, 9), nn.tanh(), nn.linear(9, 5), nn.relu()],
    ], { seed: 21 }),
  norms: () =>
    nn.sequential([
      ...[nn.rmsNorm(11, { epsilon: 1e-3 }), nn.linear(11, 6)],
      ...[nn.rmsNorm(6, { scale: true }), nn.bilinear(6, 2)],
    ], { seed: 22 }),
  residual: () =>
    nn.sequential([
      nn.residual([nn.linear(11, 5), nn.sigmoid(), nn.linear(5, 11)], { scale: 0.37 }),
      nn.residual([nn.block([nn.bilinear(11, 4), nn.residual([nn.gelu()])]), nn.linear(4, 11)]),
    ], { seed: 23 }),
  wide: () => nn.sequential([nn.bilinear(11, 70), nn.linear(70, 33)], { seed: 24 }),
};

/** Draws every parameter anew from [−1, 1), those that begin at 0 or 1 as well. */
export function withDrawnParameters(model: nn.Model, seed = 7): nn.Model {
  let i = 0;
  for (const parameter of model.parameters.values()) {
    parameter.set(row(parameter.size, seed + i++));
  }
  return model;
}

/** One row of numbers from [−1, 1), always the same ones. */
export function row(length: number, seed: number): Float32Array<ArrayBuffer> {
  return numbers(seed).floats(length);
}
