import { assert, assertEquals } from "@std/assert";
import { dotKernel, dotKernels, dotName, DOTS } from "../../tools/dot_kernel.ts";

const count = (text: string, pattern: RegExp): number => (text.match(pattern) ?? []).length;

Deno.test("dotKernel() multiplies each vector of a step with each row, fused only when told", () => {
  for (const dot of DOTS) {
    const text = dotKernel(dot), products = 4 * (dot.vectors + 2);
    assertEquals(count(text, /relaxed_madd/g), dot.fused ? products : 0, dotName(dot));
    assertEquals(count(text, /f32x4\.mul\(/g), dot.fused ? 0 : products, dotName(dot));
    assertEquals(count(text, /v128\.load\(x/g), dot.vectors + 2, dotName(dot));
  }
});

Deno.test("dotKernel() keeps its sums in registers", () => {
  for (const dot of DOTS) {
    const sums = new Set(dotKernel(dot).match(/\b(even|odd)\d\b/g)).size;
    // with them a vector of x, one of w, and the product where it is not fused
    assert(sums === 8 && sums + 2 + (dot.fused ? 0 : 1) <= 15);
  }
});

Deno.test("dotKernels() holds one function a kernel", () => {
  const text = dotKernels();
  for (const dot of DOTS) assertEquals(count(text, RegExp(`function ${dotName(dot)}\\(`, "g")), 1);
});
