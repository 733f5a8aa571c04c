import { assert, assertEquals } from "@std/assert";

/** Modules that a module needs, itself included, by following its imports. */
async function needed(from: URL, found: Set<string> = new Set()): Promise<Set<string>> {
  if (found.has(from.href)) return found;
  found.add(from.href);
  const text = await Deno.readTextFile(from);
  for (
    const [, path] of text.matchAll(/^(?:import|export)\s[^;]*?from "(.+?)";/gm)
  ) {
    if (path) await needed(new URL(path, from), found);
  }
  return found;
}

Deno.test("check() needs the formats alone: no solver, no kernels", async () => {
  const root = new URL("../../src/", import.meta.url);
  const all = [...await needed(new URL("guarantee/checker.ts", root))]
    .map((href) => href.slice(root.href.length));
  const own = all.filter((path) => path.startsWith("guarantee/"));
  assertEquals(own.sort(), [
    "guarantee/certificate.ts",
    "guarantee/certificate_model.ts",
    "guarantee/checker.ts",
    "guarantee/checker_ball.ts",
    "guarantee/checker_box.ts",
    "guarantee/checker_matrix.ts",
    "guarantee/checker_network.ts",
    "guarantee/sha256.ts",
  ]);
  assert(all.length > 4, "the imports were not found");
  for (const path of all) assert(/^(guarantee|formats)\//.test(path), `check() imports ${path}`);
});
