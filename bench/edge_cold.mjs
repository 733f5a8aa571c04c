// deno-lint-ignore-file no-console
// One cold start, in a fresh process of Node or Deno: milliseconds from before the import to the first
// prediction. Arguments: who, the folder of the files, that of the peers' packages.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [who, files, tools] = process.argv.slice(2);
const from = createRequire(`${tools}node_modules/`);
const file = (name) => new Uint8Array(readFileSync(`${files}/${name}`));
const input = new Float32Array(file("input.bin").buffer);
const [inputs, hidden, outputs] = [784, 64, 10];

const starts = {
  odot: async () => {
    const { load } = await import(pathToFileURL(`${files}/edge.js`).href);
    return load(file("model.safetensors")).predict(input);
  },
  "odot, int8": async () => {
    const { load } = await import(pathToFileURL(`${files}/edge.js`).href);
    return load(file("int8.safetensors")).predict(input);
  },
  "onnxruntime-web": async () => {
    const path = `${tools}node_modules/onnxruntime-web/dist/ort.wasm.min.mjs`;
    const ort = await import(pathToFileURL(path).href);
    ort.env.wasm.numThreads = 1;
    const session = await ort.InferenceSession.create(file("model.onnx"), {
      executionProviders: ["wasm"],
    });
    const x = new ort.Tensor("float32", input, [1, inputs]);
    return (await session.run({ x })).logits.data;
  },
  "tfjs-wasm": async () => {
    const tf = from("@tensorflow/tfjs-core");
    from("@tensorflow/tfjs-backend-wasm");
    await tf.setBackend("wasm");
    if (tf.getBackend() !== "wasm") throw new Error("no wasm backend");
    const weights = new Float32Array(file("weights.bin").buffer), size = inputs * hidden;
    const matrix = (at, rows, columns) =>
      tf.tensor2d(weights.slice(at, at + rows * columns), [rows, columns]);
    const left = matrix(0, hidden, inputs), right = matrix(size, hidden, inputs);
    const readout = matrix(2 * size, outputs, hidden), x = tf.tensor2d(input, [1, inputs]);
    const product = tf.mul(tf.matMul(x, left, false, true), tf.matMul(x, right, false, true));
    return tf.matMul(product, readout, false, true).dataSync();
  },
};

const begun = performance.now();
const logits = await starts[who]();
console.log(JSON.stringify({ milliseconds: performance.now() - begun, logits: [...logits] }));
process.exit(0);
