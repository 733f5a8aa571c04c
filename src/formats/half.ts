/**
 * The two 16-bit floating-point formats, as bit patterns, to and from f32.
 *
 * Every function works on bit patterns and never on JavaScript numbers, so that each of the 65536
 * patterns, NaN payloads included, comes back from f32 unchanged on every engine.
 */

/**
 * f32 values of IEEE 754 binary16 bit patterns [n]; exact.
 *
 * Source: IEEE 754-2019, §3.4 (1 sign, 5 exponent and 10 fraction bits, bias 15).
 */
export function decodeFloat16(bits: Uint16Array): Float32Array {
  const words = new Uint32Array(bits.length);
  for (let i = 0; i < bits.length; i++) {
    const half = bits[i]!;
    const sign = (half & 0x8000) << 16;
    const exponent = (half >>> 10) & 0x1f;
    const fraction = half & 0x3ff;
    if (exponent === 31) {
      words[i] = sign | 0x7f800000 | (fraction << 13);
    } else if (exponent > 0) {
      words[i] = sign | ((exponent + 112) << 23) | (fraction << 13);
    } else if (fraction > 0) {
      // A subnormal, fraction · 2⁻²⁴, is normal in f32: move its leading one to the hidden place.
      const shift = Math.clz32(fraction) - 21;
      words[i] = sign | ((113 - shift) << 23) | (((fraction << shift) & 0x3ff) << 13);
    } else {
      words[i] = sign;
    }
  }
  return new Float32Array(words.buffer);
}

/**
 * IEEE 754 binary16 bit patterns of f32 values [n], rounded to nearest, ties to even.
 *
 * What rounds to 65520 or more in size becomes infinite; a NaN stays one and keeps the upper ten
 * bits of its payload.
 *
 * Source: IEEE 754-2019, §4.3.1 (roundTiesToEven).
 */
export function encodeFloat16(values: Float32Array): Uint16Array {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const bits = new Uint16Array(words.length);
  for (let i = 0; i < words.length; i++) {
    const sign = (words[i]! >>> 16) & 0x8000;
    const size = words[i]! & 0x7fffffff;
    if (size > 0x7f800000) {
      bits[i] = sign | 0x7c00 | (((size >>> 13) & 0x3ff) || 0x200);
    } else if (size >= 0x47800000) {
      bits[i] = sign | 0x7c00; // 65536 and above; a carry below takes care of 65520 to 65536
    } else if (size >= 0x38800000) {
      bits[i] = sign | roundShift(size - (112 << 23), 13);
    } else if (size >= 0x33000000) {
      // Subnormal: the fraction with its hidden one, in units of 2⁻²⁴.
      bits[i] = sign | roundShift((size & 0x7fffff) | 0x800000, 126 - (size >>> 23));
    } else {
      bits[i] = sign;
    }
  }
  return bits;
}

/**
 * f32 values of bfloat16 bit patterns [n] (the upper half of an f32); exact.
 *
 * Source: Intel, "BFLOAT16 — Hardware Numerics Definition" (2018), 338302-001US.
 */
export function decodeBfloat16(bits: Uint16Array): Float32Array {
  const words = new Uint32Array(bits.length);
  for (let i = 0; i < bits.length; i++) words[i] = bits[i]! << 16;
  return new Float32Array(words.buffer);
}

/**
 * bfloat16 bit patterns of f32 values [n], rounded to nearest, ties to even.
 *
 * A NaN stays one and keeps the upper seven bits of its payload.
 *
 * Source: Intel, "BFLOAT16 — Hardware Numerics Definition" (2018), 338302-001US.
 */
export function encodeBfloat16(values: Float32Array): Uint16Array {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const bits = new Uint16Array(words.length);
  for (let i = 0; i < words.length; i++) {
    const sign = (words[i]! >>> 16) & 0x8000;
    const size = words[i]! & 0x7fffffff;
    bits[i] = size > 0x7f800000
      ? sign | 0x7f80 | (((size >>> 16) & 0x7f) || 0x40)
      : sign | roundShift(size, 16);
  }
  return bits;
}

/** `integer` · 2^−`shift`, rounded to nearest, ties to even; `shift` from 1 to 30. */
function roundShift(integer: number, shift: number): number {
  const odd = (integer >>> shift) & 1;
  return (integer + (1 << (shift - 1)) - 1 + odd) >>> shift;
}
