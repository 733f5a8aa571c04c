import { assertEquals, assertGreater, assertStringIncludes } from "@std/assert";
import { modelReport } from "../../src/report/mod.ts";
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
