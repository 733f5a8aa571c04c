import { assert, assertEquals } from "@std/assert";
import {
  decodeBfloat16,
  decodeFloat16,
  encodeBfloat16,
  encodeFloat16,
} from "../../src/formats/mod.ts";

const every = Uint16Array.from({ length: 65536 }, (_, bits) => bits);
const formats = [
  {
    name: "Float16",
    decode: decodeFloat16,
    encode: encodeFloat16,
    exponentBits: 5,
    fractionBits: 10,
    bias: 15,
  },
  {
    name: "Bfloat16",
    decode: decodeBfloat16,
    encode: encodeBfloat16,
    exponentBits: 8,
    fractionBits: 7,
    bias: 127,
  },
];

/** The number that a pattern means, by the definition of the format, in f64. */
function meaning(bits: number, exponentBits: number, fractionBits: number, bias: number): number {
  const sign = bits >> 15 ? -1 : 1;
  const exponent = (bits >> fractionBits) & (2 ** exponentBits - 1);
  const fraction = (bits & (2 ** fractionBits - 1)) / 2 ** fractionBits;
  if (exponent === 2 ** exponentBits - 1) return fraction === 0 ? sign * Infinity : NaN;
  if (exponent === 0) return sign * fraction * 2 ** (1 - bias);
  return sign * (1 + fraction) * 2 ** (exponent - bias);
}

function encodeWords(encode: (values: Float32Array) => Uint16Array, word: number): number {
  return encode(new Float32Array(Uint32Array.of(word).buffer))[0]!;
}

for (const { name, decode, encode, exponentBits, fractionBits, bias } of formats) {
  const infinity = (2 ** exponentBits - 1) << fractionBits;

  Deno.test(`decode${name}() gives what each of the 65536 patterns means`, () => {
    const values = decode(every);
    for (const bits of every) {
      const expected = meaning(bits, exponentBits, fractionBits, bias);
      assert(Object.is(values[bits], expected), `${bits}: ${values[bits]} is not ${expected}`);
    }
  });

  Deno.test(`encode${name}() undoes decode${name}() bit for bit, NaN payloads included`, () => {
    assertEquals(encode(decode(every)), every);
  });

  Deno.test(`encode${name}() rounds to nearest, ties to even`, () => {
    const values = decode(every);
    for (let bits = 0; bits < infinity; bits++) {
      // The last interval ends where the next number would be if the exponent went on.
      const low = values[bits]!;
      const high = bits + 1 < infinity ? values[bits + 1]! : 2 ** (bias + 1);
      const middle = (low + high) / 2;
      const even = bits % 2 === 0 ? bits : bits + 1;
      // A subnormal bfloat16 and its f32 neighbours are multiples of 2⁻¹⁴⁹.
      const nudge = Math.max(middle * 2 ** -23, 2 ** -149);
      for (const sign of [1, -1]) {
        const mask = sign < 0 ? 0x8000 : 0;
        const found = encode(
          Float32Array.of(sign * (middle - nudge), sign * middle, sign * (middle + nudge)),
        );
        assertEquals([...found], [bits | mask, even | mask, (bits + 1) | mask], `at ${sign * low}`);
      }
    }
  });

  Deno.test(`encode${name}() keeps a NaN a NaN when its payload lies in the lost bits`, () => {
    for (const word of [0x7f800001, 0xff800001, 0x7f801000, 0x7fffffff]) {
      const bits = encodeWords(encode, word);
      assert((bits & 0x7fff) > infinity, `0x${word.toString(16)} became 0x${bits.toString(16)}`);
      assertEquals(bits >>> 15, word >>> 31);
    }
  });

  Deno.test(`encode${name}() keeps infinities and signed zeros`, () => {
    const found = encode(Float32Array.of(Infinity, -Infinity, 0, -0));
    assertEquals([...found], [infinity, infinity | 0x8000, 0, 0x8000]);
  });

  Deno.test(`encode${name}() and decode${name}() read views that start inside a buffer`, () => {
    const values = new Float32Array(Float32Array.of(9, 1, 2, 9).buffer, 4, 2);
    const bits = encode(values);
    const view = new Uint16Array(Uint16Array.of(9, bits[0]!, bits[1]!, 9).buffer, 2, 2);
    assertEquals(decode(view), Float32Array.of(1, 2));
  });
}

Deno.test("encodeFloat16() overflows from 65520 on and underflows to zero at 2^-25", () => {
  const below = 65520 - 2 ** -8;
  const found = encodeFloat16(Float32Array.of(65504, below, 65520, 1e38, 2 ** -25, 2 ** -24));
  assertEquals([...found], [0x7bff, 0x7bff, 0x7c00, 0x7c00, 0, 1]);
});
