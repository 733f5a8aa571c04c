// What a rank-one update of a diagonal matrix leaves to do: eigenpairs that it does not change are set aside.
// Decisions are scalar arithmetic: both builds take the same.
import { at } from "./simd";
import { largestMagnitude } from "./linalg_check";
import { rotateRows } from "./linalg_divide";

const EPSILON: f64 = 2.220446049250313e-16;

function index(i: i32, list: usize): i32 {
  return load<i32>(list + <usize> i * 4);
}

function setIndex(i: i32, list: usize, value: i32): void {
  store<i32>(list + <usize> i * 4, value);
}

/** Moves the weight of i to j and rotates their rows, if the two values are so close that nobody notices. */
function separate(
  i: i32,
  j: i32,
  values: usize,
  weights: usize,
  tolerance: f64,
  columns: i32,
  z: usize,
  row: usize,
  columns2: i32,
  z2: usize,
  row2: usize,
): bool {
  const vi = values + at<f64>(i), vj = values + at<f64>(j);
  const wi = weights + at<f64>(i), wj = weights + at<f64>(j);
  const x = load<f64>(vi), y = load<f64>(vj), p = load<f64>(wi), q = load<f64>(wj);
  // |(y − x)·c·s| beside the tolerance, without the root that few pairs need
  const square = p * p + q * q;
  if (abs((y - x) * p * q) > tolerance * square) return false;
  const size = sqrt(square), c = q / size, s = -p / size;
  store<f64>(wi, 0);
  store<f64>(wj, size);
  store<f64>(vi, x * c * c + y * s * s);
  store<f64>(vj, x * s * s + y * c * c);
  rotateRows(columns, z + <usize> i * row, z + <usize> j * row, c, s);
  rotateRows(columns2, z2 + <usize> i * row2, z2 + <usize> j * row2, c, s);
  return true;
}

/**
 * Deflates diag(values) + ρ·w·wᵀ, ρ ≥ 0, ‖w‖ ≈ 1: what is changed by no more than rounding errors of the whole
 * counts as not changed. Of two values that are nearly equal, a rotation of the rows of z [n, columns] and of
 * z2 [n, columns2] gives all weight to one. Values and weights [n] are updated in place. Where `pinned`, the
 * first of the order is kept in any case, as one that a rotation filled. (Dongarra and Sorensen, 1987; for
 * singular values Gu and Eisenstat, 1995.)
 *
 * The first m rows of z are zero from column m on, the others before. `order` [n] sorts the values and takes
 * what is kept, by ascending value: values apart, weights not negligible. `rows` [n] takes the kept rows again,
 * those of the first kind, those that a rotation filled, those of the second kind, and then what is set
 * aside; `place` [n] where in `rows` each of `order` is. `counts` are three: kept, of the first kind, filled.
 * `kind` [n] is room to work in; all lists are of i32.
 */
export function deflate(
  n: i32,
  m: i32,
  rho: f64,
  values: usize,
  weights: usize,
  order: usize,
  columns: i32,
  z: usize,
  row: usize,
  columns2: i32,
  z2: usize,
  row2: usize,
  pinned: bool,
  rows: usize,
  place: usize,
  kind: usize,
  counts: usize,
): void {
  const tolerance = 8 * EPSILON *
    max(largestMagnitude(n, values), rho * largestMagnitude(n, weights));
  for (let i = 0; i < n; i++) setIndex(i, kind, i < m ? 0 : 2);
  let kept = pinned ? 1 : 0, aside = n, i = -1;
  if (pinned) setIndex(index(0, order), kind, 1);
  for (let q = kept; q < n; q++) {
    const j = index(q, order);
    if (rho * abs(load<f64>(weights + at<f64>(j))) <= tolerance) {
      setIndex(--aside, rows, j);
      continue;
    }
    if (i >= 0) {
      if (separate(i, j, values, weights, tolerance, columns, z, row, columns2, z2, row2)) {
        if (index(i, kind) != index(j, kind)) setIndex(j, kind, 1);
        setIndex(--aside, rows, i);
      } else {
        setIndex(kept++, order, i);
      }
    }
    i = j;
  }
  if (i >= 0) setIndex(kept++, order, i);
  let p = 0;
  setIndex(0, counts, kept);
  for (let wanted = 0; wanted < 3; wanted++) {
    const first = p;
    for (let q = 0; q < kept; q++) {
      const j = index(q, order);
      if (index(j, kind) != wanted) continue;
      setIndex(p, rows, j);
      setIndex(q, place, p++);
    }
    if (wanted < 2) setIndex(1 + wanted, counts, p - first);
  }
}
