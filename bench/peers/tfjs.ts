import type { Job } from "../job.ts";
import type { NetworkTask, ProductTask } from "../tasks.ts";
import { bring, type Peer } from "./peer.ts";
import type { Tensor, Tfjs, Variable } from "./tfjs_api.ts";

const VERSION = "4.22.0";

/** x·Wᵀ, as one style of writing it does. */
type MatmulNT = (x: Tensor, weight: Tensor) => Tensor;

/** TensorFlow.js on its WebAssembly backend, as people write it: `matMul(x, w, false, true)`. */
export async function open(threads: number): Promise<Peer> {
  const tf = await backend(threads);
  return peer(
    tf,
    "tfjs-wasm",
    (x, w) => tf.matMul(x, w, false, true),
    (task, a, b) => tf.matMul(a, b, task.form === "TN", task.form === "NT"),
  );
}

/** The module with its WebAssembly backend. @throws {Error} when it cannot run as asked. */
export async function backend(threads: number): Promise<Tfjs> {
  if (threads > 1) throw new Error("its build with threads starts in no Deno or Node");
  const tf = await bring<Tfjs>(`npm:@tensorflow/tfjs@${VERSION}`);
  await bring(`npm:@tensorflow/tfjs-backend-wasm@${VERSION}`);
  await tf.setBackend("wasm");
  // it falls back to plain JavaScript in silence
  if (tf.getBackend() !== "wasm" || !await tf.env().getAsync("WASM_HAS_SIMD_SUPPORT")) {
    throw new Error(`its backend is ${tf.getBackend()}, not wasm with SIMD`);
  }
  return tf;
}

/** A style of using the library as a peer. */
export function peer(
  tf: Tfjs,
  name: string,
  matmulNT: MatmulNT,
  multiply: (task: ProductTask, a: Tensor, b: Tensor) => Tensor,
): Peer {
  return {
    name,
    version: VERSION,
    threads: 1,
    product: (task) => {
      const { form, m, n, k } = task;
      const a = tf.tensor2d(task.a, form === "TN" ? [k, m] : [m, k]);
      const b = tf.tensor2d(task.b, form === "NT" ? [n, k] : [k, n]);
      return {
        crossing: "nothing",
        run: () => tf.tidy((): void => void multiply(task, a, b)),
        result: () => tf.tidy(() => multiply(task, a, b).dataSync()),
        end: () => [a, b].forEach((one) => one.dispose()),
      };
    },
    training: (task) => training(tf, task, matmulNT),
    inference: (task) => {
      const { layers, model } = network(tf, task, matmulNT), { inputs } = task.batch(0);
      const run = (): Float32Array =>
        tf.tidy(() => model(tf.tensor2d(inputs, [task.rows, task.inputs])).dataSync());
      return { run, result: run, end: () => layers.flat().forEach((one) => one.dispose()) };
    },
  };
}

interface Network {
  /** One variable a linear layer, W and V of a bilinear one. */
  readonly layers: readonly Variable[][];
  readonly model: (x: Tensor) => Tensor;
}

function network(tf: Tfjs, task: NetworkTask, matmulNT: MatmulNT): Network {
  const layers = task.layers.map(({ type, inputs, outputs }, i) => {
    const size = inputs * outputs, values = task.weights[i]!;
    return Array.from({ length: type === "bilinear" ? 2 : 1 }, (_, half) => {
      const part = values.slice(half * size, (half + 1) * size);
      return tf.variable(tf.tensor2d(part, [outputs, inputs]));
    });
  });
  const model = (x: Tensor): Tensor =>
    layers.reduce((value, [left, right]) => {
      const product = matmulNT(value, left!);
      return right ? tf.mul(product, matmulNT(value, right)) : product;
    }, x);
  return { layers, model };
}

function training(tf: Tfjs, task: NetworkTask, matmulNT: MatmulNT): Job<Float32Array> {
  const { layers, model } = network(tf, task, matmulNT), variables = layers.flat();
  const { learningRate, weightDecay } = task;
  const decay = 1 - learningRate * weightDecay;
  const optimizer = tf.train.adam(learningRate, 0.9, 0.999, 1e-8);
  const step = (index: number): number =>
    tf.tidy(() => {
      const { inputs, labels } = task.batch(index);
      const x = tf.tensor2d(inputs, [task.rows, task.inputs]);
      const truth = tf.oneHot(tf.tensor1d(labels, "int32"), task.classes);
      const loss = (): Tensor => tf.losses.softmaxCrossEntropy(truth, model(x));
      const { value, grads } = tf.variableGrads(loss, variables);
      // the decay of AdamW, which it lacks
      for (const one of variables) one.assign(one.mul(decay));
      optimizer.applyGradients(grads);
      return value.dataSync()[0]!;
    });
  let steps = 0;
  return {
    run: () => step(steps++),
    result: () => Float32Array.from({ length: 5 }, (_, i) => step(i)),
    end: () => [optimizer, ...variables].forEach((one) => one.dispose()),
  };
}
