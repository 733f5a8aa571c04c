import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { configure, heapUsage } from "../../src/kernels/mod.ts";
import { indices, type Random, random, scope, type Tensor, zeros } from "../../src/tensor/mod.ts";
import { leakChecked } from "../support/leaks.ts";

/** The numbers of a tensor, which is freed. */
function numbers(made: Tensor): number[] {
  const values = [...made.toArray()];
  made[Symbol.dispose]();
  return values;
}

/** Mean and variance. */
function moments(values: readonly number[]): [mean: number, variance: number] {
  const mean = values.reduce((a, b) => a + b) / values.length;
  return [mean, values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length];
}

leakChecked(
  "random() gives the same numbers for the same seed and stream, and others for others",
  () => {
    const draw = (seed: number, stream?: number): number[] =>
      numbers(random(seed, stream).normal([20]));
    assertEquals(draw(7), draw(7));
    assertEquals(draw(7), draw(7, 0));
    const drawn = [[7, 0], [8, 0], [7, 1], [7 + 2 ** 32, 0], [7, 2 ** 32], [2 ** 53 - 1, 0]]
      .map(([seed, stream]) => draw(seed!, stream!).join());
    assertEquals(new Set(drawn).size, drawn.length);
  },
);

leakChecked("random() gives the same bits from both builds of the kernels", () => {
  const draw = (): number[] => {
    const source = random(3);
    return [...numbers(source.normal([100])), ...numbers(source.uniform([100]))];
  };
  configure({ kernels: "strict" });
  const strict = draw();
  configure({ kernels: "fast" });
  assertEquals(draw(), strict);
});

leakChecked(
  "random() does not depend on how many numbers are drawn at once, in blocks of 16",
  () => {
    const whole = random(5), parts = random(5);
    const all = numbers(whole.uniform([64]));
    assertEquals([16, 32, 16].flatMap((n) => numbers(parts.uniform([n]))), all);
    assertEquals(parts.state, whole.state);
  },
);

leakChecked("random(state) goes on where the sequence stood", () => {
  const uses: ((source: Random) => number[])[] = [
    (source) => numbers(source.normal([17])),
    (source) => numbers(source.uniform([3])),
    (source) => [...source.words(5)],
    (source) => [...source.permutation(33)],
    (source) => numbers(source.normal([1])),
  ];
  const source = random(11, 4);
  numbers(source.normal([5]));
  for (const use of uses) {
    const { state } = source;
    const resumed = random(JSON.parse(JSON.stringify(state)));
    assertEquals(resumed.state, state);
    assertEquals(use(resumed), use(source));
    assertEquals(resumed.state, source.state);
    assertNotEquals(source.state, state);
  }
});

leakChecked("random() refuses seeds, streams and states that are no counters", () => {
  for (const wrong of [-1, 1.5, NaN, Infinity, 2 ** 53]) {
    assertThrows(
      () => random(wrong),
      RangeError,
      `Cannot use ${wrong} as seed: it must be a whole number from 0 to 2^53 − 1`,
    );
    assertThrows(() => random(0, wrong), RangeError, "as stream");
    assertThrows(() => random({ seed: 0, stream: 0, position: wrong }), RangeError, "as position");
  }
});

leakChecked("random() refuses to go round: a stream ends after 2^36 numbers", () => {
  const { blocks } = heapUsage();
  const last = { seed: 1, stream: 0, position: 2 ** 32 - 1 };
  numbers(random(last).uniform([16]));
  assertThrows(() => random(last).words(17), RangeError, "fork() another");
  assertThrows(() => scope(() => random(last).uniform([17])), RangeError, "fork() another");
  assertEquals(heapUsage().blocks, blocks);
});

leakChecked("Random.uniform() stays within its bounds and fills them evenly", () => {
  const values = numbers(random(2).uniform([40_000], { low: -2, high: 6 }));
  assert(values.every((value) => value >= -2 && value <= 6));
  const [mean, variance] = moments(values);
  assert(Math.abs(mean - 2) < 5 * Math.sqrt(64 / 12 / 40_000), `mean ${mean}`);
  assert(Math.abs(variance / (64 / 12) - 1) < 0.03, `variance ${variance}`);
  const counts = Array<number>(8).fill(0);
  for (const value of values) counts[Math.min(7, Math.floor(value + 2))]!++;
  // χ² with 7 degrees of freedom: 35 is passed once in 10⁵ seeds, and the seed is fixed
  assert(counts.reduce((sum, count) => sum + (count - 5000) ** 2 / 5000, 0) < 35, `${counts}`);
  assert(numbers(random(2).uniform([40_000])).every((value) => value > 0 && value < 1));
});

leakChecked("Random.uniform() refuses bounds out of order", () => {
  assertThrows(
    () => random(0).uniform([2, 3], { low: 1, high: 0 }),
    RangeError,
    "Cannot draw [2, 3] uniform numbers between 1 and 0: low must not exceed high",
  );
  assertThrows(() => random(0).uniform([2], { low: NaN }), RangeError);
  assertEquals(numbers(random(0).uniform([3], { low: 4, high: 4 })), [4, 4, 4]);
});

leakChecked("Random.normal() has the mean, deviation and tails of the normal law", () => {
  const values = numbers(random(9).normal([100_000], { mean: 3, deviation: 0.5 }));
  const [mean, variance] = moments(values);
  assert(Math.abs(mean - 3) < 5 * 0.5 / Math.sqrt(100_000), `mean ${mean}`);
  assert(Math.abs(variance / 0.25 - 1) < 5 * Math.sqrt(2 / 100_000), `variance ${variance}`);
  const beyond = (deviations: number): number =>
    values.filter((value) => Math.abs(value - 3) > deviations * 0.5).length / values.length;
  assert(Math.abs(beyond(1) - 0.3173) < 0.008, `${beyond(1)}`);
  assert(Math.abs(beyond(2) - 0.0455) < 0.004, `${beyond(2)}`);
  assert(Math.abs(beyond(3) - 0.0027) < 0.001, `${beyond(3)}`);
});

leakChecked("Random.addNormal() adds what normal() would have given", () => {
  scope(() => {
    const target = zeros([5, 7]);
    random(4).addNormal(target, 0.25);
    const expected = random(4).normal([5, 7], { deviation: 0.25 });
    assertEquals(target.toArray(), expected.toArray());
    assertThrows(() => random(4).addNormal(indices([1, 2]), 1), TypeError, "it must be f32");
  });
});

leakChecked("Random.permutation() holds every number once", () => {
  for (const count of [0, 1, 2, 15, 16, 17, 1000]) {
    const order = random(count).permutation(count);
    assertEquals([...order].sort((a, b) => a - b), Array.from({ length: count }, (_, i) => i));
  }
});

leakChecked("Random.permutation() gives every order equally often", () => {
  const source = random(6), counts = new Map<string, number>();
  for (let i = 0; i < 12_000; i++) {
    const order = source.permutation(4).join("");
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  assertEquals(counts.size, 24);
  // χ² with 23 degrees of freedom: 60 is passed once in 25,000 seeds, and the seed is fixed
  const chi = [...counts.values()].reduce((sum, count) => sum + (count - 500) ** 2 / 500, 0);
  assert(chi < 60, `${chi}`);
});

leakChecked("Random.fork() gives independent sequences and leaves its own where it stood", () => {
  const source = random(1), before = source.state;
  const first = numbers(source.fork(1).normal([10_000]));
  assertEquals(source.state, before);
  assertEquals(numbers(random(1, 1).normal([10_000])), first);
  const second = numbers(source.fork(2).normal([10_000]));
  const correlation = first.reduce((sum, value, i) => sum + value * second[i]!, 0) / 10_000;
  assert(Math.abs(correlation) < 5 / Math.sqrt(10_000), `${correlation}`);
});

leakChecked("random() leaves no memory behind", () => {
  const { blocks } = heapUsage();
  const source = random(1);
  source.words(100);
  source.permutation(100);
  numbers(source.normal([3]));
  assertEquals(heapUsage().blocks, blocks);
});
