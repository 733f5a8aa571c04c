// Random numbers from counters: Philox4x32-10 (Salmon, Moraes, Dror & Shaw 2011). Number i of a stream
// depends on (seed, stream, i) alone, so any part can be made anywhere, in any order, on any thread.
//
// One block is four counters side by side and gives 16 words: word w of counter 4b + l is number
// 16b + 4w + l of the stream. Both builds give the same bits.
import { at } from "./simd";
import { SCRATCH } from "./memory";
import { cosQuarter4, four4, half4, log4, minusTwo4, oneWord4, sign4, sinQuarter4, spacing4 } from "./math";

// read from memory at every use, where a constant would be built anew
const MULTIPLIERS = memory.data<u32>([0xd2511f53, 0xcd9e8d57]);

const BITS = 0, UNIFORM = 1, NORMAL = 2;

/** Low and high words of a·m in each lane. */
@inline
function low(even: v128, odd: v128): v128 {
  return i32x4.shuffle(even, odd, 0, 2, 4, 6);
}
@inline
function high(even: v128, odd: v128): v128 {
  return i32x4.shuffle(even, odd, 1, 3, 5, 7);
}

/** The 16 words of block b, at `out`. */
@inline
function philox(seedLow: i32, seedHigh: i32, streamLow: i32, streamHigh: i32, b: i32, out: usize): void {
  let x0 = i32x4.add(i32x4.splat(b << 2), i32x4(0, 1, 2, 3));
  let x1 = i32x4.splat(<i32> (<u32> b >> 30));
  let x2 = i32x4.splat(streamLow), x3 = i32x4.splat(streamHigh);
  let k0 = seedLow, k1 = seedHigh;
  for (let round = 0; round < 10; round++) {
    const m0 = v128.load32_splat(MULTIPLIERS), m1 = v128.load32_splat(MULTIPLIERS, 4);
    const a0 = i64x2.extmul_low_i32x4_u(x0, m0), a1 = i64x2.extmul_high_i32x4_u(x0, m0);
    const c0 = i64x2.extmul_low_i32x4_u(x2, m1), c1 = i64x2.extmul_high_i32x4_u(x2, m1);
    x0 = v128.xor(v128.xor(high(c0, c1), x1), i32x4.splat(k0));
    x2 = v128.xor(v128.xor(high(a0, a1), x3), i32x4.splat(k1));
    x1 = low(c0, c1);
    x3 = low(a0, a1);
    k0 += 0x9e3779b9;
    k1 += 0xbb67ae85;
  }
  v128.store(out, x0);
  v128.store(out, x1, 16);
  v128.store(out, x2, 32);
  v128.store(out, x3, 48);
}

/** Words to numbers in (0, 1): the 23 upper bits and a half, so neither end occurs. */
@inline
function uniform4(x: v128): v128 {
  return f32x4.mul(f32x4.add(f32x4.convert_i32x4_u(i32x4.shr_u(x, 9)), half4()), spacing4());
}

/** Two words to two normals (Box & Muller 1958), in place. */
@inline
function normalPair(p: usize, q: usize): void {
  const radius = f32x4.sqrt(f32x4.mul(minusTwo4(), log4(uniform4(v128.load(p)))));
  // the angle 2π(u − ½) as a whole number of quarter turns and a rest in [−½, ½] quarters
  const turns = f32x4.mul(f32x4.sub(uniform4(v128.load(q)), half4()), four4());
  const quarter = f32x4.nearest(turns), t = f32x4.sub(turns, quarter);
  const k = i32x4.trunc_sat_f32x4_s(quarter);
  const sine = sinQuarter4(t), cosine = cosQuarter4(t);
  const odd = i32x4.shl(k, 31), swap = i32x4.shr_s(odd, 31);
  const flipCosine = v128.and(i32x4.shl(i32x4.add(k, oneWord4()), 30), sign4());
  const flipSine = v128.and(i32x4.shl(k, 30), sign4());
  v128.store(p, f32x4.mul(radius, v128.xor(v128.bitselect(sine, cosine, swap), flipCosine)));
  v128.store(q, f32x4.mul(radius, v128.xor(v128.bitselect(cosine, sine, swap), flipSine)));
}

/** One block of 16 numbers of the wanted kind, at p. */
@inline
function block(kind: i32, seedLow: i32, seedHigh: i32, streamLow: i32, streamHigh: i32, b: i32, p: usize): void {
  philox(seedLow, seedHigh, streamLow, streamHigh, b, p);
  if (kind == UNIFORM) {
    for (let o: usize = 0; o < 64; o += 16) v128.store(p + o, uniform4(v128.load(p + o)));
  } else if (kind == NORMAL) {
    normalPair(p, p + 16);
    normalPair(p + 32, p + 48);
  }
}

/** y = scale·number + shift, or y += scale·number, for n numbers from block b on. */
@inline
function fill(kind: i32, n: i32, y: usize, seedLow: i32, seedHigh: i32, streamLow: i32, streamHigh: i32, b: i32, scale: f32, shift: f32, accumulate: bool): void {
  const scale4 = f32x4.splat(scale), shift4 = f32x4.splat(shift);
  for (let i = 0; i < n; i += 16) {
    block(kind, seedLow, seedHigh, streamLow, streamHigh, b++, SCRATCH);
    const target = n - i < 16 ? SCRATCH + 64 : y;
    if (n - i < 16) memory.copy(target, y, at<f32>(n - i));
    for (let o: usize = 0; o < 64; o += 16) {
      const x = v128.load(SCRATCH + o);
      if (kind == BITS) v128.store(target + o, x);
      else {
        const base = accumulate ? v128.load(target + o) : shift4;
        v128.store(target + o, f32x4.add(base, f32x4.mul(scale4, x)));
      }
    }
    if (n - i < 16) memory.copy(y, target, at<f32>(n - i));
    y += 64;
  }
}

/** y [n] = random words of 32 bits */
export function randomBits(n: i32, y: usize, seedLow: i32, seedHigh: i32, streamLow: i32, streamHigh: i32, b: i32): void {
  fill(BITS, n, y, seedLow, seedHigh, streamLow, streamHigh, b, 1, 0, false);
}
/** y [n] = low + width·u, u uniform in (0, 1) */
export function randomUniform(n: i32, y: usize, seedLow: i32, seedHigh: i32, streamLow: i32, streamHigh: i32, b: i32, low: f32, width: f32): void {
  fill(UNIFORM, n, y, seedLow, seedHigh, streamLow, streamHigh, b, width, low, false);
}
/** y [n] = mean + deviation·z, z normal */
export function randomNormal(n: i32, y: usize, seedLow: i32, seedHigh: i32, streamLow: i32, streamHigh: i32, b: i32, mean: f32, deviation: f32): void {
  fill(NORMAL, n, y, seedLow, seedHigh, streamLow, streamHigh, b, deviation, mean, false);
}
/** y [n] += deviation·z, z normal */
export function addNormal(n: i32, y: usize, seedLow: i32, seedHigh: i32, streamLow: i32, streamHigh: i32, b: i32, deviation: f32): void {
  fill(NORMAL, n, y, seedLow, seedHigh, streamLow, streamHigh, b, deviation, 0, true);
}
