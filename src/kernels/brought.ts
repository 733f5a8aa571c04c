/**
 * Kernels that the host compiled, where it compiles none at run time. The entries of the npm package for
 * such hosts fill this before anything else runs; elsewhere it stays empty.
 */
export const brought: Partial<Record<"edge" | "relaxed" | "strict", WebAssembly.Module>> = {};
