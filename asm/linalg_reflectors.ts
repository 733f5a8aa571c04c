// Householder QR of a block of columns, and the compact form of a product of reflectors. The columns of
// the matrix are stored as rows, so that every reflector is contiguous.
import { at, madd, nmadd, sumLanes } from "./simd";
import { dot_f64, reflector } from "./linalg_vector";

/** row [n] −= τ·(row·v)·v */
function reflectRow(n: i32, tau: f64, v: usize, a: usize): void {
  const x = tau * dot_f64(n, v, a), x2 = f64x2.splat(x);
  let k = 0;
  for (; k + 2 <= n; k += 2) {
    v128.store(a, nmadd<f64>(x2, v128.load(v), v128.load(a)));
    a += 16;
    v += 16;
  }
  if (k < n) store<f64>(a, load<f64>(a) - x * load<f64>(v));
}

/** The same for four rows. */
function reflectFourRows(n: i32, tau: f64, v: usize, a: usize, row: usize): void {
  const whole = at<f64>(n & ~1), b = a + row, c = b + row, d = c + row;
  let s0 = f64x2.splat(0), s1 = s0, s2 = s0, s3 = s0;
  for (let o: usize = 0; o < whole; o += 16) {
    const y = v128.load(v + o);
    s0 = madd<f64>(v128.load(a + o), y, s0);
    s1 = madd<f64>(v128.load(b + o), y, s1);
    s2 = madd<f64>(v128.load(c + o), y, s2);
    s3 = madd<f64>(v128.load(d + o), y, s3);
  }
  let x0 = sumLanes<f64>(s0), x1 = sumLanes<f64>(s1);
  let x2 = sumLanes<f64>(s2), x3 = sumLanes<f64>(s3);
  const odd = n & 1, last: f64 = odd ? load<f64>(v + whole) : 0;
  if (odd) {
    x0 += load<f64>(a + whole) * last;
    x1 += load<f64>(b + whole) * last;
    x2 += load<f64>(c + whole) * last;
    x3 += load<f64>(d + whole) * last;
  }
  x0 *= tau;
  x1 *= tau;
  x2 *= tau;
  x3 *= tau;
  s0 = f64x2.splat(x0);
  s1 = f64x2.splat(x1);
  s2 = f64x2.splat(x2);
  s3 = f64x2.splat(x3);
  for (let o: usize = 0; o < whole; o += 16) {
    const y = v128.load(v + o);
    v128.store(a + o, nmadd<f64>(s0, y, v128.load(a + o)));
    v128.store(b + o, nmadd<f64>(s1, y, v128.load(b + o)));
    v128.store(c + o, nmadd<f64>(s2, y, v128.load(c + o)));
    v128.store(d + o, nmadd<f64>(s3, y, v128.load(d + o)));
  }
  if (odd) {
    store<f64>(a + whole, load<f64>(a + whole) - x0 * last);
    store<f64>(b + whole, load<f64>(b + whole) - x1 * last);
    store<f64>(c + whole, load<f64>(c + whole) - x2 * last);
    store<f64>(d + whole, load<f64>(d + whole) - x3 * last);
  }
}

/**
 * Householder QR of the rows [first, first + k) of W [·, m], which are columns of the matrix: row
 * first + j keeps R above its pivot, and v from the pivot first + j on; diagonal [k] takes R's diagonal,
 * tau [k] the factors. Needs first + k ≤ m, and columns whose largest entry is about 1.
 */
export function householderRows(
  m: i32,
  first: i32,
  k: i32,
  w: usize,
  row: usize,
  diagonal: usize,
  tau: usize,
): void {
  w += <usize> first * row;
  for (let j = 0; j < k; j++) {
    const p = first + j, n = m - p;
    const v = w + <usize> j * row + at<f64>(p);
    const t = reflector(n - 1, v + 8, v, diagonal + at<f64>(j));
    store<f64>(tau + at<f64>(j), t);
    if (t == 0) continue;
    let a = v + row, i = j + 1;
    for (; i + 4 <= k; i += 4) {
      reflectFourRows(n, t, v, a, row);
      a += 4 * row;
    }
    for (; i < k; i++) {
      reflectRow(n, t, v, a);
      a += row;
    }
  }
}

/**
 * out [k, k] = −T with H₁⋯H_k = I − Vᵀ·T·V, T upper triangular, from gram = V·Vᵀ [k, k], of which the lower
 * triangle is read, and tau [k]. (Schreiber and Van Loan, 1989, the compact WY form.)
 */
export function blockFactor(k: i32, gram: usize, gramRow: usize, tau: usize, out: usize): void {
  const row = at<f64>(k);
  memory.fill(out, 0, <usize> k * row);
  for (let j = 0; j < k; j++) {
    const t = load<f64>(tau + at<f64>(j));
    for (let i = 0; i < j; i++) {
      const p = out + <usize> i * row, o = at<f64>(i);
      // a row of the symmetric gram for its column
      const sum = dot_f64(j - i, p + o, gram + <usize> j * gramRow + o);
      store<f64>(p + at<f64>(j), -t * sum);
    }
    store<f64>(out + <usize> j * row + at<f64>(j), -t);
  }
}

/**
 * out [k, n] takes the vectors of k reflectors from the rows at `a`, and zeros for what else is stored
 * there: row j counts from entry j on (QR), or, `before`, up to entry n − k + j (tridiagonalisation).
 */
export function gatherReflectors(
  k: i32,
  n: i32,
  a: usize,
  row: usize,
  before: bool,
  out: usize,
  outRow: usize,
): void {
  const size = at<f64>(n);
  for (let j = 0; j < k; j++) {
    const first = before ? 0 : min(j, n), last = before ? max(0, n - k + j) : n;
    memory.fill(out, 0, size);
    memory.copy(out + at<f64>(first), a + at<f64>(first), at<f64>(last - first));
    a += row;
    out += outRow;
  }
}
