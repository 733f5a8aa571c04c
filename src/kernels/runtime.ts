import { checkEngine, compile, supports } from "./binary.ts";
import { brought } from "./brought.ts";
import { type Build, buildBinary, buildBytes } from "./builds.ts";
import { microKernelsFor } from "./engine.ts";
import type { Kernels } from "./signatures.ts";
import { importMemory, SLOTS } from "./slots.ts";
import { startTeam, type Team } from "./threads.ts";

export type { Build };

/** What `configure` accepts; what is left out stays as it is. */
export interface Configuration {
  /** `fast`: the relaxed build where the engine has it (default); `strict`: the same bits everywhere. */
  readonly kernels?: "fast" | "strict";
  /** Threads for large matrix products, 1 (default) to 16. Their number changes no bit of a result. */
  readonly threads?: number;
}

/** What `info` tells. */
export interface Info {
  /** The build in use. */
  readonly kernels: Build;
  /** Why this build. */
  readonly reason: string;
  /** Which micro-kernels of the matrix product suit this engine; the results are the same. */
  readonly microKernels: "unrolled" | "rolled";
  /** Threads that the kernels use. */
  readonly threads: number;
  /** Why so many, and not more. */
  readonly threadsReason: string;
  /** Size of the kernels' memory, bytes. */
  readonly memoryBytes: number;
}

// Compiled at import: inside a request handler of an edge runtime it would be refused.
checkEngine();
const hasRelaxed = supports("relaxedSimd") && (!brought.strict || brought.relaxed !== undefined);
const PAGE = 65536;
/** Builds by the number under which workers know them: those that the engine has. */
const BUILDS: readonly Build[] = hasRelaxed ? ["strict", "relaxed"] : ["strict"];

/** The kernels of a build, in a memory of their own or in one that threads share. */
function instantiate(build: Build, shared?: WebAssembly.Memory): Kernels {
  const module = shared
    ? compile(importMemory(buildBytes(build), true))
    : brought[build] ?? compile(buildBytes(build));
  const imports: WebAssembly.Imports = shared ? { odot: { memory: shared } } : {};
  return new WebAssembly.Instance(module, imports).exports as unknown as Kernels;
}

/** A shared memory of the present size that may grow as far as the engine allows. */
function sharedMemory(): WebAssembly.Memory {
  const initial = current.memory.buffer.byteLength / PAGE;
  for (let maximum = 2 ** 32 / PAGE;; maximum = Math.max(initial, maximum / 2)) {
    try {
      return new WebAssembly.Memory({ initial, maximum, shared: true });
    } catch (error) {
      if (maximum === initial) throw error;
    }
  }
}

const ONE_THREAD = "configure({ threads }) asks for more";
let build: Build = hasRelaxed ? "relaxed" : "strict";
let reason = reasonFor("fast");
let threadsReason = ONE_THREAD;
let current: Kernels = /* @__PURE__ */ instantiate(build);
let workers: Team | undefined;

function reasonFor(wanted: "fast" | "strict"): string {
  if (wanted === "strict") return "asked for by configure()";
  if (hasRelaxed) return "the engine has relaxed SIMD";
  return brought.strict ? "the host brought no other" : "the engine lacks relaxed SIMD";
}

const suited = microKernelsFor(globalThis);

/** Which micro-kernels suit this engine. */
export function microKernels(): "unrolled" | "rolled" {
  return suited;
}

/** The kernels in use. Never keep them, or a view of their memory, across a call that allocates. */
export function kernels(): Kernels {
  return current;
}

/** The threads that share out large products, and the number of the present build; if there are any. */
export function team(): { readonly team: Team; readonly build: number } | undefined {
  return workers && { team: workers, build: BUILDS.indexOf(build) };
}

/**
 * Chooses the build of the kernels, and on how many threads large matrix products run. Tensors keep their
 * contents: the memory moves along. Where there can be no threads all works without, and `info` says why.
 *
 * @throws {RangeError} for a choice that does not exist.
 * @example
 * ```ts
 * import { configure, info } from "@odot/odot";
 * configure({ kernels: "strict", threads: 2 });
 * console.log(info().kernels); // "strict"
 * console.log(info().threads); // 2 where the host has workers and shared memory
 * configure({ threads: 1 });
 * ```
 */
export function configure(configuration: Configuration): void {
  const wanted: string | undefined = configuration.kernels, { threads } = configuration;
  if (wanted !== undefined && wanted !== "fast" && wanted !== "strict") {
    throw new RangeError(`Cannot configure kernels "${wanted}": choose "fast" or "strict"`);
  }
  if (threads !== undefined && !(Number.isInteger(threads) && 1 <= threads && threads <= SLOTS)) {
    throw new RangeError(
      `Cannot configure ${threads} threads: choose a whole number from 1 to ${SLOTS}`,
    );
  }
  if (wanted !== undefined) chooseBuild(wanted);
  if (threads !== undefined) chooseThreads(threads);
}

function chooseBuild(wanted: "fast" | "strict"): void {
  reason = reasonFor(wanted);
  const next: Build = wanted === "fast" && hasRelaxed ? "relaxed" : "strict";
  if (next === build) return;
  if (workers) current = instantiate(next, current.memory);
  else moveTo(instantiate(next));
  build = next;
}

function chooseThreads(threads: number): void {
  if (threads === 1 ? !workers : threads === workers?.threads()) return;
  workers?.stop();
  if (threads > 1) {
    const memory = workers ? current.memory : undefined;
    const started = tryToStart(threads, memory);
    if (typeof started !== "string") {
      workers = started;
      threadsReason = "asked for by configure()";
      return;
    }
    threadsReason = started;
  } else {
    threadsReason = ONE_THREAD;
  }
  if (workers) moveTo(instantiate(build));
  workers = undefined;
}

/** A team on `memory`, or on a new shared one to which the present contents move; or why there is none. */
function tryToStart(threads: number, memory?: WebAssembly.Memory): Team | string {
  try {
    const shared = memory ?? sharedMemory();
    const started = startTeam(threads, shared, BUILDS.map(buildBinary));
    if (typeof started !== "string" && !memory) moveTo(instantiate(build, shared));
    return started;
  } catch (error) {
    return `memory cannot be shared: ${error}`;
  }
}

/** Puts another instance in place of the present one, with the contents of its heap. */
function moveTo(replacement: Kernels): void {
  const missing = current.memory.buffer.byteLength - replacement.memory.buffer.byteLength;
  if (missing > 0) replacement.memory.grow(missing / PAGE);
  const heap = current.heapBase();
  new Uint8Array(replacement.memory.buffer, heap).set(new Uint8Array(current.memory.buffer, heap));
  current = replacement;
}

/** Which kernels run, on how many threads, why, and on how much memory. */
export function info(): Info {
  return {
    kernels: build,
    reason,
    microKernels: suited,
    threads: workers?.threads() ?? 1,
    threadsReason: workers?.problem() ?? threadsReason,
    memoryBytes: current.memory.buffer.byteLength,
  };
}
