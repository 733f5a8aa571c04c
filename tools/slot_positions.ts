/**
 * Where the modules of two threads differ: see asm/memory.ts.
 *
 * @module
 */
import { moveWindow, SLOTS } from "../src/kernels/slots.ts";

/**
 * Positions of the bytes that name the slot, from the modules compiled for slots 0 and 1.
 *
 * @throws {Error} when the modules differ in anything else, or when increasing those bytes does not give
 * `last`, the module compiled for the last slot.
 */
export function slotPositions(first: Uint8Array, second: Uint8Array, last: Uint8Array): number[] {
  const positions = [...first.keys()].filter((at) => first[at] !== second[at]);
  const same = (a: Uint8Array, b: Uint8Array): boolean =>
    a.length === b.length && a.every((byte, at) => byte === b[at]);
  if (
    positions.length === 0 || !same(moveWindow(first, positions, 1), second) ||
    !same(moveWindow(first, positions, SLOTS - 1), last)
  ) {
    throw new Error(
      `The modules of slots 0, 1 and ${
        SLOTS - 1
      } differ in more than the last bytes of the slots' addresses: see asm/memory.ts`,
    );
  }
  return positions;
}
