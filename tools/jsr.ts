/**
 * Prints the import-map flag that replaces `jsr:` dependencies by the stand-ins in tools/offline where
 * JSR cannot be reached, and nothing where it can: `deno test $(deno run -q --allow-net=jsr.io tools/jsr.ts)`.
 *
 * @module
 */
// deno-lint-ignore-file no-console
const url = new URL("/@std/assert/meta.json", Deno.args[0] ?? "https://jsr.io");
const reachable = await fetch(url, { signal: AbortSignal.timeout(5000) })
  .then(async (response) => (await response.body?.cancel(), response.ok), () => false);
if (!reachable) {
  console.error("JSR cannot be reached: using the stand-ins in tools/offline");
  console.log("--import-map=tools/offline/import_map.json");
}
