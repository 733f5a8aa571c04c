import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { heatMap } from "../../src/report/mod.ts";
import { all, hostile, parseMark } from "./markup.ts";

const title = "t";

Deno.test("heatMap() writes every number of a small matrix, and its tooltip", () => {
  const svg = parseMark(heatMap([1, -0.25, -0.25, 1], { title, labels: ["a", "b"] }));
  const texts = all(svg, "text").map(({ text }) => text);
  assertEquals(texts.filter((text) => text === "−0.25").length, 2);
  assertEquals(texts.filter((text) => text === "a" || text === "b").length, 2);
  const tips = all(svg, "title").map(({ text }) => text);
  assert(tips.some((tip) => tip.startsWith("a and b: ")));
});

Deno.test("heatMap() leaves numbers out of a large matrix, and names that would collide", () => {
  for (const count of [13, 80, 300]) {
    const labels = Array.from({ length: count }, (_, i) => `step ${i}`);
    const values = Array.from({ length: count * count }, (_, i) => Math.cos(i));
    const svg = parseMark(heatMap(values, { title, labels, cuts: [0, 5, count] }));
    const names = all(svg, "text").filter(({ text }) => text.startsWith("step "));
    assert(names.length > 5 && names.length <= 40, `${names.length}`);
    const heights = names.map(({ attributes }) => Number(attributes.y));
    heights.slice(1).forEach((y, i) => assert(y - heights[i]! >= 14.9));
    // one cut inside, across and down
    const strong = all(svg, "line").filter(({ attributes }) =>
      attributes["stroke-width"] === "1.5"
    );
    assertEquals(strong.length, 2);
  }
});

Deno.test("heatMap() is well formed for odd values and hostile names", () => {
  for (const values of [[NaN, 0, Infinity, -Infinity], [0, 0, 0, 0], [1e300, -5e-324, 3, 1e-9]]) {
    for (const name of hostile) {
      const svg = heatMap(values, { title: `t${name}`, labels: [name, "b"], cuts: [1] });
      assert(!/NaN|undefined/.test(parseMark(svg).attributes.viewBox!));
    }
  }
  assertStringIncludes(heatMap([NaN], { title, labels: ["a"] }), "1 not a number");
  assertStringIncludes(heatMap([], { title, labels: [] }), "No values");
  assertThrows(() => heatMap([1, 2], { title, labels: ["a", "b"] }), TypeError, "need 4");
  assertThrows(() => heatMap([1], { title, labels: [] }), RangeError, "0 × 0");
});
