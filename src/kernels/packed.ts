/**
 * Undoes `pack` of tools/pack_bytes.ts: the length, then by turns how many literals, these, how long a
 * copy and from how far back, in what came before or in the `known` bytes before that.
 */
export function unpack(
  packed: Uint8Array,
  known: Uint8Array = new Uint8Array(),
): Uint8Array<ArrayBuffer> {
  let at = 0;
  const number = (): number => {
    for (let value = 0, shift = 0;; shift += 7) {
      const byte = packed[at++]!;
      value |= (byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  const start = known.length, end = start + number(), bytes = new Uint8Array(end);
  bytes.set(known);
  for (let to = start;;) {
    for (let literals = number(); literals > 0; literals--) bytes[to++] = packed[at++]!;
    if (to >= end) return bytes.slice(start);
    // byte by byte, since a copy may reach into what it writes
    for (let length = number(), distance = number(); length > 0; length--, to++) {
      bytes[to] = bytes[to - distance]!;
    }
  }
}
