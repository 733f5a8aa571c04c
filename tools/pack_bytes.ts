/** Bytes of a number, seven bits each, the lowest first. */
function numberBytes(value: number): number[] {
  const bytes: number[] = [];
  for (; value > 127; value >>>= 7) bytes.push(value & 127 | 128);
  return [...bytes, value];
}

/**
 * Bytes that a copy must save. Fewer would make the kernels' text a sixth smaller, and undoing it take
 * five times as long, since short copies cost as much time as long ones.
 */
const LEAST_GAIN = 8;

/** Where `bytes` from `from` on agree with what stands at `at`, how long. */
function agreement(bytes: Uint8Array, at: number, from: number): number {
  let length = 0;
  while (from + length < bytes.length && bytes[at + length] === bytes[from + length]) length++;
  return length;
}

/**
 * Bytes as literals and copies of what came before, or of `known` bytes before that: what `unpack` in
 * src/kernels/packed.ts reads. Unlike gzip it looks back over everything, and few lines undo it.
 */
export function pack(data: Uint8Array, known: Uint8Array = new Uint8Array()): Uint8Array {
  const all = new Uint8Array([...known, ...data]), packed = numberBytes(data.length);
  const places = new Map<number, number[]>();
  const key = (at: number): number =>
    all[at]! | all[at + 1]! << 8 | all[at + 2]! << 16 | all[at + 3]! << 24;
  const cost = (length: number, distance: number): number =>
    numberBytes(length).length + numberBytes(distance).length + 1;
  let noted = 0;
  const best = (at: number): { length: number; distance: number; gain: number } => {
    for (; noted < at; noted++) {
      places.get(key(noted))?.push(noted) ?? places.set(key(noted), [noted]);
    }
    const found = { length: 0, distance: 0, gain: 0 };
    for (const place of (places.get(key(at)) ?? []).toReversed()) {
      const length = agreement(all, place, at), distance = at - place;
      const gain = length - cost(length, distance);
      if (gain > found.gain) Object.assign(found, { length, distance, gain });
    }
    return found;
  };
  let literals: number[] = [];
  for (let at = known.length; at < all.length;) {
    const here = best(at);
    // a longer copy one byte later is worth a literal
    if (here.gain <= LEAST_GAIN || best(at + 1).gain > here.gain + 1) {
      literals.push(all[at++]!);
      continue;
    }
    packed.push(...numberBytes(literals.length), ...literals);
    packed.push(...numberBytes(here.length), ...numberBytes(here.distance));
    literals = [];
    at += here.length;
  }
  packed.push(...numberBytes(literals.length), ...literals);
  return Uint8Array.from(packed);
}
