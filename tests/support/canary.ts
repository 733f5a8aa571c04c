import { assert } from "@std/assert";
import { type Address, bytes, kernels, withBlocks, words } from "../../src/kernels/mod.ts";

// A guard word is NaN as f32 and, in pairs, as f64: who reads it shows, who writes it is caught.
const GUARD = 0xfff80bad;
const GUARD_BYTES = new Uint8Array(Uint32Array.of(GUARD).buffer);
const GUARD_WORDS = 16;
/** Below this address nothing may ever be written. */
const NULL_GUARD = 1024;

/** Asserts that nobody wrote through a null pointer. */
export function assertNullGuard(): void {
  const at = bytes(0, NULL_GUARD).findIndex((byte) => byte !== 0);
  assert(at < 0, `a kernel wrote to address ${at}, which belongs to nobody`);
}

/** Asserts that `count` bytes at `address` are guard words still, the first of them cut by `phase` bytes. */
function assertGuards(address: Address, count: number, phase: number, block: number): void {
  const at = bytes(address, count).findIndex((byte, j) => byte !== GUARD_BYTES[(j + phase) % 4]);
  assert(at < 0, `byte ${at} of ${count} beside block ${block} was written`);
}

/**
 * Runs `body` with blocks of the given sizes (bytes), filled with guard words and between guard words,
 * and asserts that the guards and the first 1024 bytes of memory are untouched afterwards.
 */
export function withCanaries<T>(
  sizes: readonly number[],
  body: (...addresses: Address[]) => T,
): T {
  const edge = 4 * GUARD_WORDS;
  const whole = sizes.map((size) => Math.ceil(size / 16) * 16 + 2 * edge);
  return withBlocks(whole, (...blocks) => {
    blocks.forEach((block, i) => words(block, whole[i]! / 4).fill(GUARD));
    const result = body(...blocks.map((block) => block + edge));
    blocks.forEach((block, i) => {
      assertGuards(block, edge, 0, i);
      assertGuards(block + edge + sizes[i]!, whole[i]! - edge - sizes[i]!, sizes[i]! % 4, i);
    });
    assertNullGuard();
    return result;
  });
}

/** Arrays that lie in the kernels' memory as they are. */
export type Block =
  | Float32Array<ArrayBuffer>
  | Float64Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>
  | Uint8Array<ArrayBuffer>;

/** The kernels that tests call by name. */
export type KernelName = Exclude<keyof ReturnType<typeof kernels>, "memory">;

/**
 * Calls a kernel with numbers as they are and arrays by address, each between canaries; one array passed
 * twice has one address. Returns what the
 * kernel returned, and what each array holds afterwards; those passed in do not change.
 */
export function invoke(
  name: KernelName,
  ...parameters: readonly (number | Block)[]
): { value: number; after: Block[] } {
  const arrays = [...new Set(parameters.filter((one) => typeof one !== "number"))];
  return withCanaries(arrays.map((one) => one.byteLength), (...addresses) => {
    const place = (i: number) => bytes(addresses[i]!, arrays[i]!.byteLength);
    arrays.forEach(({ buffer, byteOffset, byteLength }, i) => {
      place(i).set(new Uint8Array(buffer, byteOffset, byteLength));
    });
    const passed = parameters.map((one) =>
      typeof one === "number" ? one : addresses[arrays.indexOf(one)]!
    );
    const run = kernels()[name] as (...numbers: number[]) => number;
    const value = run(...passed);
    const after = arrays.map((one, i) => {
      const copy = one.slice();
      new Uint8Array(copy.buffer).set(place(i));
      return copy;
    });
    return { value, after };
  });
}

/** Room for n numbers of f32, NaN until a kernel writes them. */
export function unwritten(n: number): Float32Array<ArrayBuffer> {
  return new Float32Array(n).fill(NaN);
}
