import deno from "../../deno.json" with { type: "json" };
import type { Target } from "./target.ts";
import type { Workspace } from "./workspace.ts";

// What those who install the package expect of it: types for any compiler, entries for both kinds of
// modules, a command, and a package.json that tools agree with.

const ENTRIES: readonly string[] = Object.keys(deno.exports);
const specifier = (entry: string): string => entry.replace(/^\./, "odot");
const WASM = ["kernels.strict.wasm", "kernels.relaxed.wasm", "kernels.edge.wasm"];

/** Every entry imported, and some of what people write with it. */
const USES = `${
  ENTRIES.map((entry, i) => `import * as entry${i} from "${specifier(entry)}";`).join("\n")
}
import { configure, data, decompose, info, interpret, io, nn, optim, train, type Tensor } from "odot";
import { load, type SafetensorsFile } from "odot/io";
export const all: object[] = [${ENTRIES.map((_, i) => `entry${i}`).join(", ")}];
const model: nn.Model = nn.sequential([nn.bilinear(2, 3), nn.linear(3, 2)], { seed: 1 });
const set = data.dataset({ inputs: Float32Array.of(0, 1), labels: [1], classes: 2 });
const optimizer = optim.adamw(model, { learningRate: 0.01 });
for (const { loss } of train.fit(model, set, { optimizer, epochs: 1 })) loss.toFixed(2);
const bytes: Uint8Array = io.save(model), copy = load(bytes);
export const logits: Float32Array = copy.predict([1, 2]);
export const values: Float64Array = decompose.eigen(decompose.interactions(model).output(0)).values;
export const remainder: number = interpret.explain(model, [1, 2]).remainder;
export const build: "relaxed" | "strict" = info().kernels;
export const blob = new Blob([io.save(model)]);
export type Both = [Tensor, SafetensorsFile];
configure({ kernels: "strict", threads: 1 });
// @ts-expect-error what the types must refuse
configure({ kernels: "slow" });
model[Symbol.dispose]();
`;

const SETTINGS = {
  node16: { module: "node16", moduleResolution: "node16" },
  nodenext: { module: "nodenext", moduleResolution: "nodenext" },
  bundler: { module: "esnext", moduleResolution: "bundler" },
} as const;

/** Types as one compiler sees them, under every way to find them. */
function types(name: string): Target {
  return {
    name: `types, ${name}`,
    version: (workspace) => workspace.version(name),
    run: async ({ folder, mustRun, write }) => {
      await write("types/esm.mts", USES);
      await write("types/cjs.cts", USES);
      for (const [way, setting] of Object.entries(SETTINGS)) {
        const config = {
          compilerOptions: {
            ...{ ...setting, target: "es2022", lib: ["es2022", "dom"], types: [] },
            ...{ strict: true, exactOptionalPropertyTypes: true, noEmit: true },
            skipLibCheck: false,
          },
          files: way === "bundler" ? ["esm.mts"] : ["esm.mts", "cjs.cts"],
        };
        await write(`types/${way}.json`, JSON.stringify(config));
        await mustRun("node", [
          `${folder}/node_modules/${name}/bin/tsc`,
          "-p",
          `types/${way}.json`,
        ]);
      }
      return Object.keys(SETTINGS).join(", ");
    },
  };
}

function tool(name: string, run: (workspace: Workspace) => Promise<string>): Target {
  return { name, version: (workspace) => workspace.version(name), run };
}

/** A bundle of one import, and the sources that its map names. */
async function bundled(
  { folder, mustRun, write }: Workspace,
  code: string,
): Promise<{ code: string; sources: readonly string[] }> {
  await write("shaken.js", code);
  const options = [
    "--bundle",
    "--minify",
    "--format=esm",
    "--sourcemap",
    "--outfile=dist/shaken.js",
  ];
  await mustRun(`${folder}/node_modules/esbuild/bin/esbuild`, ["shaken.js", ...options]);
  const { sources } = JSON.parse(await Deno.readTextFile(`${folder}/dist/shaken.js.map`));
  return { code: await Deno.readTextFile(`${folder}/dist/shaken.js`), sources };
}

/** Words of the trainer that no minifier renames, and modules that only training needs. */
const TRAINER = /adamw|Cannot fit|checkpoint\.|newton/i, TRAINING = /src\/(train|optim|autodiff)\//;

/** Who imports decompositions alone does not pay for training. */
async function shaken(workspace: Workspace): Promise<string> {
  const all = await bundled(workspace, `import * as all from "odot"; console.log(all);`);
  const used = all.sources.filter((path) => TRAINING.test(path));
  if (!TRAINER.test(all.code) || used.length < 8) throw new Error("the trainer is not recognised");
  for (const entry of ["decompose", "interpret", "io", "linalg", "nn", "edge"]) {
    const code = `import * as all from "odot/${entry}"; console.log(all);`;
    const { code: text, sources } = await bundled(workspace, code);
    if (TRAINER.test(text)) throw new Error(`odot/${entry} holds ${TRAINER.exec(text)}`);
    // a constant of a power may stay behind, which bundlers do not know to be without effect
    const trainers = sources.filter((path) => /src\/(optim|train\/checkpoint)/.test(path));
    if (trainers.length > 0) throw new Error(`odot/${entry} holds ${trainers}`);
    if (!sources.some((path) => path.endsWith(".ts"))) {
      throw new Error(`the map of odot/${entry} names no TypeScript: ${sources.slice(0, 3)}`);
    }
  }
  // a namespace of the main entry costs what its own entry does
  const [whole, own] = [
    await bundled(workspace, `import { decompose } from "odot"; console.log(decompose.eigen);`),
    await bundled(workspace, `import * as all from "odot/decompose"; console.log(all);`),
  ];
  if (TRAINER.test(whole.code)) throw new Error("a name of odot brings the trainer");
  if (whole.code.length > 1.05 * own.code.length) throw new Error("a name of odot brings more");
  return "no trainer but where it is asked for";
}

/** All that is no runtime. */
export const consumers: readonly Target[] = [
  types("typescript-5.4"),
  types("typescript-latest"),
  tool("publint", async ({ mustRun, tarball }) => {
    const said = await mustRun("node", ["node_modules/publint/src/cli.js", tarball, "--strict"]);
    return said.includes("All good") ? "all good" : said.trim();
  }),
  tool("@arethetypeswrong/cli", async ({ mustRun, tarball }) => {
    const options = ["--profile", "node16", "--exclude-entrypoints"];
    const without = [...WASM.map((name) => `./${name}`), "./package.json"];
    const program = "node_modules/@arethetypeswrong/cli/dist/index.js";
    await mustRun("node", [program, tarball, ...options, ...without]);
    return "all good";
  }),
  {
    name: "tree shaking, source maps",
    version: (workspace) => workspace.version("esbuild"),
    run: shaken,
  },
  {
    name: "every entry, ESM and CommonJS",
    version: () => Promise.resolve(""),
    run: async ({ mustRun, write }) => {
      const names = JSON.stringify(ENTRIES.map(specifier)), wasm = JSON.stringify(WASM);
      await write(
        "entries.cjs",
        `const { readFileSync } = require("node:fs");
const exported = (found) => Object.keys(found).filter((name) => !/default|module.exports|__/.test(name));
(async () => {
  for (const name of ${names}) {
    const [a, b] = [exported(await import(name)), exported(require(name))].map((one) => one.sort() + "");
    if (a !== b || a === "") throw new Error(name + " offers " + a + " and " + b);
  }
  for (const name of ${wasm}) new WebAssembly.Module(readFileSync(require.resolve("odot/" + name))) ;
})().catch((error) => { console.error(error); process.exit(1); });
`,
      );
      // where the engine has the relaxed instructions of the second file
      await mustRun("node_modules/node24/bin/node", ["entries.cjs"]);
      return `${ENTRIES.length} entries, ${WASM.length} kernels`;
    },
  },
  {
    name: "npx odot",
    version: () => Promise.resolve(deno.version),
    run: async ({ mustRun, run, tarball, write }) => {
      await write("fresh/package.json", `{ "private": true }\n`);
      await mustRun("npm", ["install", "--prefix", "fresh", "--no-audit", "--no-fund", tarball]);
      const command = ["exec", "--prefix", "fresh", "--no", "--", "odot"];
      const npx = (...args: string[]): Promise<string> => mustRun("npm", [...command, ...args]);
      const help = await npx("--help");
      if (!help.includes("Usage  odot COMMAND")) throw new Error(help);
      await npx("train", "--task", "xor", "--out", "xor.safetensors");
      const { accuracy } = JSON.parse(
        await npx("evaluate", "xor.safetensors", "--data", "xor", "--json"),
      );
      if (accuracy !== 1) throw new Error(`XOR is right at ${accuracy}`);
      const wrong = await run("npm", [...command, "nonsense"]);
      if (wrong.code !== 2) throw new Error(`a wrong command ends with ${wrong.code}`);
      return "help, train, evaluate";
    },
  },
];
