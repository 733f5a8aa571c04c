import { assert, assertEquals, assertThrows } from "@std/assert";
import { effectiveRank } from "../../src/decompose/mod.ts";
import { assertRelative } from "../support/fixtures.ts";
import { leakChecked } from "../support/leaks.ts";
import { numbers } from "../support/numbers.ts";

const all = (values: ArrayLike<number>): number[] => {
  const { participation, entropy, energyEntropy, stable } = effectiveRank(values);
  return [participation, entropy, energyEntropy, stable];
};

/** The definitions, in the order of all(). */
function defined(values: ArrayLike<number>): number[] {
  const magnitudes = Array.from(values, Math.abs);
  const sum = (of: (value: number) => number) => magnitudes.reduce((s, value) => s + of(value), 0);
  const [first, second] = [sum((x) => x), sum((x) => x * x)];
  const xlogx = (x: number) => x === 0 ? 0 : x * Math.log(x);
  return [
    first ** 2 / second,
    Math.exp(-sum((x) => xlogx(x / first))),
    Math.exp(-sum((x) => xlogx(x * x / second))),
    second / Math.max(...magnitudes) ** 2,
  ];
}

leakChecked("effectiveRank() of equal magnitudes is their number", () => {
  for (const n of [1, 2, 3, 10, 784]) {
    for (const size of [1, -2.5, 1e-300, 1e300, 5e-324, Number.MAX_VALUE]) {
      const values = Float64Array.from({ length: n }, (_, i) => i % 2 ? size : -size);
      assertRelative(all(values), [n, n, n, n], 1e-13, `${n} times ±${size}`);
      assertRelative(all([0, ...values, 0]), [n, n, n, n], 1e-13, `with zeros`);
    }
  }
});

leakChecked("effectiveRank() of nothing is 0", () => {
  for (const values of [[], [0], [0, -0, 0], new Float32Array(5)]) {
    assertEquals(all(values), [0, 0, 0, 0]);
  }
});

leakChecked(
  "effectiveRank() is what the definitions say, at every scale and in every order",
  () => {
    for (let seed = 0; seed < 20; seed++) {
      const values = numbers(seed).doubles(1 + seed), expected = defined(values);
      assertRelative(all(values), expected, 1e-13, "definitions");
      assertRelative(all(values.toReversed()), expected, 1e-13, "reversed");
      for (const scale of [1e-300, 1e-9, -1, 1e9, 1e300]) {
        assertRelative(all(values.map((x) => x * scale)), expected, 1e-12, `times ${scale}`);
      }
      const [participation, entropy, energyEntropy, stable] = expected as [
        number,
        number,
        number,
        number,
      ];
      // log Σ|λ|ᵗ is convex in t, which orders the four
      assert(1 <= stable * (1 + 1e-12) && stable <= energyEntropy * (1 + 1e-12));
      assert(energyEntropy <= participation * (1 + 1e-12));
      assert(participation <= entropy * (1 + 1e-12) && entropy <= values.length * (1 + 1e-12));
    }
  },
);

leakChecked("effectiveRank() of 3, 1 is in closed form", () => {
  assertRelative(
    all([3, -1]),
    [1.6, 4 / 3 ** 0.75, 10 / 9 ** 0.9, 10 / 9],
    1e-14,
  );
});

leakChecked("effectiveRank() refuses what is not finite", () => {
  for (const bad of [NaN, Infinity, -Infinity]) {
    assertThrows(() => effectiveRank([1, bad]), RangeError, `number 1 is ${bad}`);
  }
  assertThrows(
    () => effectiveRank({ length: 2, 0: 1 } as ArrayLike<number>),
    RangeError,
    "number 1",
  );
});

leakChecked("effectiveRank() takes as many values as there are", () => {
  assertRelative(all(new Float32Array(300_000).fill(2)), Array(4).fill(300_000), 1e-9);
});
