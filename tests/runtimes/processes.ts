import { architecture, nodeBinary, type Workspace } from "./workspace.ts";
import { MARK, resultIn, type Target } from "./target.ts";

// Runtimes that are a program: Node, Bun, Deno. The entry is written there and run.

const FINISH = `.then((found) => console.log("${MARK}" + JSON.stringify(found)));\n`;
const ESM = `import * as odot from "odot";
import { run } from "./program.js";
import * as edge from "odot/edge";
import { file, packed } from "./model.js";
run(odot, { file, packed, edge })${FINISH}`;
// entries share one memory: what one makes another takes
const CJS = `const odot = {
  configure: require("odot").configure,
  info: require("odot").info,
  data: require("odot/data"),
  decompose: require("odot/decompose"),
  interpret: require("odot/interpret"),
  io: require("odot/io"),
  nn: require("odot/nn"),
  optim: require("odot/optim"),
  train: require("odot/train"),
};
Promise.all([import("./program.js"), import("./model.js")])
  .then(([{ run }, { file, packed }]) => run(odot, { file, packed, edge: require("odot/edge") }))${FINISH}`;

/** The program of a Node that npm brings. */
export function nodePath({ folder }: Workspace, major: number): string {
  return `${folder}/node_modules/node${major}/bin/node`;
}

/** Packages of the Nodes. */
export const nodePackages: Readonly<Record<string, string>> = Object.fromEntries(
  [20, 22, 24, 26].map((major) => [`node${major}`, `npm:${nodeBinary}@${major}`]),
);

function program(
  name: string,
  path: (workspace: Workspace) => string,
  form: "esm" | "cjs",
  args: readonly string[] = [],
): Target {
  const file = form === "esm" ? "entry.js" : "entry.cjs";
  return {
    name: `${name}, ${form === "esm" ? "ESM" : "CommonJS"}`,
    version: async (workspace) =>
      (await workspace.mustRun(path(workspace), ["--version"])).split("\n")[0]!
        .replace(/^v|^deno | \(.*/g, ""),
    run: async (workspace) => {
      await workspace.write(file, form === "esm" ? ESM : CJS);
      return resultIn(await workspace.mustRun(path(workspace), [...args, file]));
    },
  };
}

const bun = ({ folder }: Workspace): string =>
  `${folder}/node_modules/@oven/bun-${Deno.build.os}-${architecture}/bin/bun`;
const deno = (): string => Deno.execPath();

/** Deno with the modules as they stand in the repository. */
const fromSource: Target = {
  name: "Deno, from source",
  version: () => Promise.resolve(Deno.version.deno),
  run: async (workspace) => {
    const address = (path: string): string =>
      JSON.stringify(new URL(`../../${path}`, import.meta.url).href);
    const text = ESM.replace(`"odot"`, address("mod.ts"))
      .replace(`"odot/edge"`, address("src/edge/mod.ts"));
    await workspace.write("source.js", text);
    const config = new URL("../../deno.json", import.meta.url).pathname;
    const args = ["run", "--no-check", "--config", decodeURIComponent(config), "source.js"];
    return resultIn(await workspace.mustRun(Deno.execPath(), args));
  },
};

/** Node, Bun and Deno. */
export const processes: readonly Target[] = [
  ...[20, 22, 24, 26].flatMap((major) =>
    (["esm", "cjs"] as const).map((form) =>
      program(`Node ${major}`, (workspace) => nodePath(workspace, major), form)
    )
  ),
  program("Bun", bun, "esm"),
  program("Bun", bun, "cjs"),
  // without a permission: the library needs none
  program("Deno, from npm", deno, "esm", ["run", "--no-prompt", "--node-modules-dir=manual"]),
  fromSource,
];
