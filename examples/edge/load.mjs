/**
 * Runs the bundled Worker in workerd, by way of miniflare, under many requests at a time: no error, the
 * same answer always, memory flat. Prints latencies, and how long the first answer takes.
 *
 *   node load.mjs [--requests 20000] [--at-a-time 64] [--serve]
 */
// deno-lint-ignore-file no-console explicit-function-return-type -- JavaScript has no types
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const { values: flags } = parseArgs({
  options: {
    requests: { type: "string", default: "20000" },
    "at-a-time": { type: "string", default: "64" },
    tools: { type: "string", default: here("built/tools") },
    serve: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  },
});
const requests = Number(flags.requests), atATime = Math.min(512, Number(flags["at-a-time"]));
const { Miniflare } = createRequire(`${flags.tools}/node_modules/`)("miniflare");

const folder = here("built/worker");
/** A runtime of its own with the Worker, or with one that only says hello. */
function start(modules) {
  return new Miniflare({
    modules,
    modulesRoot: folder,
    compatibilityDate: "2026-04-01",
    port: flags.serve ? 8787 : 0,
  });
}
const TYPES = {
  ".js": "ESModule",
  ".wasm": "CompiledWasm",
  ".html": "Text",
  ".safetensors": "Data",
};
const files = readdirSync(folder).flatMap((name) => {
  const type = TYPES[name.slice(name.lastIndexOf("."))];
  return type
    ? [{ type, path: `${folder}/${name}`, contents: readFileSync(`${folder}/${name}`) }]
    : [];
}).sort((a, b) => Number(b.path.endsWith("worker.js")) - Number(a.path.endsWith("worker.js")));
const hello = [{
  type: "ESModule",
  path: `${folder}/hello.js`,
  contents:
    'export default { fetch: async (request) => { await request.arrayBuffer(); return new Response("{}") } }',
}];

const samples = readFileSync(here("built/samples.bin")),
  labels = readFileSync(here("built/labels.bin"));
const count = labels.length;
const digit = (i) => samples.subarray(784 * (i % count), 784 * (i % count) + 784);
const post = (url, body) => fetch(url, { method: "POST", body });

/** Milliseconds to the first answer of a runtime that is up but has not run the Worker. */
async function firstAnswer(modules) {
  const runtime = start(modules), url = await runtime.ready;
  const begun = performance.now();
  await (await post(url, digit(0))).text();
  const took = performance.now() - begun;
  await runtime.dispose();
  return took;
}

if (flags.serve) {
  console.log(`${await start(files).ready}`);
} else {
  const first = { worker: [], hello: [] };
  for (let i = 0; i < 5; i++) {
    first.hello.push(await firstAnswer(hello));
    first.worker.push(await firstAnswer(files));
  }
  const best = (list) => Math.min(...list);

  const runtime = start(files), url = await runtime.ready;
  const expected = [];
  for (let i = 0; i < count; i++) expected.push(await (await post(url, digit(i))).text());
  const right = expected.filter((text, i) => JSON.parse(text).class === labels[i]).length;
  for (const text of expected) {
    const { logits, explained, eigenfeatures, remainder } = JSON.parse(text);
    const sum = eigenfeatures.reduce((total, { contribution }) => total + contribution, remainder);
    if (!(Math.abs(sum - logits[explained]) < 1e-9)) {
      throw new Error(`The parts do not add up: ${text}`);
    }
  }

  /** Resident memory of workerd, bytes; NaN where there is no /proc. */
  const memory = () => {
    try {
      const mine = execFileSync("ps", ["-o", "pid=,rss=,comm=", "--ppid", String(process.pid)])
        .toString();
      return Math.max(
        ...mine.split("\n").filter((line) => line.includes("workerd")).map((line) =>
          1024 * Number(line.trim().split(/\s+/)[1])
        ),
      );
    } catch {
      return NaN;
    }
  };
  const times = [], errors = [], residents = [];
  let next = 0;
  const begun = performance.now();
  const client = async () => {
    while (next < requests) {
      const i = next++;
      if (i % 1000 === 0) residents.push(memory());
      const sent = performance.now();
      try {
        const response = await post(url, digit(i)), text = await response.text();
        if (response.status !== 200 || text !== expected[i % count]) {
          errors.push(`${response.status} ${text.slice(0, 200)}`);
        }
      } catch (error) {
        errors.push(String(error));
      }
      times.push(performance.now() - sent);
    }
  };
  await Promise.all(Array.from({ length: atATime }, client));
  const seconds = (performance.now() - begun) / 1000;
  residents.push(memory());
  const refused = await post(url, "not a digit");
  if (refused.status !== 400) errors.push(`a body that is no digit gave ${refused.status}`);
  await runtime.dispose();

  times.sort((a, b) => a - b);
  const quantile = (share) => times[Math.min(times.length - 1, Math.floor(share * times.length))];
  // the heap of the engine fills until it is collected: the second half is compared with the first
  const half = residents.length >> 1, most = (list) => Math.max(...list);
  const growth = most(residents.slice(half)) / most(residents.slice(1, half + 1)) - 1;
  const result = {
    requests,
    atATime,
    errors: errors.length,
    perSecond: Math.round(requests / seconds),
    p50: quantile(0.5),
    p99: quantile(0.99),
    accuracy: right / count,
    memoryMB: residents.map((bytes) => Math.round(bytes / 2 ** 20)),
    memoryGrowth: growth,
    firstAnswer: best(first.worker),
    firstAnswerOfEmptyWorker: best(first.hello),
  };
  if (flags.json) console.log(JSON.stringify(result));
  else {
    console.log(
      `${requests} requests, ${atATime} at a time: ${errors.length} errors, ${result.perSecond} a second`,
    );
    console.log(
      `latency p50 ${result.p50.toFixed(2)} ms, p99 ${
        result.p99.toFixed(2)
      } ms (client and runtime on one machine)`,
    );
    console.log(
      `${right} of ${count} digits right; every answer the same each time, its parts adding up to the logit`,
    );
    console.log(
      `memory of workerd, MB: ${result.memoryMB.join(" ")}; second half over first ${
        (100 * growth).toFixed(1)
      } %`,
    );
    console.log(
      `first answer ${result.firstAnswer.toFixed(1)} ms, of a Worker that does nothing ${
        result.firstAnswerOfEmptyWorker.toFixed(1)
      } ms`,
    );
  }
  if (errors.length > 0) throw new Error(errors.slice(0, 3).join("\n"));
  if (growth > 0.25) throw new Error("memory is not flat");
  process.exit(0);
}
