import { decode, supports } from "./binary.ts";
import { wasm as relaxedWasm } from "./generated/relaxed.ts";
import { wasm as strictWasm } from "./generated/strict.ts";
import type { Kernels } from "./signatures.ts";

/** Which build runs: `relaxed` fuses multiply and add, `strict` gives the same bits in every engine. */
export type Build = "relaxed" | "strict";

/** What `configure` accepts. */
export interface Configuration {
  /** `fast`: the relaxed build where the engine has it (default); `strict`: the same bits everywhere. */
  readonly kernels: "fast" | "strict";
}

/** What `info` tells. */
export interface Info {
  /** The build in use. */
  readonly kernels: Build;
  /** Why this build. */
  readonly reason: string;
  /** Threads that the kernels use. */
  readonly threads: number;
  /** Size of the kernels' memory, bytes. */
  readonly memoryBytes: number;
}

// Compiled at import: inside a request handler of an edge runtime it would be refused.
if (!supports("simd")) {
  throw new Error(
    "odot needs WebAssembly SIMD, which this engine lacks: use Deno 1.9, Node 16.4, Bun 0.1, Chrome 91, Firefox 89, Safari 16.4 or later",
  );
}
const hasRelaxed = supports("relaxedSimd");

function instantiate(build: Build): Kernels {
  const module = new WebAssembly.Module(decode(build === "relaxed" ? relaxedWasm : strictWasm));
  return new WebAssembly.Instance(module).exports as unknown as Kernels;
}

let build: Build = hasRelaxed ? "relaxed" : "strict";
let reason = hasRelaxed ? "the engine has relaxed SIMD" : "the engine lacks relaxed SIMD";
let current: Kernels = instantiate(build);

/** The kernels in use. Never keep them, or a view of their memory, across a call that allocates. */
export function kernels(): Kernels {
  return current;
}

/**
 * Chooses the build of the kernels. Tensors keep their contents: the memory moves along.
 *
 * @throws {RangeError} for a choice that does not exist.
 * @example
 * ```ts
 * import { configure, info } from "@odot/odot";
 * configure({ kernels: "strict" });
 * console.log(info().kernels); // "strict"
 * ```
 */
export function configure(configuration: Configuration): void {
  const wanted: string = configuration.kernels;
  if (wanted !== "fast" && wanted !== "strict") {
    throw new RangeError(`Cannot configure kernels "${wanted}": choose "fast" or "strict"`);
  }
  const next: Build = wanted === "fast" && hasRelaxed ? "relaxed" : "strict";
  reason = wanted === "strict"
    ? "asked for by configure()"
    : hasRelaxed
    ? "the engine has relaxed SIMD"
    : "the engine lacks relaxed SIMD";
  if (next === build) return;
  const replacement = instantiate(next);
  const missing = current.memory.buffer.byteLength - replacement.memory.buffer.byteLength;
  if (missing > 0) replacement.memory.grow(missing / 65536);
  const heap = current.heapBase();
  new Uint8Array(replacement.memory.buffer, heap).set(new Uint8Array(current.memory.buffer, heap));
  [current, build] = [replacement, next];
}

/** Which kernels run, why, and on how much memory. */
export function info(): Info {
  return {
    kernels: build,
    reason,
    threads: 1,
    memoryBytes: current.memory.buffer.byteLength,
  };
}
