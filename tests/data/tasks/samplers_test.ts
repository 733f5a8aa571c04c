import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertNotEquals,
  assertThrows,
} from "@std/assert";
import * as data from "../../../src/data/mod.ts";
import { scope } from "../../../src/tensor/mod.ts";
import { withBuild } from "../../support/builds.ts";
import { leakChecked } from "../../support/leaks.ts";
import { distance, meanOf } from "../../support/statistics.ts";

const SAMPLERS:
  readonly (readonly [string, (seed: number | data.Sampler["state"]) => data.Sampler])[] = [
    ["sparseFeatures()", (seed) => data.sparseFeatures({ features: 6, sparsity: 0.5, seed })],
    ...["bernoulli", "uniform", "gaussian", "laplace"].map((distribution) =>
      [
        `kurtosisFeatures() ${distribution}`,
        (seed: number | data.Sampler["state"]) =>
          data.kurtosisFeatures({
            features: 6,
            distribution: distribution as data.FeatureDistribution,
            probability: 0.5,
            seed,
          }),
      ] as const
    ),
    ["functionTask()", (seed) => data.functionTask("sin πx", { seed })],
    ["resample()", (seed) => data.resample(data.gates(5), { seed })],
  ];

for (const [name, make] of SAMPLERS) {
  const numbersOf = (source: data.Sampler, count = 50): number[] => {
    const { inputs, targets } = data.draw(source, count);
    return [...inputs, ...targets];
  };

  leakChecked(`${name} gives fresh rows, the same for the same seed, others for another`, () => {
    const source = make(1), first = numbersOf(source), second = numbersOf(source);
    assertNotEquals(first, second);
    assertNotEquals(numbersOf(make(2)), first);
    const again = make(1);
    assertEquals([numbersOf(again), numbersOf(again)], [first, second]);
  });

  leakChecked(`${name} goes on from the state of another`, () => {
    const source = make(1);
    numbersOf(source, 17);
    assertEquals(numbersOf(make(source.state)), numbersOf(source));
  });

  leakChecked(`${name} gives the same bits from every build of the kernels`, () => {
    const [fast, strict] = (["fast", "strict"] as const).map((build) =>
      withBuild(build, () => numbersOf(make(3), 200))
    );
    assertEquals(fast, strict);
  });
}

/** Column i of a batch. */
const column = ({ inputs, count, features }: data.RegressionData, i: number): Float32Array =>
  Float32Array.from({ length: count }, (_, row) => inputs[row * features + i]!);

const COUNT = 40_000;

/** Fails unless an observed share is within five standard deviations of p. */
function assertShare(observed: number, p: number, what: string): void {
  const deviation = Math.sqrt(p * (1 - p) / COUNT);
  assert(Math.abs(observed - p) <= 5 * deviation, `${what}: ${observed}, expected ${p}`);
}

for (const correlation of ["none", "pairs", "anticorrelated"] as const) {
  leakChecked(`sparseFeatures() has the density and correlation asked for: ${correlation}`, () => {
    for (const sparsity of [0.5, 0.8, 0.97]) {
      const density = 1 - sparsity;
      const made = data.sparseFeatures({ features: 4, sparsity, correlation, seed: 1 });
      const batch = data.draw(made, COUNT);
      const active = [0, 1, 2, 3].map((i) => column(batch, i).map((value) => value > 0 ? 1 : 0));
      for (let i = 0; i < 4; i++) {
        assertShare(meanOf(active[i]!, (one) => one), density, `feature ${i}`);
        const values = column(batch, i).filter((value) => value !== 0);
        assert(values.every((value) => value > 0 && value < 1));
        assert(distance(values, (x) => x) < 2.2 / Math.sqrt(values.length), "uniform in (0, 1)");
        for (let j = 0; j < i; j++) {
          const together = meanOf(active[i]!.map((one, row) => one * active[j]![row]!), (x) => x);
          const inPair = j === i - 1 && i % 2 === 1;
          const expected = correlation === "none" || !inPair
            ? density ** 2
            : correlation === "pairs"
            ? density
            : 0;
          assertShare(together, expected, `features ${j} and ${i}`);
        }
      }
    }
  });
}

leakChecked("sparseFeatures() gives values of a pair independently", () => {
  const made = data.sparseFeatures({ features: 2, sparsity: 0, correlation: "pairs", seed: 5 });
  const batch = data.draw(made, COUNT), [a, b] = [column(batch, 0), column(batch, 1)];
  const covariance = meanOf(a.map((x, i) => (x - 0.5) * (b[i]! - 0.5)), (x) => x);
  assert(Math.abs(covariance) < 5 / 12 / Math.sqrt(COUNT), `${covariance}`);
});

leakChecked(
  "sparseFeatures() gives inputs as targets, importances, and both ends of sparsity",
  () => {
    const made = data.sparseFeatures({ features: 4, sparsity: 1, importance: 0.5 });
    assertEquals([...made.importance], [1, 0.5, 0.25, 0.125]);
    scope(() => {
      const { inputs, targets } = made.batch(100);
      assert(inputs === targets);
      assertEquals(inputs.shape, [100, 4]);
      assert(inputs.toArray().every((value) => value === 0));
      const dense = data.sparseFeatures({ features: 4, sparsity: 0 }).batch(100);
      assert(dense.inputs.toArray().every((value) => value > 0));
    });
    const listed = data.sparseFeatures({ features: 2, sparsity: 0.5, importance: [3, 0] });
    assertEquals([...listed.importance], [3, 0]);
  },
);

Deno.test("sparseFeatures() refuses what cannot be", () => {
  const right = { features: 4, sparsity: 0.9 };
  const wrong: [object, new () => Error, string][] = [
    [{ features: 0 }, RangeError, "of 0 features"],
    [{ features: 2.5 }, RangeError, "of 2.5 features"],
    [{ sparsity: -0.1 }, RangeError, "of sparsity -0.1"],
    [{ sparsity: NaN }, RangeError, "of sparsity NaN"],
    [{ features: 3, correlation: "pairs" }, RangeError, "Cannot make pairs of 3 features"],
    [{ sparsity: 0.4, correlation: "anticorrelated" }, RangeError, "give at least 0.5"],
    [{ correlation: "toString" }, RangeError, "of correlation toString: it is one of none"],
    [{ importance: [1, 2] }, TypeError, "by 2 importances: give one a feature"],
    [{ importance: -1 }, RangeError, "Cannot weigh feature 1 by -1"],
    [{ importance: [1, 1, NaN, 1] }, RangeError, "Cannot weigh feature 2 by NaN"],
    [{ seed: -1 }, RangeError, "seed"],
  ];
  for (const [change, type, message] of wrong) {
    assertThrows(() => data.sparseFeatures({ ...right, ...change }), type, message);
  }
});

/** κ₀, and E x⁸ while active, for the error of a measured κ. */
const MOMENTS: Readonly<
  Record<data.FeatureDistribution, readonly [fourth: number, eighth: number]>
> = { bernoulli: [1, 1], uniform: [9 / 5, 9], gaussian: [3, 105], laplace: [6, 2520] };

for (const distribution of Object.keys(MOMENTS) as data.FeatureDistribution[]) {
  leakChecked(`kurtosisFeatures() has mean 0, variance 1 and κ = κ₀/p: ${distribution}`, () => {
    const [fourth, eighth] = MOMENTS[distribution];
    for (const probability of [1, 0.5, 0.1]) {
      const made = data.kurtosisFeatures({ features: 5, distribution, probability, seed: 7 });
      const kurtosis = fourth / probability;
      assertAlmostEquals(made.kurtosis, kurtosis, 1e-12);
      const { inputs } = data.draw(made, COUNT), n = inputs.length;
      const near = (observed: number, expected: number, variance: number): void =>
        assert(
          Math.abs(observed - expected) <= 5 * Math.sqrt(variance / n) + 1e-6,
          `${observed}, expected ${expected} for p = ${probability}`,
        );
      near(meanOf(inputs, (x) => x), 0, 1);
      near(meanOf(inputs, (x) => x ** 2), 1, kurtosis - 1);
      near(meanOf(inputs, (x) => x ** 3), 0, eighth / probability ** 3); // at least E x⁶
      near(meanOf(inputs, (x) => x ** 4), kurtosis, eighth / probability ** 3 - kurtosis ** 2);
      near(meanOf(inputs, (x) => x === 0 ? 0 : 1), probability, probability * (1 - probability));
    }
  });

  leakChecked(`kurtosisFeatures() finds the probability for a kurtosis: ${distribution}`, () => {
    const made = data.kurtosisFeatures({ features: 3, distribution, kurtosis: 12 });
    assertAlmostEquals(made.probability, MOMENTS[distribution][0] / 12, 1e-15);
    assertEquals(made.kurtosis, 12);
    const low = MOMENTS[distribution][0] * 0.99;
    assertThrows(
      () => data.kurtosisFeatures({ features: 3, distribution, kurtosis: low }),
      RangeError,
      `Cannot make ${distribution} features of kurtosis ${low}`,
    );
  });
}

leakChecked("kurtosisFeatures() draws features independently", () => {
  const made = data.kurtosisFeatures({ features: 2, kurtosis: 4, seed: 3 });
  const batch = data.draw(made, COUNT), [a, b] = [column(batch, 0), column(batch, 1)];
  const products = a.map((x, i) => x * b[i]!);
  assert(Math.abs(meanOf(products, (x) => x)) < 5 / Math.sqrt(COUNT));
  assert(Math.abs(meanOf(products, (x) => x * x) - 1) < 5 * Math.sqrt((16 - 1) / COUNT));
});

leakChecked("kurtosisFeatures() gives Σ v_i x_i² as target", () => {
  const importance = [1.5, 1, 0];
  const made = data.kurtosisFeatures({ features: 3, distribution: "laplace", importance });
  const { inputs, targets, outputs } = data.draw(made, 200);
  assertEquals(outputs, 1);
  targets.forEach((target, row) => {
    const expected = importance.reduce((sum, v, i) => sum + v * inputs[3 * row + i]! ** 2, 0);
    assertAlmostEquals(target, expected, 1e-6 * (1 + expected));
  });
});

Deno.test("kurtosisFeatures() refuses what cannot be", () => {
  const wrong: [object, new () => Error, string][] = [
    [{ features: -1 }, RangeError, "of -1 features"],
    [{ probability: 0 }, RangeError, "active with probability 0"],
    [{ probability: 1.1 }, RangeError, "active with probability 1.1"],
    [{ probability: NaN }, RangeError, "active with probability NaN"],
    [{ kurtosis: NaN }, RangeError, "of kurtosis NaN"],
    [{ kurtosis: Infinity }, RangeError, "of kurtosis Infinity"],
    [{ kurtosis: 2, probability: 0.5 }, TypeError, "give one"],
    [{ distribution: "cauchy" }, RangeError, "of the distribution cauchy: it is one of bernoulli"],
    [{ importance: [1] }, TypeError, "by 1 importances"],
  ];
  for (const [change, type, message] of wrong) {
    assertThrows(() => data.kurtosisFeatures({ features: 3, ...change }), type, message);
  }
});

/** Mean squared error of the best quadratic on (−1, 1), METHODS of approximation: exact. */
const FLOORS: readonly [data.FunctionName, (x: number) => number, number][] = [
  ["x³", (x) => x ** 3, 4 / 175],
  ["|x|", Math.abs, 1 / 192],
  ["relu", (x) => Math.max(0, x), 1 / 768],
  ["sin πx", (x) => Math.sin(Math.PI * x), 0.196036],
  ["cos πx", (x) => Math.cos(Math.PI * x), 0.0380308],
];

for (const [name, f, floor] of FLOORS) {
  leakChecked(
    `functionTask() gives ${name} of uniform inputs, a known distance from quadratics`,
    () => {
      const { inputs, targets } = data.draw(data.functionTask(name, { seed: 4 }), COUNT);
      assert(distance(inputs, (x) => (x + 1) / 2) < 2.2 / Math.sqrt(COUNT));
      targets.forEach((target, i) => assertAlmostEquals(target, f(inputs[i]!), 2e-7));
      // residual after projection on the Legendre polynomials of degree 0, 1 and 2
      const legendre = [() => 1, (x: number) => x, (x: number) => (3 * x * x - 1) / 2];
      const product = (g: (x: number) => number): number =>
        inputs.reduce((sum, x, i) => sum + g(x) * targets[i]!, 0) / COUNT;
      const explained = legendre.map((g, k) => (2 * k + 1) * product(g) ** 2);
      const residual = meanOf(targets, (y) => y * y) - explained.reduce((a, b) => a + b);
      assertAlmostEquals(residual, floor, 0.02);
    },
  );
}

leakChecked("functionTask() takes functions of several inputs and outputs, and a range", () => {
  const task = data.functionTask(([x, y]) => [x! * y!, x! - y!], {
    features: 2,
    outputs: 2,
    low: 2,
    high: 3,
    seed: 1,
  });
  const { inputs, targets } = data.draw(task, 500);
  assert(inputs.every((x) => x >= 2 && x <= 3));
  for (let row = 0; row < 500; row++) {
    const [x, y] = [inputs[2 * row]!, inputs[2 * row + 1]!];
    assertEquals([targets[2 * row], targets[2 * row + 1]], [
      Math.fround(x * y),
      Math.fround(x - y),
    ]);
  }
});

leakChecked("functionTask() refuses what cannot be, before it allocates", () => {
  const half = ([x]: Float32Array): number => x! / 2;
  const wrong: [() => unknown, new () => Error, string][] = [
    [() => data.functionTask("tan" as "relu"), RangeError, "Cannot find the function tan"],
    [
      () => data.functionTask("toString" as "relu"),
      RangeError,
      "Cannot find the function toString",
    ],
    [() => data.functionTask("relu", { features: 2 }), RangeError, "relu of 2 inputs"],
    [() => data.functionTask("relu", { outputs: 2 }), RangeError, "2 outputs"],
    [() => data.functionTask(half, { features: 0 }), RangeError, "Cannot make half of 0 features"],
    [() => data.functionTask(half, { outputs: NaN }), RangeError, "NaN outputs"],
    [() => data.functionTask(half, { low: 1 }), RangeError, "between 1 and 1"],
    [() => data.functionTask(half, { high: Infinity }), RangeError, "between -1 and Infinity"],
    [
      () => data.functionTask(half, { outputs: 2 }).batch(1),
      TypeError,
      "Cannot use 1 values of half",
    ],
    [() => data.functionTask(() => NaN).batch(1), RangeError, "Cannot use NaN as value"],
    [() => data.functionTask(() => 1e39).batch(1), RangeError, "Cannot use 1e+39 as value"],
  ];
  for (const [run, type, message] of wrong) assertThrows(run, type, message);
});
