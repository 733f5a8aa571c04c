import { assert, assertEquals, assertFalse, assertStringIncludes } from "@std/assert";
import { barChart, page, themeCss } from "../../src/report/mod.ts";
import { all, hostile, legible, parse } from "./markup.ts";
import type { Node } from "./markup.ts";

const svg = barChart([{ label: "a", value: 1 }], { title: "Bars" });

/** The document without its style sheet, which is text that only CSS can read. */
function read(html: string): Node {
  return parse(html.replace(/<style>[^<]*<\/style>/, "").trim());
}

Deno.test("page() is a well-formed document that allows neither script nor network", () => {
  const html = page({
    title: "Report",
    subtitle: "A subtitle",
    facts: [{ label: "Accuracy", value: 0.98123 }, { label: "Hash", value: "abc" }],
    sections: [
      { title: "One", text: "First.\n\nSecond.", figures: [{ svg, caption: "A caption." }] },
      { title: "Two", table: { head: ["name", "value"], rows: [["a", 1.5], ["b", -2]] } },
    ],
    footer: "The end",
  });
  const document = read(html);
  const policy = all(document, "meta").find((node) => node.attributes["http-equiv"] !== undefined)!;
  assertEquals(
    policy.attributes.content,
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:",
  );
  assertEquals(all(document, "script").length, 0);
  assertEquals(all(document, "p").map((node) => node.text), ["A subtitle", "First.", "Second."]);
  assertEquals(all(document, "dd").map((node) => node.text), ["0.9812", "abc"]);
  assertEquals(all(document, "td").filter((node) => node.attributes.class === "number").length, 2);
  assertFalse(/(?:src|href)="(?!#|data:)/.test(html));
  assertFalse(/url\((?!#)|@import|https?:(?!\/\/www\.w3\.org\/2000\/svg)/.test(html));
});

Deno.test("page() links every section by an id of its own", () => {
  const titles = ["Same", "Same", "Größe λ", "???", "!!!", "same-2"];
  const document = read(page({ title: "t", sections: titles.map((title) => ({ title })) }));
  const ids = all(document, "section").map((node) => node.attributes.id!);
  assertEquals(new Set(ids).size, titles.length);
  const links = all(document, "a").map((node) =>
    decodeURIComponent(node.attributes.href!.slice(1))
  );
  assertEquals(links, ids);
  assertEquals(ids[2], "größe-λ");
});

Deno.test("page() keeps hostile text as text, everywhere", () => {
  for (const content of hostile) {
    const document = read(page({
      title: content,
      subtitle: content,
      facts: [{ label: content, value: content }],
      sections: [
        { id: content, title: content, text: content, figures: [{ svg, caption: content }] },
        { title: content, table: { head: [content], rows: [[content]] } },
      ],
      footer: content,
    }));
    const kept = legible(content);
    assertEquals(all(document, "title")[0]!.text, kept);
    assertEquals(all(document, "td")[0]!.text, kept);
    assertEquals(all(document, "script").length + all(document, "img").length, 0);
  }
});

Deno.test("page() gives wide figures a row and a box to scroll in", () => {
  const wide = barChart([{ label: "a", value: 1 }], { title: "Bars", width: 900 });
  const figures = (content: { svg: string; wide?: boolean }): Node =>
    all(
      read(
        page({ title: "t", sections: [{ title: "s", figures: [{ ...content, caption: "" }] }] }),
      ),
      "figure",
    )[0]!;
  assertEquals(figures({ svg }).attributes.class, undefined);
  assertEquals(figures({ svg, wide: true }).attributes.class, "wide");
  const figure = figures({ svg: wide });
  assertEquals(figure.attributes.class, "wide");
  assertStringIncludes(all(figure, "div")[1]!.attributes.style!, "min-width:612px");
  assertEquals(figures({ svg: wide, wide: false }).attributes.class, undefined);
});

Deno.test("page() works with nothing in it", () => {
  const document = read(page({ title: "", sections: [] }));
  assertEquals(
    all(document, "nav").length + all(document, "dl").length + all(document, "footer").length,
    0,
  );
});

Deno.test("themeCss() declares every color that a figure uses, in both themes", () => {
  const [light = "", dark = ""] = themeCss().split("@media");
  for (
    const [, name] of page({
      title: "t",
      sections: [{ title: "s", figures: [{ svg, caption: "" }] }],
    }).matchAll(/var\((--odot-\w+),#/g)
  ) {
    assert(light.includes(`${name}:`) && dark.includes(`${name}:`), name);
  }
});

Deno.test("themeCss() keeps text readable: contrast of at least 4.5 to the page in both themes", () => {
  for (const theme of themeCss().split("@media")) {
    const colors = new Map(
      [...theme.matchAll(/--odot-(\w+):(#[0-9a-f]{6})/g)].map(([, name, color]) => [name!, color!]),
    );
    const luminance = (color: string): number => {
      const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) =>
        parseInt(color.slice(at, at + 2), 16) / 255
      )
        .map((value) => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const paper = luminance(colors.get("page")!);
    for (
      const name of [
        "ink",
        "muted",
        "positive",
        "negative",
        ...Array.from({ length: 8 }, (_, i) => `series${i + 1}`),
      ]
    ) {
      const text = luminance(colors.get(name)!);
      const contrast = (Math.max(paper, text) + 0.05) / (Math.min(paper, text) + 0.05);
      const least = name.startsWith("series") ? 3 : 4.5;
      assert(contrast >= least, `${name}: ${contrast.toFixed(2)}`);
    }
  }
});
