import type { EdgeKernels } from "../kernels/edge.ts";
import { FormatError, type StoredTensor } from "../formats/mod.ts";

const PAGE = 65536;

/** Where a tensor lies in the kernels' memory. */
export interface Placed {
  /** Type of its numbers; F16 has become F32. */
  readonly dtype: "F32" | "I8";
  /** Rows. */
  readonly rows: number;
  /** Numbers in a row. */
  readonly columns: number;
  /** Address of its first number. */
  readonly address: number;
  /** Address of the factors of its rows, beside I8. */
  readonly scale: number;
}

/** Gives out the memory of one model: addresses first, and all of it at once at the end. */
export interface Arena {
  /** Address of a block, aligned to 16. */
  reserve(bytes: number): number;
  /** Address of a tensor, whose numbers `fill` brings there. */
  place(tensor: StoredTensor): Placed;
  /**
   * Takes the memory and copies the tensors.
   *
   * @throws {FormatError} when a number is not finite, or there is not enough memory.
   */
  fill(source: string): void;
}

/** An arena above the constants of the kernels. */
export function arena(kernels: EdgeKernels): Arena {
  let top = kernels.heapBase();
  const tensors: [StoredTensor, number][] = [];
  const reserve = (bytes: number): number => {
    const address = top;
    top += Math.ceil(bytes / 16) * 16;
    return address;
  };
  const put = (tensor: StoredTensor): number => {
    const address = reserve(tensor.bytes.length * (tensor.dtype === "F16" ? 2 : 1));
    tensors.push([tensor, address]);
    return address;
  };
  return {
    reserve,
    place: (tensor) => {
      const { dtype, rows, columns, scale } = tensor;
      return {
        dtype: dtype === "I8" ? dtype : "F32",
        rows,
        columns,
        address: put(tensor),
        scale: scale ? put(scale) : 0,
      };
    },
    fill: (source) => {
      grow(kernels.memory, top, source);
      for (const [tensor, address] of tensors) {
        const { dtype, bytes: { length } } = tensor, half = dtype === "F16";
        // halves go to the end of their place, from where they are widened towards its start
        const start = half ? address + length : address;
        new Uint8Array(kernels.memory.buffer).set(tensor.bytes, start);
        checkFinite(kernels, tensor, start, source);
        if (half) kernels.widen(length / 2, start, address);
      }
    },
  };
}

function grow(memory: WebAssembly.Memory, end: number, source: string): void {
  const pages = Math.ceil(end / PAGE) - memory.buffer.byteLength / PAGE;
  if (pages <= 0) return;
  try {
    memory.grow(pages);
  } catch (cause) {
    throw new FormatError(
      `Cannot load a model from ${source}: it needs ${end} bytes of memory, more than there are`,
      { source, offset: 8, cause },
    );
  }
}

/** Refuses numbers that are infinite or NaN; whole numbers are neither. */
function checkFinite(
  { memory, firstNotFinite }: EdgeKernels,
  { name, dtype, bytes, offset }: StoredTensor,
  address: number,
  source: string,
): void {
  if (dtype === "I8") return;
  const size = dtype === "F32" ? 4 : 2, count = bytes.length / size;
  const bad = dtype === "F32" ? firstNotFinite(count, address) : firstHalf(
    new Uint16Array(memory.buffer, address, count),
  );
  if (bad === count) return;
  throw new FormatError(
    `Cannot load a model from ${source}: value ${bad} of "${name}" is not finite`,
    { source, offset: offset + bad * size },
  );
}

function firstHalf(halves: Uint16Array): number {
  let i = 0;
  while (i < halves.length && (halves[i]! & 0x7c00) !== 0x7c00) i++;
  return i;
}
