import { assertEquals, assertGreater, assertStringIncludes } from "@std/assert";
import { row } from "../../src/data/mod.ts";
import { classPairs, intervalRadii, radii, radius } from "../../src/guarantee/mod.ts";
import {
  certifiedFacts,
  certifiedSections,
  decompositionReport,
  modelReport,
  page,
  similarityReport,
} from "../../src/report/mod.ts";
import { loadPage, withoutChromium } from "../support/chromium.ts";
import { withFolder } from "../support/small_digits.ts";
import { tinyImages, tinyModel } from "./tiny_model.ts";

Deno.test({
  name: "modelReport() loads in Chromium without a word on the console",
  ignore: withoutChromium,
  fn: () =>
    withFolder(async (folder) => {
      const test = tinyImages(), { model, history } = tinyModel(test);
      const html = modelReport({ model, test, history, title: "Tiny" });
      model[Symbol.dispose]();
      await Deno.writeTextFile(`${folder}/report.html`, html);
      const { document, messages } = await loadPage(`${folder}/report.html`);
      assertEquals(messages, []);
      assertStringIncludes(document, "<h2>The parts add up</h2>");
      assertEquals(document.match(/<svg /g)!.length, html.match(/<svg /g)!.length);

      // the same page with what its policy forbids: the browser must say so, or this test is blind
      const worse = html.replace("</body>", `<script src="x.js"></script><img src="y.png"></body>`);
      await Deno.writeTextFile(`${folder}/worse.html`, worse);
      const refused = await loadPage(`${folder}/worse.html`);
      assertGreater(refused.messages.length, 1);
      assertStringIncludes(refused.messages.join("\n"), "Content Security Policy");
    }),
});

Deno.test({
  name: "certifiedSections() of a model load in Chromium without a word on the console",
  ignore: withoutChromium,
  fn: () =>
    withFolder(async (folder) => {
      const test = tinyImages(), { model } = tinyModel(test), { labels } = test;
      const pairs = classPairs(model), { image } = test, inputs = Float32Array.from(test.inputs);
      const found = radii(pairs, inputs, { labels });
      const examples = [0, 1, 2].map((index) => {
        const input = row(test, index), nearest = radius(pairs, input);
        return { ...nearest, index, input };
      });
      const findings = {
        ...{ ...found, name: "tiny", examples, attacked: [{ radius: 0, accuracy: 1 }] },
        ...(image ? { image } : {}),
        intervals: intervalRadii(pairs, inputs, { labels }),
      };
      model[Symbol.dispose]();
      const html = page({
        title: "Certified",
        facts: certifiedFacts(findings),
        sections: certifiedSections(findings),
      });
      await Deno.writeTextFile(`${folder}/certified.html`, html);
      const { document, messages } = await loadPage(`${folder}/certified.html`);
      assertEquals(messages, []);
      assertStringIncludes(document, "<h2>The smallest changes that matter</h2>");
      assertEquals(document.match(/<svg /g)!.length, html.match(/<svg /g)!.length);
    }),
});

Deno.test({
  name:
    "decompositionReport() and similarityReport() load in Chromium without a word on the console",
  ignore: withoutChromium,
  fn: () =>
    withFolder(async (folder) => {
      const values = [3, -2, 0, 1], image = { width: 2, height: 2 };
      const pages = {
        decomposition: decompositionReport({
          ...{ title: "Parts", classes: ["a", "<b>"], image },
          errors: [{ rank: 1, relativeError: 0.5, errorBound: 0.9 }, { rank: 2, relativeError: 0 }],
          spectra: [{ name: "outputs", values: [3, 2, 1], kept: 2 }, { name: "signed", values }],
          components: [{ name: "one", vectors: [{ name: "v", values }], classWeights: [1, -1] }],
        }),
        similarity: similarityReport({
          ...{ title: "Alike", models: ["a", "b"], cosines: [1, 0.5, 0.5, 1], phases: [0, 1] },
          perClass: { classes: ["x"], cosines: [[1], [0.5]] },
        }),
      };
      for (const [name, html] of Object.entries(pages)) {
        await Deno.writeTextFile(`${folder}/${name}.html`, html);
        const { document, messages } = await loadPage(`${folder}/${name}.html`);
        assertEquals(messages, []);
        assertEquals(document.match(/<svg /g)!.length, html.match(/<svg /g)!.length);
      }
    }),
});
