// What must be known of an input before it is used.

/** Index of the first number of x [n] that is infinite or NaN, or n. */
export function firstNotFinite(n: i32, x: usize): i32 {
  const exponent = i32x4.splat(0x7f800000);
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    if (v128.any_true(i32x4.eq(v128.and(v128.load(x), exponent), exponent))) break;
    x += 16;
  }
  for (; i < n; i++) {
    if ((load<u32>(x) & 0x7f800000) == 0x7f800000) break;
    x += 4;
  }
  return i;
}
