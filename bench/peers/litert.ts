import { createRequire } from "node:module";
import type { Job } from "../job.ts";
import type { NetworkTask } from "../tasks.ts";
import { bring, type Peer } from "./peer.ts";
import { liteModel, type LiteNode, type LiteTensor } from "./tflite.ts";

const VERSION = "2.5.3";

interface Tensor {
  readonly toTypedArray: () => Float32Array;
  readonly delete: () => void;
}

interface Model {
  readonly run: (input: Tensor) => Promise<Tensor[]>;
  readonly delete: () => void;
}

interface LiteRt {
  readonly loadLiteRt: (path: string) => Promise<unknown>;
  readonly loadAndCompile: (
    model: Uint8Array,
    options: { accelerator: "wasm"; cpuOptions: { numThreads: number } },
  ) => Promise<Model>;
  readonly Tensor: new (data: Float32Array, shape: readonly number[]) => Tensor;
}

/**
 * LiteRT.js, whose XNNPACK has relaxed SIMD: the fastest runtime of WebAssembly. It runs graphs with constant
 * weights, input and output staying in its memory; it cannot train.
 */
export async function open(threads: number): Promise<Peer> {
  if (threads > 1) throw new Error("its build with threads needs a page");
  const lite = await bring<LiteRt>(`npm:@litertjs/core@${VERSION}`);
  const folder = await wasmFolder();
  // it expects a page or a worker that runs its script; here the script finds Node's way of loading
  Object.assign(globalThis, {
    importScripts: (path: string): void => {
      const text = `${Deno.readTextFileSync(path)}\nglobalThis.ModuleFactory = ModuleFactory;`;
      new Function("require", "__dirname", "__filename", text)(createRequire(path), folder, path);
    },
  });
  await lite.loadLiteRt(folder);
  Reflect.deleteProperty(globalThis, "importScripts");
  const job = async (
    tensors: readonly LiteTensor[],
    nodes: readonly LiteNode[],
    input: Float32Array,
  ): Promise<Job<Float32Array> & { readonly crossing: "nothing" }> => {
    const options = { accelerator: "wasm", cpuOptions: { numThreads: 1 } } as const;
    const model = await lite.loadAndCompile(await liteModel(tensors, nodes), options);
    const x = new lite.Tensor(input, tensors[0]!.shape);
    return {
      crossing: "nothing",
      run: async () => (await model.run(x)).forEach((one) => one.delete()),
      result: async () => {
        const [output] = await model.run(x);
        return output!.toTypedArray().slice();
      },
      end: () => [model, x].forEach((one) => one.delete()),
    };
  };
  return {
    name: "LiteRT",
    version: VERSION,
    threads,
    warmUp: 1500,
    product: ({ form, m, n, k, a, b }) =>
      form !== "NT" ? undefined : job(
        [{ shape: [m, k] }, { shape: [n, k], data: b }, { shape: [m, n] }],
        [{ operation: "fullyConnected", inputs: [0, 1, -1], output: 2 }],
        a,
      ),
    inference: async (task) => {
      const { tensors, nodes } = graphOf(task);
      return await job(tensors, nodes, task.batch(0).inputs);
    },
  };
}

/** Where Deno keeps the package's WebAssembly: a specifier leads to modules only. */
async function wasmFolder(): Promise<string> {
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).output();
  const { npmCache } = JSON.parse(new TextDecoder().decode(stdout));
  for await (const registry of Deno.readDir(npmCache)) {
    const folder = `${npmCache}/${registry.name}/@litertjs/core/${VERSION}/wasm`;
    if (await Deno.stat(folder).then(() => true, () => false)) return `${folder}/`;
  }
  throw new Error(`its files are not in ${npmCache}`);
}

function graphOf(
  { layers, weights, rows, inputs }: NetworkTask,
): { tensors: LiteTensor[]; nodes: LiteNode[] } {
  const tensors: LiteTensor[] = [{ shape: [rows, inputs] }], nodes: LiteNode[] = [];
  const add = (tensor: LiteTensor): number => tensors.push(tensor) - 1;
  let value = 0;
  layers.forEach((layer, i) => {
    const size = layer.inputs * layer.outputs;
    const products = Array.from({ length: layer.type === "bilinear" ? 2 : 1 }, (_, half) => {
      const data = weights[i]!.slice(half * size, (half + 1) * size);
      const weight = add({ shape: [layer.outputs, layer.inputs], data });
      const output = add({ shape: [rows, layer.outputs] });
      nodes.push({ operation: "fullyConnected", inputs: [value, weight, -1], output });
      return output;
    });
    value = products[0]!;
    if (products.length === 2) {
      value = add({ shape: [rows, layer.outputs] });
      nodes.push({ operation: "multiply", inputs: products, output: value });
    }
  });
  return { tensors, nodes };
}
