import { assert, assertEquals, assertFalse, assertThrows } from "@std/assert";
import { decode, supports } from "../../src/kernels/binary.ts";
import { type Build, buildBytes } from "../../src/kernels/builds.ts";
import { wasm as relaxed } from "../../src/kernels/generated/relaxed.ts";
import { wasm as strict } from "../../src/kernels/generated/strict.ts";
import {
  type Configuration,
  configure,
  cosPi,
  floats,
  info,
  kernels,
  withBlocks,
} from "../../src/kernels/mod.ts";
import { withBuild } from "../support/builds.ts";
import { leakChecked } from "../support/leaks.ts";

leakChecked("configure() chooses the build, and info() says which and why", () => {
  withBuild("strict", () => {
    assertEquals(info().kernels, "strict");
    assertEquals(info().reason, "asked for by configure()");
    configure({ kernels: "fast" });
    assertEquals(info().kernels, supports("relaxedSimd") ? "relaxed" : "strict");
    assert(info().reason.includes("relaxed SIMD"), info().reason);
    assertEquals(info().memoryBytes, kernels().memory.buffer.byteLength);
  });
});

leakChecked("configure() refuses what it does not know and changes nothing", () => {
  const before = info(), present = kernels();
  for (const wrong of ["quick", "relaxed", "", null, 1]) {
    assertThrows(
      () => configure({ kernels: wrong } as unknown as Configuration),
      RangeError,
      `"${wrong}": choose "fast" or "strict"`,
    );
  }
  assertEquals(info(), before);
  assert(kernels() === present);
});

leakChecked("configure() with the present choice keeps the instance", () => {
  withBuild("strict", () => {
    const present = kernels();
    configure({ kernels: "strict" });
    assert(kernels() === present);
  });
});

leakChecked(
  "the strict build rounds a product before it adds it; the relaxed one may fuse the two",
  () => {
    if (!supports("relaxedSimd")) return;
    // −1 + (1 + ε)·(1 − ε) is −ε² when fused, and 0 when the product is rounded
    const row = [1, 1 + 2 ** -23], column = [-1, 1 - 2 ** -23];
    const results = (["strict", "fast"] as const).map((choice) =>
      withBuild(choice, () =>
        withBlocks([8, 8, 4, 16 * 8 * 4], (a, b, c, workspace) => {
          floats(a, 2).set(row);
          floats(b, 2).set(column);
          kernels().matmul_f32(1, 1, 2, a, 8, 0, b, 4, 0, c, 4, 0, 0, 8, workspace);
          return floats(c, 1)[0];
        }))
    );
    assertEquals(results[0], 0);
    assert([0, -(2 ** -46)].includes(results[1]!), `${results[1]}`);
  },
);

leakChecked("decode() gives the same bytes with and without the engine's own decoder", () => {
  const owner = Uint8Array as unknown as { fromBase64?: unknown };
  const native = owner.fromBase64;
  for (const text of ["", "AA==", "AGFzbQ==", "//79", strict, relaxed]) {
    const expected = Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
    assertEquals(decode(text), expected);
    try {
      delete owner.fromBase64;
      assertEquals(decode(text), expected);
    } finally {
      Object.defineProperty(owner, "fromBase64", {
        value: native,
        writable: true,
        configurable: true,
      });
    }
  }
});

leakChecked("the strict build needs no relaxed SIMD, the relaxed one does", () => {
  // the prefix of SIMD instructions and the number of f32x4.relaxed_madd or f64x2.relaxed_madd
  const uses = (build: Build): boolean => {
    const code = buildBytes(build);
    return code.some((byte, i) =>
      byte === 0xfd && (code[i + 1] === 0x85 || code[i + 1] === 0x87) && code[i + 2] === 0x02
    );
  };
  assertFalse(uses("strict"));
  assert(uses("relaxed"));
});

leakChecked("both builds export the same names, and import nothing", () => {
  const modules = (["strict", "relaxed"] as const).map((build) =>
    new WebAssembly.Module(buildBytes(build))
  );
  const [first, second] = modules.map((one) => WebAssembly.Module.exports(one));
  assertEquals(first, second);
  modules.forEach((one) => assertEquals(WebAssembly.Module.imports(one), []));
});

leakChecked("supports() is a matter of the engine's own validation", () => {
  const validate = WebAssembly.validate;
  for (const answer of [true, false]) {
    try {
      WebAssembly.validate = () => answer;
      assertEquals([supports("simd"), supports("relaxedSimd")], [answer, answer]);
    } finally {
      WebAssembly.validate = validate;
    }
  }
  assert(supports("simd"));
});

leakChecked("cosPi() is the cosine to the last bits, odd about ½ and exact at its ends", () => {
  assertEquals([cosPi(0), cosPi(1)], [1, -1]);
  for (let i = 0; i <= 1000; i++) {
    const t = i / 1000;
    assert(Math.abs(cosPi(t) - Math.cos(Math.PI * t)) < 4.5e-16, `cosPi(${t}) is ${cosPi(t)}`);
  }
});
