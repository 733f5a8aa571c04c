import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { similarity, similarityMap } from "../../src/decompose/mod.ts";
import * as nn from "../../src/nn/mod.ts";
import { leakChecked } from "../support/leaks.ts";
import { numbers } from "../support/numbers.ts";
import { filled } from "./odt_networks.ts";

leakChecked("similarityMap() holds the cosine of every pair, and finds where phases begin", () => {
  const draw = numbers(2), models: nn.Model[] = [];
  // three phases of 3, 2 and 4 networks, each a little noise around a centre
  for (const count of [3, 2, 4]) {
    using center = filled(nn.sequential([nn.bilinear(4, 5), nn.linear(5, 3)]), draw);
    for (let i = 0; i < count; i++) {
      const model = nn.sequential([nn.bilinear(4, 5), nn.linear(5, 3)]);
      for (const [name, parameter] of model.parameters) {
        const values = center.parameters.get(name)!.toArray();
        parameter.set(values.map((value) => value + 0.05 * draw.next(-1, 1)));
      }
      models.push(model);
    }
  }
  for (const measure of ["frobenius", "gaussian"] as const) {
    const { cosines, exact, phases } = similarityMap(models, { measure });
    assert(exact);
    models.forEach((a, i) => {
      assertEquals(cosines.data[i * 9 + i], 1);
      models.forEach((b, j) => {
        const value = cosines.data[i * 9 + j]!;
        assertEquals(value, cosines.data[j * 9 + i]);
        if (i !== j) assertAlmostEquals(value, similarity(a, b, { measure }).cosine, 1e-14);
      });
    });
    assertEquals(phases(3).starts, [0, 3, 5]);
    assertEquals(phases(1).starts, [0]);
    const all = phases(9);
    assertEquals([all.starts.length, all.cost], [9, 0]);
    for (let count = 2; count <= 9; count++) {
      assert(phases(count).cost <= phases(count - 1).cost);
    }
    for (const count of [0, 10, 1.5, NaN]) {
      assertThrows(() => phases(count), RangeError, "from 1 to 9");
    }
  }
  for (const model of models) model[Symbol.dispose]();
});

leakChecked("similarityMap() refuses no networks and those of different sizes", () => {
  assertThrows(() => similarityMap([]), TypeError, "no networks");
  using a = nn.sequential([nn.bilinear(3, 2)]);
  using b = nn.sequential([nn.bilinear(3, 3)]);
  assertThrows(() => similarityMap([a, a, b]), TypeError, "number 2 has 3 inputs, 3 outputs");
  assertEquals(similarityMap([a]).cosines.data.join(), "1");
});
