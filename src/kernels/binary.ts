/** Bytes of a base64 text, by the engine's own decoder where it has one. */
export function decode(text: string): Uint8Array<ArrayBuffer> {
  const native =
    (Uint8Array as unknown as { fromBase64?(text: string): Uint8Array<ArrayBuffer> }).fromBase64;
  if (native) return native.call(Uint8Array, text);
  const raw = atob(text), bytes = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i);
  return bytes;
}

/** Bytes of a hexadecimal text. */
function fromHex(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

// Whole modules with one instruction of the feature in a function body: the engine validates them or not.
const PROBES = {
  simd: "0061736d010000000105016000017b030201000a0a0108004100fd0ffd620b",
  relaxedSimd: "0061736d0100000001060160017b017b030201000a0d010b00200020002000fd85020b",
} as const;

/** Whether the engine has a WebAssembly feature. */
export function supports(feature: keyof typeof PROBES): boolean {
  return WebAssembly.validate(fromHex(PROBES[feature]));
}

/**
 * Fails where the engine cannot run the kernels.
 *
 * @throws {Error} that names what it lacks and which versions have it.
 */
export function checkEngine(): void {
  const lacking = typeof WebAssembly === "undefined"
    ? "WebAssembly"
    : supports("simd")
    ? undefined
    : "WebAssembly SIMD";
  if (lacking === undefined) return;
  throw new Error(
    `odot needs ${lacking}, which this engine lacks or has turned off: use Deno 1.9, Node 16.4, Bun 0.1, Chrome 91, Edge 91, Firefox 89, Safari 16.4 or later`,
  );
}

/**
 * A module of the kernels.
 *
 * @throws {Error} that says what to change where the page or the host forbids to compile.
 */
export function compile(bytes: Uint8Array<ArrayBuffer>): WebAssembly.Module {
  checkEngine();
  try {
    return new WebAssembly.Module(bytes);
  } catch (cause) {
    const message = String((cause as Error)?.message ?? cause);
    if (/unsafe-eval|content.security|\bcsp\b/i.test(message)) {
      throw new Error(
        "The Content-Security-Policy of this page forbids WebAssembly: add 'wasm-unsafe-eval' to its script-src, as in script-src 'self' 'wasm-unsafe-eval'",
        { cause },
      );
    }
    if (/disallowed by embedder|code generation/i.test(message)) {
      throw new Error(
        "This host compiles WebAssembly only while it loads modules: import odot at the top of a module (Cloudflare Workers: with a compatibility date from 2025-06-01 on, or the export condition workerd, which wrangler sets), or hand a WebAssembly.Module to load(bytes, { module }) of odot's ./edge",
        { cause },
      );
    }
    throw cause;
  }
}
