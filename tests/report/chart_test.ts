import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { barChart, confusionMatrix, lineChart, spectrum } from "../../src/report/mod.ts";
import type { Series } from "../../src/report/mod.ts";
import { separate } from "../../src/report/axis.ts";
import { stretches, thin } from "../../src/report/path.ts";
import { all, hostile, parseMark } from "./markup.ts";

const axes = { title: "t", xLabel: "x", yLabel: "y" };
const odd = [NaN, Infinity, -Infinity, 0, -0, 5e-324, 1.7e308, -1.7e308, 1];

Deno.test("lineChart() breaks the line where a value is NaN", () => {
  const points = [[0, 1], [1, 2], [2, NaN], [3, 1], [4, 5]] as const;
  const svg = parseMark(lineChart([{ name: "a", points }], axes));
  const path = all(svg, "path")[0]!.attributes.d!;
  assertEquals(path.match(/M/g)!.length, 2);
  assertEquals(all(svg, "circle").length, 4);
});

Deno.test("lineChart() has no axis beyond its limits", () => {
  const shown = (points: readonly (readonly [number, number])[]): number[] => {
    const series = [{ name: "", points }];
    const svg = parseMark(lineChart(series, { ...axes, yLimits: [0, 100] }));
    return all(svg, "text").filter(({ attributes }) => attributes["text-anchor"] === "end")
      .map(({ text }) => Number(text)).filter(Number.isFinite);
  };
  for (const points of [[[1, 100], [2, 100]], [[1, 0], [2, 0]], [[1, 97.3], [2, 99.9]]] as const) {
    const ticks = shown(points);
    assert(ticks.length > 1 && ticks.every((tick) => tick >= 0 && tick <= 100), `${ticks}`);
  }
});

Deno.test("lineChart() draws a point between gaps even in a long series", () => {
  const points = Array.from({ length: 100 }, (_, i) => [i, i === 50 || i > 60 ? i : NaN] as const);
  const svg = parseMark(lineChart([{ name: "a", points }], axes));
  assertEquals(all(svg, "circle").length, 1);
});

Deno.test("lineChart() is well formed for empty, single, constant, huge, tiny and missing data", () => {
  const datasets: Series[][] = [
    [],
    [{ name: "", points: [] }],
    [{ name: "one", points: [[3, 4]] }],
    [{ name: "constant", points: [[0, 2], [1, 2], [2, 2]] }],
    [{ name: "nothing", points: [[NaN, NaN], [Infinity, 1]] }],
    [{ name: "odd", points: odd.map((value, index) => [index, value] as const) }],
    [{ name: "odd", points: odd.map((value, index) => [value, index] as const) }],
    Array.from(
      { length: 12 },
      (_, i) => ({ name: `line ${i}`, points: [[0, i], [1, i]] as const }),
    ),
  ];
  for (const series of datasets) {
    for (const xScale of ["linear", "log"] as const) {
      for (const yScale of ["linear", "log"] as const) {
        parseMark(lineChart(series, {
          ...axes,
          xScale,
          yScale,
          references: [{ value: 1, label: "r" }, { value: NaN, label: "none" }, {
            value: 2,
            label: "v",
            axis: "x",
          }],
        }));
      }
    }
  }
});

Deno.test("lineChart() leaves out what a log axis cannot show, and has no axis without data", () => {
  const svg = parseMark(
    lineChart([{ name: "a", points: [[0, 1], [1, 0], [2, -3]] }], { ...axes, yScale: "log" }),
  );
  assertEquals(all(svg, "circle").length, 1);
  const empty = parseMark(
    lineChart([{ name: "a", points: [[0, -1]] }], { ...axes, yScale: "log" }),
  );
  assertStringIncludes(empty.text, "No data");
  assertEquals(all(empty, "line").length, 1);
});

Deno.test("lineChart() names every line, at its end or in a legend", () => {
  for (const count of [1, 8, 9, 20]) {
    const series = Array.from(
      { length: count },
      (_, i) => ({ name: `run ${i};`, points: [[0, 1], [1, 1]] as const }),
    );
    const texts = all(parseMark(lineChart(series, axes)), "text").map((node) => node.text);
    for (const { name } of series) assert(texts.includes(name), name);
  }
});

Deno.test("thin() keeps ends and extremes and stays in order", () => {
  const points = Array.from(
    { length: 50000 },
    (_, i) => [i / 100, i === 777 ? 1000 : Math.sin(i)] as const,
  );
  const kept = thin(points);
  assert(kept.length < 4100);
  assertEquals([kept[0], kept.at(-1)], [points[0], points.at(-1)]);
  assert(kept.includes(points[777]!));
  assert(kept.every(([x], index) => index === 0 || x >= kept[index - 1]![0]));
});

Deno.test("stretches() keeps every finite position once", () => {
  const parts = stretches([[NaN, 1], [1, 1], [2, NaN], [3, 3], [4, 4], [5, Infinity]]);
  assertEquals(parts, [[[1, 1]], [[3, 3], [4, 4]]]);
});

Deno.test("separate() keeps order, distance and bounds where they are possible", () => {
  const placed = separate([50, 50, 51, 10], 15, 0, 100);
  const sorted = [placed[3]!, placed[0]!, placed[1]!, placed[2]!];
  for (let i = 1; i < 4; i++) assert(sorted[i]! - sorted[i - 1]! >= 15 - 1e-9);
  const crowded = separate(Array(30).fill(90), 15, 0, 100);
  assert(Math.min(...crowded) >= -1e-9 && Math.max(...crowded) <= 100);
  assertEquals(separate([], 15, 0, 100), []);
});

Deno.test("barChart() draws lengths in proportion, below zero to the left", () => {
  const svg = parseMark(
    barChart([{ label: "a", value: 4 }, { label: "b", value: -2 }, { label: "c", value: 0 }], {
      title: "t",
    }),
  );
  const [a, b] = all(svg, "rect").map(({ attributes }) => ({
    x: Number(attributes.x),
    width: Number(attributes.width),
  }));
  assertAlmostEquals(a!.width / b!.width, 2, 0.01);
  assertAlmostEquals(b!.x + b!.width, a!.x, 0.02);
});

Deno.test("barChart() is well formed for empty and odd data and says NaN", () => {
  parseMark(barChart([], { title: "t" }));
  parseMark(barChart([{ label: "zero", value: 0 }], { title: "t" }));
  const svg = parseMark(
    barChart(odd.map((value) => ({ label: String(value), value })), { title: "t" }),
  );
  assertStringIncludes(svg.text, "NaN");
  assertEquals(all(svg, "rect").length, odd.filter(Number.isFinite).length);
});

Deno.test("spectrum() sorts, colors by sign, labels the greatest and mentions what it left out", () => {
  const svg = parseMark(spectrum([0.5, -4, 3, NaN, -0.1], { title: "t", top: 2 }));
  const bars = all(svg, "rect");
  assertEquals(bars.map((bar) => bar.attributes.fill!.includes("positive")), [
    true,
    true,
    false,
    false,
  ]);
  const labels = all(svg, "text").filter((node) => node.attributes["font-weight"] === "600");
  assertEquals(labels.map((node) => node.text), ["3", "−4"]);
  assertStringIncludes(svg.children[1]!.text, "1 not finite");
});

Deno.test("spectrum() is well formed for empty, zero, single, many and odd values", () => {
  for (
    const values of [
      [],
      [0, 0],
      [NaN],
      [2],
      [-1e308, 1e308],
      odd,
      Array.from({ length: 3000 }, (_, i) => Math.sin(i)),
    ]
  ) {
    parseMark(spectrum(values, { title: "t" }));
  }
  parseMark(spectrum(Float32Array.of(1, -1), { title: "t", top: 99 }));
});

Deno.test("confusionMatrix() prints every count and shades by the share of its row", () => {
  const svg = parseMark(confusionMatrix([[8, 2], [0, 0]], { title: "t", labels: ["a", "b"] }));
  const shaded = all(svg, "rect").filter((rect) => rect.attributes["fill-opacity"] !== undefined);
  assertEquals(shaded.map((rect) => /positive|negative/.exec(rect.attributes.fill!)![0]), [
    "positive",
    "negative",
  ]);
  assertAlmostEquals(Number(shaded[0]!.attributes["fill-opacity"]), 0.08 + 0.92 * 0.8, 0.01);
  assertStringIncludes(svg.text, "80.0% of 10 right");
  assertStringIncludes(svg.children[1]!.text, "a taken for b, 2 times");
});

Deno.test("confusionMatrix() copes with nothing and NaN, and refuses what is not square", () => {
  parseMark(confusionMatrix([], { title: "t", labels: [] }));
  parseMark(confusionMatrix([[NaN, 1], [Infinity, 0]], { title: "t", labels: ["a", "b"] }));
  assertThrows(
    () => confusionMatrix([[1, 2]], { title: "t", labels: ["a", "b"] }),
    TypeError,
    "2 labels",
  );
});

Deno.test("charts keep hostile text as text", () => {
  for (const name of hostile) {
    const title = name || "t";
    const marks = [
      lineChart([{ name, points: [[0, 1], [1, 2]] }], {
        title,
        xLabel: name,
        yLabel: name,
        references: [{ value: 1, label: name }],
      }),
      barChart([{ label: name, value: 1 }], { title, format: () => name }),
      spectrum([1, -1], { title, yLabel: name }),
      confusionMatrix([[1]], { title, labels: [name] }),
    ];
    for (const mark of marks) {
      const svg = parseMark(mark);
      assertEquals(all(svg, "script").length + all(svg, "img").length, 0);
    }
  }
});

Deno.test("spectrum() with a limit draws the greatest by magnitude, and measures them against all", () => {
  const values = [5, -4, 1, 0.5, -0.25];
  const svg = parseMark(spectrum(values, { title: "t", top: 1, most: 2 }));
  assertEquals(
    all(svg, "rect").map((bar) => bar.children[0]!.text),
    ["1: 5", "2: −4"],
  );
  assertStringIncludes(svg.text, "2 of 5 drawn; the labelled 1 hold 59.1% of Σλ²");
});

Deno.test("lineChart() keeps the label of a reference near the top inside the chart", () => {
  const chart = (value: number): number => {
    const svg = parseMark(lineChart([{ name: "", points: [[0, 0], [1, 100]] }], {
      ...{ title: "t", xLabel: "x", yLabel: "y" },
      references: [{ value, label: "reference" }],
    }));
    const label = all(svg, "text").find((node) => node.text === "reference")!;
    const line = all(svg, "line").find((node) => node.attributes["stroke-dasharray"] === "2 3")!;
    return Number(label.attributes.y) - Number(line.attributes.y1);
  };
  assertEquals([chart(50), chart(99)], [-5, 14]);
});
