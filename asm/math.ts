// Elementary functions of four f32 lanes, the same bits in both builds and every engine. The constants
// are read from memory: a v128.const inside a loop would be built anew at every use (ARCHITECTURE.md).
// Sources: range reduction and the polynomials for exp and log after Cephes (S. Moshier, 1989), those
// for sine and cosine on [−π/4, π/4] likewise.

const TABLE = memory.data<f32>([
  // 0: exp: log2(e), −ln2 (high), −ln2 (low), c5 … c0
  1.44269504088896341,
  -0.693359375,
  2.12194440e-4,
  1.9875691500e-4,
  1.3981999507e-3,
  8.3334519073e-3,
  4.1665795894e-2,
  1.6666665459e-1,
  5.0000001201e-1,
  // 9: limits of exp
  89,
  -104,
  // 11: log: √½, c8 … c0
  0.707106781186547524,
  7.0376836292e-2,
  -1.1514610310e-1,
  1.1676998740e-1,
  -1.2420140846e-1,
  1.4249322787e-1,
  -1.6668057665e-1,
  2.0000714765e-1,
  -2.4999993993e-1,
  3.3333331174e-1,
  // 21: sine of (π/2)·t: half pi, then s3 … s1; cosine: c3 … c1
  1.57079632679489662,
  -1.9515295891e-4,
  8.3321608736e-3,
  -1.6666654611e-1,
  2.443315711809948e-5,
  -1.388731625493765e-3,
  4.166664568298827e-2,
  // 28: 1, ½, 2, −2, 4, 2^23, 2^-23, smallest normal number
  1,
  0.5,
  2,
  -2,
  4,
  8388608,
  1.1920928955078125e-7,
  1.17549435e-38,
  // 36: infinity, 1.5·2^23
  Infinity,
  12582912,
]);
const WORDS = memory.data<i32>([126, 23, 0x007fffff, 1, <i32> 0x80000000]);

function constant(i: i32): v128 {
  return v128.load32_splat(TABLE + (<usize> i << 2));
}

function word(i: i32): v128 {
  return v128.load32_splat(WORDS + (<usize> i << 2));
}

function step(x: v128, y: v128, i: i32): v128 {
  return f32x4.add(f32x4.mul(x, y), constant(i));
}

/** eˣ in each lane; NaN stays NaN, overflow is infinite, underflow goes through the subnormals to 0. */
export function exp4(x0: v128): v128 {
  const x = f32x4.min(f32x4.max(x0, constant(10)), constant(9));
  const n = f32x4.nearest(f32x4.mul(x, constant(0)));
  let r = f32x4.add(x, f32x4.mul(n, constant(1)));
  r = f32x4.add(r, f32x4.mul(n, constant(2)));
  let y = step(constant(3), r, 4);
  y = step(y, r, 5);
  y = step(y, r, 6);
  y = step(y, r, 7);
  y = step(y, r, 8);
  y = f32x4.add(f32x4.add(f32x4.mul(y, f32x4.mul(r, r)), r), constant(28));
  // 2ⁿ in two factors, so that neither leaves the range of normal numbers
  const e = i32x4.trunc_sat_f32x4_s(n);
  const half = i32x4.shr_s(e, 1), rest = i32x4.sub(e, half);
  const one = constant(28);
  return f32x4.mul(
    f32x4.mul(y, i32x4.add(one, i32x4.shl(half, 23))),
    i32x4.add(one, i32x4.shl(rest, 23)),
  );
}

/** Natural logarithm of m·2ⁿ in each lane: x normal and positive, n the exponent of x less `bias`. */
function logarithm(x: v128, bias: v128): v128 {
  let e = i32x4.sub(i32x4.shr_u(x, 23), bias);
  let m = v128.or(v128.and(x, word(2)), constant(29));
  const below = f32x4.lt(m, constant(11));
  e = i32x4.add(e, below);
  m = f32x4.sub(f32x4.add(m, v128.and(m, below)), constant(28));
  const z = f32x4.mul(m, m), n = f32x4.convert_i32x4_s(e);
  let y = step(constant(12), m, 13);
  y = step(y, m, 14);
  y = step(y, m, 15);
  y = step(y, m, 16);
  y = step(y, m, 17);
  y = step(y, m, 18);
  y = step(y, m, 19);
  y = step(y, m, 20);
  y = f32x4.mul(y, f32x4.mul(m, z));
  y = f32x4.sub(y, f32x4.mul(n, constant(2)));
  y = f32x4.sub(y, f32x4.mul(z, constant(29)));
  return f32x4.sub(f32x4.add(m, y), f32x4.mul(n, constant(1)));
}

/** Natural logarithm of normal positive numbers. */
export function logPositive4(x: v128): v128 {
  return logarithm(x, word(0));
}

/** Natural logarithm in each lane; 0 gives −∞, a negative number NaN. */
export function log4(x0: v128): v128 {
  // subnormals are scaled into the normal range
  const small = f32x4.lt(x0, constant(35));
  const x = v128.bitselect(f32x4.mul(x0, constant(33)), x0, small);
  let y = logarithm(x, i32x4.add(word(0), v128.and(small, word(1))));
  // the ends: log(+∞) = +∞, log(0) = −∞, log(negative or NaN) = NaN
  const infinity = constant(36);
  y = v128.bitselect(infinity, y, f32x4.eq(x0, infinity));
  y = v128.bitselect(f32x4.neg(infinity), y, f32x4.eq(x0, f32x4.splat(0)));
  return v128.or(y, v128.not(f32x4.ge(x0, f32x4.splat(0))));
}

/** Sine of (π/2)·t for |t| ≤ ½. */
export function sinQuarter4(t: v128): v128 {
  const x = f32x4.mul(t, constant(21)), z = f32x4.mul(x, x);
  let y = step(constant(22), z, 23);
  y = step(y, z, 24);
  return f32x4.add(f32x4.mul(f32x4.mul(y, z), x), x);
}

/** Cosine of (π/2)·t for |t| ≤ ½. */
export function cosQuarter4(t: v128): v128 {
  const x = f32x4.mul(t, constant(21)), z = f32x4.mul(x, x);
  let y = step(constant(25), z, 26);
  y = step(y, z, 27);
  y = f32x4.mul(y, f32x4.mul(z, z));
  return f32x4.add(f32x4.sub(y, f32x4.mul(z, constant(29))), constant(28));
}

/** Constants in each lane. */
export function one4(): v128 {
  return constant(28);
}

export function minusTwo4(): v128 {
  return constant(31);
}

export function half4(): v128 {
  return constant(29);
}

export function four4(): v128 {
  return constant(32);
}

/** The integer 1 and the sign bit in each lane. */
export function oneWord4(): v128 {
  return word(3);
}

export function sign4(): v128 {
  return word(4);
}

/** 2⁻²³, the spacing of the uniform numbers. */
export function spacing4(): v128 {
  return constant(34);
}

/** 1.5·2²³: adding it rounds to a whole number, which then stands in the low bits. */
export function whole4(): v128 {
  return constant(37);
}
