import {
  assert,
  assertEquals,
  assertFalse,
  assertGreater,
  assertLess,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { dataset } from "../../src/data/mod.ts";
import {
  contributions,
  explanationOf,
  modelFindings,
  modelReport,
  sufficientRank,
} from "../../src/report/mod.ts";
import { evaluate } from "../../src/train/mod.ts";
import { leakChecked } from "../support/leaks.ts";
import { all, hostile, legible, type Node, parse, parseMark } from "./markup.ts";
import { tinyImages, tinyModel } from "./tiny_model.ts";

function read(html: string): Node {
  return parse(html.replace(/<style>[^<]*<\/style>/, "").trim());
}

leakChecked("modelFindings() agrees with evaluate() and adds up", () => {
  const test = tinyImages(), { model } = tinyModel(test, { bias: true });
  const stages: [string, number][] = [];
  const found = modelFindings(model, test, { onProgress: (...stage) => stages.push(stage) });
  assertEquals(found.evaluation, evaluate(model, test));
  const right = [...found.predictions].filter((value, i) => value === test.labels[i]).length;
  assertEquals(right, found.evaluation.correct);
  found.margins.forEach((margin, i) =>
    assertEquals(margin > 0, found.predictions[i] === test.labels[i])
  );
  assertEquals(found.accuracyByRank.at(-1)!.accuracy, found.evaluation.accuracy);
  assertEquals(found.effectiveRanks.length, 3);
  assertLess(found.exactness.residual, 1e-12 * Math.max(1, found.exactness.largest));
  assertLess(found.exactness.rounding, 1e-4 * Math.max(1, found.exactness.largest));
  assertGreater(found.exactness.count, 100);
  const shares = stages.map(([, share]) => share);
  assertEquals(shares, [...shares].sort((a, b) => a - b));
  assertEquals([shares[0], shares.at(-1)], [0, 1]);
  model[Symbol.dispose]();
});

Deno.test("sufficientRank() is the first rank near enough", () => {
  const ranks = [[1, 0.5], [2, 0.95], [3, 0.99]].map(([rank, accuracy]) => ({
    rank: rank!,
    accuracy: accuracy!,
  }));
  assertEquals(sufficientRank(ranks, 0.99)!.rank, 3);
  assertEquals(sufficientRank(ranks, 0.99, 0.05)!.rank, 2);
  assertEquals(sufficientRank([], 1), undefined);
});

leakChecked("modelReport() is a well-formed page with a figure for every finding", () => {
  const test = tinyImages(), { model, history } = tinyModel(test);
  const html = modelReport({
    model,
    test,
    history,
    title: "Tiny",
    classes: ["left", "right", "middle"],
    facts: [{ label: "Seed", value: 1 }],
  });
  const document = read(html);
  const titles = all(document, "h2").map((node) => node.text);
  assertEquals(titles, [
    "How it learned",
    "What it mistakes",
    "What each class looks for",
    "How few eigenvectors are enough",
    "Spectra",
    "Why it decided",
    "The parts add up",
  ]);
  const figures = all(document, "svg").filter((node) => node.attributes.role === "img");
  assertEquals(new Set(figures.map((node) => node.attributes["aria-label"])).size, figures.length);
  for (const name of ["Loss", "Confusion matrix", "Eigenvectors", "Accuracy by rank"]) {
    assert(figures.some((node) => node.attributes["aria-label"] === name), name);
  }
  assertGreater(figures.filter((node) => /^Row /.test(node.attributes["aria-label"]!)).length, 2);
  assertEquals(all(document, "script").length, 0);
  assertFalse(/(?:src|href)="(?!#|data:)/.test(html));
  assertFalse(/NaN|undefined|Infinity/.test(html));
  model[Symbol.dispose]();
});

leakChecked(
  "modelReport() without history and images draws bars, and takes findings made before",
  () => {
    const { image: _, ...data } = tinyImages();
    const { model } = tinyModel(data, { bias: true });
    const findings = modelFindings(model, data);
    const html = modelReport({ model, test: data, findings });
    assertEquals(html, modelReport({ model, test: data }));
    const document = read(html);
    assertEquals(all(document, "h2")[0]!.text, "What it mistakes");
    assertEquals(all(document, "image").length, 0);
    model[Symbol.dispose]();
  },
);

leakChecked("modelReport() explains the given rows, and refuses those that do not exist", () => {
  const test = tinyImages(), { model } = tinyModel(test);
  const html = modelReport({ model, test, examples: [5] });
  assertStringIncludes(html, "Row 5: a 2");
  assertEquals(read(modelReport({ model, test, examples: [] })).name, "html");
  assertThrows(() => modelReport({ model, test, examples: [90] }), RangeError, "0 to 89");
  assertThrows(() => modelReport({ model, test, examples: [0.5] }), RangeError);
  assertThrows(() => modelReport({ model, test, classes: ["a"] }), TypeError, "3 outputs");
  model[Symbol.dispose]();
});

leakChecked("modelReport() says what else is in a logit where there are biases alone", () => {
  const test = tinyImages();
  for (const bias of [true, false]) {
    const { model } = tinyModel(test, { bias });
    const html = modelReport({ model, test, examples: [] });
    assertEquals(html.includes("plus a linear part and a constant, which come from"), bias);
    model[Symbol.dispose]();
  }
});

leakChecked("modelReport() keeps hostile names as text", () => {
  const test = tinyImages(), { model, history } = tinyModel(test);
  for (const name of hostile) {
    const html = modelReport({
      ...{ model, history, title: name, subtitle: name, footer: name },
      test: { ...test, name },
      classes: [name, "b", "c"],
    });
    assertEquals(all(read(html), "title")[0]!.text, legible(name));
    assertEquals(all(read(html), "script").length, 0);
  }
  model[Symbol.dispose]();
});

leakChecked("explanationOf() gives contributions() parts that add up to the logit", () => {
  const test = tinyImages(), { model } = tinyModel(test, { bias: true });
  const { explainer } = modelFindings(model, test);
  const found = explanationOf({ explainer, test }, 4, [2, 0]);
  assertEquals(found.rows.map((row) => row.class), [2, 0]);
  const usual = explanationOf({ explainer, test }, 4).rows.map((row) => row.class);
  assertEquals([...usual].sort(), [0, 1, 2]);
  for (const row of found.rows) {
    const sum = row.contributions.reduce((a, b) => a + b, row.remainder);
    assertLess(Math.abs(sum - row.logit), 1e-9);
  }
  parseMark(contributions(found, { title: "Row 4" }));
  assertThrows(() => explanationOf({ explainer, test }, 4, [9]), RangeError);
  model[Symbol.dispose]();
});

leakChecked("modelReport() of one class, one feature or a perfect model still is a page", () => {
  const small = dataset({ inputs: Float32Array.of(0, 1, 2), labels: [0, 0, 0] });
  const { model } = tinyModel(small);
  assertEquals(read(modelReport({ model, test: small })).name, "html");
  model[Symbol.dispose]();
});
