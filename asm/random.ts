// Random numbers from counters: Philox4x32-10 (Salmon, Moraes, Dror & Shaw 2011). Number i of a stream
// depends on (seed, stream, i) alone, so any part can be made anywhere, in any order, on any thread.
//
// One block is four counters and gives 16 words: word w of counter 4b + l is number 16b + 4w + l of the
// stream. Both builds give the same bits.
import { at } from "./simd";
import { SCRATCH } from "./memory";
import {
  cosQuarter4,
  four4,
  half4,
  logPositive4,
  minusTwo4,
  oneWord4,
  sign4,
  sinQuarter4,
  spacing4,
  whole4,
} from "./math";

// read from memory at every use, where a constant would be built anew
const MULTIPLIERS = memory.data<u32>([0xd2511f53, 0xd2511f53, 0xcd9e8d57, 0xcd9e8d57]);
const WEYL = memory.data<u32>([0x9e3779b9, 0x9e3779b9, 0xbb67ae85, 0xbb67ae85]);
const COUNT = memory.data<u32>([0, 1, 0, 0, 2, 3, 0, 0]);

const BITS = 0, UNIFORM = 1, NORMAL = 2;
/** Numbers of two blocks: they are made side by side, since one alone waits for its multiplications. */
const TWO_BLOCKS = 32;
const BYTES: usize = 4 * TWO_BLOCKS;

/** Two words of the lower lanes of x, then two of y. */
function lower(x: v128, y: v128): v128 {
  return i64x2.shuffle(x, y, 0, 2);
}

function upper(x: v128, y: v128): v128 {
  return i64x2.shuffle(x, y, 1, 3);
}

/** Words 0 and 2 after a round, from the products a and c of words 0 and 2 before, words 1 and 3, and the key. */
function mixed(a: v128, c: v128, odd: v128, key: v128): v128 {
  return v128.xor(i32x4.shuffle(c, a, 1, 3, 5, 7), v128.xor(odd, key));
}

/** Words 1 and 3 after a round. */
function lowWords(a: v128, c: v128): v128 {
  return i32x4.shuffle(c, a, 0, 2, 4, 6);
}

/** The 16 words of a block, from words 0 and 2, and 1 and 3, of its counters 0 and 1, and 2 and 3. */
function storeBlock(even0: v128, odd0: v128, even1: v128, odd1: v128, out: usize): void {
  v128.store(out, lower(even0, even1));
  v128.store(out, lower(odd0, odd1), 16);
  v128.store(out, upper(even0, even1), 32);
  v128.store(out, upper(odd0, odd1), 48);
}

/**
 * The 32 words of blocks b and b + 1, at `out`. A vector holds words 0 and 2, or words 1 and 3, of two
 * counters: so both multipliers of a round are one vector, and the key is one.
 */
function philox(
  seedLow: i32,
  seedHigh: i32,
  streamLow: i32,
  streamHigh: i32,
  b: i32,
  out: usize,
): void {
  const next = b + 1, stream = i32x4.splat(streamLow), high = i32x4.splat(streamHigh);
  const first = lower(i32x4.splat(b << 2), stream), second = lower(i32x4.splat(next << 2), stream);
  let even0 = i32x4.add(first, v128.load(COUNT)), even1 = i32x4.add(first, v128.load(COUNT, 16));
  let even2 = i32x4.add(second, v128.load(COUNT)), even3 = i32x4.add(second, v128.load(COUNT, 16));
  let odd0 = lower(i32x4.splat(<i32> (<u32> b >> 30)), high), odd1 = odd0;
  let odd2 = lower(i32x4.splat(<i32> (<u32> next >> 30)), high), odd3 = odd2;
  let key = lower(i32x4.splat(seedLow), i32x4.splat(seedHigh));
  for (let round = 0; round < 10; round++) {
    const m = v128.load(MULTIPLIERS);
    const a0 = i64x2.extmul_low_i32x4_u(even0, m), c0 = i64x2.extmul_high_i32x4_u(even0, m);
    const a1 = i64x2.extmul_low_i32x4_u(even1, m), c1 = i64x2.extmul_high_i32x4_u(even1, m);
    const a2 = i64x2.extmul_low_i32x4_u(even2, m), c2 = i64x2.extmul_high_i32x4_u(even2, m);
    const a3 = i64x2.extmul_low_i32x4_u(even3, m), c3 = i64x2.extmul_high_i32x4_u(even3, m);
    even0 = mixed(a0, c0, odd0, key);
    even1 = mixed(a1, c1, odd1, key);
    even2 = mixed(a2, c2, odd2, key);
    even3 = mixed(a3, c3, odd3, key);
    odd0 = lowWords(a0, c0);
    odd1 = lowWords(a1, c1);
    odd2 = lowWords(a2, c2);
    odd3 = lowWords(a3, c3);
    key = i32x4.add(key, v128.load(WEYL));
  }
  storeBlock(even0, odd0, even1, odd1, out);
  storeBlock(even2, odd2, even3, odd3, out + 64);
}

/** Words to numbers in (0, 1): the 23 upper bits and a half, so neither end occurs. */
function uniform4(x: v128): v128 {
  return f32x4.mul(f32x4.add(f32x4.convert_i32x4_s(i32x4.shr_u(x, 9)), half4()), spacing4());
}

/** Two words to two normals (Box & Muller 1958), in place. */
function normalPair(p: usize, q: usize): void {
  const radius = f32x4.sqrt(f32x4.mul(minusTwo4(), logPositive4(uniform4(v128.load(p)))));
  // the angle 2π(u − ½) as a whole number k of quarter turns and a rest t in [−½, ½] quarters
  const turns = f32x4.mul(f32x4.sub(uniform4(v128.load(q)), half4()), four4());
  const k = f32x4.add(turns, whole4()), t = f32x4.sub(turns, f32x4.sub(k, whole4()));
  const sine = sinQuarter4(t), cosine = cosQuarter4(t);
  // an odd k swaps the two, its second bit is their sign
  const swap = v128.and(v128.xor(sine, cosine), i32x4.shr_s(i32x4.shl(k, 31), 31));
  const flipCosine = v128.and(i32x4.shl(i32x4.add(k, oneWord4()), 30), sign4());
  const flipSine = v128.and(i32x4.shl(k, 30), sign4());
  v128.store(p, f32x4.mul(radius, v128.xor(v128.xor(cosine, swap), flipCosine)));
  v128.store(q, f32x4.mul(radius, v128.xor(v128.xor(sine, swap), flipSine)));
}

/** Two blocks of numbers of the wanted kind, at p. */
function blocks(
  kind: i32,
  seedLow: i32,
  seedHigh: i32,
  streamLow: i32,
  streamHigh: i32,
  b: i32,
  p: usize,
): void {
  philox(seedLow, seedHigh, streamLow, streamHigh, b, p);
  if (kind == UNIFORM) {
    for (let o: usize = 0; o < BYTES; o += 16) v128.store(p + o, uniform4(v128.load(p + o)));
  } else if (kind == NORMAL) {
    for (let o: usize = 0; o < BYTES; o += 32) normalPair(p + o, p + o + 16);
  }
}

/** y = scale·number + shift, or y += scale·number, for n numbers from block b on. */
function fill(
  kind: i32,
  n: i32,
  y: usize,
  seedLow: i32,
  seedHigh: i32,
  streamLow: i32,
  streamHigh: i32,
  b: i32,
  scale: f32,
  shift: f32,
  accumulate: bool,
): void {
  const scale4 = f32x4.splat(scale), shift4 = f32x4.splat(shift);
  for (let i = 0; i < n; i += TWO_BLOCKS) {
    blocks(kind, seedLow, seedHigh, streamLow, streamHigh, b, SCRATCH);
    const rest = n - i, whole = rest >= TWO_BLOCKS;
    const target = whole ? y : SCRATCH + BYTES;
    if (!whole) memory.copy(target, y, at<f32>(rest));
    for (let o: usize = 0; o < BYTES; o += 16) {
      const x = v128.load(SCRATCH + o);
      if (kind == BITS) v128.store(target + o, x);
      else {
        const base = accumulate ? v128.load(target + o) : shift4;
        v128.store(target + o, f32x4.add(base, f32x4.mul(scale4, x)));
      }
    }
    if (!whole) memory.copy(y, target, at<f32>(rest));
    b += 2;
    y += BYTES;
  }
}

/** y [n] = random words of 32 bits */
export function randomBits(
  n: i32,
  y: usize,
  seedLow: i32,
  seedHigh: i32,
  streamLow: i32,
  streamHigh: i32,
  b: i32,
): void {
  fill(BITS, n, y, seedLow, seedHigh, streamLow, streamHigh, b, 1, 0, false);
}
/** y [n] = low + width·u, u uniform in (0, 1) */
export function randomUniform(
  n: i32,
  y: usize,
  seedLow: i32,
  seedHigh: i32,
  streamLow: i32,
  streamHigh: i32,
  b: i32,
  low: f32,
  width: f32,
): void {
  fill(UNIFORM, n, y, seedLow, seedHigh, streamLow, streamHigh, b, width, low, false);
}
/** y [n] = mean + deviation·z, z normal */
export function randomNormal(
  n: i32,
  y: usize,
  seedLow: i32,
  seedHigh: i32,
  streamLow: i32,
  streamHigh: i32,
  b: i32,
  mean: f32,
  deviation: f32,
): void {
  fill(NORMAL, n, y, seedLow, seedHigh, streamLow, streamHigh, b, deviation, mean, false);
}
/** y [n] += deviation·z, z normal */
export function addNormal(
  n: i32,
  y: usize,
  seedLow: i32,
  seedHigh: i32,
  streamLow: i32,
  streamHigh: i32,
  b: i32,
  deviation: f32,
): void {
  fill(NORMAL, n, y, seedLow, seedHigh, streamLow, streamHigh, b, deviation, 0, true);
}
