import type { Job } from "../job.ts";
import * as odot from "../ours.ts";
import {
  type Form,
  networkTask,
  productName,
  productTask,
  svdTask,
  symmetricTask,
} from "../tasks.ts";
import type { Peer } from "./peer.ts";

type Values = Float32Array | Float64Array;

/** One piece of work for both: odot's job and the peer's. */
export interface Pair {
  readonly odot: Job<Values>;
  readonly peer: Job<Values>;
  /** The part of the peer's result that odot's is to agree with; all of it unless said. */
  readonly comparable?: (values: Values) => ArrayLike<number>;
}

/** One piece of work, and what it is measured for. */
export interface Work {
  readonly name: string;
  /** The goal that a ratio to this peer counts for. */
  readonly measure?: string | undefined;
  /** Largest difference over the largest value that rounding explains, dimensionless. */
  readonly tolerance: number;
  /** Whether the goal is a time over the peer's instead of a speed over the peer's. */
  readonly overPeer?: true;
  /** `undefined` when the peer cannot do it. */
  readonly pair: () => Promise<Pair | undefined>;
}

const WASM = ["tfjs-wasm", "tfjs-wasm tuned", "onnxruntime-web", "jax-js"];
const SHAPES: readonly (readonly [Form, m: number, n: number, k: number])[] = [
  ...[64, 128, 256, 512].map((n) => ["NN", n, n, n] as const),
  ["NT", 128, 256, 784],
  ["NT", 2048, 256, 784],
  ["TN", 256, 784, 2048],
  ["NN", 1, 256, 784],
  ["NT", 1, 256, 784],
];

/** Everything that a peer is compared on. */
export function* workFor(peer: Peer, quick: boolean): Generator<Work> {
  const { name } = peer;
  if (peer.product) yield* products(peer, quick);
  if (peer.training) {
    for (const [which, rows] of [["toy", 512], ["reference", 128], ["reference", 2048]] as const) {
      if (quick && rows > 512) continue;
      const task = networkTask(which, rows);
      yield {
        name: `step, ${which}, batch ${rows}`,
        measure: stepMeasure(peer, which, rows),
        tolerance: 1e-4,
        ...(name === "PyTorch" ? { overPeer: true } : {}),
        pair: async () => ({ odot: odot.training(task), peer: await peer.training!(task) }),
      };
    }
  }
  if (peer.inference) {
    for (const rows of name === "LiteRT" ? [1, 128, 2048] : [1, 256]) {
      const task = networkTask("reference", rows);
      const wasm = WASM.includes(name) && peer.threads === 1
        ? `inference, batch ${rows} / best of the wasm peers`
        : undefined;
      yield {
        name: `inference, reference, batch ${rows}`,
        measure: name === "LiteRT" && rows >= 128 ? "bilinear model, batch ≥ 128 / LiteRT" : wasm,
        tolerance: 1e-4,
        pair: async () => {
          const theirs = await peer.inference!(task);
          return { odot: odot.inference(task, theirs.crossing), peer: theirs };
        },
      };
    }
  }
  if (peer.eigh) yield* eigenvalues(peer, quick);
  if (peer.svd) {
    const task = svdTask(784, 256);
    yield {
      name: "svd f64 784×256",
      measure: name === "ml-matrix" && peer.threads === 1
        ? "svd 784×256 f64 / ml-matrix"
        : undefined,
      tolerance: 1e-10,
      pair: async () => ({ odot: odot.svd(task), peer: await peer.svd!(task) }),
    };
  }
}

function stepMeasure({ name, threads }: Peer, which: string, rows: number): string | undefined {
  if (threads > 1) return name === "jax-js" ? "two threads / jax-js with two workers" : undefined;
  if (name === "PyTorch") {
    return rows === 2048 ? "step, batch 2048, time over PyTorch's" : undefined;
  }
  // the tuned style helps nothing at the size of a toy, and the goal names the library
  if (which === "toy") return `toy step / ${name.replace(" tuned", "")}`;
  return `step, batch ${rows} / ${name}`;
}

function* products(peer: Peer, quick: boolean): Generator<Work> {
  const { name, threads } = peer;
  for (const [form, m, n, k] of SHAPES) {
    if (quick && m * n * k > 256 ** 3) continue;
    const large = Math.min(m, n, k) >= 128;
    const one: Readonly<Record<string, string | undefined>> = {
      "tfjs-wasm": form !== "NN" ? undefined : large ? "matmul / tfjs-wasm" : matvec(m, name),
      "onnxruntime-web": large ? "matmul / onnxruntime-web" : matvec(m, name),
      "LiteRT": large ? "products, batch ≥ 128 / LiteRT" : undefined,
    };
    const two: Readonly<Record<string, string>> = {
      "onnxruntime-web": "two threads / onnxruntime-web with two",
      "jax-js": "two threads / jax-js with two workers",
    };
    yield {
      name: productName({ form, m, n, k }),
      measure: threads === 1 ? one[name] : m * n * k >= 512 ** 3 ? two[name] : undefined,
      tolerance: 1e-4,
      pair: async () => {
        const task = productTask(form, m, n, k), theirs = await peer.product!(task);
        return theirs && { odot: odot.product(task, theirs.crossing), peer: theirs };
      },
    };
  }
}

function matvec(rows: number, name: string): string | undefined {
  return rows === 1 ? `matvec 784×256 / ${name}` : undefined;
}

function* eigenvalues(peer: Peer, quick: boolean): Generator<Work> {
  const numpy = peer.name === "numpy";
  for (const n of quick ? [64, 256] : [64, 128, 256, 512, 784]) {
    const task = symmetricTask(n), judged = !numpy || n === 256 || n === 784;
    const goal = numpy ? `eigh f64 n = ${n}, time over numpy's` : "eigh f64 / ml-matrix";
    yield {
      name: `eigh f64 n = ${n}`,
      measure: judged && peer.threads === 1 ? goal : undefined,
      tolerance: 1e-10,
      ...(numpy ? { overPeer: true } : {}),
      pair: async () => ({ odot: odot.eigh(task), peer: await peer.eigh!(task) }),
    };
  }
  if (!numpy || quick) return;
  yield {
    name: "top 10 eigenpairs of ten 784² forms",
    measure: peer.threads === 1 ? "top 10 eigenpairs, time over numpy's eigh" : undefined,
    tolerance: 1e-10,
    overPeer: true,
    pair: async () => {
      const { task, job } = odot.eigenpairs(10);
      return {
        odot: job,
        peer: await peer.eigh!(task),
        comparable: (all) => largest(all, 784, 10),
      };
    },
  };
}

/** The `count` values of largest magnitude in each run of n, the largest first. */
function largest(values: Values, n: number, count: number): number[] {
  return Array.from(
    { length: values.length / n },
    (_, i) =>
      Array.from(values.subarray(i * n, (i + 1) * n))
        .sort((a, b) => Math.abs(b) - Math.abs(a)).slice(0, count),
  ).flat();
}
