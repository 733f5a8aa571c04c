import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { valueAndGrad } from "../../src/autodiff/mod.ts";
import { dataset } from "../../src/data/mod.ts";
import { closedFormRadii, radii, radiusPenalty } from "../../src/guarantee/mod.ts";
import * as nn from "../../src/nn/mod.ts";
import { adamw } from "../../src/optim/mod.ts";
import { indices, scope, tensor } from "../../src/tensor/mod.ts";
import { fit } from "../../src/train/mod.ts";
import { network, NETWORKS } from "../support/networks.ts";
import { numbers } from "../support/numbers.ts";
import { leakChecked } from "../support/leaks.ts";

const CLASSIFIERS = NETWORKS.filter(({ shape }) =>
  shape.name !== "one neuron" && shape.name !== "one input"
);

for (const kind of ["exact", "closed form"] as const) {
  leakChecked(`radiusPenalty() of ${kind} radii has the value and gradient of those radii`, () => {
    let compared = 0;
    for (const { name, shape, bias, seed } of CLASSIFIERS.filter((_, i) => i % 4 === 0)) {
      using model = network(shape, bias, seed);
      const n = shape.inputs, rows = 3, x = numbers(seed).floats(rows * n), target = 0.4;
      // one label that is wrong, where the radius is 0 and has no gradient
      const { predicted } = radii(model, x);
      const labels = [...predicted].map((label, i) =>
        i === 2 ? (label + 1) % model.outputs : label
      );
      const penalty = radiusPenalty({ strength: 2, target, radius: kind, after: 0 });
      const wanted = (): number => {
        const { radius } = kind === "exact"
          ? radii(model, x, { labels })
          : closedFormRadii(model, x, { labels });
        return 2 * radius.reduce((sum, r) => sum + Math.max(0, target - r), 0) / rows;
      };
      scope(() => {
        const { value, gradients } = valueAndGrad(
          () => penalty(model, { inputs: tensor(x, [rows, n]), labels: indices(labels), step: 0 })!,
          model.parameters,
        );
        assertAlmostEquals(value, wanted(), 1e-5, name);
        for (const [place, parameter] of model.parameters) {
          const values = parameter.toArray() as Float32Array;
          const turn = numbers(7).doubles(values.length), h = 2 ** -10;
          const at = (factor: number): number => {
            parameter.set(values.map((value, i) => value + factor * h * turn[i]!));
            const result = wanted();
            parameter.set(values);
            return result;
          };
          const expected = (4 * (at(0.5) - at(-0.5)) - (at(1) - at(-1)) / 2) / 3 / h;
          // a kink between the two sides, where a radius passes the target or a rival another
          if (Math.abs(at(1) + at(-1) - 2 * at(0)) > 0.05 * h) continue;
          const slope = gradients.get(place)!.toArray() as Float32Array;
          const found = slope.reduce((sum, value, i) => sum + value * turn[i]!, 0);
          assertAlmostEquals(
            found,
            expected,
            3e-2 * (Math.abs(expected) + 0.02),
            `${name} ${place}`,
          );
          compared++;
        }
      });
    }
    assert(compared >= 12, `${compared}`);
  });
}

leakChecked("radiusPenalty() makes train.fit() train for larger certified radii", () => {
  const random = numbers(3), count = 240, features = 6;
  const inputs = random.floats(count * features);
  const labels = Array.from({ length: count }, (_, i) => {
    const x = inputs.subarray(i * features, (i + 1) * features);
    return x[0]! * x[1]! + 0.3 * x[2]! > 0 ? 1 : 0;
  });
  const set = dataset({ inputs, labels });
  const trained = (kind?: "exact" | "closed form"): number => {
    using model = nn.sequential([nn.bilinear(features, 8), nn.linear(8, 2)], { seed: 1 });
    using optimizer = adamw(model, { learningRate: 0.02 });
    const options = {
      ...{ optimizer, epochs: 6, batchSize: 40, seed: 0 },
      ...(kind && { penalty: radiusPenalty({ radius: kind, after: 6, strength: 3 }) }),
    };
    for (const { loss } of fit(model, set, options)) assert(Number.isFinite(loss));
    const { radius } = radii(model, inputs, { labels });
    return radius.reduce((sum, value) => sum + Math.min(1, value), 0) / count;
  };
  const plain = trained();
  for (const kind of ["exact", "closed form"] as const) {
    assert(trained(kind) > 1.05 * plain, `${kind}: ${trained(kind)} against ${plain}`);
  }
});

Deno.test("radiusPenalty() waits, and refuses what is no setting", () => {
  using model = nn.sequential([nn.bilinear(2, 2), nn.linear(2, 2)], { seed: 1 });
  scope(() => {
    const batch = { inputs: tensor([[1, 0]]), labels: indices([0]) };
    assertEquals(radiusPenalty()(model, { ...batch, step: 39 }), undefined);
    assertEquals(radiusPenalty({ strength: 0 })(model, { ...batch, step: 99 }), undefined);
    assert(radiusPenalty()(model, { ...batch, step: 40 }) !== undefined);
  });
  for (const wrong of [{ strength: -1 }, { target: NaN }, { after: Infinity }]) {
    assertThrows(() => radiusPenalty(wrong), RangeError, Object.keys(wrong)[0]!);
  }
});
