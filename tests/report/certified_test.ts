import { assert, assertAlmostEquals, assertEquals, assertMatch, assertThrows } from "@std/assert";
import {
  certifiedAccuracy,
  certifiedFacts,
  type CertifiedFindings,
  certifiedSections,
  type Counterfactual,
  counterfactuals,
  intervalFactor,
  medianRadius,
  page,
  tellingRadii,
} from "../../src/report/mod.ts";
import { all, hostile, legible, parse, parseMark } from "./markup.ts";

/** Six inputs, the last taken for another class; one can never be changed. */
function findings(more: Partial<CertifiedFindings> = {}): CertifiedFindings {
  return {
    name: "six points",
    labels: [0, 0, 1, 1, 2, 2],
    predicted: [0, 0, 1, 1, 2, 0],
    radius: [0.5, 1, 1.5, Infinity, 0.25, 0],
    lower: [0.49, 0.99, 1.49, 1e9, 0.24, 0],
    rival: [1, 1, 0, 0, 1, 0],
    ...more,
  };
}

function example(index: number, size: number, scale = 0.1): Counterfactual {
  return {
    index,
    input: Float64Array.from({ length: size }, (_, i) => (i + index) % 3 / 2),
    change: Float64Array.from({ length: size }, (_, i) => scale * Math.sin(i + index)),
    label: index % 3,
    rival: (index + 1) % 3,
    radius: 0.3,
  };
}

Deno.test("certifiedAccuracy() counts what is right and proven, and falls with the radius", () => {
  const found = findings();
  assertEquals([0, 0.3, 0.49, 0.5, 2, 1e9, 1e10].map((r) => 6 * certifiedAccuracy(found, r)), [
    ...[5, 4, 4, 3, 1, 1, 0],
  ]);
  assertEquals(certifiedAccuracy({ labels: [], predicted: [], lower: [] }, 0), NaN);
  // NaN proves nothing
  assertEquals(certifiedAccuracy({ labels: [0], predicted: [0], lower: [NaN] }, 0), 0);
});

Deno.test("medianRadius() and intervalFactor() leave out what is wrong or has no end", () => {
  assertEquals(medianRadius(findings()), 1);
  assertEquals(medianRadius(findings({ predicted: [1, 1, 0, 0, 0, 0] })), NaN);
  assertEquals(intervalFactor(findings()), undefined);
  assertAlmostEquals(intervalFactor(findings({ intervals: [0.1, 0.25, 0.5, 1, 0, 0] }))!, 4, 1e-12);
});

Deno.test("tellingRadii() are round, from 0 to where few are left", () => {
  for (const scale of [1e-6, 0.03, 1, 7, 4e5]) {
    const lower = Array.from({ length: 1000 }, (_, i) => scale * i / 1000);
    const radii = tellingRadii([...lower, Infinity, NaN]);
    assertEquals(radii[0], 0);
    assert(radii.length >= 4 && radii.length <= 11, `${radii}`);
    assert(radii.at(-1)! <= scale && radii.at(-1)! > 0.7 * scale, `${radii}`);
    for (const radius of radii) assertMatch(radius.toExponential(), /^\d(\.\d)?e/);
  }
  assertEquals(tellingRadii([0, 0, Infinity]), [0]);
  assertEquals(tellingRadii([]), [0]);
});

Deno.test("certifiedSections() draw certified and attacked accuracy into one well-formed page", () => {
  const attacked = [{ radius: 0, accuracy: 5 / 6 }, { radius: 0.5, accuracy: 2 / 3 }];
  const image = { width: 4, height: 4 };
  const examples = [example(0, 16), example(4, 16), example(8, 16, 0.4)];
  const found = findings({ attacked, image, examples, intervals: [0.1, 0.2, 0.3, 1, 0.1, 0] });
  const html = page({
    title: "Certified",
    facts: certifiedFacts(found),
    sections: certifiedSections(found),
  });
  const document = parse(html.replace(/<style>[^<]*<\/style>/, "").trim());
  assertEquals(all(document, "h2").map(({ text }) => text), [
    "What no small change can alter",
    "The smallest changes that matter",
    "Which classes are neighbours",
  ]);
  const [chart] = certifiedSections(found)[0]!.figures!, drawn = parseMark(chart!.svg);
  for (const name of ["certified", "attacked", "intervals"]) {
    assert(drawn.text.includes(name), name);
  }
  const { table } = certifiedSections(found)[0]!;
  assertEquals(table!.head, ["radius", "certified", "attacked", "by intervals"]);
  assertEquals(table!.rows[1], [0.5, "50.0%", "66.7%", "16.7%"]);
  // both halves on one scale
  const halves = certifiedSections(found)[1]!.figures!.map(({ svg }) => parseMark(svg).text);
  assertEquals(halves.length, 2);
  const limit = /−[\d.]+ … [\d.]+/;
  assertEquals(limit.exec(halves[0]!)![0], limit.exec(halves[1]!)![0]);
});

Deno.test("certifiedSections() do without attacks, images, examples and right inputs", () => {
  const plain = certifiedSections(findings());
  assertEquals(plain.map(({ table }) => table!.head.length), [2, 5]);
  const [, nearest] = certifiedSections(findings({ examples: [example(1, 5)] }));
  assertEquals([nearest!.figures, nearest!.table!.rows.length], [undefined, 1]);
  const wrong = findings({ predicted: [1, 1, 0, 0, 0, 0], lower: [0, 0, 0, 0, 0, 0] });
  parse(
    page({ title: "None", sections: certifiedSections(wrong) }).replace(/<style>[^<]*<\/style>/, "")
      .trim(),
  );
  assertThrows(() => certifiedSections(findings({ rival: [1] })), TypeError, "6 inputs");
});

Deno.test("counterfactuals() is a named figure, escapes class names and refuses wrong sizes", () => {
  const size = { width: 3, height: 2 };
  for (const name of hostile) {
    const svg = counterfactuals([example(0, 6)], {
      ...size,
      title: `${name}.`,
      classes: [name, "b"],
    });
    const mark = parseMark(svg);
    assertEquals(mark.attributes["aria-label"], legible(`${name}.`));
  }
  const none = parseMark(counterfactuals([], { ...size, title: "None" }));
  assert(none.text.includes("No inputs"));
  const odd = { ...example(0, 6), input: [NaN, -1, 0, 2, 1e300, 1], radius: 0 };
  parseMark(counterfactuals([odd], { ...size, title: "Odd" }));
  assertThrows(
    () => counterfactuals([example(0, 5)], { ...size, title: "x" }),
    TypeError,
    "input 0",
  );
});
