import { assert, assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import {
  componentFigures,
  decompositionReport,
  errorFigure,
  type PageFigure,
  similarityReport,
  spectraFigures,
} from "../../src/report/mod.ts";
import { all, hostile, parseMark } from "./markup.ts";

/** Points of the lines of a figure. */
function dots({ svg }: PageFigure): number {
  return all(parseMark(svg), "circle").length;
}

function texts({ svg }: PageFigure): string[] {
  return all(parseMark(svg), "text").map(({ text }) => text);
}

Deno.test("spectraFigures() draws singular values as a line, and eigenvalues of both signs as bars", () => {
  const [modes, signed] = spectraFigures([
    { name: "outputs", values: [4, 3, 0, 1e-20], kept: 1 },
    { name: "class 3", values: [2, -1, 0.5], of: "eigenvalue of a" },
  ]);
  // what is 0 or rounding has no logarithm
  assertEquals(dots(modes!), 2);
  assert(texts(modes!).includes("1 kept"));
  assertEquals(modes!.caption, "Outputs: 1 of 4 kept, with 64.0% of Σσ².");
  assertEquals(all(parseMark(signed!.svg), "rect").length, 3);
  assert(texts(signed!).some((text) => text.includes("eigenvalue of a")));
  assertEquals(signed!.caption, "Class 3: all 3 kept.");
});

Deno.test("spectraFigures() keeps the largest by magnitude, in whatever order they come", () => {
  const [a, b] = spectraFigures([
    { name: "x", values: [1, -7, 5], kept: 2 },
    { name: "x", values: [-7, 5, 1], kept: 2 },
  ]);
  assertEquals(a!.caption, b!.caption);
  assertStringIncludes(a!.caption, "2 of 3 kept, with 98.7% of Σλ²");
});

Deno.test("figures of a decomposition are well formed for odd values and hostile names", () => {
  const values = [[], [0], [NaN], [Infinity, 1], [1e300, 1e-300], [-5e-324, 3]];
  for (const name of hostile) {
    for (const own of values) {
      const figures = [
        ...spectraFigures([{ name, values: own, of: name, kept: 1 }]),
        ...componentFigures([{
          name,
          vectors: own.length > 0 ? [{ name, values: own }] : [],
          classWeights: own,
        }], { classes: own.map(() => name) }),
        errorFigure(own.map((relativeError, i) => ({ rank: i + 1, relativeError })), {
          xLabel: name,
        }),
      ];
      for (const { svg } of figures) {
        assert(!/NaN|undefined/.test(parseMark(svg).attributes.viewBox!), `${name}: ${own}`);
      }
    }
  }
});

Deno.test("componentFigures() puts images beside the weights of the classes", () => {
  const image = { width: 2, height: 2 }, classes = ["a", "b"];
  const vectors = [{ name: "left", values: [1, 2, 3, 4] }, { name: "right", values: [0, 1, 0, 1] }];
  const [images, bars] = componentFigures([{ name: "part 1", vectors, classWeights: [3, -1] }], {
    ...{ image, classes },
  });
  // the key to the colors is an image, too
  assertEquals(all(parseMark(images!.svg), "image").length, 2 + 1);
  assert(texts(images!).includes("left") && texts(images!).includes("right"));
  assert(texts(bars!).includes("−1") && texts(bars!).includes("b"));

  // single images without weights share one figure
  const single = [1, 2, 3].map((k) => ({ name: `part ${k}`, vectors: [vectors[0]!] }));
  const shared = componentFigures(single, { image, classes });
  assertEquals(shared.length, 1);
  assertEquals(all(parseMark(shared[0]!.svg), "image").length, 3 + 1);

  // no images: the largest entries as bars
  const [plain] = componentFigures([{ name: "part 1", vectors: [vectors[0]!] }], { classes });
  assertEquals(texts(plain!).filter((text) => /^x\d$/.test(text)), ["x3", "x2", "x1", "x0"]);
  assertThrows(
    () => componentFigures([{ name: "part 1", classWeights: [1] }], { classes }),
    TypeError,
    "1 weights for 2 classes",
  );
});

Deno.test("errorFigure() draws a bound where it says more than the error", () => {
  const errors = [{ rank: 2, relativeError: 0.2 }, { rank: 1, relativeError: 0.5 }];
  const bounded = (bounds: readonly number[]): string[] =>
    texts(errorFigure(errors.map((e, i) => ({ ...e, errorBound: bounds[i]! })), { xLabel: "r" }));
  assert(bounded([0.3, 0.6]).includes("bound"));
  assert(!bounded([0.2, 0.5]).includes("bound"));
  // what is no bound at all, being above 1, is left out
  const svg = errorFigure([...errors, { rank: 3, relativeError: 0.1, errorBound: 2 }], {
    ...{ xLabel: "r", kept: 3 },
  });
  assertEquals(dots(svg), 3);
  assertMatch(svg.caption, /from 0.5 with 1 down to 0.1 with 3/);
  assert(texts(svg).includes("this one"));
});

Deno.test("decompositionReport() leaves out sections that have nothing to show", () => {
  const empty = decompositionReport({ title: "A & B", classes: [] });
  assert(!empty.includes("<section") && empty.includes("<h1>A &amp; B</h1>"));
  const html = decompositionReport({
    ...{ title: "t", classes: ["a"], componentCount: 9, note: "Sweeps ran out." },
    errors: [{ rank: 1, relativeError: 0.5 }, { rank: 2, relativeError: 0.1 }],
    trace: [0.9, 0.5, 0.4, 0.3, 0.2, 0.1],
    spectra: [{ name: "outputs", values: [2, 1] }],
    components: [{ name: "one", vectors: [{ name: "left", values: [1] }], classWeights: [1] }],
  });
  const sections = ["How much is kept", "Spectra", "Components"];
  for (const title of sections) assertStringIncludes(html, `<h2>${title}</h2>`);
  assertStringIncludes(html, "The 1 largest of 9.");
  assertStringIncludes(html, "Sweeps ran out.");
  assertStringIncludes(html, "0.9 at first, 0.1 at the end of 5");
});

Deno.test("similarityReport() names phases, and every class of few models in a table", () => {
  const report = (count: number, phases: readonly number[]): string =>
    similarityReport({
      ...{ title: "t", phases, models: Array.from({ length: count }, (_, i) => `m${i}`) },
      cosines: Array.from({ length: count * count }, () => 0.5),
      perClass: {
        classes: ["a", "b"],
        cosines: Array.from({ length: count }, () => [0.25, 0.75]),
      },
    });
  const few = report(3, [0, 2]);
  assertStringIncludes(few, "2 stretches that are most alike inside: they begin at m0, m2");
  assertEquals(few.match(/<tr>/g)!.length, 3);
  assertStringIncludes(few, "cosine with the first");
  assert(!report(30, []).includes("<table") && !report(30, [0]).includes("stretches"));
  assertThrows(
    () => similarityReport({ title: "t", models: ["a", "b"], cosines: [1] }),
    TypeError,
  );
});
