// The first 64 KiB of memory: fixed addresses that the kernels know at compile time. Loads and stores
// at constant addresses inside the initial memory need no bounds check in any engine (ARCHITECTURE.md,
// "Four findings"), so the panel of A that a tile reads lives here. The heap starts above.
//
//   0     ..  1024  never touched: a null pointer writes here, and the tests look for it
//   1024  ..  4096  WINDOW: one strip of A, depth-major, for the tile
//   4096  ..  8192  SCRATCH: a partial strip of C, or random numbers on their way
//   8192  .. 65536  constants of the kernels (asc --memoryBase 8192)

export const WINDOW: usize = 1024;
export const SCRATCH: usize = 4096;
export const SCRATCH_BYTES: i32 = 4096;

/** First address of the heap, which belongs to the caller. */
export function heapBase(): usize {
  return 65536;
}
