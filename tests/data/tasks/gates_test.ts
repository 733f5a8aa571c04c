import { assert, assertEquals, assertThrows } from "@std/assert";
import * as data from "../../../src/data/mod.ts";
import { scope } from "../../../src/tensor/mod.ts";
import { leakChecked } from "../../support/leaks.ts";

/** What the names mean, as functions. */
const MEANING: Readonly<Record<data.GateName, (x: boolean, y: boolean) => boolean>> = {
  "false": () => false,
  "and": (x, y) => x && y,
  "x and not y": (x, y) => x && !y,
  "x": (x) => x,
  "y and not x": (x, y) => y && !x,
  "y": (_, y) => y,
  "xor": (x, y) => x !== y,
  "or": (x, y) => x || y,
  "nor": (x, y) => !(x || y),
  "xnor": (x, y) => x === y,
  "not y": (_, y) => !y,
  "x or not y": (x, y) => x || !y,
  "not x": (x) => !x,
  "y or not x": (x, y) => y || !x,
  "nand": (x, y) => !(x && y),
  "true": () => true,
};
const names = Object.keys(MEANING) as data.GateName[];

Deno.test("gate() labels its four rows as its name says, for all sixteen", () => {
  const tables = new Set<string>();
  for (const name of names) {
    const made = data.gate(name);
    assertEquals([made.name, made.count, made.features, made.classes], [name, 4, 2, 2]);
    for (let i = 0; i < 4; i++) {
      const [x, y] = data.row(made, i);
      assertEquals([x, y], [i >> 1, i & 1]);
      assertEquals(made.labels[i], MEANING[name](x === 1, y === 1) ? 1 : 0, `${name} ${x}${y}`);
    }
    tables.add([...made.labels].join(""));
    for (
      const same of [name.toUpperCase(), data.truthTable(name), data.truthTable(name).join("")]
    ) {
      assertEquals(data.gate(same as data.GateLike), made);
    }
  }
  assertEquals(tables.size, 16);
});

Deno.test("gate() repeats its rows", () => {
  const { count, inputs, labels } = data.gate("and", { repeat: 3 });
  assertEquals(count, 12);
  assertEquals([...inputs], Array(3).fill([0, 0, 0, 1, 1, 0, 1, 1]).flat());
  assertEquals([...labels], Array(3).fill([0, 0, 0, 1]).flat());
});

Deno.test("gate() refuses what is no gate", () => {
  const wrong = ["", "xox", "011", "01101", "0120", "constructor", [0, 1, 1], [0, 1, 1, 2], [
    "01",
    1,
    0,
  ]];
  for (const kind of wrong) {
    assertThrows(
      () => data.gate(kind as unknown as data.GateLike),
      RangeError,
      "Cannot make the gate",
    );
  }
  for (const repeat of [0, 1.5, NaN]) {
    assertThrows(() => data.gate("or", { repeat }), RangeError, `Cannot repeat a gate ${repeat}`);
  }
});

Deno.test("gates() gives every pair of inputs its gate, on all rows of bits", () => {
  for (let n = 2; n <= 6; n++) {
    for (const name of names) {
      const made = data.gates(n, { gate: name });
      assertEquals([made.count, made.features, made.outputs], [2 ** n, n, n * (n - 1) / 2]);
      assertEquals(new Set(made.pairs.map(String)).size, made.outputs);
      const seen = new Set<string>();
      for (let row = 0; row < made.count; row++) {
        const bits = made.inputs.subarray(row * n, (row + 1) * n);
        seen.add(bits.join(""));
        made.pairs.forEach(([i, j], o) => {
          assert(i < j);
          const expected = MEANING[name](bits[i] === 1, bits[j] === 1) ? 1 : 0;
          assertEquals(made.targets[row * made.outputs + o], expected);
        });
      }
      assertEquals(seen.size, 2 ** n);
    }
  }
  assertEquals(data.gates(2, { gate: "nand" }).targets, Float32Array.of(1, 1, 1, 0));
});

Deno.test("gates() refuses numbers of inputs that are none", () => {
  for (const inputs of [1, 17, 2.5, NaN]) {
    assertThrows(() => data.gates(inputs), RangeError, `Cannot make gates of ${inputs} inputs`);
  }
});

leakChecked("resample() draws every row about as often, with its targets", () => {
  const source = data.gates(4, { gate: "and" }), drawn = data.resample(source, { seed: 2 });
  assertEquals([drawn.features, drawn.outputs], [4, 6]);
  const counts = new Map<string, number>();
  const batch = data.draw(drawn, 16_000);
  for (let row = 0; row < batch.count; row++) {
    const key = batch.inputs.subarray(4 * row, 4 * row + 4).join("");
    counts.set(key, (counts.get(key) ?? 0) + 1);
    const index = parseInt(key, 2);
    assertEquals(
      batch.targets.subarray(6 * row, 6 * row + 6),
      source.targets.subarray(6 * index, 6 * index + 6),
    );
  }
  assertEquals(counts.size, 16);
  for (const count of counts.values()) assert(Math.abs(count - 1000) < 5 * Math.sqrt(1000));
});

leakChecked("resample() goes on from its state", () => {
  const source = data.gates(3), drawn = data.resample(source, { seed: 4 });
  scope(() => {
    drawn.batch(10);
    const again = data.resample(source, { seed: drawn.state });
    assertEquals(again.batch(50).inputs.toArray(), drawn.batch(50).inputs.toArray());
  });
});
