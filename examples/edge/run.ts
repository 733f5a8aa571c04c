/**
 * The whole example: trains and packs the model, bundles the Worker with wrangler, and runs it in workerd
 * under load.
 *
 *   npx -y deno@2.9.6 task edge            the load
 *   npx -y deno@2.9.6 task edge --serve    on http://127.0.0.1:8787, to draw on
 *
 * @module
 */
import { folder, run, tools } from "./tools.ts";

const place = await tools("worker");
await run(Deno.execPath(), ["run", "-A", "build.ts"]);
await run(
  "node",
  [
    `${place}node_modules/wrangler/bin/wrangler.js`,
    "deploy",
    "--dry-run",
    "--outdir",
    "built/worker",
  ],
  { WRANGLER_SEND_METRICS: "false" },
);
const load = new Deno.Command("node", {
  args: ["load.mjs", "--tools", place, ...Deno.args],
  cwd: folder,
}).spawn();
Deno.exit((await load.status).code);
