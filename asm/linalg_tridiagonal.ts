// Householder tridiagonalisation of a symmetric matrix, from the last row up, on its lower triangle.
// Four rows at a time share the loads of the vectors: the work is bound by instructions, not memory.
import { at, madd, nmadd, sumLanes, sumsOfTwo } from "./simd";
import { combine, dot_f64, reflector } from "./linalg_vector";

/** p += row·x and returns row·v, for one row [n]: both halves of a symmetric product. */
function oneRow(n: i32, a: usize, v: usize, p: usize, x: f64): f64 {
  const x2 = f64x2.splat(x);
  let s = f64x2.splat(0), k = 0;
  for (; k + 2 <= n; k += 2) {
    const a2 = v128.load(a);
    s = madd<f64>(a2, v128.load(v), s);
    v128.store(p, madd<f64>(x2, a2, v128.load(p)));
    a += 16;
    v += 16;
    p += 16;
  }
  let total = sumLanes<f64>(s);
  if (k < n) {
    total += load<f64>(a) * load<f64>(v);
    store<f64>(p, load<f64>(p) + x * load<f64>(a));
  }
  return total;
}

/**
 * The same for four rows of n + 4 numbers, n a multiple of 4. The last four are a whole symmetric block, so
 * their products with v complete those of the rows, which are stored in sums [4].
 */
// @inline
function fourRows(n: i32, a: usize, row: usize, v: usize, p: usize, sums: usize): void {
  const x = v + at<f64>(n);
  const x0 = v128.load64_splat(x), x1 = v128.load64_splat(x, 8);
  const x2 = v128.load64_splat(x, 16), x3 = v128.load64_splat(x, 24);
  let s0 = f64x2.splat(0), s1 = s0, s2 = s0, s3 = s0;
  let a1 = a + row, a2 = a1 + row, a3 = a2 + row;
  let y: v128, q: v128, b: v128;
  while (v < x) {
    y = v128.load(v);
    q = v128.load(p);
    b = v128.load(a);
    s0 = madd<f64>(b, y, s0);
    q = madd<f64>(x0, b, q);
    b = v128.load(a1);
    s1 = madd<f64>(b, y, s1);
    q = madd<f64>(x1, b, q);
    b = v128.load(a2);
    s2 = madd<f64>(b, y, s2);
    q = madd<f64>(x2, b, q);
    b = v128.load(a3);
    s3 = madd<f64>(b, y, s3);
    v128.store(p, madd<f64>(x3, b, q));
    y = v128.load(v, 16);
    q = v128.load(p, 16);
    b = v128.load(a, 16);
    s0 = madd<f64>(b, y, s0);
    q = madd<f64>(x0, b, q);
    b = v128.load(a1, 16);
    s1 = madd<f64>(b, y, s1);
    q = madd<f64>(x1, b, q);
    b = v128.load(a2, 16);
    s2 = madd<f64>(b, y, s2);
    q = madd<f64>(x2, b, q);
    b = v128.load(a3, 16);
    s3 = madd<f64>(b, y, s3);
    v128.store(p, madd<f64>(x3, b, q), 16);
    a += 32;
    a1 += 32;
    a2 += 32;
    a3 += 32;
    v += 32;
    p += 32;
  }
  y = v128.load(v);
  q = v128.load(v, 16);
  s0 = madd<f64>(v128.load(a, 16), q, madd<f64>(v128.load(a), y, s0));
  s1 = madd<f64>(v128.load(a1, 16), q, madd<f64>(v128.load(a1), y, s1));
  s2 = madd<f64>(v128.load(a2, 16), q, madd<f64>(v128.load(a2), y, s2));
  s3 = madd<f64>(v128.load(a3, 16), q, madd<f64>(v128.load(a3), y, s3));
  v128.store(sums, sumsOfTwo(s0, s1));
  v128.store(sums, sumsOfTwo(s2, s3), 16);
}

/**
 * p [n] = A·v for the symmetric A [n, n] of which the lower triangle is given, and the whole of the blocks of
 * 4 × 4 on the diagonal.
 */
function symmetricProduct(n: i32, a: usize, row: usize, v: usize, p: usize): void {
  let j = 0;
  for (; j + 4 <= n; j += 4) {
    fourRows(j, a, row, v, p, p + at<f64>(j));
    a += 4 * row;
  }
  for (; j < n; j++) {
    const x = load<f64>(v + at<f64>(j)), sum = oneRow(j, a, v, p, x);
    store<f64>(p + at<f64>(j), sum + load<f64>(a + at<f64>(j)) * x);
    a += row;
  }
}

/** row [n] −= x·w + y·v */
function updateRow(n: i32, a: usize, v: usize, w: usize, x: f64, y: f64): void {
  const x2 = f64x2.splat(x), y2 = f64x2.splat(y);
  let k = 0;
  for (; k + 2 <= n; k += 2) {
    v128.store(a, nmadd<f64>(x2, v128.load(w), nmadd<f64>(y2, v128.load(v), v128.load(a))));
    a += 16;
    v += 16;
    w += 16;
  }
  if (k < n) store<f64>(a, load<f64>(a) - y * load<f64>(v) - x * load<f64>(w));
}

/** Four rows [n] −= x·w + y·v, n a multiple of 4, with x and y from [4] each. */
// @inline
export function updateFourRows(
  n: i32,
  a: usize,
  row: usize,
  v: usize,
  w: usize,
  x: usize,
  y: usize,
): void {
  const x0 = v128.load64_splat(x), x1 = v128.load64_splat(x, 8);
  const x2 = v128.load64_splat(x, 16), x3 = v128.load64_splat(x, 24);
  const y0 = v128.load64_splat(y), y1 = v128.load64_splat(y, 8);
  const y2 = v128.load64_splat(y, 16), y3 = v128.load64_splat(y, 24);
  let a1 = a + row, a2 = a1 + row, a3 = a2 + row;
  let p: v128, q: v128;
  const end = a + at<f64>(n);
  while (a < end) {
    p = v128.load(v);
    q = v128.load(w);
    v128.store(a, nmadd<f64>(x0, q, nmadd<f64>(y0, p, v128.load(a))));
    v128.store(a1, nmadd<f64>(x1, q, nmadd<f64>(y1, p, v128.load(a1))));
    v128.store(a2, nmadd<f64>(x2, q, nmadd<f64>(y2, p, v128.load(a2))));
    v128.store(a3, nmadd<f64>(x3, q, nmadd<f64>(y3, p, v128.load(a3))));
    p = v128.load(v, 16);
    q = v128.load(w, 16);
    v128.store(a, nmadd<f64>(x0, q, nmadd<f64>(y0, p, v128.load(a, 16))), 16);
    v128.store(a1, nmadd<f64>(x1, q, nmadd<f64>(y1, p, v128.load(a1, 16))), 16);
    v128.store(a2, nmadd<f64>(x2, q, nmadd<f64>(y2, p, v128.load(a2, 16))), 16);
    v128.store(a3, nmadd<f64>(x3, q, nmadd<f64>(y3, p, v128.load(a3, 16))), 16);
    a += 32;
    a1 += 32;
    a2 += 32;
    a3 += 32;
    v += 32;
    w += 32;
  }
}

/** The lower triangle of A [n, n] −= v·wᵀ + w·vᵀ, and the whole of the blocks of 4 × 4 on the diagonal. */
function rankTwoUpdate(n: i32, a: usize, row: usize, v: usize, w: usize): void {
  let j = 0;
  for (; j + 4 <= n; j += 4) {
    updateFourRows(j + 4, a, row, v, w, v + at<f64>(j), w + at<f64>(j));
    a += 4 * row;
  }
  for (; j < n; j++) {
    updateRow(j + 1, a, v, w, load<f64>(v + at<f64>(j)), load<f64>(w + at<f64>(j)));
    a += row;
  }
}

/**
 * A = Q·T·Qᵀ with T tridiagonal and Q = H₍ₙ₋₁₎⋯H₁, for the symmetric A [n, n] whose largest entry is about 1;
 * of what lies above the diagonal only blocks of 4 × 4 are read. d [n] is the diagonal of T, e [n] what lies left of it
 * (e₀ = 0), tau [n] the factors of the reflectors; row i keeps v of Hᵢ in its first i entries. The work
 * vector has n entries. (Golub and Van Loan, Matrix Computations, 8.3.1.)
 */
export function tridiagonalise(
  n: i32,
  a: usize,
  row: usize,
  d: usize,
  e: usize,
  tau: usize,
  work: usize,
): void {
  for (let i = n - 1; i > 0; i--) {
    const v = a + <usize> i * row;
    store<f64>(d + at<f64>(i), load<f64>(v + at<f64>(i)));
    const t = reflector(i - 1, v, v + at<f64>(i - 1), e + at<f64>(i));
    store<f64>(tau + at<f64>(i), t);
    if (t == 0) continue;
    symmetricProduct(i, a, row, v, work);
    combine(i, t, work, -0.5 * t * t * dot_f64(i, work, v), v);
    rankTwoUpdate(i, a, row, v, work);
  }
  if (n == 0) return;
  store<f64>(d, load<f64>(a));
  store<f64>(e, 0);
  store<f64>(tau, 0);
}
