// The modules of further threads, made from the bytes of the first one. They work on one shared memory,
// which they import, and each packs into a window of its own, whose addresses are constants of its code.

const IMPORT_SECTION = 2, FUNCTION_SECTION = 3, MEMORY_SECTION = 5;
const CONSTANT_SECTIONS: readonly number[] = [11, 12];
const HEADER_BYTES = 8;
/** Pages of 64 KiB that 32 bits can address: any maximum of the memory imported is below it. */
const MOST_PAGES = 65536;

/** Threads for which asm/memory.ts keeps a slot. */
export const SLOTS = 16;

/** An unsigned LEB128 number at `position`, and where it ends. */
function readNumber(bytes: Uint8Array, position: number): [value: number, end: number] {
  let value = 0, shift = 0;
  for (;;) {
    const byte = bytes[position++]!;
    value |= (byte & 127) << shift;
    shift += 7;
    if (byte < 128) return [value >>> 0, position];
  }
}

/** An unsigned number as LEB128. */
function numberBytes(value: number): number[] {
  const bytes: number[] = [];
  for (; value > 127; value >>>= 7) bytes.push(value & 127 | 128);
  return [...bytes, value];
}

/** Ascending positions as LEB128 steps from one to the next. */
export function encodePositions(positions: readonly number[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(
    positions.flatMap((position, i) => numberBytes(position - (positions[i - 1] ?? 0))),
  );
}

/** The positions that {@linkcode encodePositions} encoded. */
export function decodePositions(steps: Uint8Array): number[] {
  const positions: number[] = [];
  for (let at = 0, position = 0; at < steps.length;) {
    const [step, end] = readNumber(steps, at);
    positions.push(position += step);
    at = end;
  }
  return positions;
}

/** The module of thread `slot`: every byte at `positions`, the last of an address's LEB128, is `slot` higher. */
export function moveWindow(
  module: Uint8Array,
  positions: readonly number[],
  slot: number,
): Uint8Array<ArrayBuffer> {
  const moved = new Uint8Array(module);
  for (const position of positions) moved[position]! += slot;
  return moved;
}

/**
 * A module that has a memory of its own, changed to import it as `odot.memory`, shared. Its constants are
 * written when it is instantiated only if `constants` says so: once is enough for all threads.
 */
export function importMemory(module: Uint8Array, constants: boolean): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [module.subarray(0, HEADER_BYTES)];
  const [least] = readNumber(module, memorySection(module) + 2);
  for (const { id, start, end } of sections(module)) {
    if (id === FUNCTION_SECTION) parts.push(memoryImport(least));
    if (id === MEMORY_SECTION || !constants && CONSTANT_SECTIONS.includes(id)) continue;
    parts.push(module.subarray(start, end));
  }
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

interface Section {
  readonly id: number;
  /** Where its identifier stands, where its content begins, and where it ends. */
  readonly start: number;
  readonly content: number;
  readonly end: number;
}

function sections(module: Uint8Array): Section[] {
  const found: Section[] = [];
  for (let start = HEADER_BYTES; start < module.length;) {
    const [size, content] = readNumber(module, start + 1);
    const end = content + size;
    found.push({ id: module[start]!, start, content, end });
    start = end;
  }
  return found;
}

/** Where the content of the memory section begins: one memory, flags, least pages. */
function memorySection(module: Uint8Array): number {
  return sections(module).find(({ id }) => id === MEMORY_SECTION)!.content;
}

/** The section that imports one shared memory of at least `least` pages. */
function memoryImport(least: number): Uint8Array {
  const name = (text: string): number[] => [text.length, ...new TextEncoder().encode(text)];
  const memory = 2, sharedWithMaximum = 3;
  const content = [
    ...[1, ...name("odot"), ...name("memory")],
    ...[memory, sharedWithMaximum, ...numberBytes(least), ...numberBytes(MOST_PAGES)],
  ];
  return Uint8Array.of(IMPORT_SECTION, content.length, ...content);
}
