// Exact scaling by powers of two, from the bits: Math.pow and Math.log2 may round differently in every engine.

const view = new DataView(new ArrayBuffer(8));

/** 2ᵏ for −1022 ≤ k ≤ 1023. */
function normalPower(k: number): number {
  view.setUint32(0, (k + 1023) << 20);
  view.setUint32(4, 0);
  return view.getFloat64(0);
}

/** ⌊log₂ x⌋ for finite x > 0, and 0 for 0. */
export function exponent(x: number): number {
  if (x === 0) return 0;
  const [value, lift] = x < 2 ** -1022 ? [x * 2 ** 54, 54] : [x, 0];
  view.setFloat64(0, value);
  return (view.getUint32(0) >>> 20 & 0x7ff) - 1023 - lift;
}

/** Two factors whose product is 2ᵏ for |k| ≤ 2000: multiply by one, then by the other. */
export function powerOfTwo(k: number): [number, number] {
  const half = Math.trunc(k / 2);
  return [normalPower(half), normalPower(k - half)];
}

/**
 * values · 2⁻ᵏ
 *
 * @throws {RangeError} when one exceeds the largest f64.
 */
export function unscale(values: Float64Array, k: number, what: string): Float64Array {
  const [f1, f2] = powerOfTwo(-k);
  const result = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = result[i] = values[i]! * f1 * f2;
    if (Number.isFinite(value)) continue;
    throw new RangeError(
      `Cannot take ${what}: number ${i} exceeds the largest f64; divide the matrix by a power of two`,
    );
  }
  return result;
}
