import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { extent, linearScale, logScale } from "../../src/report/scale.ts";

const domains: [number, number][] = [
  [0, 1],
  [-1, 1],
  [0.1, 0.3],
  [-3e-7, 5e-7],
  [1e9, 1e9 + 5],
  [0, 6e4],
  [-1e308, 1e308],
  [-1.7e308, 1.7e308],
  [5e-324, 1e-320],
  [0, 5e-324],
  [1e16, 1e16 + 2],
  [7, 7],
  [0, 0],
  [-1e300, -1e300],
  [NaN, NaN],
  [-Infinity, Infinity],
];

Deno.test("linearScale() ticks are ascending, distinct, inside the domain and few", () => {
  for (const domain of domains) {
    for (const nice of [false, true]) {
      const scale = linearScale(domain, [0, 100], { nice });
      const [low, high] = scale.domain;
      assert(Number.isFinite(low) && Number.isFinite(high) && low < high, `${domain}`);
      const ticks = scale.ticks(5);
      assert(ticks.length >= 1 && ticks.length <= 11, `${domain}: ${ticks.length}`);
      ticks.forEach(({ value }, index) => {
        const slack = (high - low) * 1e-6;
        assert(value >= low - slack && value <= high + slack, `${domain}: ${value}`);
        assert(index === 0 || value > ticks[index - 1]!.value);
        const position = scale.map(value);
        assert(position >= -1e-3 && position <= 100 + 1e-3, `${domain}: ${position}`);
      });
    }
  }
});

Deno.test("linearScale() ticks of ordinary domains are equally spaced with distinct labels", () => {
  for (const domain of [[0, 1], [-3e-7, 5e-7], [1e9, 1e9 + 5], [-0.07, 12.3], [0, 6e4]] as const) {
    const ticks = linearScale(domain, [0, 1]).ticks(5);
    const step = ticks[1]!.value - ticks[0]!.value;
    const mantissa = Number((step / 10 ** Math.floor(Math.log10(step) + 1e-9)).toPrecision(3));
    assert([1, 2, 5].includes(mantissa), `${step}`);
    for (let i = 1; i < ticks.length; i++) {
      assertAlmostEquals((ticks[i]!.value - ticks[i - 1]!.value) / step, 1, 1e-6);
    }
    assertEquals(new Set(ticks.map((tick) => tick.label)).size, ticks.length, `${domain}`);
  }
});

Deno.test("linearScale() ticks are the doubles nearest to their decimals", () => {
  const values = linearScale([0, 0.7], [0, 1]).ticks(7).map((tick) => tick.value);
  assertEquals(values, [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]);
});

Deno.test("linearScale() maps ends to ends and NaN to NaN", () => {
  const scale = linearScale([-2, 6], [300, 20]);
  assertEquals([scale.map(-2), scale.map(6), scale.map(2)], [300, 20, 160]);
  assert(Number.isNaN(scale.map(NaN)));
  assert(Number.isFinite(scale.map(1e308)) && Number.isFinite(scale.map(-Infinity)));
});

Deno.test("linearScale() nice contains the data and ends on ticks", () => {
  for (const [low, high] of [[0.13, 0.97], [-41, 873], [2e-8, 9e-8]] as const) {
    const scale = linearScale([low, high], [0, 1], { nice: true });
    assert(scale.domain[0] <= low && scale.domain[1] >= high);
    const ticks = scale.ticks(5);
    assertAlmostEquals(scale.map(ticks[0]!.value), 0, 1e-6);
    assertAlmostEquals(scale.map(ticks.at(-1)!.value), 1, 1e-6);
  }
});

Deno.test("logScale() places equal ratios at equal distances, and nothing that is not positive", () => {
  const scale = logScale([1, 1000], [0, 300]);
  assertAlmostEquals(scale.map(10), 100, 1e-9);
  assertAlmostEquals(scale.map(100), 200, 1e-9);
  for (const value of [0, -1, NaN]) assert(Number.isNaN(scale.map(value)));
});

Deno.test("logScale() has ticks inside any positive domain, and copes with others", () => {
  const cases: [number, number][] = [
    [1, 10],
    [1, 1000],
    [1e-300, 1e300],
    [0.5, 0.6],
    [3, 3],
    [5e-324, 1e308],
    [-1, 5],
    [0, 0],
    [NaN, 2],
    [1, Infinity],
  ];
  for (const domain of cases) {
    const scale = logScale(domain, [0, 100]);
    const ticks = scale.ticks(5);
    assert(ticks.length >= 1 && ticks.length <= 14, `${domain}: ${ticks.length}`);
    for (const { value } of ticks) {
      const position = scale.map(value);
      assert(position >= -0.01 && position <= 100.01, `${domain}: ${value} at ${position}`);
    }
  }
});

Deno.test("extent() ignores what is not finite", () => {
  assertEquals(extent([3, NaN, -1, Infinity, 2]), [-1, 3]);
  assertEquals(extent([NaN]), undefined);
  assertEquals(extent([]), undefined);
});
