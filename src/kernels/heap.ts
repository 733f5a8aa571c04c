import { kernels } from "./runtime.ts";
import type { Address } from "./signatures.ts";

// The sole owner of the kernels' memory above heapBase(). Freed blocks wait in a list for their size
// class; classes step by an eighth of a power of two, so at most an eighth of a block is unused. A loop
// that frees what it makes finds every block in its list. Only where a list is empty, before the heap
// would grow, are neighbours joined and larger blocks cut.

const PAGE = 65536;
const MAXIMUM = 2 ** 32 - PAGE;
const free = new Map<number, Address[]>();
let top: Address = 0;
let reached: Address = 0;
let freeBytes = 0;
let freedSinceJoin = 0;
let liveBlocks = 0;
let liveBytes = 0;

/** Smallest size class that holds `bytes`, in bytes: a multiple of 16. */
export function sizeClass(bytes: number): number {
  const size = Math.max(16, bytes);
  const step = Math.max(16, 1 << (28 - Math.clz32(size)));
  return Math.ceil(size / step) * step;
}

/**
 * Address of a free block of at least `bytes` bytes, aligned to 16, contents undefined.
 *
 * @throws {RangeError} when the 4 GiB of 32-bit WebAssembly memory, or the engine's limit, are used up.
 */
export function allocate(bytes: number): Address {
  const size = sizeClass(bytes);
  let address = take(size, size) ?? cut(size);
  if (address === undefined) {
    if (top === 0) top = kernels().heapBase();
    address = top;
    reserve(address + size, bytes);
    top += size;
    reached = Math.max(reached, top);
  }
  liveBlocks++;
  liveBytes += size;
  return address;
}

/** A free block of exactly `size` bytes, of which `wanted` are used and the rest stays free. */
function take(size: number, wanted: number): Address | undefined {
  const address = free.get(size)?.pop();
  if (address === undefined) return undefined;
  freeBytes -= size;
  if (wanted < size) keep(address + wanted, size - wanted);
  return address;
}

function keep(address: Address, size: number): void {
  const list = free.get(size);
  if (list) list.push(address);
  else free.set(size, [address]);
  freeBytes += size;
}

/**
 * `size` bytes of the smallest free block that holds them, neighbours joined where much was freed since
 * the last time: more often, and a loop over a few small blocks would never find its own again.
 */
function cut(size: number): Address | undefined {
  if (freeBytes < size) return undefined;
  if (freedSinceJoin >= Math.max(size, PAGE)) join();
  let smallest = Infinity;
  for (const [other, { length }] of free) {
    if (length > 0 && size <= other && other < smallest) smallest = other;
  }
  return take(smallest, size);
}

/** Makes one block of free ones that touch, and gives back those at the top. */
function join(): void {
  const blocks = [...free].flatMap(([size, list]) => list.map((address) => ({ address, size })));
  blocks.sort((a, b) => a.address - b.address);
  free.clear();
  freeBytes = freedSinceJoin = 0;
  for (let i = 0; i < blocks.length;) {
    const { address } = blocks[i]!;
    let end = address;
    while (blocks[i]?.address === end) end += blocks[i++]!.size;
    if (end === top) top = address;
    else keep(address, end - address);
  }
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
  keep(address, size);
  freedSinceJoin += size;
  liveBlocks--;
  liveBytes -= size;
}

/** State of the heap: what is in use, and how far it has ever reached. */
export function heapUsage(): { blocks: number; bytes: number; top: Address } {
  return { blocks: liveBlocks, bytes: liveBytes, top: reached };
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
    for (let i = 0; i < addresses.length; i++) release(addresses[i]!, sizes[i]!);
  }
}
