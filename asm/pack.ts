// Packing: strips of A go depth-major into the window, panels of B depth-major into the workspace.
// A strip is ROWS high, a panel COLUMNS wide; what a matrix lacks to a full strip or panel is zero.
import { at, lanes } from "./simd";
import { WINDOW } from "./memory";

/** Rows of a strip: what fits the 15 usable registers with, and without, a fused multiply-add. */
export const ROWS: i32 = ASC_FEATURE_RELAXED_SIMD ? 6 : 5;

/** Rows of a low strip, for f32 alone: it ends a block of 2ᵏ rows, which is no whole number of tall ones. */
export const LOW_ROWS: i32 = 4;

/** Columns of a panel: two vectors. */
export function columns<T>(): i32 {
  return 2 * lanes<T>();
}

/** Four rows of four f32, transposed, at d, d + step, d + 2·step, d + 3·step. */
// @inline
function transpose4(x0: v128, x1: v128, x2: v128, x3: v128, d: usize, step: usize): void {
  const t0 = i32x4.shuffle(x0, x1, 0, 4, 1, 5), t1 = i32x4.shuffle(x0, x1, 2, 6, 3, 7);
  const t2 = i32x4.shuffle(x2, x3, 0, 4, 1, 5), t3 = i32x4.shuffle(x2, x3, 2, 6, 3, 7);
  v128.store(d, i64x2.shuffle(t0, t2, 0, 2));
  v128.store(d + step, i64x2.shuffle(t0, t2, 1, 3));
  v128.store(d + 2 * step, i64x2.shuffle(t1, t3, 0, 2));
  v128.store(d + 3 * step, i64x2.shuffle(t1, t3, 1, 3));
}

/** Copies a count × depth block, element (i, k) from a + i·row + k·next to d + k·step + i. */
function packScalar<T>(
  count: i32,
  from: i32,
  depth: i32,
  a: usize,
  row: usize,
  next: usize,
  d: usize,
  step: usize,
): void {
  for (let k = from; k < depth; k++) {
    let s = a + <usize> k * next;
    const q = d + <usize> k * step;
    for (let i = 0; i < count; i++) {
      store<T>(q + at<T>(i), load<T>(s));
      s += row;
    }
  }
}

/** A whole low strip of f32. */
function packLow(depth: i32, a: usize, row: usize, transposed: bool): void {
  let k = 0, d = WINDOW;
  if (transposed) {
    for (; k < depth; k++) {
      v128.store(d, v128.load(a));
      a += row;
      d += 16;
    }
    return;
  }
  for (; k + 4 <= depth; k += 4) {
    const s = a + at<f32>(k);
    const x0 = v128.load(s), x1 = v128.load(s + row);
    const x2 = v128.load(s + 2 * row), x3 = v128.load(s + 3 * row);
    transpose4(x0, x1, x2, x3, d, 16);
    d += 64;
  }
  packScalar<f32>(LOW_ROWS, k, depth, a, row, sizeof<f32>(), WINDOW, 16);
}

/**
 * A strip of A [count ≤ height, depth] (row stride in bytes), or of its transpose, into the window, whose
 * strip is `height` rows high.
 */
export function packStrip<T>(
  height: i32,
  count: i32,
  depth: i32,
  a: usize,
  row: usize,
  transposed: bool,
): void {
  if (sizeof<T>() == 4 && height == LOW_ROWS && count == LOW_ROWS) {
    packLow(depth, a, row, transposed);
    return;
  }
  const step = at<T>(height);
  if (count < height) memory.fill(WINDOW, 0, <usize> depth * step);
  if (transposed) {
    if (count == ROWS && sizeof<T>() == 4) {
      let s = a, d = WINDOW;
      for (let k = 0; k < depth; k++) {
        v128.store(d, v128.load(s));
        if (ROWS == 6) store<u64>(d, load<u64>(s, 16), 16);
        else store<u32>(d, load<u32>(s, 16), 16);
        s += row;
        d += step;
      }
      return;
    }
    packScalar<T>(count, 0, depth, a, sizeof<T>(), row, WINDOW, step);
    return;
  }
  let k = 0;
  if (count == ROWS && sizeof<T>() == 4) {
    for (; k + 4 <= depth; k += 4) {
      let s = a + at<T>(k);
      const d = WINDOW + <usize> k * step;
      const x0 = v128.load(s),
        x1 = v128.load(s += row),
        x2 = v128.load(s += row),
        x3 = v128.load(s += row);
      transpose4(x0, x1, x2, x3, d, step);
      const x4 = v128.load(s += row);
      if (ROWS == 6) {
        const x5 = v128.load(s += row);
        const t0 = i32x4.shuffle(x4, x5, 0, 4, 1, 5), t1 = i32x4.shuffle(x4, x5, 2, 6, 3, 7);
        v128.store64_lane(d, t0, 0, 16);
        v128.store64_lane(d + step, t0, 1, 16);
        v128.store64_lane(d + 2 * step, t1, 0, 16);
        v128.store64_lane(d + 3 * step, t1, 1, 16);
      } else {
        v128.store32_lane(d, x4, 0, 16);
        v128.store32_lane(d + step, x4, 1, 16);
        v128.store32_lane(d + 2 * step, x4, 2, 16);
        v128.store32_lane(d + 3 * step, x4, 3, 16);
      }
    }
  }
  if (count == ROWS && sizeof<T>() == 8) {
    for (; k + 2 <= depth; k += 2) {
      let s = a + at<T>(k);
      const d = WINDOW + <usize> k * step;
      const x0 = v128.load(s),
        x1 = v128.load(s += row),
        x2 = v128.load(s += row),
        x3 = v128.load(s += row);
      v128.store(d, i64x2.shuffle(x0, x1, 0, 2));
      v128.store(d, i64x2.shuffle(x2, x3, 0, 2), 16);
      v128.store(d + step, i64x2.shuffle(x0, x1, 1, 3));
      v128.store(d + step, i64x2.shuffle(x2, x3, 1, 3), 16);
      const x4 = v128.load(s += row);
      if (ROWS == 6) {
        const x5 = v128.load(s += row);
        v128.store(d, i64x2.shuffle(x4, x5, 0, 2), 32);
        v128.store(d + step, i64x2.shuffle(x4, x5, 1, 3), 32);
      } else {
        v128.store64_lane(d, x4, 0, 32);
        v128.store64_lane(d + step, x4, 1, 32);
      }
    }
  }
  packScalar<T>(count, k, depth, a, row, sizeof<T>(), WINDOW, step);
}

/** A panel of B [depth, count ≤ columns] (row stride in bytes), or of its transpose, to d; rows up to `padded` are zero. */
export function packPanel<T>(
  count: i32,
  depth: i32,
  padded: i32,
  b: usize,
  row: usize,
  transposed: bool,
  d: usize,
): void {
  const step = at<T>(columns<T>());
  if (count < columns<T>()) memory.fill(d, 0, <usize> depth * step);
  memory.fill(d + <usize> depth * step, 0, <usize> (padded - depth) * step);
  if (!transposed) {
    if (count < columns<T>()) {
      packScalar<T>(count, 0, depth, b, sizeof<T>(), row, d, step);
      return;
    }
    for (let k = 0; k < depth; k++) {
      v128.store(d, v128.load(b));
      v128.store(d, v128.load(b, 16), 16);
      b += row;
      d += step;
    }
    return;
  }
  let k = 0;
  if (count == columns<T>()) {
    if (sizeof<T>() == 4) {
      for (; k + 4 <= depth; k += 4) {
        let s = b + at<T>(k);
        const q = d + <usize> k * step;
        const x0 = v128.load(s),
          x1 = v128.load(s += row),
          x2 = v128.load(s += row),
          x3 = v128.load(s += row);
        transpose4(x0, x1, x2, x3, q, step);
        const x4 = v128.load(s += row),
          x5 = v128.load(s += row),
          x6 = v128.load(s += row),
          x7 = v128.load(s += row);
        transpose4(x4, x5, x6, x7, q + 16, step);
      }
    } else {
      for (; k + 2 <= depth; k += 2) {
        let s = b + at<T>(k);
        const q = d + <usize> k * step;
        const x0 = v128.load(s),
          x1 = v128.load(s += row),
          x2 = v128.load(s += row),
          x3 = v128.load(s += row);
        v128.store(q, i64x2.shuffle(x0, x1, 0, 2));
        v128.store(q, i64x2.shuffle(x2, x3, 0, 2), 16);
        v128.store(q + step, i64x2.shuffle(x0, x1, 1, 3));
        v128.store(q + step, i64x2.shuffle(x2, x3, 1, 3), 16);
      }
    }
  }
  packScalar<T>(count, k, depth, b, row, sizeof<T>(), d, step);
}
