import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import * as data from "../../src/data/mod.ts";
import { interactions } from "../../src/decompose/mod.ts";
import { gate } from "../../src/interpret/mod.ts";
import * as nn from "../../src/nn/mod.ts";
import { leakChecked } from "../support/leaks.ts";
import { forward, network } from "../support/networks.ts";

const POINTS = [[0, 0], [0, 1], [1, 0], [1, 1]] as const;

/** γ + a·x + b·y + c·xy as a layer of four neurons with biases: each product has one factor 1. */
function model(constant: number, first: number, second: number, interaction: number): nn.Model {
  const made = nn.sequential([nn.bilinear(2, 4), nn.linear(4, 1, { bias: false })]);
  made.assign({
    // left: 1, x, y, x; right: 1, 1, 1, y
    "0.weight": [0, 0, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1],
    "0.bias": [1, 0, 0, 0, 1, 1, 1, 0],
    "1.weight": [constant, first, second, interaction],
  });
  return made;
}

for (let table = 0; table < 16; table++) {
  const bits = table.toString(2).padStart(4, "0");
  leakChecked(`gate() reads the truth table ${bits} from assigned weights`, () => {
    const [t00, t01, t10, t11] = Array.from(bits, Number) as [number, number, number, number];
    const expected = [t00, t10 - t00, t01 - t00, t11 - t10 - t01 + t00] as const;
    using made = model(...expected);
    const found = gate(made);
    assertEquals(found.table, bits);
    assertEquals([...found.values], [t00, t01, t10, t11]);
    assertEquals([found.constant, found.first, found.second, found.interaction], [...expected]);
    assertEquals(found.margin, 0.5);
    // by its name it is the same gate as in the tables of the data
    assertEquals(data.truthTable(found.name.toLowerCase() as data.GateName).join(""), bits);
    assertEquals(gate(interactions(made)), found);
  });
}

leakChecked("gate() of XNOR has the interaction 2, with the constant 1 and both bits −1", () => {
  using made = model(1, -1, -1, 2);
  const { name, constant, first, second, interaction } = gate(made);
  assertEquals([name, constant, first, second, interaction], ["XNOR", 1, -1, -1, 2]);
  // with 1 in its place, as one write-up prints, it would be NOR
  using wrong = model(1, -1, -1, 1);
  assertEquals(gate(wrong).name, "NOR");
});

leakChecked("gate() says what the network computes: one output, and the difference of two", () => {
  for (const outputs of [1, 2, 3]) {
    using made = network(
      { name: "", inputs: 2, before: [3], neurons: 5, after: [outputs] },
      "all",
      40 + outputs,
    );
    for (const output of [undefined, ...Array(outputs).keys()]) {
      const values = POINTS.map((point) => {
        const found = forward(made, point);
        return output === undefined && outputs === 2 ? found[1]! - found[0]! : found[output ?? 0]!;
      });
      const found = gate(made, output === undefined ? {} : { output });
      found.values.forEach((value, i) => assertAlmostEquals(value, values[i]!, 1e-9));
      const threshold = output === undefined && outputs === 2 ? 0 : 0.5;
      assertEquals(found.table, values.map((v) => v > threshold ? "1" : "0").join(""));
      assertAlmostEquals(
        found.margin,
        Math.min(...values.map((value) => Math.abs(value - threshold))),
        1e-9,
      );
      const { constant, first, second, interaction } = found;
      POINTS.forEach(([x, y], i) =>
        assertAlmostEquals(
          constant + first * x + second * y + interaction * x * y,
          values[i]!,
          1e-9,
        )
      );
    }
  }
});

leakChecked("gate() reads any two inputs, in either order, with the others held", () => {
  using made = network({ name: "", inputs: 4, before: [], neurons: 6, after: [1] }, "all", 7);
  const others = [0.5, -1, 2, 0.25];
  const found = gate(made, { inputs: [3, 1], others, threshold: 0 });
  POINTS.forEach(([x, y], i) => {
    const input = [others[0]!, y, others[2]!, x];
    assertAlmostEquals(found.values[i]!, forward(made, input)[0]!, 1e-9);
  });
  const swapped = gate(made, { inputs: [1, 3], others, threshold: 0 });
  const [t00, t01, t10, t11] = found.values;
  assertEquals([...swapped.values], [t00, t10, t01, t11]);
  assertEquals([swapped.first, swapped.second], [found.second, found.first]);
});

leakChecked("gate() refuses inputs, outputs and thresholds that are none, and gated layers", () => {
  using made = model(0, 0, 0, 1);
  const wrong: [Parameters<typeof gate>[1], string][] = [
    [{ inputs: [0, 2] }, "the inputs are 0 to 1"],
    [{ inputs: [-1, 0] }, "the inputs are 0 to 1"],
    [{ inputs: [0.5, 1] }, "the inputs are 0 to 1"],
    [{ inputs: [1, 1] }, "with itself"],
    [{ output: 1 }, "the outputs are 0 to 0"],
    [{ threshold: NaN }, "threshold NaN"],
    [{ threshold: Infinity }, "threshold Infinity"],
  ];
  for (const [options, message] of wrong) {
    assertThrows(() => gate(made, options), RangeError, message);
  }
  using gated = nn.sequential([nn.bilinear(2, 2, { gate: "silu" })]);
  assertThrows(() => gate(gated), TypeError, "a gate of silu");
  using narrow = nn.sequential([nn.bilinear(1, 2)]);
  assertThrows(() => gate(narrow), RangeError, "the inputs are 0 to 0");
});

leakChecked("gate() reads nothing from weights that are NaN", () => {
  using made = model(0, 0, 0, 1);
  made.parameters.get("0.bias")!.set(new Float32Array(8).fill(NaN));
  assertThrows(() => gate(made), RangeError);
  using fine = network({ name: "", inputs: 3, before: [], neurons: 6, after: [1] }, "all", 7);
  for (const bad of [NaN, Infinity]) {
    assertThrows(() => gate(fine, { others: [0, 0, bad] }), RangeError, "finite");
  }
  assertEquals(gate(fine, { others: [NaN, NaN, 1] }).values.every(Number.isFinite), true);
  assertThrows(() => gate(fine, { others: [1] }), TypeError, "1 values of inputs");
});
