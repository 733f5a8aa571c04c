/**
 * Runs the bundled Worker in workerd, by way of miniflare, under many requests at a time: no error, the
 * same answer always, memory as flat as that of a Worker that does nothing. Prints latencies, and how long
 * the first answer takes.
 *
 *   node load.mjs [--requests 10000] [--at-a-time 64] [--serve]
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

/** Milliseconds to the first answer of a runtime that is up but has not run the Worker. */
async function firstAnswer(modules) {
  const { runtime, url } = await start(modules);
  const begun = performance.now();
  await (await post(url, digit(0))).text();
  const took = performance.now() - begun;
  await runtime.dispose();
  return took;
}

if (flags.serve) {
  console.log(`${(await start(files)).url}`);
} else {
  const first = { worker: [], hello: [] };
  for (let i = 0; i < 5; i++) {
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
  /** Sends `total` digits, so many at a time; `check` says what is wrong with an answer. */
  const pressure = async (address, total, check) => {
    const times = [], errors = [], residents = [], begun = performance.now();
    let next = 0;
    const client = async () => {
      while (next < total) {
        const i = next++;
        if (i % Math.ceil(total / 20) === 0) residents.push(memory());
        const sent = performance.now();
        try {
          const response = await post(address, digit(i)),
            wrong = check(response, await response.text(), i);
          if (wrong) errors.push(wrong);
        } catch (error) {
          errors.push(String(error));
        }
        times.push(performance.now() - sent);
      }
    };
    await Promise.all(Array.from({ length: atATime }, client));
    times.sort((a, b) => a - b);
    const quantile = (share) => times[Math.min(times.length - 1, Math.floor(share * times.length))];
    const perSecond = Math.round(total / (performance.now() - begun) * 1000);
    return { errors, residents, perSecond, p50: quantile(0.5), p99: quantile(0.99) };
  };
  const same = (response, text, i) =>
    response.status === 200 && text === expected[i % count]
      ? undefined
      : `${response.status} ${text.slice(0, 200)}`;
  // until the engine's heap has its size
  await pressure(url, requests / 2, same);
  const { errors, residents, perSecond, p50, p99 } = await pressure(url, requests, same);
  const refused = await post(url, "not a digit");
  if (refused.status !== 400) errors.push(`a body that is no digit gave ${refused.status}`);
  await runtime.dispose();
  const { runtime: idle, url: idleUrl } = await start(hello);
  await pressure(idleUrl, requests / 2, () => undefined);
  const empty = await pressure(idleUrl, requests, () => undefined);
  await idle.dispose();

  // the runtime's own memory grows with requests, whatever the Worker does: the two are compared
  const most = (list) => Math.max(...list), megabytes = (bytes) => Math.round(bytes / 2 ** 20);
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
      `first answer ${ms(result.firstAnswer)}, of a Worker that does nothing ${
        ms(result.firstAnswerOfEmptyWorker)
      }`,
    ];
    for (const line of lines) console.log(line);
  }
  if (errors.length > 0) throw new Error(errors.slice(0, 3).join("\n"));
  if (share > 1.4) throw new Error("memory is not flat beside that of a Worker that does nothing");
  process.exit(0);
}
