/**
 * Builds the npm package into ./npm and packs it: `deno task npm`. Every export of deno.json becomes an
 * export of the package (ESM, CommonJS, types); workers and edge runtimes, which compile no WebAssembly
 * of their own, get entries that import the kernels as files.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { build, emptyDir } from "@deno/dnt";
import { build as bundle, stop } from "esbuild";
import deno from "./deno.json" with { type: "json" };
import { edgeBinary } from "./src/kernels/edge.ts";
import { buildBytes } from "./src/kernels/builds.ts";
import { compatibleTypes } from "./tools/compatible_types.ts";

const OUT = "npm", NAME = "odot";
const KERNELS = {
  strict: buildBytes("strict"),
  relaxed: buildBytes("relaxed"),
  edge: edgeBinary(),
};
/** Entries of hosts that take WebAssembly as files: what an import of one ends in, and which builds. */
const HOSTS = {
  workerd: { query: "", builds: ["strict", "relaxed", "edge"] },
  // every module imported here is compiled, also where the engine lacks relaxed SIMD
  "edge-light": { query: "?module", builds: ["strict", "edge"] },
} as const;

interface Entry {
  /** Name in the exports: `.` or `./decompose`. */
  readonly name: string;
  /** Path of the source. */
  readonly source: string;
  /** The same without its ending, as in esm/ and script/. */
  readonly path: string;
  /** Name of the file in the folder of a host. */
  readonly file: string;
  /** Whether it runs where there is no WebAssembly to compile. */
  readonly portable: boolean;
}

const entries: Entry[] = Object.entries(deno.exports).map(([name, source]) => ({
  name,
  source,
  path: source.replace(/^\.\//, "").replace(/\.ts$/, ""),
  file: `${name === "." ? "mod" : name.slice(2).replaceAll("/", "_")}.js`,
  portable: name !== "./cli",
}));

/** The conditions of one export, the first that holds counting. */
function conditions({ path, file, portable }: Entry): Record<string, unknown> {
  const form = (code: string, types = code): Record<string, string> => ({
    types: `./${types.replace(/\.js$/, ".d.ts")}`,
    default: `./${code}`,
  });
  const hosts = Object.keys(HOSTS).map((host) =>
    [host, form(`esm/${host}/${file}`, `esm/${path}.js`)] as const
  );
  return {
    ...(portable ? Object.fromEntries(hosts) : {}),
    import: {
      types: `./esm/${path}.d.ts`,
      node: `./node/${path}.js`,
      default: `./esm/${path}.js`,
    },
    require: form(`script/${path}.js`),
  };
}

/** A module that imports kernels as files and hands them over. */
function handOver(builds: readonly (keyof typeof KERNELS)[], query: string): string {
  return [
    ...builds.map((name) => `import ${name} from "../src/kernels/${name}.wasm${query}";`),
    `import { brought } from "../src/kernels/brought.js";`,
    ...builds.map((name) => `brought.${name} = ${name};\n`),
  ].join("\n");
}

/** Entries that do not need the kernels of the library. */
const OWN_KERNELS: Readonly<Record<string, "edge_kernels" | "none">> = {
  "./edge": "edge_kernels",
  "./guarantee/checker": "none",
};

/** The entries of a host: the kernels first, then everything. The edge entry has kernels of its own. */
async function writeHost(host: keyof typeof HOSTS): Promise<void> {
  const { query, builds } = HOSTS[host];
  const folder = `${OUT}/esm/${host}`;
  await Deno.mkdir(folder);
  await Deno.writeTextFile(`${folder}/all_kernels.js`, handOver(builds, query));
  await Deno.writeTextFile(`${folder}/edge_kernels.js`, handOver(["edge"], query));
  for (const { name, path, file, portable } of entries) {
    if (!portable) continue;
    const kernels = OWN_KERNELS[name] ?? "all_kernels";
    const first = kernels === "none" ? "" : `import "./${kernels}.js";\n`;
    await Deno.writeTextFile(`${folder}/${file}`, `${first}export * from "../${path}.js";\n`);
  }
}

/**
 * Puts the ES modules together, for runtimes that import them as they are: Node loads thirty files in a
 * third of the time of two hundred and fifty. Bundlers get the single modules, of which they leave out more.
 */
async function gather(): Promise<void> {
  await bundle({
    entryPoints: entries.map(({ path }) => `${OUT}/esm/${path}.js`),
    bundle: true,
    splitting: true,
    format: "esm",
    target: "es2022",
    platform: "neutral",
    external: ["node:*"],
    outdir: `${OUT}/node`,
    outbase: `${OUT}/esm`,
    chunkNames: "shared/[hash]",
    logLevel: "warning",
  });
  await stop();
  await Deno.copyFile(`${OUT}/esm/package.json`, `${OUT}/node/package.json`);
}

/** Files below a folder. */
async function files(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isFile } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if (isFile) found.push(path);
    else found.push(...await files(path));
  }
  return found;
}

/** Examples import the package by its name on npm. */
function onNpm(text: string): string {
  return text.replaceAll(`"${deno.name}`, `"${NAME}`);
}

/** Types for older compilers, and no maps of base64. */
async function finish(path: string): Promise<void> {
  if (/\/generated\/.*\.map$/.test(path)) return await Deno.remove(path);
  const types = path.endsWith(".d.ts"), generated = /\/generated\/.*\.js$/.test(path);
  if (!types && !generated) return;
  const text = await Deno.readTextFile(path);
  const changed = types
    ? compatibleTypes(onNpm(text))
    : text.replace(/\n\/\/# sourceMappingURL.*/, "");
  if (changed !== text) await Deno.writeTextFile(path, changed);
}

async function afterwards(): Promise<void> {
  await Deno.copyFile("LICENSE", `${OUT}/LICENSE`);
  await Deno.writeTextFile(`${OUT}/README.md`, onNpm(await Deno.readTextFile("README.md")));
  for (const [name, bytes] of Object.entries(KERNELS)) {
    await Deno.writeFile(`${OUT}/esm/src/kernels/${name}.wasm`, bytes);
  }
  await gather();
  await writeHost("workerd");
  await writeHost("edge-light");
  await Deno.mkdir(`${OUT}/bin`);
  await Deno.writeTextFile(
    `${OUT}/bin/odot.mjs`,
    `#!/usr/bin/env node
import { main } from "../node/src/cli/main.js";
process.exitCode = await main(process.argv.slice(2));
`,
  );
  await Deno.writeTextFile(`${OUT}/.npmignore`, "*.tgz\n", { append: true });
  for (const form of ["esm", "script"]) {
    for (const path of await files(`${OUT}/${form}`)) await finish(path);
  }
}

await emptyDir(`./${OUT}`);
await build({
  entryPoints: entries.map(({ name, source }) => ({ name, path: source })),
  outDir: `./${OUT}`,
  shims: {},
  test: false,
  typeCheck: "both",
  declaration: "inline",
  declarationMap: false,
  scriptModule: "cjs",
  compilerOptions: {
    target: "ES2022",
    lib: ["ES2023", "DOM", "DOM.Iterable", "ESNext.Disposable"],
    sourceMap: true,
    inlineSources: true,
  },
  // what packages of JSR do not declare is theirs to answer for
  filterDiagnostic: ({ file }) => !file?.fileName.includes("/deps/"),
  package: {
    name: NAME,
    version: deno.version,
    description:
      "Bilinear networks: train them, decompose them into eigenvectors, explain them from their weights",
    keywords: ["bilinear", "interpretability", "neural-network", "eigenvectors", "wasm", "simd"],
    license: deno.license,
    type: "commonjs",
    engines: { node: ">=20.16" },
    bin: { odot: "./bin/odot.mjs" },
    sideEffects: Object.keys(HOSTS).map((host) => `./esm/${host}/*.js`),
    exports: {
      ...Object.fromEntries(entries.map((entry) => [entry.name, conditions(entry)])),
      ...Object.fromEntries(
        Object.keys(KERNELS).map((name) => [
          `./kernels.${name}.wasm`,
          `./esm/src/kernels/${name}.wasm`,
        ]),
      ),
      "./package.json": "./package.json",
    },
    devDependencies: { "@types/node": "^22.0.0" },
  },
  postBuild: afterwards,
});

const packed = await new Deno.Command("npm", {
  args: ["pack", "--json", "--loglevel=error"],
  cwd: OUT,
  stderr: "inherit",
}).output();
if (!packed.success) Deno.exit(packed.code);
const [result] = Object.values(JSON.parse(new TextDecoder().decode(packed.stdout))) as {
  filename: string;
  size: number;
  unpackedSize: number;
  entryCount: number;
}[];
const { filename, size, unpackedSize, entryCount } = result!;
const kilobytes = (bytes: number): string => `${(bytes / 1000).toFixed(0)} KB`;
const sizes = `${kilobytes(size)}, unpacked ${kilobytes(unpackedSize)}`;
console.log(`${OUT}/${filename}: ${entryCount} files, ${sizes}`);
