/**
 * Checks the direction of imports: a module imports only from layers to its left, through their mod.ts,
 * and there are no cycles. The order is also drawn in ARCHITECTURE.md.
 *
 * @module
 */
// deno-lint-ignore-file no-console
const ORDER: readonly (readonly string[])[] = [
  ["kernels", "formats"],
  ["tensor", "linalg", "edge"],
  ["multilinear", "autodiff", "data"],
  ["nn", "optim"],
  ["train", "decompose", "io"],
  ["interpret", "guarantee", "deploy"],
  ["report"],
  ["cli"],
];
/**
 * Modules beside a mod.ts that other layers may import: the edge must not bring all kernels along, nor
 * what it shares with frozen models the edge's.
 */
const ENTRIES = new Set(["kernels/edge.ts", "edge/program.ts"]);
/** Layers whose code may name the host it runs on. */
const HOSTS = new Set(["cli"]);

interface Graph {
  readonly modules: readonly {
    readonly specifier: string;
    readonly dependencies?: readonly {
      readonly code?: { readonly specifier?: string };
      readonly type?: { readonly specifier?: string };
    }[];
  }[];
}

const root = new URL("../", import.meta.url);
const source = new URL("src/", root).href;
const rank = new Map(ORDER.flatMap((names, i) => names.map((name) => [name, i] as const)));

async function graph(entry: string): Promise<Graph> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", entry],
    cwd: root,
    stderr: "null",
  }).output();
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** Layer and path inside src of a module, where it is one of ours. */
function place(specifier: string): { layer: string; path: string } | undefined {
  if (!specifier.startsWith(source)) return undefined;
  const path = specifier.slice(source.length);
  return { layer: path.split("/")[0]!, path };
}

const complaints: string[] = [];
const imports = new Map<string, Set<string>>();
for (const entry of ["mod.ts", "src/edge/mod.ts", "src/cli/main.ts"]) {
  for (const { specifier, dependencies = [] } of (await graph(entry)).modules) {
    const from = place(specifier);
    if (!from || imports.has(from.path)) continue;
    if (!rank.has(from.layer)) {
      complaints.push(`${from.path}: layer "${from.layer}" is not in the order`);
    }
    const targets = new Set<string>();
    imports.set(from.path, targets);
    for (const { code, type } of dependencies) {
      const to = place(code?.specifier ?? type?.specifier ?? "");
      if (!to) continue;
      // a cycle of types alone is no cycle at run time
      if (code) targets.add(to.path);
      if (to.layer === from.layer) continue;
      if (rank.get(to.layer)! >= rank.get(from.layer)!) {
        complaints.push(
          `${from.path} imports ${to.path}: ${to.layer} is not to the left of ${from.layer}`,
        );
      }
      if (!to.path.endsWith("/mod.ts") && !ENTRIES.has(to.path)) {
        complaints.push(`${from.path} imports ${to.path}: go through ${to.layer}/mod.ts`);
      }
    }
    const text = await Deno.readTextFile(new URL(specifier));
    const code = text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");
    if (!HOSTS.has(from.layer) && /\bDeno\.\w|from "node:/.test(code)) {
      complaints.push(
        `${from.path} names its host: look it up at run time, as src/data/host.ts does`,
      );
    }
  }
}

// depth-first search for a cycle, inside a layer as well
const state = new Map<string, "open" | "done">();
function visit(path: string, trail: readonly string[]): void {
  if (state.get(path) === "done") return;
  if (state.get(path) === "open") {
    complaints.push(`cycle: ${[...trail.slice(trail.indexOf(path)), path].join(" → ")}`);
    return;
  }
  state.set(path, "open");
  for (const target of imports.get(path) ?? []) visit(target, [...trail, path]);
  state.set(path, "done");
}
for (const path of imports.keys()) visit(path, []);

if (complaints.length > 0) {
  console.error(complaints.join("\n"));
  Deno.exit(1);
}
console.error(`layers: ${imports.size} modules, every import points left`);
