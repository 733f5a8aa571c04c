import { assert, assertEquals, assertExists } from "@std/assert";
import { rules, valueAndGrad } from "../../src/autodiff/mod.ts";
import { multiply, recording, scope, sum, type Tensor, tensor } from "../../src/tensor/mod.ts";
import { assertRelative } from "../support/fixtures.ts";
import { drawValues, finiteDifferences, type Values } from "../support/gradients.ts";
import { type RuleCase, ruleCases } from "./rule_cases.ts";
import { leakChecked } from "../support/leaks.ts";

/** Rounding of f32 sums of at most 20 terms of order 1; the reference itself is good to 1e-11. */
const TOLERANCE = 1e-6;

const count = (shape: readonly number[]): number =>
  shape.reduce((size, length) => size * length, 1);

function drawInputs({ shapes, range: [low, high] = [-1, 1], gap = 0 }: RuleCase): Float64Array[] {
  return shapes.map((shape, i) =>
    drawValues(11 + i, count(shape), low, high)
      .map((value) => Math.abs(value) < gap ? value + Math.sign(value) : value)
  );
}

/** All choices of some of `size` inputs, none left out. */
function choices(size: number): boolean[][] {
  return Array.from(
    { length: 2 ** size - 1 },
    (_, code) => Array.from({ length: size }, (_, i) => ((code + 1) >> i & 1) === 1),
  );
}

function check(name: string, example: RuleCase): void {
  const { shapes, apply, reference } = example;
  const values = drawInputs(example);
  // The loss weighs every output differently: a gradient in the wrong place cannot cancel out.
  const weights = drawValues(7, reference(values).length, 0.5, 1.5);
  const loss = (at: Values): number =>
    Array.from(reference(at)).reduce((total, value, i) => total + weights[i]! * value, 0);
  // terms of both signs cancel, so the loss is measured by their size
  const size = Array.from(reference(values)).reduce(
    (total, value, i) => total + Math.abs(weights[i]! * value),
    0,
  );
  const expected = finiteDifferences(loss, values);

  scope(() => {
    const inputs = values.map((array, i) => tensor(array, shapes[i]!));
    const operations: string[] = [];
    const output = recording((entry) => operations.push(entry.name), () => apply(inputs));
    assertEquals(operations, [name], `the example of ${name} must record ${name} alone`);
    assertRelative(output.toArray(), reference(values), TOLERANCE, `output of ${name}`);

    const factors = tensor(weights, output.shape);
    for (const chosen of choices(shapes.length)) {
      const parameters = new Map<string, Tensor>();
      inputs.forEach((input, i) => chosen[i] && parameters.set(`${i}`, input));
      const { value, gradients } = valueAndGrad(
        () => sum(multiply(apply(inputs), factors)),
        parameters,
      );
      assertRelative([(value - loss(values)) / size], [0], TOLERANCE, `loss of ${name}`);
      assertEquals([...gradients.keys()], [...parameters.keys()]);
      for (const [key, gradient] of gradients) {
        assertEquals(gradient.shape, shapes[Number(key)]!);
        assertRelative(
          gradient.toArray(),
          expected[Number(key)]!,
          TOLERANCE,
          `gradient of ${name} [${shapes.join("] [")}] by input ${key} when asked for ${chosen}`,
        );
      }
    }
  });
}

for (const name of Object.keys(rules)) {
  leakChecked(`rules.${name} is the derivative that finite differences give`, () => {
    const examples = ruleCases[name];
    assertExists(examples, `add an example of ${name} to tests/autodiff/rule_cases.ts`);
    assert(examples.length > 0);
    for (const example of examples) check(name, example);
  });
}

leakChecked("rules have an entry for every operation in the table of examples", () => {
  assertEquals(Object.keys(ruleCases).sort(), Object.keys(rules).sort());
});

leakChecked("rules.relu is 0 at the kink", () => {
  scope(() => {
    const x = tensor([0, -0, 1, -1]);
    const { relu } = ruleCases;
    const { gradients } = valueAndGrad(() => sum(relu![0]!.apply([x])), new Map([["x", x]]));
    assertEquals([...gradients.get("x")!.toArray()], [0, 0, 1, 0]);
  });
});
