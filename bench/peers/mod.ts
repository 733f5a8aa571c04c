/**
 * odot beside its peers: `deno task bench:peers`, `--quick` for a short look, `--json` for one object on
 * stdout, `--only=jax-js,numpy` for some. Each peer runs with odot in a process of its own.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { verdicts } from "../goals.ts";
import { machine } from "../machine.ts";
import { quick } from "../measure.ts";
import { trainingMemory } from "../memory.ts";
import { threads as odotThreads } from "../ours.ts";
import { tableText } from "../table.ts";
import type { PeerInfo, PeerRow } from "./compare.ts";
import { PEERS } from "./peer.ts";

const json = Deno.args.includes("--json");
const only = Deno.args.find((arg) => arg.startsWith("--only="))?.slice("--only=".length).split(",");
const say: (text: string) => void = json ? console.error : console.log;

interface Found {
  info?: PeerInfo;
  skipped?: string;
  readonly rows: PeerRow[];
}

async function compareWith(peer: string, threads: number): Promise<Found> {
  const script = new URL("compare.ts", import.meta.url).href;
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", script, peer, `${threads}`, ...(quick ? ["--quick"] : [])],
  }).output();
  const found: Found = { rows: [] };
  // JSON writes NaN as null
  const revive = (key: string, value: unknown): unknown =>
    value === null && key !== "" ? NaN : value;
  for (const line of new TextDecoder().decode(stdout).split("\n")) {
    if (!line.startsWith("{")) continue; // what a library prints of its own accord
    const { info, skipped, row } = JSON.parse(line, revive);
    if (info) found.info = info;
    if (skipped) found.skipped = skipped;
    if (row) found.rows.push(row);
  }
  if (!found.info && !found.skipped) {
    found.skipped = new TextDecoder().decode(stderr).trim().split("\n").at(-1) ?? "it ended";
  }
  return found;
}

const on = machine();
say(Object.entries(on).map(([key, value]) => `${key}: ${value}`).join("\n"));
const all: Found[] = [];
const two = await odotThreads(2);
for (const threads of two ? [1, 2] : [1]) {
  for (const peer of only ?? Object.keys(PEERS)) {
    const found = await compareWith(peer, threads);
    all.push(found);
    const { info } = found;
    say(
      `\n# ${peer} ${info?.version ?? ""}, ${threads === 1 ? "one thread" : `${threads} threads`}`,
    );
    if (found.rows.length > 0) {
      say(tableText(found.rows.map((row) => ({
        "": row.name,
        "odot ms": row.milliseconds?.toPrecision(3),
        "peer ms": row.theirs.toPrecision(3),
        ratio: row.ratio,
        is: row.to,
        difference: row.difference.toExponential(0),
        "median/best": row.spread,
        kept: row.kept,
        discarded: row.discarded,
      }))));
    }
    if (found.skipped) say(`skipped: ${found.skipped}`);
  }
}
const rows = all.flatMap((found) => found.rows);
if (!only || only.includes("tfjs-wasm tuned")) {
  const [ours, theirs] = [await trainingMemory("odot"), await trainingMemory("tfjs-wasm tuned")];
  const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(0)} MiB`;
  if (ours && theirs) {
    const measure = "peak memory of training over tfjs-wasm's", ratio = ours / theirs;
    const common = { name: "peak memory of training", to: "memory over tfjs-wasm tuned" };
    rows.push({ ...common, measure, ratio, peer: "tfjs-wasm tuned", theirs, difference: 0 });
    say(`\n# memory\nodot ${mebibytes(ours)}, tfjs-wasm tuned ${mebibytes(theirs)}`);
  }
}
const goals = verdicts(rows);
say(`\n# goals\n${goals.length > 0 ? tableText(goals) : "none measured"}`);
if (json) console.log(JSON.stringify({ machine: on, peers: all, goals }));
Deno.exit(0);
