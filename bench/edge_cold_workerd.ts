/**
 * Cold starts in workerd, the engine of Cloudflare Workers: each library in a Worker and a process of its
 * own, bundled by esbuild as wrangler does it. Nothing may be compiled there at run time, so neither peer
 * starts as its documentation has it; `BROUGHT` hands them their own file, imported statically.
 *
 * @module
 */
import { run } from "../examples/edge/tools.ts";

const COMPATIBILITY_DATE = "2026-04-01";

const ANSWER = `export default {
  fetch: async () => {
    try {
      return Response.json(Array.from(await logits()));
    } catch (error) {
      return new Response(String(error.stack ?? error), { status: 500 });
    }
  },
};
`;
const ROW = `import input from "./input.bin";\nconst row = new Float32Array(input);\n`;

/** Libraries that compile bytes get the module that the host compiled. */
const BROUGHT = `WebAssembly.instantiate = async (_bytes, imports) =>
  ({ module: wasm, instance: new WebAssembly.Instance(wasm, imports) });
`;

const odot = (file: string): string =>
  `${ROW}import { load } from "./edge.js";
import wasm from "./kernels.wasm";
import file from "./${file}";
const model = load(new Uint8Array(file), { module: wasm });
const logits = () => model.predict(row);
${ANSWER}`;

const onnx = (before: string): string =>
  `${ROW}import * as ort from "onnxruntime-web/wasm";
import wasm from "onnxruntime-web/ort-wasm-simd-threaded.wasm";
import file from "./model.onnx";
ort.env.wasm.numThreads = 1;
${before}
const logits = async () => {
  const session = await ort.InferenceSession.create(new Uint8Array(file), { executionProviders: ["wasm"] });
  return (await session.run({ x: new ort.Tensor("float32", row, [1, 784]) })).logits.data;
};
${ANSWER}`;

const tfjs = (before: string): string =>
  `${ROW}import * as tf from "@tensorflow/tfjs-core";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import wasm from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm";
import file from "./weights.bin";
const weights = new Float32Array(file);
${before}
const product = (x, at, m, k) =>
  tf.matMul(x, tf.tensor2d(weights.slice(at, at + m * k), [m, k]), false, true);
const logits = async () => {
  await tf.setBackend("wasm");
  const x = tf.tensor2d(row, [1, 784]), half = 64 * 784;
  const hidden = tf.mul(product(x, 0, 64, 784), product(x, half, 64, 784));
  return product(hidden, 2 * half, 10, 64).dataSync();
};
${ANSWER}`;

/** The Workers, by side. */
const TIMED: Readonly<Record<string, string>> = {
  "nothing": `const logits = () => [];\n${ANSWER}`,
  "odot": odot("model.safetensors"),
  "odot, int8": odot("int8.safetensors"),
  "onnxruntime-web": onnx(`${BROUGHT}ort.env.wasm.wasmBinary = new Uint8Array(8);`),
  "tfjs-wasm": tfjs(`${BROUGHT}setWasmPaths("https://nowhere/", true);
tf.env().platform.fetch = async () => new Response(new Uint8Array(8));`),
};

/** The peers as their documentation has them. */
const DOCUMENTED: Readonly<Record<string, string>> = {
  "onnxruntime-web": onnx(""),
  "onnxruntime-web, wasmBinary": onnx(
    `import bytes from "./ort.bin";\nort.env.wasm.wasmBinary = bytes;`,
  ),
  "tfjs-wasm": tfjs(""),
};

/** A first answer: milliseconds since the process began, and what it said. */
export interface FirstAnswer {
  readonly milliseconds: number;
  readonly status: number;
  readonly text: string;
}

/** Workers that are ready to be started. */
export interface Workerd {
  /** Which there are; the first computes nothing. */
  readonly sides: readonly string[];
  /** Bytes of code and WebAssembly of a Worker after gzip, without its model. */
  gzip(side: string): Promise<number>;
  /** Starts one in a process of its own and ends it after its first answer. */
  start(side: string): Promise<FirstAnswer>;
  /** What the peers answer when they are used as documented. */
  documented(): Promise<[side: string, answer: FirstAnswer][]>;
}

/** Bundles the Workers; `folder` holds the network in every form, `place` the packages. */
export async function workerd(folder: string, place: string): Promise<Workerd> {
  const modules = `${place}node_modules`;
  await Deno.symlink(modules, `${folder}/node_modules`);
  await Deno.copyFile(
    `${modules}/onnxruntime-web/dist/ort-wasm-simd-threaded.wasm`,
    `${folder}/ort.bin`,
  );
  const made = new Map<string, string>();
  for (const [kind, programs] of Object.entries({ timed: TIMED, documented: DOCUMENTED })) {
    for (const [side, program] of Object.entries(programs)) {
      const key = `${kind} ${side}`, name = key.replace(/\W+/g, "_"), out = `${folder}/${name}`;
      await Deno.writeTextFile(`${out}.js`, program);
      await run(`${modules}/.bin/esbuild`, [
        ...[`${out}.js`, "--bundle", "--minify", "--format=esm", "--log-level=error"],
        ...["wasm", "onnx", "bin", "safetensors"].map((kind) => `--loader:.${kind}=copy`),
        ...["--conditions=workerd,worker,browser", `--outdir=${out}`],
      ]);
      await Deno.writeTextFile(`${out}/config.capnp`, configuration(out, `${name}.js`));
      made.set(key, out);
    }
  }
  const start = (key: string): Promise<FirstAnswer> =>
    firstAnswer(`${modules}/.bin/workerd`, `${made.get(key)}/config.capnp`);
  return {
    sides: Object.keys(TIMED),
    start: (side) => start(`timed ${side}`),
    documented: () =>
      Promise.all(
        Object.keys(DOCUMENTED).map(async (side) => [side, await start(`documented ${side}`)]),
      ),
    gzip: async (side) => {
      let bytes = 0;
      for (const { name } of Deno.readDirSync(made.get(`timed ${side}`)!)) {
        if (!/\.(js|wasm)$/.test(name)) continue;
        const { body } = new Response(await Deno.readFile(`${made.get(`timed ${side}`)}/${name}`));
        const packed = body!.pipeThrough(new CompressionStream("gzip"));
        bytes += (await new Response(packed).arrayBuffer()).byteLength;
      }
      return bytes;
    },
  };
}

/** The configuration of workerd for a folder of modules, the entry first. */
function configuration(folder: string, entry: string): string {
  const kinds: Readonly<Record<string, string>> = { js: "esModule", wasm: "wasm" };
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name)
    .sort((a, b) => Number(b === entry) - Number(a === entry));
  const modules = names.map((name) =>
    `(name = "${name}", ${kinds[name.split(".").at(-1)!] ?? "data"} = embed "${name}")`
  );
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = (
    compatibilityDate = "${COMPATIBILITY_DATE}",
    modules = [${modules.join(", ")}]
  ))],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")]
);
`;
}

async function firstAnswer(program: string, config: string): Promise<FirstAnswer> {
  const begun = performance.now();
  const process = new Deno.Command(program, {
    args: ["serve", config, "--control-fd=1"],
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const output = process.stdout.pipeThrough(new TextDecoderStream()).getReader();
  try {
    // it says where it listens, once the Worker has started
    let said = "", port: string | undefined;
    while (port === undefined) {
      const { value, done } = await output.read();
      if (done) throw new Error(`workerd does not start with ${config}: ${said.slice(0, 500)}`);
      said += value;
      port = /"port":(\d+)/.exec(said)?.[1];
    }
    const response = await fetch(`http://127.0.0.1:${port}/`), text = await response.text();
    return { milliseconds: performance.now() - begun, status: response.status, text };
  } finally {
    try {
      process.kill("SIGKILL");
    } catch {
      // it has ended of itself
    }
    await process.status;
    await output.cancel();
  }
}
