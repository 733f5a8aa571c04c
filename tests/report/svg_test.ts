import { assert, assertEquals, assertThrows } from "@std/assert";
import { element, escape, textWidth, truncate } from "../../src/report/svg.ts";
import { hostile, legible, parse } from "./markup.ts";

Deno.test("escape() keeps hostile text inside attribute and content", () => {
  for (const content of hostile) {
    const node = parse(element("g", { id: content }, escape(content)));
    const kept = legible(content);
    assertEquals(node.attributes.id, kept);
    assertEquals(node.text, kept);
    assertEquals(node.children.length, 0);
  }
});

Deno.test("escape() leaves letters of any script, emoji, tabs and newlines alone", () => {
  const content = "é 数字 🙂 λ₁\t\n−";
  assertEquals(escape(content), content);
});

Deno.test("element() refuses numbers that are not finite", () => {
  for (const value of [NaN, Infinity, -Infinity]) {
    assertThrows(() => element("rect", { x: value }), RangeError, "x=");
  }
});

Deno.test("element() leaves out undefined attributes and rounds to hundredths", () => {
  assertEquals(
    element("rect", { x: 1 / 3, y: undefined, width: -0.0001 }),
    `<rect x="0.33" width="0"/>`,
  );
});

Deno.test("truncate() fits the width and marks what it cut", () => {
  const long = "a caption that is far too long for its place";
  for (const width of [20, 50, 100, 200]) {
    const cut = truncate(long, width);
    assert(textWidth(cut) <= width && cut.endsWith("…") && long.startsWith(cut.slice(0, -1)));
  }
  assertEquals(truncate("short", 100), "short");
  assertEquals(truncate("🙂🙂🙂🙂", 20).isWellFormed(), true);
});
