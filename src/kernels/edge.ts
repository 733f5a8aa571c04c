/**
 * The kernels of inference at the edge: a module of 6 KB beside the library's, which only the edge imports.
 *
 * @module
 */
import { compile, decode } from "./binary.ts";
import { brought } from "./brought.ts";
import { wasm } from "./generated/edge.ts";
import type { Address, Kernels } from "./signatures.ts";

/** The kernels of the library that one row of inputs needs. */
export type RowKernels = Pick<
  Kernels,
  | "memory"
  | "heapBase"
  | "activate"
  | "add"
  | "affine"
  | "bilinearForward"
  | "firstNotFinite"
  | "gatedForward"
  | "matvec_f32"
  | "multiplyRow"
  | "rmsNormForward"
>;

/** What asm/edge exports: those, and kernels for weights of 8 and 16 bits. */
export interface EdgeKernels extends RowKernels {
  /** y [n] = halves [n] of IEEE binary16, finite ones, which may lie in the second half of y. */
  widen(n: number, halves: Address, y: Address): void;
  /** y [n] = W·x for w [n, k] of i8 with scales [n], and q [k] of i16 that count `unit` each. */
  matvec_i8(
    n: number,
    k: number,
    w: Address,
    scales: Address,
    q: Address,
    unit: number,
    y: Address,
  ): void;
  /** q [n] = round(x / s) in i16 with s = max |x| / limit; returns s, or 0 where all of q is 0. */
  quantize(n: number, limit: number, x: Address, q: Address): number;
}

// Compiled at import, where every host allows it; a host that does not may hand in a module of its own,
// so that what went wrong is told when it is known that nothing else was given.
// Marked as pure, so that a bundle without the edge leaves it out.
const compiled: { readonly module?: WebAssembly.Module; readonly failure?: unknown } =
  /* @__PURE__ */ compileOwn();

function compileOwn(): typeof compiled {
  try {
    return { module: brought.edge ?? compile(decode(wasm)) };
  } catch (failure) {
    return { failure };
  }
}

/** The edge kernels as a WebAssembly binary, for hosts that want them as a file. */
export function edgeBinary(): Uint8Array<ArrayBuffer> {
  return decode(wasm);
}

/**
 * The edge kernels in a memory of their own, of one page; from `module` where it is given.
 *
 * @throws {TypeError} when the module is another one; {Error} when none could be compiled.
 */
export function edgeKernels(module: WebAssembly.Module | undefined = compiled.module): EdgeKernels {
  if (!module) throw compiled.failure;
  let exports: Partial<EdgeKernels> | undefined;
  try {
    exports = new WebAssembly.Instance(module).exports as Partial<EdgeKernels>;
  } catch (cause) {
    throw notOurs(cause);
  }
  if (!exports.memory || !exports.matvec_i8 || !exports.firstNotFinite) throw notOurs();
  return exports as EdgeKernels;
}

function notOurs(cause?: unknown): TypeError {
  return new TypeError(
    "Cannot use this WebAssembly.Module: it does not hold the edge kernels of this version of odot; compile what edge.kernels() returns, or leave module out",
    { cause },
  );
}
