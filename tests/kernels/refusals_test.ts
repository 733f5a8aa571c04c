import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { assertThrows } from "@std/assert";
import { checkEngine, compile } from "../../src/kernels/binary.ts";

const address = (path: string): string => new URL(`../../src/${path}`, import.meta.url).href;
let imports = 0;

/** Runs `body` in an engine whose WebAssembly is another one. */
async function within(
  fake: Partial<typeof WebAssembly> | undefined,
  body: () => void | Promise<void>,
): Promise<void> {
  const own = Object.getOwnPropertyDescriptor(globalThis, "WebAssembly")!;
  Object.defineProperty(globalThis, "WebAssembly", { ...own, value: fake });
  try {
    await body();
  } finally {
    Object.defineProperty(globalThis, "WebAssembly", own);
  }
}

/** An engine that refuses to compile with a message. */
function refusing(message: string): Partial<typeof WebAssembly> {
  const { validate, Instance, CompileError } = WebAssembly;
  const Module = function (): never {
    throw new CompileError(message);
  } as unknown as typeof WebAssembly.Module;
  return { validate, Instance, CompileError, Module };
}

/** Imports a module anew, as an engine does that meets it for the first time. */
async function importAnew(path: string): Promise<unknown> {
  return await import(`${address(path)}?${imports++}`);
}

const VERSIONS = ["Node 16.4", "Chrome 91", "Firefox 89", "Safari 16.4", "Deno 1.9"];

Deno.test("an engine without SIMD is told so at import, with the versions that have it", async () => {
  await within({ ...refusing("never"), validate: () => false }, async () => {
    const error = assertThrows(checkEngine, Error, "odot needs WebAssembly SIMD");
    for (const version of VERSIONS) assertStringIncludes(error.message, version);
    await assertRejects(() => importAnew("kernels/runtime.ts"), Error, "WebAssembly SIMD");
  });
});

Deno.test("an engine without WebAssembly is told so at import", async () => {
  await within(undefined, async () => {
    assertThrows(checkEngine, Error, "odot needs WebAssembly, which");
    await assertRejects(() => importAnew("kernels/runtime.ts"), Error, "needs WebAssembly, which");
  });
});

const POLICIES = [
  // Chromium, older and newer; Firefox; Safari
  "WebAssembly.Module(): Refused to compile or instantiate WebAssembly module because 'unsafe-eval' is not an allowed source of script in the following Content Security Policy directive: \"script-src 'self'\"",
  "WebAssembly.Module(): Compiling or instantiating WebAssembly module violates the following Content Security policy directive because neither 'wasm-unsafe-eval' nor 'unsafe-eval' is an allowed source of script",
  "call to WebAssembly.Module() blocked by CSP",
  "Refused to create a WebAssembly object because 'unsafe-eval' or 'wasm-unsafe-eval' is not an allowed source of script",
];

for (const message of POLICIES) {
  Deno.test(`a security policy is told what to allow: ${message.slice(0, 70)}`, async () => {
    await within(refusing(message), async () => {
      const error = assertThrows(() => compile(new Uint8Array(8)), Error, "'wasm-unsafe-eval'");
      assertStringIncludes(error.message, "Content-Security-Policy");
      assert(error.cause instanceof WebAssembly.CompileError);
      await assertRejects(() => importAnew("kernels/runtime.ts"), Error, "add 'wasm-unsafe-eval'");
    });
  });
}

const EMBEDDER = "WebAssembly.Module(): Wasm code generation disallowed by embedder";

Deno.test("a host that compiles only while loading is told to import at the top", async () => {
  await within(refusing(EMBEDDER), async () => {
    assertThrows(() => compile(new Uint8Array(8)), Error, "import odot at the top of a module");
    await assertRejects(() => importAnew("kernels/runtime.ts"), Error, "2025-06-01");
  });
});

Deno.test("./edge imports where nothing can be compiled, and says why when it is used", async () => {
  const compiled = new WebAssembly.Module((await import("../../src/kernels/edge.ts")).edgeBinary());
  await within(refusing(EMBEDDER), async () => {
    const edge = await importAnew("kernels/edge.ts") as typeof import("../../src/kernels/edge.ts");
    assertThrows(() => edge.edgeKernels(), Error, "hand a WebAssembly.Module");
    assertEquals(edge.edgeKernels(compiled).heapBase(), 4096);
  });
});

Deno.test("compile() passes other errors on as they are", () => {
  assertThrows(() => compile(Uint8Array.of(1, 2, 3)), WebAssembly.CompileError);
});
