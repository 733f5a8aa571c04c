import { assert, assertEquals, assertThrows } from "@std/assert";
import * as data from "../../src/data/mod.ts";
import {
  blockTerm,
  cp,
  eigen,
  type Goal,
  hosvd,
  type Interactions,
  type LayerApproximation,
  logitErrorBound,
  symmetricCp,
  tensorTrain,
  truncate,
  tucker,
} from "../../src/decompose/mod.ts";
import * as train from "../../src/train/mod.ts";
import { leakChecked } from "../support/leaks.ts";
import { numbers } from "../support/numbers.ts";
import { randomLayer } from "./layers.ts";

type Found = LayerApproximation & { readonly count: number };

/** Every method, and its result for a number or a goal. */
const METHODS: Readonly<Record<string, (layer: Interactions, rank: Goal | number) => Found>> = {
  hosvd: (layer, rank) => {
    const found = hosvd(layer, { rank });
    return { ...found, count: found.rank };
  },
  tucker: (layer, rank) => {
    const found = tucker(layer, { rank });
    return { ...found, count: found.rank[1] };
  },
  tensorTrain: (layer, rank) => {
    const found = tensorTrain(layer, { rank });
    return { ...found, count: found.ranks[1] };
  },
  cp: (layer, rank) => {
    const found = cp(layer, { rank, sweeps: 60 });
    return { ...found, count: found.rank };
  },
  symmetricCp: (layer, rank) => {
    const found = symmetricCp(layer, { rank, sweeps: 200 });
    return { ...found, count: found.rank };
  },
  blockTerm: (layer, rank) => {
    const found = blockTerm(layer, { rank, blockRank: 2, signature: "indefinite" });
    return { ...found, count: found.blocks.length };
  },
};

for (const [name, method] of Object.entries(METHODS)) {
  leakChecked(`${name}() takes the smallest rank with a share of the energy`, () => {
    for (const seed of [1, 2, 3]) {
      const layer = randomLayer("biased", [9, 6, 5], seed);
      for (const energy of [0.3, 0.8, 0.95]) {
        const found = method(layer, { energy });
        assert(1 - found.relativeError ** 2 >= energy - 1e-9, `${energy}`);
        if (found.count > 1) {
          const less = method(layer, found.count - 1);
          assert(1 - less.relativeError ** 2 < energy, `${energy}: ${found.count} is too many`);
        }
      }
    }
  });

  leakChecked(`${name}() keeps a logit error that no input of the ball exceeds`, () => {
    const layer = randomLayer("biased", [8, 6, 4], 11), draw = numbers(12), radius = 2;
    for (const logitError of [0.5, 2, 8]) {
      const found = method(layer, { logitError, radius });
      const bound = logitErrorBound(layer, found.interactions, { radius });
      assert(Math.max(...bound) <= logitError * (1 + 1e-9));
      for (let trial = 0; trial < 200; trial++) {
        const direction = draw.doubles(8), length = Math.hypot(...direction);
        const x = direction.map((value) => value / length * radius);
        const [exact, near] = [layer.evaluate(x), found.apply(x)];
        exact.forEach((value, o) => assert(Math.abs(value - near[o]!) <= bound[o]! + 1e-9));
      }
    }
  });
}

leakChecked("logitErrorBound() is attained by the worst direction", () => {
  const layer = randomLayer("plain", [7, 5, 3], 4), near = hosvd(layer, { rank: 1 }).interactions;
  const bound = logitErrorBound(layer, near, { radius: 3 });
  for (let o = 0; o < 3; o++) {
    const gap = layer.output(o).dense();
    near.output(o).dense().data.forEach((value, i) => gap.data[i] = gap.data[i]! - value);
    let x = numbers(o).doubles(7);
    for (let step = 0; step < 4000; step++) {
      const y = x.map((_, i) => x.reduce((sum, value, j) => sum + gap.data[7 * i + j]! * value, 0));
      // of the square, as ± pairs would not settle
      const z = x.map((_, i) => y.reduce((sum, value, j) => sum + gap.data[7 * i + j]! * value, 0));
      const length = Math.hypot(...z);
      x = z.map((value) => value / length);
    }
    const norm = Math.hypot(
      ...x.map((_, i) => x.reduce((sum, value, j) => sum + gap.data[7 * i + j]! * value, 0)),
    );
    assert(Math.abs(norm * 9 - bound[o]!) < 1e-6 * bound[o]!, `${norm * 9}, ${bound[o]}`);
  }
});

/** Rows labelled by the layer itself. */
function labelled(layer: Interactions, count: number): data.Dataset {
  const inputs = numbers(20).floats(count * layer.inputs);
  const labels = Array.from({ length: count }, (_, row) => {
    const logits = layer.evaluate(inputs.subarray(row * layer.inputs, (row + 1) * layer.inputs));
    return logits.indexOf(Math.max(...logits));
  });
  return data.dataset({ inputs, labels, classes: layer.outputs });
}

leakChecked("every method keeps the accuracy that it is asked to keep", () => {
  const layer = randomLayer("biased", [8, 6, 4], 21), on = labelled(layer, 300);
  for (const [name, method] of Object.entries(METHODS)) {
    for (const accuracyDrop of [0, 0.1, 0.5]) {
      const found = method(layer, { accuracyDrop, on });
      using model = found.toModel();
      const { accuracy } = train.evaluate(model, on);
      assert(accuracy >= 1 - accuracyDrop - 1e-9, `${name}: ${accuracy}`);
    }
  }
});

leakChecked("truncate() reaches every goal with the fewest eigenvectors", () => {
  const layer = randomLayer("biased", [8, 6, 4], 31), on = labelled(layer, 200);
  const all = Array.from({ length: 4 }, (_, o) => eigen(layer.output(o)));
  for (const rank of [{ energy: 0.9 }, { logitError: 1, radius: 1 }, { accuracyDrop: 0.05, on }]) {
    const found = truncate(layer, { rank });
    using model = found.model;
    if ("energy" in rank) assert(1 - found.relativeError ** 2 >= 0.9);
    if ("accuracyDrop" in rank) assert(train.evaluate(model, on).accuracy >= 0.95 - 1e-9);
    if ("logitError" in rank) {
      const count = Math.max(
        ...all.map(({ values }) => values.filter((value) => Math.abs(value) > 1).length),
      );
      const same = truncate(layer, { rank: Math.max(1, count) });
      using other = same.model;
      assertEquals([found.neurons, other.inputs], [same.neurons, 8]);
    }
  }
});

leakChecked("a relative error and the energy that it leaves ask for the same rank", () => {
  const layer = randomLayer("plain", [9, 6, 5], 61), relativeError = 0.4;
  const energy = 1 - relativeError ** 2;
  for (const [name, method] of Object.entries(METHODS)) {
    const count = method(layer, { relativeError }).count;
    assertEquals(count, method(layer, { energy }).count, name);
  }
  const form = layer.output(0);
  assertEquals(
    eigen(form, { rank: { relativeError } }).values,
    eigen(form, { rank: { energy } }).values,
  );
  using one = truncate(layer, { rank: { relativeError } }).model;
  using other = truncate(layer, { rank: { energy } }).model;
  assertEquals(one.config, other.config);
});

leakChecked("eigen() reaches a share of the energy and a logit error with the fewest pairs", () => {
  const form = randomLayer("plain", [9, 7, 2], 41).output(1), all = eigen(form);
  for (const energy of [0.2, 0.9, 0.999, 1]) {
    const { values, relativeError } = eigen(form, { rank: { energy } }), count = values.length;
    assert(1 - relativeError ** 2 >= energy - 1e-12);
    const less = count > 1 ? eigen(form, { rank: count - 1 }).relativeError : 1;
    assert(1 - less ** 2 < energy);
  }
  const { values } = eigen(form, { rank: { logitError: 0.3, radius: 2 } });
  assertEquals(values.length, all.values.filter((value) => Math.abs(value) * 4 > 0.3).length);
});

leakChecked("goals that are none, and ranks that cannot be, are refused", () => {
  const layer = randomLayer("plain", [5, 4, 3], 51), on = labelled(layer, 10);
  const other = data.dataset({ inputs: new Float32Array(8), labels: [0, 1], name: "pairs" });
  for (const [name, method] of Object.entries(METHODS)) {
    for (const rank of [0, -1, 1.5, NaN, Infinity, 1000]) {
      const error = assertThrows(
        () => method(layer, rank),
        RangeError,
        "the rank is a whole number",
      );
      assert((error as Error).message.includes(`${rank}`), name);
    }
    const bad: [Goal, string][] = [
      [{ energy: 0 }, "the energy is 0"],
      [{ energy: 1.1 }, "the energy is 1.1"],
      [{ energy: NaN }, "the energy is NaN"],
      [{ relativeError: 1 }, "the relative error is 1"],
      [{ accuracyDrop: -0.1, on }, "the drop of accuracy is -0.1"],
      [{ logitError: -1, radius: 1 }, "a logit error of -1"],
      [{ logitError: 1, radius: 0 }, "within the radius 0"],
    ];
    for (const [goal, message] of bad) {
      assertThrows(() => method(layer, goal), RangeError, message);
    }
    for (const none of [{}, null, "3"]) {
      assertThrows(() => method(layer, none as unknown as Goal), TypeError, "{ energy }");
    }
    assertThrows(() => method(layer, { accuracyDrop: 0, on: other }), TypeError, "pairs");
  }
  assertThrows(
    () => eigen(layer.output(0), { rank: { accuracyDrop: 0, on } }),
    TypeError,
    "truncate",
  );
  assertThrows(() => tucker(layer, { rank: [4, 2] }), RangeError, "directions of outputs");
  assertThrows(() => tucker(layer, { rank: [2, 6] }), RangeError, "directions of inputs");
  assertThrows(
    () => symmetricCp(layer, { rank: { energy: 0.9 }, sparsity: 1e6 }),
    RangeError,
    "Cannot reach the goal",
  );
});
