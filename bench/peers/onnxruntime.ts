import type { NetworkTask } from "../tasks.ts";
import { type Initializer, onnxModel, type OnnxNode, type OnnxValue } from "./onnx.ts";
import { bring, type Peer } from "./peer.ts";

const VERSION = "1.30.0";

type Feeds = Readonly<Record<string, unknown>>;

interface Session {
  readonly run: (feeds: Feeds) => Promise<Record<string, { readonly data: Float32Array }>>;
  readonly release: () => Promise<void>;
}

interface Ort {
  readonly env: { readonly wasm: { numThreads: number } };
  readonly InferenceSession: {
    readonly create: (model: Uint8Array, options: Feeds) => Promise<Session>;
  };
  readonly Tensor: new (type: "float32", data: Float32Array, shape: readonly number[]) => unknown;
}

/**
 * onnxruntime-web, its WebAssembly build: it takes arrays and gives arrays, so odot carries them over too.
 * Weights are constants of the graph, which it packs once. It cannot train.
 */
export async function open(threads: number): Promise<Peer> {
  // its build for pages starts threads from a blob: URL, which Deno refuses; that for Node does not
  const entry = threads === 1 ? "/wasm" : "";
  const ort = await bring<Ort>(`npm:onnxruntime-web@${VERSION}${entry}`);
  ort.env.wasm.numThreads = threads;
  const session = (model: Uint8Array): Promise<Session> =>
    ort.InferenceSession.create(model, {
      executionProviders: ["wasm"],
      graphOptimizationLevel: "all",
    });
  return {
    name: "onnxruntime-web",
    version: VERSION,
    threads,
    product: async ({ form, m, n, k, ...task }) => {
      const a = { name: "a", shape: form === "TN" ? [k, m] : [m, k] };
      const b = { name: "b", shape: form === "NT" ? [n, k] : [k, n], data: task.b };
      // in a network the product AᵀB is that of a gradient: neither is constant
      const constant = form !== "TN";
      const gemm: OnnxNode = {
        operation: "Gemm",
        inputs: ["a", "b"],
        output: "c",
        attributes: { transA: form === "TN" ? 1 : 0, transB: form === "NT" ? 1 : 0 },
      };
      const ready = await session(onnxModel({
        nodes: [gemm],
        weights: constant ? [b] : [],
        inputs: constant ? [a] : [a, b],
        output: { name: "c", shape: [m, n] },
      }));
      const feeds = {
        a: new ort.Tensor("float32", task.a, a.shape),
        ...(constant ? {} : { b: new ort.Tensor("float32", task.b, b.shape) }),
      };
      const run = async (): Promise<Float32Array> => (await ready.run(feeds))["c"]!.data;
      return {
        crossing: constant ? "activations" : "everything",
        run,
        result: run,
        end: () => ready.release(),
      };
    },
    inference: async (task) => {
      const ready = await session(networkModel(task));
      const { inputs } = task.batch(0);
      const run = async (): Promise<Float32Array> => {
        const x = new ort.Tensor("float32", inputs, [task.rows, task.inputs]);
        return (await ready.run({ x }))["logits"]!.data;
      };
      return { run, result: run, end: () => ready.release() };
    },
  };
}

function networkModel({ layers, weights, rows, inputs, classes }: NetworkTask): Uint8Array {
  const nodes: OnnxNode[] = [], constants: Initializer[] = [];
  let value = "x";
  layers.forEach((layer, i) => {
    const size = layer.inputs * layer.outputs;
    const products = (layer.type === "bilinear" ? ["left", "right"] : ["weight"]).map((name, j) => {
      const data = weights[i]!.subarray(j * size, (j + 1) * size);
      constants.push({ name: `${i}.${name}`, shape: [layer.outputs, layer.inputs], data });
      nodes.push({
        operation: "Gemm",
        inputs: [value, `${i}.${name}`],
        output: `${i}.${name}.product`,
        attributes: { transB: 1 },
      });
      return `${i}.${name}.product`;
    });
    value = i === layers.length - 1 ? "logits" : `${i}.output`;
    if (products.length === 2) nodes.push({ operation: "Mul", inputs: products, output: value });
    else nodes[nodes.length - 1] = { ...nodes.at(-1)!, output: value };
  });
  const x: OnnxValue = { name: "x", shape: [rows, inputs] };
  const output: OnnxValue = { name: "logits", shape: [rows, classes] };
  return onnxModel({ nodes, weights: constants, inputs: [x], output });
}
