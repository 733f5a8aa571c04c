// IEEE binary16 to f32, once, when a model is loaded: widened at every use, the products would take twice
// the time of those with f32. The bits of a half, moved to the places of an f32, are its value times 2⁻¹¹²,
// subnormals included.

const UP: f32 = 5.192296858534828e33; // 2¹¹²

/** y [n] = halves [n], which may lie in the second half of y */
export function widen(n: i32, halves: usize, y: usize): void {
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const bits = v128.and(i32x4.shl(v128.load_ext<i16>(halves), 13), i32x4.splat(0x8fffe000));
    v128.store(y, f32x4.mul(bits, f32x4.splat(UP)));
    halves += 8;
    y += 16;
  }
  for (; i < n; i++) {
    store<f32>(y, reinterpret<f32>((<i32> load<i16>(halves) << 13) & 0x8fffe000) * UP);
    halves += 2;
    y += 4;
  }
}
