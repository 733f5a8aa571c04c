/**
 * Runs the bundled Worker in workerd, by way of miniflare, under many requests at a time: no error, the
 * same answer always, memory as flat as that of a Worker that does nothing. Prints latencies, and how long
 * it takes from the start of the runtime to the first answer.
 *
 *   node load.mjs [--requests 10000] [--at-a-time 64] [--serve]
 */
// deno-lint-ignore-file no-console explicit-function-return-type -- JavaScript has no types
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { pressure } from "./pressure.mjs";

/** More than this, again and again, is a leak: bytes a request. The runtime itself may keep some. */
const KEPT_AT_MOST = 32_768;

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const { values: flags } = parseArgs({
  options: {
    requests: { type: "string", default: "10000" },
    "at-a-time": { type: "string", default: "64" },
    tools: { type: "string", default: here("built/tools") },
    serve: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  },
});
const requests = Number(flags.requests), atATime = Math.min(512, Number(flags["at-a-time"]));
const { Miniflare } = createRequire(`${flags.tools}/node_modules/`)("miniflare");

const folder = here("built/worker");
/**
 * A runtime of its own with the Worker, or with one that only says hello. Its address is that of the Worker
 * itself: what miniflare puts in front of it keeps memory, with any Worker.
 */
async function start(modules) {
  const runtime = new Miniflare({
    modules,
    modulesRoot: folder,
    compatibilityDate: "2026-04-01",
    unsafeDirectSockets: [{ port: flags.serve ? 8787 : 0 }],
  });
  await runtime.ready;
  return { runtime, url: await runtime.unsafeGetDirectURL() };
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

/** Milliseconds from the start of a runtime, which runs the Worker's own lines, to its first answer. */
async function firstAnswer(modules) {
  const begun = performance.now();
  const { runtime, url } = await start(modules);
  await (await post(url, digit(0))).text();
  const took = performance.now() - begun;
  await runtime.dispose();
  return took;
}

if (flags.serve) {
  console.log(`Draw a digit: ${(await start(files)).url} (Ctrl-C to end)`);
} else {
  setTimeout(() => {
    console.error("Not done after ten minutes");
    process.exit(1);
  }, 600_000).unref();
  const first = { worker: [], hello: [] };
  for (let i = 0; i < (requests < 10_000 ? 2 : 5); i++) {
    first.hello.push(await firstAnswer(hello));
    first.worker.push(await firstAnswer(files));
  }
  const best = (list) => Math.min(...list);

  const { runtime, url } = await start(files);
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

  /** Sends a digit and holds the answer to that of the first time. */
  const asking = (address) => async (i) => {
    const response = await post(address, digit(i)), text = await response.text();
    return response.status === 200 && text === expected[i % count]
      ? undefined
      : `${response.status} ${text.slice(0, 200)}`;
  };
  const most = (list) => Math.max(...list), megabytes = (bytes) => Math.round(bytes / 2 ** 20);
  // until the engine's heap has its size
  let before = most((await pressure(asking(url), requests / 2, atATime)).residents);
  const measured = await pressure(asking(url), requests, atATime);
  const { perSecond, p50, p99, errors, residents } = measured;
  // What is kept for good is kept each time; what a busy machine collects late is not.
  let left = Infinity, round = measured;
  for (let times = 0; times < 3; times++) {
    left = Math.min(left, (most(round.residents) - before) / requests);
    if (!(left > KEPT_AT_MOST)) break;
    before = most(round.residents);
    round = await pressure(asking(url), requests, atATime);
    errors.push(...round.errors);
  }
  const refused = await post(url, "not a digit");
  if (refused.status !== 400) errors.push(`a body that is no digit gave ${refused.status}`);
  await runtime.dispose();

  const { runtime: idle, url: idleUrl } = await start(hello);
  const greeting = async (i) => void await (await post(idleUrl, digit(i))).text();
  await pressure(greeting, requests / 2, atATime);
  const empty = await pressure(greeting, requests, atATime);
  await idle.dispose();

  // the runtime's own memory grows with requests, whatever the Worker does
  const share = most(residents) / most(empty.residents);
  const result = {
    ...{ requests, atATime, errors: errors.length, perSecond, p50, p99 },
    ...{ p50OfEmptyWorker: empty.p50, p99OfEmptyWorker: empty.p99, accuracy: right / count },
    memoryMB: residents.map(megabytes),
    memoryOfEmptyWorkerMB: empty.residents.map(megabytes),
    ...{ firstAnswer: best(first.worker), firstAnswerOfEmptyWorker: best(first.hello) },
  };
  if (flags.json) console.log(JSON.stringify(result));
  else {
    const ms = (value) => `${value.toFixed(1)} ms`;
    const lines = [
      `${requests} requests, ${atATime} at a time: ${errors.length} errors, ${perSecond} a second`,
      `latency, client and runtime on one machine: p50 ${ms(p50)}, p99 ${ms(p99)}`,
      `over that of a Worker that does nothing: p50 ${(p50 / empty.p50).toFixed(2)}, p99 ${
        (p99 / empty.p99).toFixed(2)
      }`,
      `${right} of ${count} digits right; every answer the same each time, its parts adding up to the logit`,
      `memory of workerd, MB: ${result.memoryMB.join(" ")}`,
      `of a Worker that does nothing, MB: ${result.memoryOfEmptyWorkerMB.join(" ")}`,
      `the most, over that of a Worker that does nothing: ${share.toFixed(2)}`,
      `from the start of miniflare to the first answer ${
        ms(result.firstAnswer)
      }, with a Worker that does nothing ${ms(result.firstAnswerOfEmptyWorker)}`,
    ];
    for (const line of lines) console.log(line);
  }
  if (errors.length > 0) throw new Error(errors.slice(0, 3).join("\n"));
  if (left > KEPT_AT_MOST) {
    throw new Error(`memory grows by ${Math.round(left)} bytes a request, again and again`);
  }
  process.exit(0);
}
