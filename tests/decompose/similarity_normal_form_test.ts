import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import {
  fromFactors,
  functionDistance,
  type Interactions,
  interactions,
  normalForm,
  truncate,
} from "../../src/decompose/mod.ts";
import { matrix } from "../../src/linalg/mod.ts";
import { leakChecked } from "../support/leaks.ts";
import { BIASES, network, NETWORK_SHAPES } from "../support/networks.ts";
import { numbers } from "../support/numbers.ts";
import { disguised } from "./odt_networks.ts";

function assertSame(a: Interactions, b: Interactions, name: string): void {
  assertEquals([a.neurons, a.inputs, a.outputs], [b.neurons, b.inputs, b.outputs], name);
  for (const part of ["left", "right", "readout"] as const) {
    a[part].data.forEach((value, i) => assertAlmostEquals(value, b[part].data[i]!, 1e-12, name));
  }
  for (const part of ["leftBias", "rightBias", "outputBias"] as const) {
    a[part].forEach((value, i) => assertAlmostEquals(value, b[part][i]!, 1e-12, name));
  }
}

leakChecked("normalForm() is the same for every guise of a network, and computes it", () => {
  NETWORK_SHAPES.forEach((shape, i) =>
    BIASES.forEach((bias, j) => {
      using model = network(shape, bias, 9 * i + j);
      const own = interactions(model), draw = numbers(9 * i + j);
      const { interactions: normal, dead, merged, cancelled } = normalForm(model);
      // all neurons of one input are multiples of its square
      const alike = shape.inputs === 1 && bias !== "all";
      if (!alike) assertEquals([dead, merged, cancelled], [[], [], []]);
      for (let guise = 0; guise < 3; guise++) {
        assertSame(normalForm(disguised(own, draw)).interactions, normal, shape.name);
      }
      const x = draw.doubles(shape.inputs), y = own.evaluate(x);
      normal.evaluate(x).forEach((value, o) => assertAlmostEquals(value, y[o]!, 1e-10));
      assertSame(normalForm(normal).interactions, normal, shape.name);
      assertEquals(functionDistance(own, disguised(own, draw)).distance < 1e-14, true);
    })
  );
});

Deno.test("normalForm() names dead, constant, doubled and cancelling neurons", () => {
  const source = fromFactors({
    // x·y, 0, (x+1)(y), y·x doubled, 2·3, x², −x² swapped in sign
    left: matrix(7, 2, [1, 0, 0, 0, 1, 0, 0, 2, 0, 0, 1, 0, -1, 0]),
    right: matrix(7, 2, [0, 1, 1, 1, 0, 1, 1, 0, 0, 0, 1, 0, 1, 0]),
    leftBias: Float64Array.of(0, 0, 1, 0, 2, 0, 0),
    rightBias: Float64Array.of(0, 0, 0, 0, 3, 0, 0),
    readout: matrix(1, 7, [1, 5, 1, 3, 1, 4, 4]),
    outputBias: Float64Array.of(-1),
  });
  const { interactions: normal, dead, constants, merged, cancelled } = normalForm(source);
  assertEquals(dead, [1]);
  assertEquals(constants, [4]);
  assertEquals(merged, [[0, 3]]);
  assertEquals(cancelled, [[5, 6]]);
  assertEquals([normal.neurons, normal.outputBias[0]], [2, 5]);
  assertEquals(normal.readout.data[0], 7);
  for (const x of [[1, 2], [-3, 0.5]]) {
    assertAlmostEquals(normal.evaluate(x)[0]!, source.evaluate(x)[0]!, 1e-13);
  }
  assertEquals(functionDistance(source, normal).distance, 0);
  assertThrows(() => normalForm(source, { tolerance: -1 }), RangeError, "must be ≥ 0");
});

leakChecked("functionDistance() sees through other neurons, and to the last digits", () => {
  NETWORK_SHAPES.forEach((shape, i) => {
    using model = network(shape, "all", 70 + i);
    const own = interactions(model);
    // as eigenpairs: other neurons, the same function up to f32
    using rebuilt = truncate(own, { rank: 1000 }).model;
    assert(functionDistance(own, rebuilt).distance < 1e-6);
    // a change of 1e-11, which norms would not see
    const readout = matrix(own.outputs, own.neurons, own.readout.data.map((v) => v * (1 + 1e-11)));
    const outputBias = own.outputBias.map((v) => v * (1 + 1e-11));
    const changed = fromFactors({ ...own, readout, outputBias });
    const { distance, perOutput } = functionDistance(own, changed);
    assertAlmostEquals(distance, 1e-11, 1e-13, shape.name);
    perOutput.forEach((value) => assertAlmostEquals(value, 1e-11, 1e-12, shape.name));
  });
  using a = network(NETWORK_SHAPES[0]!, "none", 1);
  using b = network(NETWORK_SHAPES[1]!, "none", 1);
  assertThrows(() => functionDistance(a, b), TypeError, "same sizes");
});
