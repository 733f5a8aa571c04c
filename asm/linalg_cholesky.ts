// The step of a blocked Cholesky factorisation that is no matrix product.
import { at } from "./simd";
import { dot_f64 } from "./linalg_vector";

/**
 * Columns [0, k) of the Cholesky factor of a matrix whose lower triangle begins with A [m, k], m ≥ k, in
 * its place. Returns −1, or the first pivot that is not positive. (Golub and Van Loan, Matrix
 * Computations, 4.2.5, row by row.)
 */
export function choleskyPanel(m: i32, k: i32, a: usize, row: usize): i32 {
  for (let i = 0; i < m; i++) {
    const x = a + <usize> i * row;
    for (let j = 0, end = min(i, k); j < end; j++) {
      const y = a + <usize> j * row, q = x + at<f64>(j);
      store<f64>(q, (load<f64>(q) - dot_f64(j, x, y)) / load<f64>(y + at<f64>(j)));
    }
    if (i >= k) continue;
    const q = x + at<f64>(i), pivot = load<f64>(q) - dot_f64(i, x, x);
    if (!(pivot > 0)) return i;
    store<f64>(q, sqrt(pivot));
  }
  return -1;
}
