import {
  assert,
  assertEquals,
  assertNotEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { contributions, imageGrid } from "../../src/report/mod.ts";
import type { Explanation } from "../../src/report/mod.ts";
import { all, hostile, parseMark } from "./markup.ts";

const size = { width: 3, height: 2, title: "t" };

/** Palette indices of the tiles of a grid, read back from the embedded images; the key is left out. */
async function indices(svg: string): Promise<number[][]> {
  const addresses = all(parseMark(svg), "image").filter((image) => image.attributes.height === "2");
  return await Promise.all(addresses.map(async ({ attributes }) => {
    const bytes = Uint8Array.from(atob(attributes.href!.split(",")[1]!), (c) => c.charCodeAt(0));
    const at = String.fromCharCode(...bytes).indexOf("IDAT");
    const length = new DataView(bytes.buffer).getUint32(at - 4);
    const stream = new Blob([bytes.slice(at + 4, at + 4 + length)]).stream()
      .pipeThrough(new DecompressionStream("deflate"));
    const rows = new Uint8Array(await new Response(stream).arrayBuffer());
    return [...rows].filter((_, index) => index % (size.width + 1) !== 0);
  }));
}

Deno.test("imageGrid() centres colors at zero and scales each image to its own greatest", async () => {
  const svg = imageGrid([[1, -1, 0, 0.5, -0.5, 0], [100, 0, 0, 0, 0, -50]], size);
  assertEquals(await indices(svg), [
    [254, 0, 127, 191, 63, 127],
    [254, 127, 127, 127, 127, 63],
  ]);
});

Deno.test("imageGrid() with a shared or given limit keeps images comparable", async () => {
  const images = [[1, 0, 0, 0, 0, 0], [4, 0, 0, 0, 0, -8]];
  assertEquals(
    (await indices(imageGrid(images, { ...size, limit: "shared" })))[0]![0],
    127 + Math.round(127 / 8),
  );
  assertEquals((await indices(imageGrid(images, { ...size, limit: 2 })))[1], [
    254,
    127,
    127,
    127,
    127,
    0,
  ]);
});

Deno.test("imageGrid() draws zeros, NaN and infinities without dividing by zero", async () => {
  const zeros = new Float32Array(6);
  const odd = [NaN, NaN, Infinity, -Infinity, 2, NaN];
  const svg = imageGrid([zeros, odd, Array(6).fill(NaN)], size);
  const [blank, mixed, missing] = await indices(svg);
  assertEquals(blank, Array(6).fill(127));
  assertEquals(mixed, [127, 127, 254, 0, 254, 127]);
  assertEquals(missing, Array(6).fill(127));
  assertStringIncludes(svg, "9 not a number");
  const paths = all(parseMark(svg), "path").map((path) => path.attributes.d);
  assertEquals(paths[0], "M0 0h2v1h-2zM2 1h1v1h-1z");
  assertEquals(paths[1], "M0 0h3v1h-3zM0 1h3v1h-3z");
});

Deno.test("imageGrid() takes huge and tiny values", async () => {
  for (const scale of [1e308, 1e-308, 5e-324]) {
    const rows = await indices(imageGrid([[scale, -scale, 0, 0, 0, 0]], size));
    assertEquals(rows[0]!.slice(0, 3), [254, 0, 127]);
  }
});

Deno.test("imageGrid() in gray draws ink from zero to the greatest value", async () => {
  const [row, flat, blank] = await indices(
    imageGrid([[0, 0.5, 1, 0, 0, 0], [-1, 0, 1, 0, 0, 0], [0, 0, 0, 0, 0, 0]], {
      ...size,
      scale: "gray",
    }),
  );
  assertEquals(row!.slice(0, 3), [0, 128, 255]);
  assertEquals(flat!.slice(0, 3), [0, 128, 255]);
  assertEquals(blank, Array(6).fill(0));
});

Deno.test("imageGrid() gives different gray images different masks, equal ones the same", () => {
  const masks = (images: number[][]): string[] =>
    all(parseMark(imageGrid(images, { ...size, scale: "gray" })), "mask").map((mask) =>
      mask.attributes.id!
    );
  const [a, b, c] = masks([[1, 0, 0, 0, 0, 0], [0, 1, 0, 0, 0, 0], [2, 0, 0, 0, 0, 0]]);
  assertNotEquals(a, b);
  assertEquals(a, c);
});

Deno.test("imageGrid() refuses images that do not fit, and draws none gladly", () => {
  assertThrows(() => imageGrid([[1, 2, 3]], size), TypeError, "3 values");
  assertThrows(() => imageGrid([[1]], { ...size, width: 0.5 }), RangeError);
  assertStringIncludes(parseMark(imageGrid([], size)).text, "No images");
});

Deno.test("imageGrid() keeps its columns and hostile captions", () => {
  const images = hostile.map(() => [1, 2, 3, 4, 5, 6]);
  const svg = parseMark(
    imageGrid(images, { ...size, columns: 4, captions: hostile, title: hostile[0]! }),
  );
  assertEquals(svg.attributes["aria-label"], hostile[0]);
  assertEquals(all(svg, "script").length, 0);
  const outer = all(svg, "svg").filter((node) => node.attributes.viewBox === "0 0 3 2");
  assertEquals(new Set(outer.map((node) => node.attributes.x)).size, 4);
});

const explanation: Explanation = {
  image: [0, 1, 0, 1, 0, 1],
  width: 3,
  height: 2,
  label: 1,
  prediction: 0,
  logits: [2, 1.5, -3],
  classes: ["ant", "bee", "<cow>"],
  rows: [
    {
      class: 0,
      logit: 2,
      contributions: [3, -1.5, 0.25],
      remainder: 0.25,
      vectors: [
        { eigenvalue: -1, contribution: -1.5, values: [1, 0, 0, 0, 0, -1] },
        { eigenvalue: 2, contribution: 3, values: [0, 1, 0, 0, -1, 0] },
      ],
    },
    { class: 1, logit: 1.5, contributions: [], remainder: 1.5, vectors: [] },
  ],
};

Deno.test("contributions() says what was predicted, what is true, and every logit", () => {
  const svg = parseMark(contributions(explanation, { title: "Why?" }));
  assertStringIncludes(svg.children[1]!.text, "Predicted ant, truly bee");
  const texts = all(svg, "text").map((node) => node.text);
  for (const expected of ["predicted ant, truly bee", "<cow>", "−3", "+3", "λ 2", "λ −1"]) {
    assert(texts.includes(expected), expected);
  }
});

Deno.test("contributions() shows sums that add up to the logit", () => {
  const svg = parseMark(contributions(explanation, { title: "Why?" }));
  const texts = all(svg, "text").map((node) => node.text);
  for (const expected of ["+3.25", "−1.5", "+0.25 remainder", "+1.5 remainder"]) {
    assert(texts.includes(expected), expected);
  }
});

Deno.test("contributions() puts raising vectors first and at most three of a sign", () => {
  const vectors = Array.from({ length: 9 }, (_, i) => ({
    eigenvalue: 1,
    contribution: i % 2 ? -i - 1 : i + 1,
    values: [1, 0, 0, 0, 0, 0],
  }));
  const svg = parseMark(
    contributions({ ...explanation, rows: [{ ...explanation.rows[0]!, vectors }] }, { title: "t" }),
  );
  const shown = all(svg, "text").filter((node) =>
    node.attributes["font-weight"] === "600" && /^[+−]/.test(node.text)
  );
  assertEquals(shown.map((node) => node.text), ["+9", "+7", "+5", "−8", "−6", "−4"]);
});

Deno.test("contributions() copes with NaN, nothing to explain and no label, and refuses misfits", () => {
  const { label: _, ...unlabelled } = explanation;
  parseMark(contributions({ ...unlabelled, rows: [] }, { title: "t" }));
  parseMark(contributions({
    ...explanation,
    image: Array(6).fill(NaN),
    logits: [NaN, Infinity, 0],
    rows: [{
      class: 9,
      logit: NaN,
      contributions: [NaN, Infinity, 1e308, -1e308],
      remainder: NaN,
      vectors: [],
    }],
  }, { title: "t" }));
  parseMark(contributions({ ...explanation, logits: [], classes: [], rows: [] }, { title: "t" }));
  assertThrows(
    () => contributions({ ...explanation, logits: [1] }, { title: "t" }),
    TypeError,
    "3 classes",
  );
  assertThrows(
    () => contributions({ ...explanation, image: [1] }, { title: "t" }),
    TypeError,
    "the input",
  );
});
