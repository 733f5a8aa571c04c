import { assertEquals } from "@std/assert";
import { heapUsage } from "../../src/kernels/mod.ts";

/** Registers a test that also fails when `body` leaves blocks of the heap in use, or frees too many. */
export function leakChecked(name: string, body: () => void | Promise<void>): void {
  Deno.test(name, async () => {
    const before = heapUsage().blocks;
    await body();
    assertEquals(heapUsage().blocks, before, "blocks of the heap in use, after and before");
  });
}
