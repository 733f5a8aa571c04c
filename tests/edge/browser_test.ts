import { assertEquals, assertStringIncludes } from "@std/assert";
import { edgeBundle } from "../../bench/edge_bundle.ts";
import { configure, io, nn } from "../../mod.ts";
import { loadPage, withoutChromium } from "../support/chromium.ts";
import { row } from "../support/edge.ts";

/** What a page with the bundled edge says under a security policy: the logits' bytes, or why there are none. */
async function said(policy: string, script: string): Promise<string> {
  const file = await Deno.makeTempFile({ suffix: ".html" });
  try {
    await Deno.writeTextFile(
      file,
      `<!doctype html><meta http-equiv="Content-Security-Policy" content="${policy}"><p></p>` +
        `<script type="module">${script}</script>`,
    );
    const { document } = await loadPage(file);
    return document.match(/<p>([^<]*)/)?.[1] ?? document;
  } finally {
    await Deno.remove(file);
  }
}

Deno.test("in a browser ./edge gives the same bits, and tells a security policy what to allow", {
  ignore: withoutChromium,
}, async () => {
  configure({ kernels: "strict" });
  const model = nn.sequential([nn.bilinear(9, 5, { gate: "gelu" }), nn.linear(5, 3)], { seed: 1 });
  const x = row(9, 1), expected = model.predict(x), bytes = io.save(model);
  configure({ kernels: "fast" });
  model[Symbol.dispose]();
  const { code } = await edgeBundle();
  // the bundle inline, its exports as a plain object
  const names = /export\{([^}]*)\};?\s*$/.exec(code)![1]!.split(",").map((one) => {
    const [own, name = own] = one.trim().split(" as ");
    return `${name}:${own}`;
  });
  const script = `${code.replace(/export\{[^}]*\};?\s*$/, `const edge={${names}};`)}
    const p = document.querySelector("p");
    try {
      const bytes = Uint8Array.from(atob("${bytes.toBase64()}"), (c) => c.charCodeAt(0));
      p.textContent = new Uint32Array(edge.load(bytes).predict([${x}]).buffer).join(" ");
    } catch (error) {
      p.textContent = error.message;
    }`;
  const allowed = await said("script-src 'unsafe-inline' 'wasm-unsafe-eval'", script);
  assertEquals(allowed, new Uint32Array(expected.buffer).join(" "));
  assertStringIncludes(await said("script-src 'unsafe-inline'", script), "add 'wasm-unsafe-eval'");
});
