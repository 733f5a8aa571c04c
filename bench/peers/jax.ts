import type { Job } from "../job.ts";
import type { NetworkTask } from "../tasks.ts";
import {
  type Array as JaxArray,
  forward,
  type Jax,
  parameters,
  type Tree,
  update,
} from "./jax_api.ts";
import { bring, type Peer } from "./peer.ts";

const VERSION = "0.1.25";

/** jax-js: every piece of work one `jit`, weights and moments kept in its memory. */
export async function open(threads: number): Promise<Peer> {
  // it takes every core that workers can be started on, so one thread means a world without workers
  const { Worker } = globalThis;
  if (threads === 1) Reflect.deleteProperty(globalThis, "Worker");
  else if (navigator.hardwareConcurrency !== threads) {
    throw new Error(`it starts ${navigator.hardwareConcurrency} workers here, not ${threads}`);
  }
  const jax = await bring<Jax>(`npm:@jax-js/jax@${VERSION}`);
  await jax.init();
  jax.defaultDevice("wasm");
  const { numpy: np } = jax;
  return {
    name: "jax-js",
    version: VERSION,
    threads,
    product: ({ form, m, n, k, ...task }) => {
      const a = np.array(task.a, { shape: form === "TN" ? [k, m] : [m, k] });
      const b = np.array(task.b, { shape: form === "NT" ? [n, k] : [k, n] });
      const multiply = jax.jit((x: JaxArray, y: JaxArray) =>
        np.matmul(form === "TN" ? np.transpose(x) : x, form === "NT" ? np.transpose(y) : y)
      );
      return {
        crossing: "nothing",
        run: async () => (await multiply(a.ref, b.ref).blockUntilReady()).dispose(),
        result: () => multiply(a.ref, b.ref).data(),
        end: () => [a, b, multiply].forEach((one) => one.dispose()),
      };
    },
    training: (task) => training(jax, task),
    inference: (task) => {
      const weights = parameters(np, task), { inputs } = task.batch(0);
      const model = jax.jit((all: JaxArray[][], x: JaxArray) => forward(np, all, x));
      const run = (): Promise<Float32Array> => {
        const x = np.array(inputs, { shape: [task.rows, task.inputs] });
        return model(refs(weights), x).data();
      };
      return { run, result: run };
    },
    end: () => Object.assign(globalThis, { Worker }),
  };
}

/** The same arrays, to be used once more: a call consumes what it is given. */
function refs(all: readonly JaxArray[][]): JaxArray[][] {
  return all.map((of) => of.map((one) => one.ref));
}

function training(jax: Jax, task: NetworkTask): Job<Float32Array> {
  const { numpy: np } = jax, { learningRate, weightDecay, rows, classes } = task;
  const loss = (all: JaxArray[][], x: JaxArray, truth: JaxArray): JaxArray => {
    const scores = jax.nn.logSoftmax(forward(np, all, x));
    return np.sum(np.multiply(scores, truth)).mul(-1 / rows);
  };
  const decay = 1 - learningRate * weightDecay;
  const step = jax.jit(
    (all: JaxArray[][], moments: Tree, x: JaxArray, labels: JaxArray, rates: JaxArray[]) => {
      const truth = jax.nn.oneHot(labels, classes);
      const [value, gradients] = jax.valueAndGrad(loss)(refs(all), x, truth);
      return [value, ...update(np, { all, gradients, moments, decay, rates })] as const;
    },
  );
  let weights = parameters(np, task), steps = 0;
  const zeros = (): JaxArray[][] => weights.map((of) => of.map((one) => np.zerosLike(one.ref)));
  let moments: Tree = [zeros(), zeros()];
  const run = async (): Promise<number> => {
    const { inputs, labels } = task.batch(steps++);
    const rate = learningRate / (1 - 0.9 ** steps), root = 1 / Math.sqrt(1 - 0.999 ** steps);
    const [value, next, nextMoments] = step(
      weights,
      moments,
      np.array(inputs, { shape: [rows, task.inputs] }),
      np.array(labels, { shape: [rows] }),
      [rate, root].map((one) => np.array(Float32Array.of(one), { shape: [1] })),
    );
    [weights, moments] = [next, nextMoments];
    return (await value.data())[0]!;
  };
  const result = async (): Promise<Float32Array> => {
    const losses: number[] = [];
    for (let i = 0; i < 5; i++) losses.push(await run());
    return Float32Array.from(losses);
  };
  return { run, result };
}
