/**
 * The packed npm package in every runtime: `deno task test:runtimes`. Each trains, decomposes, loads a model
 * and predicts with the strict kernels, and the hashes of what they computed must be the same.
 *
 *   --folder=DIR   install there, and keep it for the next run; a temporary folder unless said
 *   --only=TEXT    run only the targets whose name contains the text
 *
 * @module
 */
// deno-lint-ignore-file no-console
import * as odot from "../../mod.ts";
import { type Cells, tableText } from "../../bench/table.ts";
import { chromium } from "./chromium.ts";
import { consumers } from "./consumers.ts";
import { processes } from "./processes.ts";
import { savedModels } from "./program.js";
import { PACKAGES } from "./packages.ts";
import type { Found, Hashes, Target } from "./target.ts";
import { workers } from "./workers.ts";
import { openWorkspace } from "./workspace.ts";

const targets: readonly Target[] = [...processes, ...chromium, ...workers, ...consumers];

const option = (name: string): string | undefined =>
  Deno.args.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3);
const kept = option("folder"), only = option("only") ?? "";
const folder = kept ?? await Deno.makeTempDir({ prefix: "odot_runtimes_" });
const began = performance.now();
const seconds = (from: number): string => `${((performance.now() - from) / 1000).toFixed(1)} s`;

const workspace = await openWorkspace(folder, PACKAGES);
const models: Record<"file" | "packed", Uint8Array> = savedModels(odot);
const literals = Object.entries(models).map(([name, bytes]) =>
  `export const ${name} = Uint8Array.from(atob("${bytes.toBase64()}"), (c) => c.charCodeAt(0));\n`
);
await workspace.write("model.js", literals.join(""));
const program = new URL("program.js", import.meta.url);
await workspace.write("program.js", await Deno.readTextFile(program));
console.error(`installed in ${seconds(began)}`);

const short = (hash: string): string => hash.slice(0, 12);
let reference: Hashes | undefined, edgeReference: string | undefined;

/** What a target found, in words; throws where bits differ. */
function verdict({ threads, reason, edge, relaxed }: Found): Cells {
  edgeReference ??= edge;
  if (edge !== edgeReference) {
    throw new Error(`other bits at the edge: ${short(edge)}, not ${short(edgeReference)}`);
  }
  for (const one of threads) {
    reference ??= one;
    for (const what of ["weights", "eigenvalues", "predictions"] as const) {
      if (one[what] !== reference[what]) {
        const where = `on ${one.threads} thread${one.threads > 1 ? "s" : ""}`;
        throw new Error(
          `other bits in ${what} ${where}: ${short(one[what])}, not ${short(reference[what])}`,
        );
      }
    }
  }
  return {
    result: "same bits",
    threads: threads.map((one) => one.threads).join(" "),
    why: reason.slice(0, 40) || undefined,
    fast: relaxed && `${relaxed.kernels} ${relaxed.difference.toExponential(1)}`,
  };
}

const rows: Cells[] = [];
let failures = 0;
for (const target of targets.filter(({ name }) => name.includes(only))) {
  const from = performance.now();
  let version = "?", cells: Cells;
  try {
    version = await target.version(workspace);
    const found = await target.run(workspace);
    cells = typeof found === "string" ? { result: found } : verdict(found);
  } catch (error) {
    failures++;
    console.error(`\n${target.name}: ${error instanceof Error ? error.message : error}`);
    cells = { result: "FAILED" };
  }
  const row = { runtime: target.name, version, took: seconds(from), threads: "", fast: "" };
  rows.push({ ...row, ...cells });
  console.error(`${failures && cells.result === "FAILED" ? "✗" : "✓"} ${target.name} ${version}`);
}

console.log(`\n${tableText(rows)}`);
if (reference) {
  const { weights, eigenvalues, predictions } = reference, edge = edgeReference;
  console.log(`\nSHA-256, strict kernels, the same wherever "same bits" stands:`);
  for (const [name, hash] of Object.entries({ weights, eigenvalues, predictions, edge })) {
    console.log(`  ${name.padEnd(12)} ${hash}`);
  }
  console.log(
    '"fast" is the largest difference of the weights after 20 steps with the default kernels, over the largest weight.',
  );
}
console.log(`\n${rows.length - failures} passed, ${failures} failed in ${seconds(began)}`);
if (kept === undefined) await Deno.remove(folder, { recursive: true });
if (failures > 0) Deno.exit(1);
