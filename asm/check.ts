// What must be known of an input before it is used.

/** x − x: 0 in every lane that is finite, else NaN. */
function excess(x: usize, offset: usize): v128 {
  const v = v128.load(x + offset);
  return f32x4.sub(v, v);
}

/** Index of the first number of x [n] that is infinite or NaN, or n. */
export function firstNotFinite(n: i32, x: usize): i32 {
  let i = 0;
  for (; i + 16 <= n; i += 16) {
    const low = f32x4.add(excess(x, 0), excess(x, 16));
    const high = f32x4.add(excess(x, 32), excess(x, 48));
    if (v128.any_true(f32x4.add(low, high))) break;
    x += 64;
  }
  for (; i < n; i++) {
    if ((load<u32>(x) & 0x7f800000) == 0x7f800000) break;
    x += 4;
  }
  return i;
}
