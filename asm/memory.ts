// The start of memory: fixed addresses that the kernels know at compile time. Loads and stores at
// constant addresses inside the initial memory need no bounds check in any engine (ARCHITECTURE.md,
// "Four findings"), so the panel of A that a tile reads lives here. The heap starts above.
//
//   0     ..  1024   never touched: a null pointer writes here, and the tests look for it
//   1024  ..  9216   constants of the kernels (asc --memoryBase 1024)
//   9216  .. 16384   slot 0, of the first thread:
//     9216 .. 12288    WINDOW: one strip of A, depth-major, for the tile
//    12288 .. 16384    SCRATCH: a partial strip of C, or random numbers on their way
//   16384 .. 262144  slots 1 to 15, of the other threads, each 2¹⁴ above the one before
//
// Addresses from 2¹³ on take three bytes as LEB128, and the last of the three alone tells the slots
// apart: the module of another thread is this one with those bytes increased (src/kernels/slots.ts).
// 2¹³ itself would not do, because the compiler adds it by subtracting −2¹³, which takes two.

/** Which thread the module is for; tools/kernels.ts compiles 0 and 1 and stores the difference. */
const SLOT: usize = 0;
const SLOTS: usize = 16;
const FIRST: usize = 9216;
const STRIDE: usize = 16384;

export const WINDOW: usize = FIRST + SLOT * STRIDE;
export const SCRATCH: usize = WINDOW + 3072;
export const SCRATCH_BYTES: i32 = 4096;

/** First address of the heap, which belongs to the caller. */
export function heapBase(): usize {
  return SLOTS * STRIDE;
}
