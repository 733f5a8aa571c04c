/**
 * Stand-in for `@deno/dnt` on machines that cannot reach JSR. It is not dnt: it builds the same layout
 * (esm/, script/, types beside the code, package.json) for the options that npm-build.ts uses, with the
 * TypeScript compiler of npm. `deno.json` keeps the real one as the default; see tools/jsr.ts.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import ts from "typescript";

/** A module that the package offers, or runs. */
export interface EntryPoint {
  kind?: "bin" | "export";
  name: string;
  path: string;
}

/** Options of {@linkcode build}: those of dnt that this stands in for. */
export interface BuildOptions {
  entryPoints: (string | EntryPoint)[];
  outDir: string;
  shims: Record<string, never>;
  test: false;
  typeCheck: "both";
  declaration: "inline";
  declarationMap: false;
  scriptModule: "cjs";
  compilerOptions: { target: "ES2022"; lib: string[]; sourceMap: true; inlineSources: true };
  filterDiagnostic?: (diagnostic: ts.Diagnostic) => boolean;
  package: Record<string, unknown> & { exports: Record<string, unknown> };
  postBuild: () => Promise<void>;
}

const ROOT = decodeURIComponent(new URL("../../", import.meta.url).pathname);
const STAND_INS: Readonly<Record<string, string>> = {
  "@std/cli/parse-args": "tools/offline/cli.ts",
};

/** Makes an empty folder. */
export async function emptyDir(folder: string): Promise<void> {
  await Deno.remove(folder, { recursive: true }).catch(() => {});
  await Deno.mkdir(folder, { recursive: true });
}

/** Builds the package. */
export async function build(options: BuildOptions): Promise<void> {
  console.error("Not dnt: JSR cannot be reached, so tools/offline/dnt.ts builds in its place.");
  const out = `${Deno.cwd()}/${options.outDir}`.replaceAll("/./", "/");
  const roots = options.entryPoints.map((entry) => typeof entry === "string" ? entry : entry.path)
    .map((path) => path.replace(/^\.\//, ""));
  await copySources(roots, `${out}/src`);
  await Deno.writeTextFile(`${out}/.npmignore`, "/src/\n");
  const json = { ...options.package, main: "./script/mod.js", module: "./esm/mod.js" };
  await Deno.writeTextFile(`${out}/package.json`, `${JSON.stringify(json, null, 2)}\n`);
  const command = { args: ["install", "--no-audit", "--no-fund", "--loglevel=error"], cwd: out };
  await new Deno.Command("npm", command).output();
  const files = roots.map((path) => `${out}/src/${path}`);
  emit(files, out, options, "esm");
  emit(files, out, options, "script");
  await Deno.writeTextFile(`${out}/esm/package.json`, `{\n  "type": "module"\n}\n`);
  await Deno.writeTextFile(`${out}/script/package.json`, `{\n  "type": "commonjs"\n}\n`);
  await options.postBuild();
}

/** Copies modules and all that they import, with specifiers that end in .js. */
async function copySources(roots: readonly string[], target: string): Promise<void> {
  const queue = [...roots], seen = new Set(queue);
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    let text = await Deno.readTextFile(`${ROOT}${path}`);
    for (const { text: specifier, start, end } of specifiers(path, text).reverse()) {
      const found = STAND_INS[specifier] ??
        (/^\.\.?\//.test(specifier) ? new URL(specifier, `file:///${path}`).pathname.slice(1) : "");
      if (!found) continue;
      if (!seen.has(found)) queue.push(found);
      seen.add(found);
      const relative = `${"../".repeat(path.split("/").length - 1) || "./"}${place(found)}`;
      text = text.slice(0, start) + JSON.stringify(relative.replace(/\.ts$/, ".js")) +
        text.slice(end);
    }
    const file = `${target}/${place(path)}`;
    await Deno.mkdir(file.replace(/\/[^/]*$/, ""), { recursive: true });
    await Deno.writeTextFile(file, text);
  }
}

/** Where a source goes: what stands in for packages into deps/. */
function place(path: string): string {
  return path.replace(/^tools\/offline\//, "deps/");
}

/** The literal specifiers of a module, in order. */
function specifiers(path: string, text: string): { text: string; start: number; end: number }[] {
  const found: { text: string; start: number; end: number }[] = [];
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteral(node)) {
      const { parent } = node;
      const imports = ts.isImportDeclaration(parent) || ts.isExportDeclaration(parent) ||
        ts.isLiteralTypeNode(parent) && ts.isImportTypeNode(parent.parent) ||
        ts.isCallExpression(parent) && parent.expression.kind === ts.SyntaxKind.ImportKeyword;
      if (imports) found.push({ text: node.text, start: node.getStart(), end: node.getEnd() });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** Compiles, checks and writes one of the two forms. */
function emit(
  files: string[],
  out: string,
  { compilerOptions, filterDiagnostic }: BuildOptions,
  form: "esm" | "script",
): void {
  const program = ts.createProgram(files, {
    outDir: `${out}/${form}`,
    rootDir: `${out}/src`,
    strict: true,
    useUnknownInCatchVariables: false,
    noUncheckedIndexedAccess: true,
    isolatedModules: true,
    declaration: true,
    sourceMap: compilerOptions.sourceMap,
    inlineSources: compilerOptions.inlineSources,
    target: ts.ScriptTarget.ES2022,
    lib: compilerOptions.lib.map((name) => `lib.${name.toLowerCase()}.d.ts`),
    allowSyntheticDefaultImports: true,
    skipLibCheck: true,
    types: ["node"],
    typeRoots: [`${out}/node_modules/@types`],
    ...(form === "esm"
      ? { module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler }
      : {
        module: ts.ModuleKind.CommonJS,
        moduleResolution: ts.ModuleResolutionKind.Node10,
        esModuleInterop: true,
      }),
  });
  const metaInScript = 1343;
  const found = ts.getPreEmitDiagnostics(program).filter((diagnostic) =>
    diagnostic.code !== metaInScript && (filterDiagnostic?.(diagnostic) ?? true)
  );
  if (found.length > 0) {
    const host = {
      getCanonicalFileName: (name: string) => name,
      getCurrentDirectory: () => Deno.cwd(),
      getNewLine: () => "\n",
    };
    throw new Error(`Cannot build ${form}:\n${ts.formatDiagnostics(found.slice(0, 20), host)}`);
  }
  program.emit(undefined, undefined, undefined, false, {
    before: form === "script" ? [withoutMeta] : [],
  });
}

/** `import.meta`, which CommonJS lacks: no main module, and no address. */
const withoutMeta: ts.TransformerFactory<ts.SourceFile> = (context) => {
  const { factory } = context;
  const visit = (node: ts.Node): ts.Node => {
    if (ts.isPropertyAccessExpression(node) && ts.isMetaProperty(node.expression)) {
      return node.name.text === "main" ? factory.createFalse() : factory.createStringLiteral("");
    }
    return ts.visitEachChild(node, visit, context);
  };
  return (source) => ts.visitEachChild(source, visit, context);
};
