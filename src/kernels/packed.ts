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
    const literals = number();
    bytes.set(packed.subarray(at, at + literals), to);
    at += literals;
    to += literals;
    if (to >= end) return bytes.slice(start);
    const length = number(), from = to - number();
    // a copy may reach into what it writes: then it is made of whole repetitions
    for (let done = 0; done < length;) {
      const part = Math.min(length - done, to + done - from);
      bytes.copyWithin(to + done, from, from + part);
      done += part;
    }
    to += length;
  }
}
