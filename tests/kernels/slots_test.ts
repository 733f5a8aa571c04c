import { assert, assertEquals, assertThrows } from "@std/assert";
import { buildBinary } from "../../src/kernels/builds.ts";
import type { Kernels } from "../../src/kernels/mod.ts";
import {
  decodePositions,
  encodePositions,
  importMemory,
  moveWindow,
  SLOTS,
} from "../../src/kernels/slots.ts";
import { slotPositions } from "../../tools/slot_positions.ts";
import { hasRelaxed } from "../support/builds.ts";

const BUILDS = (hasRelaxed ? ["strict", "relaxed"] as const : ["strict"] as const)
  .map((build) => {
    const { module, positions } = buildBinary(build);
    return { module: new Uint8Array(module), positions };
  });
/** Bounds of the slots: see asm/memory.ts. */
const FIRST = 9216, STRIDE = 16384, USED = 7168;

function shared(pages = 16): WebAssembly.Memory {
  return new WebAssembly.Memory({ initial: pages, maximum: 65535, shared: true });
}

function run(module: Uint8Array<ArrayBuffer>, memory: WebAssembly.Memory): Kernels {
  const imports = { odot: { memory } };
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module), imports);
  return exports as unknown as Kernels;
}

Deno.test("encodePositions() and decodePositions() are inverse to each other", () => {
  for (const positions of [[], [0], [5], [0, 1, 2], [127, 128, 255, 16511, 16512, 5_000_000]]) {
    assertEquals(decodePositions(encodePositions(positions)), positions);
  }
});

Deno.test("importMemory() makes a valid module of every slot, with the same exports", () => {
  for (const { module, positions } of BUILDS) {
    const expected = WebAssembly.Module.exports(new WebAssembly.Module(module));
    for (let slot = 0; slot < SLOTS; slot++) {
      for (const constants of [true, false]) {
        const bytes = importMemory(moveWindow(module, positions, slot), constants);
        const compiled = new WebAssembly.Module(bytes);
        assertEquals(WebAssembly.Module.exports(compiled), expected);
        assertEquals(
          WebAssembly.Module.imports(compiled).map(({ module, name, kind }) => [
            module,
            name,
            kind,
          ]),
          [["odot", "memory", "memory"]],
        );
      }
    }
  }
});

Deno.test("importMemory() wants a shared memory that is large enough", () => {
  const module = importMemory(BUILDS[0]!.module, true);
  assertThrows(() => run(module, new WebAssembly.Memory({ initial: 16 })), WebAssembly.LinkError);
  assertThrows(() => run(module, shared(1)), WebAssembly.LinkError);
  run(module, shared());
});

Deno.test("a module writes its constants below the slots, and none where it is told so", () => {
  for (const { module } of BUILDS) {
    const memory = shared(), all = () => new Uint8Array(memory.buffer);
    run(importMemory(module, false), memory);
    assert(all().every((byte) => byte === 0));
    run(importMemory(module, true), memory);
    assert(all().some((byte) => byte !== 0));
    assert(all().subarray(0, 1024).every((byte) => byte === 0));
    assert(all().subarray(FIRST).every((byte) => byte === 0));
  }
});

Deno.test("a slot's module writes to its own slot alone, and to what it was given", () => {
  const [m, n, k] = [7, 11, 21];
  for (const { module, positions } of BUILDS) {
    let expected: Float32Array | undefined;
    for (let slot = 0; slot < SLOTS; slot++) {
      const memory = shared();
      const { heapBase, matmul_f32 } = run(
        importMemory(moveWindow(module, positions, slot), false),
        memory,
      );
      assertEquals(heapBase(), SLOTS * STRIDE);
      const a = heapBase(), b = a + 4 * m * k, c = b + 4 * k * n, workspace = c + 4 * m * n;
      const operands = new Float32Array(memory.buffer, a, m * k + k * n);
      operands.forEach((_, i) => operands[i] = Math.fround(Math.sqrt(i)));
      matmul_f32(m, n, k, a, 4 * k, 0, b, 4 * n, 0, c, 4 * n, 0, 0, 16, workspace);
      const low = new Uint8Array(memory.buffer, 0, heapBase());
      const from = FIRST + slot * STRIDE;
      assert(low.subarray(from, from + USED).some((byte) => byte !== 0), `slot ${slot}`);
      assert(low.every((byte, at) => byte === 0 || from <= at && at < from + USED));
      const result = new Float32Array(memory.buffer, c, m * n).slice();
      assertEquals(result, expected ??= result);
    }
  }
});

Deno.test("slotPositions() finds the bytes that differ and refuses every other difference", () => {
  const first = Uint8Array.of(7, 0, 9, 0),
    [second, last] = [1, SLOTS - 1].map((slot) => Uint8Array.of(7, slot, 9, slot)) as [
      Uint8Array,
      Uint8Array,
    ];
  assertEquals(slotPositions(first, second, last), [1, 3]);
  const wrong: [Uint8Array, Uint8Array, Uint8Array][] = [
    [first, first, last],
    [first, Uint8Array.of(7, 2, 9, 1), last],
    [first, Uint8Array.of(7, 1, 9, 1, 0), last],
    [first, second, second],
  ];
  for (const modules of wrong) {
    assertThrows(() => slotPositions(...modules), Error, "see asm/memory.ts");
  }
});
