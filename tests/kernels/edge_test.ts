import { assertEquals } from "@std/assert";
import { edgeKernels } from "../../src/kernels/edge.ts";
import * as twin from "../../src/kernels/reference/edge.ts";
import { firstNotFinite } from "../../src/kernels/reference/mod.ts";
import { encodeFloat16 } from "../../src/formats/mod.ts";
import { numbers } from "../support/numbers.ts";

const LENGTHS = [0, 1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 100];
const kernels = edgeKernels(), memory = new Uint8Array(kernels.memory.buffer);
const CANARY = 0xa5;

/** Copies arrays into the kernels' memory behind each other; gives their addresses. */
function placed(...arrays: (Int8Array | Int16Array | Uint16Array | Float32Array)[]): number[] {
  memory.fill(CANARY, kernels.heapBase());
  let top = kernels.heapBase();
  return arrays.map(({ buffer, byteOffset, byteLength }) => {
    const address = top;
    memory.set(new Uint8Array(buffer, byteOffset, byteLength), address);
    top += Math.ceil(byteLength / 16) * 16 + 16;
    return address;
  });
}

/** Bytes at an address, and those behind them, which must be untouched. */
function read(address: number, bytes: number): ArrayBuffer {
  assertEquals(
    memory.slice(address + bytes, address + bytes + 16),
    new Uint8Array(16).fill(CANARY),
  );
  return memory.slice(address, address + bytes).buffer;
}

Deno.test("widen() gives the values of halves, normal, subnormal and zero, in place", () => {
  for (const length of LENGTHS) {
    const values = numbers(length).floats(length, -70, 70)
      .map((value, i) => i % 3 === 0 ? value * 2 ** -24 : value);
    const halves = encodeFloat16(values);
    const both = new Uint16Array(2 * length);
    both.set(halves, length);
    const [address] = placed(both);
    kernels.widen(length, address! + 2 * length, address!);
    const expected = Float32Array.from(twin.widen(halves));
    assertEquals(new Float32Array(read(address!, 4 * length)), expected);
  }
});

Deno.test("widen() gives the values of every finite half", () => {
  const halves = Uint16Array.from({ length: 0x10000 }, (_, i) => i)
    .filter((bits) => (bits & 0x7c00) !== 0x7c00);
  for (let at = 0; at < halves.length; at += 4096) {
    const some = halves.subarray(at, at + 4096),
      [from, to] = placed(some, new Float32Array(some.length));
    kernels.widen(some.length, from!, to!);
    const expected = Float32Array.from(twin.widen(some));
    assertEquals(new Float32Array(read(to!, 4 * some.length)), expected);
  }
});

Deno.test("quantize() rounds to whole numbers of 16 bits and says what they count", () => {
  for (const length of LENGTHS) {
    for (const [limit, factor] of [[32767, 1], [200, 1e20], [32767, 1e-25], [1, 3], [9, 1e-31]]) {
      const x = numbers(length + limit!).floats(length).map((value) => value * factor!);
      const [from, to] = placed(x, new Int16Array(length).fill(-23131));
      memory.fill(CANARY, to);
      const unit = kernels.quantize(length, limit!, from!, to!),
        expected = twin.quantize(limit!, x);
      assertEquals(unit, expected.unit);
      assertEquals(new Int16Array(read(to!, 2 * length)), expected.q);
    }
  }
});

Deno.test("matvec_i8() adds whole numbers exactly, then scales", () => {
  for (const k of LENGTHS) {
    for (const n of [1, 2, 3, 4, 5, 8, 9]) {
      const random = numbers(100 * k + n);
      const w = Int8Array.from(random.whole(n * k, -128, 127));
      const q = Int16Array.from(random.whole(k, -32767, 32767)), scales = random.floats(n);
      const [weights, factors, x, y] = placed(w, scales, q, new Float32Array(n));
      kernels.matvec_i8(n, k, weights!, factors!, x!, 0.3, y!);
      const expected = twin.matvec_i8(k, w, scales, q, Math.fround(0.3));
      assertEquals(new Float32Array(read(y!, 4 * n)), expected);
    }
  }
});

Deno.test("firstNotFinite() of the edge finds the first of them in any place", () => {
  for (const length of LENGTHS) {
    const x = numbers(length).floats(length, -3e38, 3e38);
    const found = (): number => kernels.firstNotFinite(length, placed(x)[0]!);
    assertEquals(found(), firstNotFinite(x));
    for (let at = length - 1; at >= 0; at--) {
      x[at] = [NaN, Infinity, -Infinity][at % 3]!;
      assertEquals(found(), at);
    }
  }
});
