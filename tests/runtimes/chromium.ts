import { chromiumPath } from "../support/chromium.ts";
import { type Found, MARK, resultIn, type Target } from "./target.ts";
import type { Workspace } from "./workspace.ts";

// Headless Chromium: a page of plain modules, and bundles of three bundlers. The page sends what it found
// to the server that it came from.

const ENTRY = `import * as odot from "odot";
import { run } from "../program.js";
import * as edge from "odot/edge";
import { file, packed } from "../model.js";
const send = (text) => fetch("/result", { method: "POST", body: text });
run(odot, { file, packed, edge }).then(
  (found) => send("${MARK}" + JSON.stringify(found)),
  (error) => send(String(error.stack ?? error)),
);
`;
const TYPES: Readonly<Record<string, string>> = {
  html: "text/html",
  js: "text/javascript",
  wasm: "application/wasm",
};
/** What lets pages share memory, and with it start threads; and a policy as strict as kernels allow. */
const HEADERS = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
};
const SECONDS = 60;
const PLACE = "/node_modules/odot/esm/";
const IMPORTS = { odot: `${PLACE}mod.js`, "odot/edge": `${PLACE}src/edge/mod.js` };

function page(script: string, importMap = ""): string {
  return `<!doctype html><meta charset="utf-8"><title>odot</title>${importMap}
<script type="module" src="${script}"></script>`;
}

/** Loads a page of the workspace, and gives what it posted. */
export async function posted(
  { folder }: Workspace,
  path: string,
  headers: Readonly<Record<string, string>> = HEADERS,
): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    async (asked) => {
      if (asked.method === "POST") {
        resolve(await asked.text());
        return new Response();
      }
      const { pathname } = new URL(asked.url);
      const bytes = await Deno.readFile(`${folder}${pathname}`).catch(() => undefined);
      const type = TYPES[pathname.split(".").at(-1)!] ?? "application/octet-stream";
      return bytes
        ? new Response(bytes, { headers: { ...headers, "content-type": type } })
        : new Response(null, { status: 404 });
    },
  );
  const profile = await Deno.makeTempDir();
  const browser = new Deno.Command(chromiumPath(), {
    args: [
      ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
      ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
      ...[`--user-data-dir=${profile}`, "--remote-debugging-port=0"],
      `http://127.0.0.1:${server.addr.port}${path}`,
    ],
    stdout: "null",
    stderr: "null",
  }).spawn();
  const timer = setTimeout(() => resolve(`no answer in ${SECONDS} s`), 1000 * SECONDS);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    browser.kill("SIGKILL");
    await browser.status;
    await server.shutdown();
    // processes of the browser write until the last of them has gone
    for (let i = 0; i < 20; i++) {
      if (await Deno.remove(profile, { recursive: true }).then(() => true, () => false)) break;
      await new Promise((next) => setTimeout(next, 50));
    }
  }
}

async function version(): Promise<string> {
  const { stdout } = await new Deno.Command(chromiumPath(), { args: ["--version"] }).output();
  return new TextDecoder().decode(stdout).match(/[\d.]+/)?.[0] ?? "?";
}

function target(name: string, make: (workspace: Workspace) => Promise<string>): Target {
  return {
    name: `Chromium, ${name}`,
    version: async (workspace) => {
      const bundler = ["esbuild", "vite", "webpack"].find((one) => name.startsWith(one));
      const ofBundler = bundler ? `, ${await workspace.version(bundler)}` : "";
      return `${(await version()).split(".")[0]}${ofBundler}`;
    },
    run: async (workspace): Promise<Found> => {
      await workspace.write("page/entry.js", ENTRY);
      const path = await make(workspace);
      const found = resultIn(await posted(workspace, path));
      if (found.threads.length < 3) throw new Error(`threads are missing: ${found.reason}`);
      return found;
    },
  };
}

/** Chromium with the package as it is, and through the defaults of bundlers. */
export const chromium: readonly Target[] = [
  target("plain modules", async ({ write }) => {
    const map = { imports: IMPORTS };
    const element = `<script type="importmap">${JSON.stringify(map)}</script>`;
    await write("plain.html", page("/page/entry.js", element));
    return "/plain.html";
  }),
  target("esbuild bundle", async ({ folder, mustRun, write }) => {
    const esbuild = `${folder}/node_modules/esbuild/bin/esbuild`;
    const options = ["--bundle", "--format=esm", "--minify", "--outfile=dist/esbuild.js"];
    await mustRun(esbuild, ["page/entry.js", ...options]);
    await write("esbuild.html", page("/dist/esbuild.js"));
    return "/esbuild.html";
  }),
  target("vite bundle", async ({ folder, mustRun, write }) => {
    await write("vite/index.html", page("../page/entry.js"));
    const vite = `${folder}/node_modules/vite/bin/vite.js`;
    const options = ["--outDir", "../dist/vite", "--base", "/dist/vite/", "--logLevel", "warn"];
    await mustRun("node", [vite, "build", "vite", ...options]);
    return "/dist/vite/index.html";
  }),
  target("webpack bundle", async ({ mustRun, write }) => {
    await write(
      "webpack.cjs",
      `const options = {
  mode: "production",
  entry: "./page/entry.js",
  output: { path: __dirname + "/dist", filename: "webpack.js" },
  context: __dirname,
  performance: false,
};
require("webpack")(options, (error, stats) => {
  if (error || stats.hasErrors() || stats.hasWarnings()) {
    console.error(error ?? stats.toString("errors-warnings"));
    process.exitCode = 1;
  }
});
`,
    );
    await mustRun("node", ["webpack.cjs"]);
    await write("webpack.html", page("/dist/webpack.js"));
    return "/webpack.html";
  }),
  {
    name: "Chromium, a policy that forbids WebAssembly",
    version: async () => (await version()).split(".")[0]!,
    run: async (workspace) => {
      const text = `import("odot").then(() => "loaded", (error) => String(error)).then((said) =>
  fetch("/result", { method: "POST", body: said }));\n`;
      await workspace.write("page/forbidden.js", text);
      const map = { imports: IMPORTS };
      const element = `<script type="importmap" nonce="x">${JSON.stringify(map)}</script>`;
      await workspace.write("forbidden.html", page("/page/forbidden.js", element));
      const policy = "script-src 'self' 'nonce-x'";
      const said = await posted(workspace, "/forbidden.html", {
        "content-security-policy": policy,
      });
      if (!said.includes("'wasm-unsafe-eval'")) throw new Error(`it says ${said}`);
      return "the error says what to allow";
    },
  },
];
