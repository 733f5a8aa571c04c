import type { Doubles, Floats } from "./arrays.ts";

// Twins of the kernels that the edge alone has.

/** Values of IEEE binary16 bit patterns, finite ones. */
export function widen(halves: Uint16Array): Doubles {
  return Float64Array.from(halves, (bits) => {
    const sign = bits & 0x8000 ? -1 : 1, exponent = (bits >> 10) & 31, fraction = bits & 1023;
    return exponent === 0
      ? sign * fraction * 2 ** -24
      : sign * (1024 + fraction) * 2 ** (exponent - 25);
  });
}

/** Whole numbers q [n] that count `unit` each: round(x · limit / max |x|), halves to even. */
export function quantize(
  limit: number,
  x: Floats,
): { readonly q: Int16Array; readonly unit: number } {
  const largest = x.reduce((top, value) => Math.max(top, Math.abs(value)), 0);
  if (largest < Math.fround(1e-30)) return { q: new Int16Array(x.length), unit: 0 };
  const factor = Math.fround(limit / largest);
  const q = Int16Array.from(x, (value) => toEven(Math.fround(value * factor)));
  return { q, unit: Math.fround(largest / limit) };
}

function toEven(value: number): number {
  const below = Math.floor(value), rest = value - below;
  return rest > 0.5 || (rest === 0.5 && below % 2 !== 0) ? below + 1 : below;
}

/** W·x [n] for whole numbers w [n, k], scales [n] and q [k]: the sum is exact, then rounded twice. */
export function matvec_i8(
  k: number,
  w: Int8Array,
  scales: Floats,
  q: Int16Array,
  unit: number,
): Floats {
  return Float32Array.from(scales, (scale, row) => {
    let total = 0;
    for (let i = 0; i < k; i++) total += w[row * k + i]! * q[i]!;
    return Math.fround(total) * Math.fround(scale * unit);
  });
}
