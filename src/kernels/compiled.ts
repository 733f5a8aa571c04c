import { decode } from "./binary.ts";

// Modules of the kernels: compiled from the bytes that the library carries, or brought by the host.

type Brought = Partial<Record<"relaxed" | "strict", WebAssembly.Module>>;

/**
 * Modules that the host compiled, where it compiles none at run time. The entries of the npm package for
 * such hosts fill this before anything else runs; elsewhere it stays empty.
 */
export const brought: Brought = {};

/**
 * The module of some WebAssembly bytes.
 *
 * @throws {Error} when the host refuses to compile, with what would let it; whatever the engine throws
 * for bytes that are no module.
 */
export function compile(bytes: Uint8Array<ArrayBuffer>): WebAssembly.Module {
  try {
    return new WebAssembly.Module(bytes);
  } catch (cause) {
    throw refusal(cause) ?? cause;
  }
}

/** The module of a base64 text. */
export function compileText(text: string): WebAssembly.Module {
  return compile(decode(text));
}

/** The error for a host that compiles nothing, if `cause` says that this is one. */
function refusal(cause: unknown): Error | undefined {
  const said = String(cause);
  if (/Content Security Policy|unsafe-eval|blocked by CSP/i.test(said)) {
    return new Error(
      "odot cannot compile its kernels: the page's Content-Security-Policy forbids it; add 'wasm-unsafe-eval' to its script-src",
      { cause },
    );
  }
  if (/disallowed by embedder/i.test(said)) {
    return new Error(
      "odot cannot compile its kernels here: this host compiles WebAssembly only while a worker starts, or not at all; bundle with the condition workerd or edge-light, or set the compatibility date to 2025-06-01 or later and call configure() outside of requests",
      { cause },
    );
  }
  return undefined;
}
