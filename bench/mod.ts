/**
 * odot against the limit of the machine: `deno task bench`, `--quick` for a short look, `--json` for one
 * object on stdout. See README.md for how to read it.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { info } from "@odot/odot";
import { factorisations } from "./factorisations.ts";
import { verdicts } from "./goals.ts";
import { machine } from "./machine.ts";
import { memory } from "./memory.ts";
import { layers, packedProducts, products, twoThreads } from "./products.ts";
import { cells, type Row } from "./row.ts";
import { tableText } from "./table.ts";
import { predictions, trainingSteps } from "./training.ts";

const SECTIONS: Readonly<Record<string, () => AsyncGenerator<Row>>> = {
  "matrix products": products,
  "weights packed once": packedProducts,
  "layers": layers,
  "two threads": twoThreads,
  "training": trainingSteps,
  "inference": predictions,
  "factorisations": factorisations,
  "memory": memory,
};

const json = Deno.args.includes("--json");
const say: (text: string) => void = json ? console.error : console.log;
const on = machine();
say(Object.entries(on).map(([key, value]) => `${key}: ${value}`).join("\n"));
say(`odot: ${info().kernels} build, ${info().reason}`);
const found: Record<string, Row[]> = {};
for (const [section, bench] of Object.entries(SECTIONS)) {
  const rows = await Array.fromAsync(bench());
  if (rows.length === 0) continue;
  found[section] = rows;
  say(`\n# ${section}\n${tableText(rows.map(cells))}`);
}
const goals = verdicts(Object.values(found).flat());
say(`\n# goals\n${tableText(goals)}`);
if (json) console.log(JSON.stringify({ machine: on, odot: info(), sections: found, goals }));
