// Householder bidiagonalisation. Every entry is touched twice in a step: the change that the row
// reflector of the step before makes is carried out only when the rows are read anyway. Four rows at a
// time share the loads of the vectors.
import { at, madd, nmadd, sumLanes } from "./simd";
import { combine, reflector } from "./linalg_vector";

/** Row [n] −= y·w, then x += v·row. */
function addRow(n: i32, a: usize, y: f64, w: usize, v: f64, x: usize): void {
  const y2 = f64x2.splat(y), v2 = f64x2.splat(v);
  let k = 0;
  for (; k + 2 <= n; k += 2) {
    const b = nmadd<f64>(y2, v128.load(w), v128.load(a));
    v128.store(a, b);
    v128.store(x, madd<f64>(v2, b, v128.load(x)));
    a += 16;
    w += 16;
    x += 16;
  }
  if (k < n) {
    const b = load<f64>(a) - y * load<f64>(w);
    store<f64>(a, b);
    store<f64>(x, load<f64>(x) + v * b);
  }
}

/** The same for four rows of n numbers, n even, with y and v from [4] each. */
function addFourRows(n: i32, a: usize, row: usize, y: usize, w: usize, v: usize, x: usize): void {
  const y0 = v128.load64_splat(y), y1 = v128.load64_splat(y, 8);
  const y2 = v128.load64_splat(y, 16), y3 = v128.load64_splat(y, 24);
  const v0 = v128.load64_splat(v), v1 = v128.load64_splat(v, 8);
  const v2 = v128.load64_splat(v, 16), v3 = v128.load64_splat(v, 24);
  let a1 = a + row, a2 = a1 + row, a3 = a2 + row;
  const end = a + at<f64>(n);
  while (a < end) {
    const p = v128.load(w);
    let q = v128.load(x), b = nmadd<f64>(y0, p, v128.load(a));
    v128.store(a, b);
    q = madd<f64>(v0, b, q);
    b = nmadd<f64>(y1, p, v128.load(a1));
    v128.store(a1, b);
    q = madd<f64>(v1, b, q);
    b = nmadd<f64>(y2, p, v128.load(a2));
    v128.store(a2, b);
    q = madd<f64>(v2, b, q);
    b = nmadd<f64>(y3, p, v128.load(a3));
    v128.store(a3, b);
    v128.store(x, madd<f64>(v3, b, q));
    a += 16;
    a1 += 16;
    a2 += 16;
    a3 += 16;
    w += 16;
    x += 16;
  }
}

/** Row [n] −= v·x; returns row·w. */
function reduceRow(n: i32, a: usize, v: f64, x: usize, w: usize): f64 {
  const v2 = f64x2.splat(v);
  let s = f64x2.splat(0), k = 0;
  for (; k + 2 <= n; k += 2) {
    const b = nmadd<f64>(v2, v128.load(x), v128.load(a));
    v128.store(a, b);
    s = madd<f64>(b, v128.load(w), s);
    a += 16;
    x += 16;
    w += 16;
  }
  let total = sumLanes<f64>(s);
  if (k < n) {
    const b = load<f64>(a) - v * load<f64>(x);
    store<f64>(a, b);
    total += b * load<f64>(w);
  }
  return total;
}

/** The same for four rows of n numbers, n even, with v from [4]; the products go to sums [4]. */
function reduceFourRows(
  n: i32,
  a: usize,
  row: usize,
  v: usize,
  x: usize,
  w: usize,
  sums: usize,
): void {
  const v0 = v128.load64_splat(v), v1 = v128.load64_splat(v, 8);
  const v2 = v128.load64_splat(v, 16), v3 = v128.load64_splat(v, 24);
  let s0 = f64x2.splat(0), s1 = s0, s2 = s0, s3 = s0;
  let a1 = a + row, a2 = a1 + row, a3 = a2 + row;
  const end = a + at<f64>(n);
  while (a < end) {
    const p = v128.load(x), q = v128.load(w);
    let b = nmadd<f64>(v0, p, v128.load(a));
    v128.store(a, b);
    s0 = madd<f64>(b, q, s0);
    b = nmadd<f64>(v1, p, v128.load(a1));
    v128.store(a1, b);
    s1 = madd<f64>(b, q, s1);
    b = nmadd<f64>(v2, p, v128.load(a2));
    v128.store(a2, b);
    s2 = madd<f64>(b, q, s2);
    b = nmadd<f64>(v3, p, v128.load(a3));
    v128.store(a3, b);
    s3 = madd<f64>(b, q, s3);
    a += 16;
    a1 += 16;
    a2 += 16;
    a3 += 16;
    x += 16;
    w += 16;
  }
  store<f64>(sums, sumLanes<f64>(s0));
  store<f64>(sums, sumLanes<f64>(s1), 8);
  store<f64>(sums, sumLanes<f64>(s2), 16);
  store<f64>(sums, sumLanes<f64>(s3), 24);
}

/** Rows of A [m, n] −= y·wᵀ with y [m]; then x [n] = Aᵀ·v with v [m]. */
function columnProduct(
  m: i32,
  n: i32,
  a: usize,
  row: usize,
  y: usize,
  w: usize,
  v: usize,
  x: usize,
): void {
  memory.fill(x, 0, at<f64>(n));
  const even = n & ~1, o = at<f64>(even);
  let i = 0;
  for (; i + 4 <= m; i += 4) {
    addFourRows(even, a, row, y, w, v, x);
    if (even < n) {
      for (let q = 0; q < 4; q++) {
        addRow(
          1,
          a + <usize> q * row + o,
          load<f64>(y + at<f64>(q)),
          w + o,
          load<f64>(v + at<f64>(q)),
          x + o,
        );
      }
    }
    a += 4 * row;
    y += 32;
    v += 32;
  }
  for (; i < m; i++) {
    addRow(n, a, load<f64>(y), w, load<f64>(v), x);
    a += row;
    y += 8;
    v += 8;
  }
}

/** Rows of A [m, n] −= v·xᵀ with v [m]; then y [m] = s·A·w with w [n]. */
function rowProduct(
  m: i32,
  n: i32,
  a: usize,
  row: usize,
  v: usize,
  x: usize,
  s: f64,
  w: usize,
  y: usize,
): void {
  const even = n & ~1, o = at<f64>(even);
  let i = 0;
  for (; i + 4 <= m; i += 4) {
    reduceFourRows(even, a, row, v, x, w, y);
    for (let q = 0; q < 4; q++) {
      const target = y + at<f64>(q);
      let sum = load<f64>(target);
      if (even < n) {
        sum += reduceRow(1, a + <usize> q * row + o, load<f64>(v + at<f64>(q)), x + o, w + o);
      }
      store<f64>(target, s * sum);
    }
    a += 4 * row;
    v += 32;
    y += 32;
  }
  for (; i < m; i++) {
    store<f64>(y, s * reduceRow(n, a, load<f64>(v), x, w));
    a += row;
    v += 8;
    y += 8;
  }
}

/**
 * A = H₀⋯H₍ₙ₋₁₎·B·G₍ₙ₋₂₎⋯G₀ with B upper bidiagonal, for A [m, n], m ≥ n, whose largest entry is about 1.
 * d [n] is the diagonal of B, e [n] what lies above it (e₀ = 0, eᵢ in column i). Row j of `left` [n, m]
 * takes v of Hⱼ from entry j on, row j of A keeps that of Gⱼ from entry j + 1 on; tauLeft and tauRight
 * [n] take the factors. The work vectors x and y have n and m entries. (Golub and Van Loan, Matrix
 * Computations, 5.4.8.)
 */
export function bidiagonalise(
  m: i32,
  n: i32,
  a: usize,
  row: usize,
  left: usize,
  leftRow: usize,
  d: usize,
  e: usize,
  tauLeft: usize,
  tauRight: usize,
  x: usize,
  y: usize,
): void {
  // before the first step there is no change to carry out: y = 0, and w is any row of numbers
  let w = a;
  memory.fill(y, 0, at<f64>(m));
  if (n > 0) store<f64>(e, 0);
  for (let j = 0; j < n; j++) {
    const o = at<f64>(j), v = left + o, count = m - j, rest = n - j - 1;
    const first = load<f64>(w);
    for (let i = 0; i < count; i++) {
      store<f64>(
        v + at<f64>(i),
        load<f64>(a + <usize> i * row) - load<f64>(y + at<f64>(i)) * first,
      );
    }
    const t = reflector(count - 1, v + 8, v, d + o);
    store<f64>(tauLeft + o, t);
    store<f64>(tauRight + o, 0);
    if (rest == 0) break;
    const b = a + 8;
    columnProduct(count, rest, b, row, y, w + 8, v, x);
    combine(rest, t, x, 0, x);
    combine(rest, 1, b, -load<f64>(v), x);
    const s = reflector(rest - 1, b + 8, b, e + o + 8);
    store<f64>(tauRight + o, s);
    rowProduct(count - 1, rest, b + row, row, v + 8, x, s, b, y);
    w = b;
    a = b + row;
    left += leftRow;
  }
}
