// What differs between the two builds, and small helpers over v128. T is f32 or f64.

/** a·b + c: fused in the relaxed build, rounded twice in the strict one. */
export function madd<T>(a: v128, b: v128, c: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD
    ? v128.relaxed_madd<T>(a, b, c)
    : v128.add<T>(c, v128.mul<T>(a, b));
}

/** c − a·b: fused in the relaxed build, rounded twice in the strict one. */
export function nmadd<T>(a: v128, b: v128, c: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD
    ? v128.relaxed_nmadd<T>(a, b, c)
    : v128.sub<T>(c, v128.mul<T>(a, b));
}

/** Lanes of a vector of T. */
export function lanes<T>(): i32 {
  return 16 / <i32> sizeof<T>();
}

/** Byte offset of element i. */
export function at<T>(i: i32): usize {
  return <usize> i * sizeof<T>();
}

/** Sum of the lanes, in the order (0+1)+(2+3). */
export function sumLanes<T>(x: v128): T {
  if (sizeof<T>() == 8) {
    return <T> (f64x2.extract_lane(x, 0) + f64x2.extract_lane(x, 1));
  }
  return <T> ((f32x4.extract_lane(x, 0) + f32x4.extract_lane(x, 1)) +
    (f32x4.extract_lane(x, 2) + f32x4.extract_lane(x, 3)));
}

/** The sum of the lanes of x, and that of y, of f64. */
export function sumsOfTwo(x: v128, y: v128): v128 {
  return f64x2.add(i64x2.shuffle(x, y, 0, 2), i64x2.shuffle(x, y, 1, 3));
}
