import { MARK, resultIn, type Target } from "./target.ts";
import type { Workspace } from "./workspace.ts";

// Hosts of request handlers: Cloudflare's workerd through miniflare, and Vercel's edge runtime. Everything
// happens inside a handler, where neither compiles WebAssembly.

/** What a request asks for: all that the library does, or what its edge entry does alone. */
const WHOLE = `import * as odot from "odot";
import * as edge from "odot/edge";
import { run } from "../program.js";
import { file, packed } from "../model.js";
const work = () => run(odot, { file, packed, edge });
`;
const EDGE = `import * as edge from "odot/edge";
import { runEdge } from "../program.js";
import { file, packed } from "../model.js";
const work = () => runEdge(edge, file, packed)
  .then((edge) => ({ threads: [], reason: "the edge entry alone", edge }));
`;
/** Answers a request with what was found. */
const ANSWER = `const answer = () => work().then(
  (found) => new Response("${MARK}" + JSON.stringify(found)),
  (error) => new Response(String(error.stack ?? error), { status: 500 }),
);
`;
const AS_MODULE = "export default { fetch: answer };\n";
const AS_LISTENER =
  'addEventListener("fetch", (event) => event.respondWith(answer(event.request)));\n';

/** Runs a bundle in workerd and prints its answer. */
const MINIFLARE = `import { readdirSync } from "node:fs";
import { Miniflare } from "miniflare";
const [folder, compatibilityDate] = process.argv.slice(2);
const modules = readdirSync(folder).filter((name) => /\\.(js|wasm)$/.test(name))
  .sort().map((name) => ({
    type: name.endsWith(".js") ? "ESModule" : "CompiledWasm",
    path: folder + "/" + name,
  })).sort((a, b) => (a.type < b.type ? 1 : -1));
const miniflare = new Miniflare({ modules, modulesRoot: folder, compatibilityDate });
try {
  const response = await miniflare.dispatchFetch("http://localhost/");
  console.log(await response.text());
} catch (error) {
  console.log(String(error));
} finally {
  await miniflare.dispose();
}
`;

/** Runs a bundle in the edge runtime and prints its answer. */
const EDGE_RUNTIME = `import { readFileSync } from "node:fs";
import { EdgeRuntime } from "edge-runtime";
const [bundle] = process.argv.slice(2);
const folder = "node_modules/odot/esm/src/";
const brought = (path) => new WebAssembly.Module(readFileSync(folder + path));
const runtime = new EdgeRuntime({
  extend: (context) => Object.assign(context, { brought }),
  initialCode: readFileSync(bundle, "utf8"),
});
const response = await runtime.dispatchFetch("http://localhost/");
console.log(await response.text());
`;

/** Bundles as an edge platform does: what ends in .wasm?module is a compiled module. */
const BUNDLE_FOR_EDGE = `import { build } from "esbuild";
const [entry, outfile, ...conditions] = process.argv.slice(2);
const modules = {
  name: "modules",
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /\\.wasm\\?module$/ }, ({ path }) => ({
      path: path.replace(/^.*\\/src\\//, "").replace("?module", ""),
      namespace: "brought",
    }));
    onLoad({ filter: /.*/, namespace: "brought" }, ({ path }) => ({
      contents: "export default brought(" + JSON.stringify(path) + ");",
    }));
  },
};
await build({
  entryPoints: [entry],
  outfile,
  bundle: true,
  format: "iife",
  conditions,
  plugins: [modules],
  logLevel: "warning",
});
`;

interface Case {
  readonly name: string;
  readonly version: string;
  /** Compatibility date of workerd. */
  readonly date?: string;
  readonly conditions: readonly string[];
  readonly text: string;
}

/** Writes the entry of a case, and gives its path. */
async function writeEntry({ write }: Workspace, one: Case, suffix: string): Promise<string> {
  const name = `workers/${one.name.replace(/\W+/g, "_")}.js`;
  await write(name, one.text + ANSWER + suffix);
  return name;
}

/** What workerd answers for a case. */
async function workerd(workspace: Workspace, one: Case): Promise<string> {
  const { folder, mustRun, write } = workspace;
  const entry = await writeEntry(workspace, one, AS_MODULE);
  const out = `dist/${entry.replace(/\W+/g, "_")}`;
  await mustRun(`${folder}/node_modules/esbuild/bin/esbuild`, [
    ...[entry, "--bundle", "--format=esm", "--loader:.wasm=copy", `--outdir=${out}`],
    `--conditions=${["worker", ...one.conditions].join(",")}`,
  ]);
  await write("miniflare.js", MINIFLARE);
  return await mustRun("node", ["miniflare.js", `${folder}/${out}`, one.date!]);
}

/** What the edge runtime answers for a case. */
async function edgeRuntime(workspace: Workspace, one: Case): Promise<string> {
  const { mustRun, write } = workspace;
  const entry = await writeEntry(workspace, one, AS_LISTENER);
  const out = `dist/${entry.replace(/\W+/g, "_")}.js`;
  await write("bundle_for_edge.js", BUNDLE_FOR_EDGE);
  await mustRun("node", ["bundle_for_edge.js", entry, out, ...one.conditions]);
  await write("edge_runtime.js", EDGE_RUNTIME);
  return await mustRun("node", ["edge_runtime.js", out]);
}

function target(one: Case): Target {
  return {
    name: one.name,
    version: (workspace) => workspace.version(one.version),
    run: async (workspace) => resultIn(await (one.date ? workerd : edgeRuntime)(workspace, one)),
  };
}

const OLD = "2024-01-01", NEW = "2026-04-01";
/** Where the host brings no modules, the build is chosen before requests come. */
const STRICT_FIRST = `${
  WHOLE.replace("edge });", "edge, relaxed: false });")
}odot.configure({ kernels: "strict" });\n`;
const REFUSED = "the export condition workerd";

/** A case that must fail, saying what to do. */
function refused(name: string, text: string): Target {
  return {
    name,
    version: (workspace) => workspace.version("workerd"),
    run: async (workspace) => {
      const one = { name, version: "workerd", date: OLD, conditions: [], text };
      const said = await workerd(workspace, one).catch(String);
      if (!said.includes(REFUSED)) throw new Error(`it says ${said}`);
      return "the error says what to do";
    },
  };
}

/** Hosts of request handlers. */
export const workers: readonly Target[] = [
  ...[OLD, NEW].flatMap((date) =>
    ([["", WHOLE], [" ./edge", EDGE]] as const).map(([entry, text]) =>
      target({
        name: `workerd${entry}, condition workerd, date ${date}`,
        version: "workerd",
        date,
        conditions: ["workerd"],
        text,
      })
    )
  ),
  ...([["", STRICT_FIRST], [" ./edge", EDGE]] as const).map(([entry, text]) =>
    target({
      name: `workerd${entry}, no condition, date ${NEW}`,
      version: "workerd",
      date: NEW,
      conditions: [],
      text,
    })
  ),
  refused(`workerd, no condition, date ${OLD}`, WHOLE),
  refused(`workerd ./edge, no condition, date ${OLD}`, EDGE),
  ...([["", WHOLE], [" ./edge", EDGE]] as const).flatMap(([entry, text]) =>
    [[], ["edge-light"]].map((conditions) =>
      target({
        name: `edge-runtime${entry}${conditions.map((name) => `, condition ${name}`)}`,
        version: "edge-runtime",
        conditions,
        text,
      })
    )
  ),
];
