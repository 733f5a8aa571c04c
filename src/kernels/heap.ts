import { kernels } from "./runtime.ts";
import type { Address } from "./signatures.ts";

// The sole owner of the kernels' memory above heapBase(). Freed blocks wait in a list for their size
// class; classes step by an eighth of a power of two, so at most an eighth of a block is unused.

const PAGE = 65536;
const MAXIMUM = 2 ** 32 - PAGE;
const free = new Map<number, Address[]>();
let top: Address = 0;
let liveBlocks = 0;
let liveBytes = 0;

/** Smallest size class that holds `bytes`, in bytes: a multiple of 16. */
export function sizeClass(bytes: number): number {
  const size = Math.max(16, bytes);
  const step = Math.max(16, 2 ** (28 - Math.clz32(size)));
  return Math.ceil(size / step) * step;
}

/**
 * Address of a free block of at least `bytes` bytes, aligned to 16, contents undefined.
 *
 * @throws {RangeError} when the 4 GiB of 32-bit WebAssembly memory, or the engine's limit, are used up.
 */
export function allocate(bytes: number): Address {
  const size = sizeClass(bytes);
  let address = free.get(size)?.pop();
  if (address === undefined) {
    if (top === 0) top = kernels().heapBase();
    address = top;
    reserve(address + size, bytes);
    top += size;
  }
  liveBlocks++;
  liveBytes += size;
  return address;
}

/** Grows the memory to hold addresses below `end`. */
function reserve(end: number, bytes: number): void {
  const { memory } = kernels();
  const present = memory.buffer.byteLength;
  if (end <= present) return;
  const refuse = (cause?: unknown): never => {
    throw new RangeError(
      `Cannot allocate ${bytes} bytes: ${liveBytes} bytes are in use and the memory of the kernels cannot grow to ${end}; use smaller batches, or free tensors with scope() or [Symbol.dispose]()`,
      { cause },
    );
  };
  if (end > MAXIMUM) refuse();
  const generous = Math.min(MAXIMUM, Math.max(end, present * 1.25));
  for (const wanted of [generous, end]) {
    try {
      memory.grow(Math.ceil((wanted - present) / PAGE));
      return;
    } catch (error) {
      if (wanted === end) refuse(error);
    }
  }
}

/** Gives back the block at `address` that allocate(`bytes`) returned. */
export function release(address: Address, bytes: number): void {
  const size = sizeClass(bytes);
  const list = free.get(size);
  if (list) list.push(address);
  else free.set(size, [address]);
  liveBlocks--;
  liveBytes -= size;
}

/** State of the heap: what is in use, and how far it has ever reached. */
export function heapUsage(): { blocks: number; bytes: number; top: Address } {
  return { blocks: liveBlocks, bytes: liveBytes, top };
}

/** f32 at `address`; made anew for every use, since growth detaches it. */
export function floats(address: Address, length: number): Float32Array<ArrayBuffer> {
  return new Float32Array(kernels().memory.buffer as ArrayBuffer, address, length);
}
/** f64 at `address`. */
export function doubles(address: Address, length: number): Float64Array<ArrayBuffer> {
  return new Float64Array(kernels().memory.buffer as ArrayBuffer, address, length);
}
/** i32 at `address`. */
export function integers(address: Address, length: number): Int32Array<ArrayBuffer> {
  return new Int32Array(kernels().memory.buffer as ArrayBuffer, address, length);
}
/** u32 at `address`. */
export function words(address: Address, length: number): Uint32Array<ArrayBuffer> {
  return new Uint32Array(kernels().memory.buffer as ArrayBuffer, address, length);
}
/** Bytes at `address`. */
export function bytes(address: Address, length: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(kernels().memory.buffer as ArrayBuffer, address, length);
}

/**
 * Runs `body` with blocks of the given sizes (bytes) and gives them back afterwards, whatever happens.
 */
export function withBlocks<T>(sizes: readonly number[], body: (...addresses: Address[]) => T): T {
  const addresses: Address[] = [];
  try {
    for (const size of sizes) addresses.push(allocate(size));
    return body(...addresses);
  } finally {
    addresses.forEach((address, i) => release(address, sizes[i]!));
  }
}
