// A matrix times a vector, and a vector times a matrix: four rows at a time share the loads of the vector.
import { at, madd, sumLanes } from "./simd";
import { combine, dot_f64, scale } from "./linalg_vector";

/** y [m] = A·x for A [m, n] */
export function rowDots(m: i32, n: i32, a: usize, row: usize, x: usize, y: usize): void {
  const even = n & ~1;
  let i = 0;
  for (; i + 4 <= m; i += 4) {
    let b = a, b1 = a + row, b2 = b1 + row, b3 = b2 + row, p = x;
    let s0 = f64x2.splat(0), s1 = s0, s2 = s0, s3 = s0;
    const end = x + at<f64>(even);
    while (p < end) {
      const q = v128.load(p);
      s0 = madd<f64>(v128.load(b), q, s0);
      s1 = madd<f64>(v128.load(b1), q, s1);
      s2 = madd<f64>(v128.load(b2), q, s2);
      s3 = madd<f64>(v128.load(b3), q, s3);
      b += 16;
      b1 += 16;
      b2 += 16;
      b3 += 16;
      p += 16;
    }
    const last: f64 = even < n ? load<f64>(p) : 0, odd = even < n;
    store<f64>(y, sumLanes<f64>(s0) + (odd ? load<f64>(b) * last : 0));
    store<f64>(y, sumLanes<f64>(s1) + (odd ? load<f64>(b1) * last : 0), 8);
    store<f64>(y, sumLanes<f64>(s2) + (odd ? load<f64>(b2) * last : 0), 16);
    store<f64>(y, sumLanes<f64>(s3) + (odd ? load<f64>(b3) * last : 0), 24);
    a += 4 * row;
    y += 32;
  }
  for (; i < m; i++) {
    store<f64>(y, dot_f64(n, a, x));
    a += row;
    y += 8;
  }
}

/** y [n] += f·Σ cᵢ·rowᵢ for A [m, n] and c [m] */
export function addRows(m: i32, n: i32, f: f64, a: usize, row: usize, c: usize, y: usize): void {
  const even = n & ~1;
  let i = 0;
  for (; i + 4 <= m; i += 4) {
    const f0 = f * load<f64>(c),
      f1 = f * load<f64>(c, 8),
      f2 = f * load<f64>(c, 16),
      f3 = f * load<f64>(c, 24);
    const c0 = f64x2.splat(f0), c1 = f64x2.splat(f1), c2 = f64x2.splat(f2), c3 = f64x2.splat(f3);
    let b = a, b1 = a + row, b2 = b1 + row, b3 = b2 + row, p = y;
    const end = y + at<f64>(even);
    while (p < end) {
      let q = madd<f64>(c0, v128.load(b), v128.load(p));
      q = madd<f64>(c1, v128.load(b1), q);
      q = madd<f64>(c2, v128.load(b2), q);
      v128.store(p, madd<f64>(c3, v128.load(b3), q));
      b += 16;
      b1 += 16;
      b2 += 16;
      b3 += 16;
      p += 16;
    }
    if (even < n) {
      store<f64>(
        p,
        load<f64>(p) + f0 * load<f64>(b) + f1 * load<f64>(b1) + f2 * load<f64>(b2) +
          f3 * load<f64>(b3),
      );
    }
    a += 4 * row;
    c += 32;
  }
  for (; i < m; i++) {
    combine(n, 1, y, f * load<f64>(c), a);
    a += row;
    c += 8;
  }
}

/** Row i of A [m, n] *= f·cᵢ with c [m] */
export function scaleRows(m: i32, n: i32, f: f64, a: usize, row: usize, c: usize): void {
  for (let i = 0; i < m; i++) {
    scale(n, f * load<f64>(c), a);
    a += row;
    c += 8;
  }
}
