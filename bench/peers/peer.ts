import type { Job } from "../job.ts";
import type { Crossing, NetworkTask, ProductTask, SvdTask, SymmetricTask } from "../tasks.ts";

/** A value, or a promise of it. */
type Soon<T> = T | Promise<T>;

/** Another library: what it can do of the work, each as a job whose result must agree with odot's. */
export interface Peer {
  readonly name: string;
  readonly version: string;
  /** Threads it runs on. */
  readonly threads: number;
  /** Time that it takes to get up to speed, milliseconds; as long as odot unless said. */
  readonly warmUp?: number;
  /** A matrix product; its crossing says what odot has to carry over as well, to be compared. */
  readonly product?: (
    task: ProductTask,
  ) => Soon<(Job<Float32Array> & { readonly crossing: Crossing }) | undefined>;
  /** Training steps; the result is the first five losses. */
  readonly training?: (task: NetworkTask) => Soon<Job<Float32Array>>;
  /** Logits of one batch, from array to array unless its crossing says that odot need not either. */
  readonly inference?: (
    task: NetworkTask,
  ) => Soon<Job<Float32Array> & { readonly crossing?: Crossing }>;
  /** Eigenvalues, ascending in each matrix; eigenvectors are to be made as well. */
  readonly eigh?: (task: SymmetricTask) => Soon<Job<Float64Array>>;
  /** Singular values, descending; vectors are to be made as well. */
  readonly svd?: (task: SvdTask) => Soon<Job<Float64Array>>;
  /** Frees what it holds. */
  readonly end?: () => unknown;
}

/** The file of each peer; it exports `open(threads)`, which throws with the reason when it cannot run. */
export const PEERS: Readonly<Record<string, string>> = {
  "tfjs-wasm": "./tfjs.ts",
  "tfjs-wasm tuned": "./tfjs_tuned.ts",
  "onnxruntime-web": "./onnxruntime.ts",
  "jax-js": "./jax.ts",
  "LiteRT": "./litert.ts",
  "ml-matrix": "./ml_matrix.ts",
  "numpy": "./numpy.ts",
  "PyTorch": "./pytorch.ts",
};

/** Opens a peer by name. @throws {Error} with the reason when it cannot run here. */
export async function open(name: string, threads = 1): Promise<Peer> {
  const file = PEERS[name];
  if (!file) throw new RangeError(`No peer "${name}": there are ${Object.keys(PEERS).join(", ")}`);
  const module = await import(new URL(file, import.meta.url).href);
  return await module.open(threads);
}

/** Imports an npm package; a specifier that is no literal keeps type checking off the network. */
export async function bring<T>(specifier: string): Promise<T> {
  return await import(specifier);
}
