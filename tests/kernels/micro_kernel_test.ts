import { assert, assertEquals } from "@std/assert";
import {
  LOW_ROWS,
  microKernel,
  microKernels,
  mostRows,
  PANEL_VECTORS,
  tileName,
  TILES,
} from "../../tools/micro_kernel.ts";

/** Bytes between WINDOW and SCRATCH: see asm/memory.ts. */
const WINDOW_BYTES = 3072;

const count = (text: string, pattern: RegExp): number => (text.match(pattern) ?? []).length;

Deno.test("microKernel() loads each number of its strip once, and all lie in the window", () => {
  for (const tile of TILES) {
    const bytes = tile.type === "f32" ? 4 : 8;
    const offsets = [...microKernel(tile).matchAll(/_splat\(WINDOW \+ (\d+)\)/g)]
      .map(([, offset]) => Number(offset));
    const numbers = tile.rows * tile.depth;
    assertEquals(offsets, Array.from({ length: numbers }, (_, i) => i * bytes), tileName(tile));
    assert(numbers * bytes <= WINDOW_BYTES, tileName(tile));
  }
});

Deno.test("microKernel() multiplies as often as its size says, fused only when told", () => {
  for (const tile of TILES) {
    const text = microKernel(tile);
    const products = tile.rows * tile.depth * PANEL_VECTORS;
    assertEquals(count(text, /relaxed_madd/g), tile.fused ? products : 0, tileName(tile));
    assertEquals(count(text, /v128\.mul</g), tile.fused ? 0 : products, tileName(tile));
  }
});

Deno.test("mostRows() leaves registers for the loads, and for the product where it is not fused", () => {
  for (const fused of [true, false]) {
    const used = mostRows(fused) * PANEL_VECTORS + PANEL_VECTORS + 1 + (fused ? 0 : 1);
    assert(used <= 15, `${used} of 15 registers`);
    assert(LOW_ROWS < mostRows(fused));
  }
});

Deno.test("microKernels() holds one function a tile", () => {
  const text = microKernels();
  for (const tile of TILES) {
    assertEquals(count(text, RegExp(`function ${tileName(tile)}\\(`, "g")), 1);
  }
});
