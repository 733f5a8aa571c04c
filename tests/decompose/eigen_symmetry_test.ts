// Changes of the weights that leave the function as it is must leave the eigenvectors as they are.
import { eigen, interactions } from "../../src/decompose/mod.ts";
import * as nn from "../../src/nn/mod.ts";
import { assertRelative } from "../support/fixtures.ts";
import { leakChecked } from "../support/leaks.ts";
import { numbers } from "../support/numbers.ts";

/** Weights of a network: rows of W and V, columns of U, biases of both sides. */
interface Neuron {
  readonly w: readonly number[];
  readonly v: readonly number[];
  readonly b: number;
  readonly c: number;
  readonly u: readonly number[];
}

function built(neurons: readonly Neuron[], inputs: number): nn.Model {
  const h = neurons.length, outputs = neurons[0]!.u.length;
  const model = nn.sequential([nn.bilinear(inputs, h), nn.linear(h, outputs)]);
  model.assign({
    "0.weight": [...neurons.flatMap(({ w }) => w), ...neurons.flatMap(({ v }) => v)],
    "0.bias": [...neurons.map(({ b }) => b), ...neurons.map(({ c }) => c)],
    "1.weight": Array.from({ length: outputs }, (_, o) => neurons.map(({ u }) => u[o]!)).flat(),
    "1.bias": [0.25, -0.5],
  });
  return model;
}

const scaled = (values: readonly number[], by: number): number[] => values.map((x) => x * by);

const CHANGES: Readonly<Record<string, (neuron: Neuron, k: number) => Neuron | Neuron[]>> = {
  "w and v swapped": ({ w, v, b, c, u }) => ({ w: v, v: w, b: c, c: b, u }),
  "every second w and v swapped": (one, k) =>
    k % 2 ? one : { w: one.v, v: one.w, b: one.c, c: one.b, u: one.u },
  "w and v negated": ({ w, v, b, c, u }) => ({
    w: scaled(w, -1),
    v: scaled(v, -1),
    b: -b,
    c: -c,
    u,
  }),
  "w and u negated": ({ w, v, b, c, u }) => ({ w: scaled(w, -1), v, b: -b, c, u: scaled(u, -1) }),
  "w enlarged, v reduced": ({ w, v, b, c, u }) => ({
    w: scaled(w, 1024),
    v: scaled(v, 1 / 1024),
    b: b * 1024,
    c: c / 1024,
    u,
  }),
  "w reduced, u enlarged": ({ w, v, b, c, u }) => ({
    w: scaled(w, 2 ** -40),
    v,
    b: b * 2 ** -40,
    c,
    u: scaled(u, 2 ** 40),
  }),
  "a neuron in two halves": (one) => [0.5, 0.5].map((half) => ({ ...one, u: scaled(one.u, half) })),
  "a neuron that nothing reads": (one) => [one, { ...one, u: [0, 0] }],
  "two neurons that cancel": (
    one,
  ) => [one, { ...one, u: [1, 1] }, { ...one, u: [-1, -1] }],
};

for (const [inputs, h] of [[4, 3], [12, 3]] as const) {
  const draw = numbers(inputs);
  const row = (length: number) => Array.from(draw.floats(length));
  const neurons = Array.from({ length: h }, (): Neuron => ({
    w: row(inputs),
    v: row(inputs),
    b: draw.floats(1)[0]!,
    c: draw.floats(1)[0]!,
    u: row(2),
  }));
  const shuffled = [...neurons].reverse();
  const variants = [
    { name: "neurons in another order", changed: shuffled },
    ...Object.entries(CHANGES).map(([name, change]) => ({
      name,
      changed: neurons.flatMap(change),
    })),
  ];
  for (const { name, changed } of variants) {
    leakChecked(`eigen() does not see ${name} (${inputs} inputs, ${h} neurons)`, () => {
      using before = built(neurons, inputs);
      using after = built(changed, inputs);
      for (const bias of ["separate", "homogeneous"] as const) {
        for (let o = 0; o < 2; o++) {
          const expected = eigen(interactions(before).output(o), { bias });
          const found = eigen(interactions(after).output(o), { bias });
          assertRelative(found.values, expected.values, 1e-12, "values");
          assertRelative(
            found.vectors.data,
            expected.vectors.data,
            1e-10,
            "vectors, signs included",
          );
          assertRelative([1, ...found.linear], [1, ...expected.linear], 1e-12, "linear part");
          assertRelative([1, found.constant], [1, expected.constant], 1e-12, "constant part");
        }
      }
    });
  }
}
