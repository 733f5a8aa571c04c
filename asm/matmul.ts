// C = A·B or C += A·B, either operand transposed. B is packed once into panels, slab after slab of the
// inner dimension, so that a sweep reads one run of memory; for every block of rows and every slab, one
// strip of A at a time goes into the window and a generated micro-kernel sweeps the slab's panels. The
// order of the sums depends on the sizes alone.
import { at, lanes } from "./simd";
import { SCRATCH, SCRATCH_BYTES, WINDOW } from "./memory";
import { columns, LOW_ROWS, packPanel, packStrip, ROWS } from "./pack";
import { SHORT_SLAB, SLAB, tile } from "./tile";

/** Rows of C that stay in the cache while the slabs pass: whole strips. */
const BLOCK: i32 = 16 * ROWS;

/** Depth of the slab at k0: long ones while they fit, then short ones, the last padded with zeros. */
function slabAt(k0: i32, k: i32): i32 {
  return k - k0 >= SLAB ? SLAB : SHORT_SLAB;
}

/** Panels of n columns. */
function panelsOf<T>(n: i32): i32 {
  return (n + columns<T>() - 1) / columns<T>();
}

/** How many of `rows` go into low strips, so that the rest are whole tall ones; 0 where none do that. */
function lowRows<T>(rows: i32): i32 {
  if (sizeof<T>() == 8) return 0;
  for (let low = 0; low <= rows && low < LOW_ROWS * ROWS; low += LOW_ROWS) {
    if ((rows - low) % ROWS == 0) return low;
  }
  return 0;
}

/** Copies or adds the used part [rows, count] of the scratch strip to C. */
function emit<T>(
  rows: i32,
  count: i32,
  from: usize,
  fromRow: usize,
  c: usize,
  row: usize,
  accumulate: bool,
): void {
  for (let i = 0; i < rows; i++) {
    let j = 0;
    for (; j + lanes<T>() <= count; j += lanes<T>()) {
      const q = c + at<T>(j), value = v128.load(from + at<T>(j));
      v128.store(q, accumulate ? v128.add<T>(v128.load(q), value) : value);
    }
    for (; j < count; j++) {
      const q = c + at<T>(j), value = load<T>(from + at<T>(j));
      store<T>(q, accumulate ? load<T>(q) + value : value);
    }
    from += fromRow;
    c += row;
  }
}

/** The strip in the window times `count` columns, through the scratch strip: for edges of C. */
function edge<T>(
  low: bool,
  rolled: bool,
  slab: i32,
  rows: i32,
  count: i32,
  b: usize,
  c: usize,
  row: usize,
  accumulate: bool,
): void {
  const wide = SCRATCH_BYTES / (ROWS * 32);
  const width = wide * columns<T>(), scratchRow = at<T>(width);
  for (let j = 0; j < count; j += width) {
    const used = min(width, count - j);
    tile<T>(low, rolled, slab, panelsOf<T>(used), b, SCRATCH, scratchRow, false);
    emit<T>(rows, used, SCRATCH, scratchRow, c + at<T>(j), row, accumulate);
    b += at<T>(wide * slab * columns<T>());
  }
}

/** Panels that a strip at row i leaves out as they lie below the diagonal, if C is to begin at column `upper` ≥ 0. */
function panelsBefore<T>(i: i32, upper: i32, n: i32): i32 {
  return upper < 0 ? 0 : min(max(i - upper, 0), n) / columns<T>();
}

/** Rows [first, last) of C [·, n] from A and the packed panels of B. */
function sweep<T>(
  first: i32,
  last: i32,
  n: i32,
  k: i32,
  a: usize,
  aRow: usize,
  aTransposed: bool,
  panels: usize,
  c: usize,
  cRow: usize,
  accumulate: bool,
  upper: i32,
  rolled: bool,
): void {
  const padded = panelsOf<T>(n) * columns<T>();
  const whole = n / columns<T>(), rest = n - whole * columns<T>();
  for (let block = first; block < last; block += BLOCK) {
    const end = min(last, block + BLOCK), tall = end - lowRows<T>(end - block);
    for (let k0 = 0; k0 < k;) {
      const slab = slabAt(k0, k), depth = min(slab, k - k0);
      const add = accumulate || k0 > 0;
      const b = panels + at<T>(k0 * padded);
      for (let i = block; i < end;) {
        const low = i >= tall, height = low ? LOW_ROWS : ROWS, rows = min(height, end - i);
        const before = panelsBefore<T>(i, upper, n), left = before * columns<T>();
        const strip = aTransposed
          ? a + <usize> k0 * aRow + at<T>(i)
          : a + <usize> i * aRow + at<T>(k0);
        packStrip<T>(height, rows, depth, strip, aRow, aTransposed);
        if (depth < slab) clearWindow<T>(depth * height, slab * height);
        const p = b + at<T>(left * slab), q = c + <usize> i * cRow + at<T>(left);
        if (rows == height) {
          tile<T>(low, rolled, slab, whole - before, p, q, cRow, add);
          if (rest) {
            const last = b + at<T>(whole * slab * columns<T>());
            edge<T>(low, rolled, slab, rows, rest, last, q + at<T>(n - rest - left), cRow, add);
          }
        } else {
          edge<T>(low, rolled, slab, rows, n - left, p, q, cRow, add);
        }
        i += height;
      }
      k0 += slab;
    }
  }
}

/** Zeroes what a slab leaves of the window, so that stale numbers (NaN among them) never meet a panel. */
function clearWindow<T>(from: i32, to: i32): void {
  memory.fill(WINDOW + at<T>(from), 0, at<T>(to - from));
}

/** Panels [first, last) of B [k, n], to their places in the workspace. */
function packPanels<T>(
  first: i32,
  last: i32,
  n: i32,
  k: i32,
  b: usize,
  bRow: usize,
  bTransposed: bool,
  workspace: usize,
): void {
  const padded = panelsOf<T>(n) * columns<T>();
  for (let k0 = 0; k0 < k;) {
    const slab = slabAt(k0, k), depth = min(slab, k - k0);
    const from = bTransposed ? b + at<T>(k0) : b + <usize> k0 * bRow;
    const to = workspace + at<T>(k0 * padded);
    for (let panel = first; panel < last; panel++) {
      const j = panel * columns<T>();
      const source = bTransposed ? from + <usize> j * bRow : from + at<T>(j);
      const d = to + at<T>(panel * slab * columns<T>());
      packPanel<T>(min(columns<T>(), n - j), depth, slab, source, bRow, bTransposed, d);
    }
    k0 += slab;
  }
}

/**
 * C [m, n] (+)= A [m, k] · B [k, n]; transposed operands are stored [k, m] and [n, k]. Rows are aRow,
 * bRow and cRow bytes apart. The workspace takes `width` columns of B at a time:
 * round16(k) · roundUp(width, columns) elements. `upper` says that C is symmetric, and that most of what lies
 * below the diagonal need not be computed.
 */
function matmul<T>(
  m: i32,
  n: i32,
  k: i32,
  a: usize,
  aRow: usize,
  aTransposed: bool,
  b: usize,
  bRow: usize,
  bTransposed: bool,
  c: usize,
  cRow: usize,
  accumulate: bool,
  upper: bool,
  width: i32,
  workspace: usize,
  rolled: bool,
): void {
  if (k == 0 && !accumulate) {
    for (let i = 0; i < m; i++) memory.fill(c + <usize> i * cRow, 0, at<T>(n));
  }
  for (let j = 0; j < n; j += width) {
    const count = min(width, n - j);
    packPanels<T>(
      0,
      panelsOf<T>(count),
      count,
      k,
      bTransposed ? b + <usize> j * bRow : b + at<T>(j),
      bRow,
      bTransposed,
      workspace,
    );
    sweep<T>(
      0,
      m,
      count,
      k,
      a,
      aRow,
      aTransposed,
      workspace,
      c + at<T>(j),
      cRow,
      accumulate,
      upper ? j : -1,
      rolled,
    );
  }
}

export function matmul_f32(
  m: i32,
  n: i32,
  k: i32,
  a: usize,
  aRow: usize,
  aTransposed: bool,
  b: usize,
  bRow: usize,
  bTransposed: bool,
  c: usize,
  cRow: usize,
  accumulate: bool,
  upper: bool,
  width: i32,
  workspace: usize,
  rolled: bool,
): void {
  matmul<f32>(
    m,
    n,
    k,
    a,
    aRow,
    aTransposed,
    b,
    bRow,
    bTransposed,
    c,
    cRow,
    accumulate,
    upper,
    width,
    workspace,
    rolled,
  );
}

export function matmul_f64(
  m: i32,
  n: i32,
  k: i32,
  a: usize,
  aRow: usize,
  aTransposed: bool,
  b: usize,
  bRow: usize,
  bTransposed: bool,
  c: usize,
  cRow: usize,
  accumulate: bool,
  upper: bool,
  width: i32,
  workspace: usize,
  rolled: bool,
): void {
  matmul<f64>(
    m,
    n,
    k,
    a,
    aRow,
    aTransposed,
    b,
    bRow,
    bTransposed,
    c,
    cRow,
    accumulate,
    upper,
    width,
    workspace,
    rolled,
  );
}

/** A thread's share of the packing: panels [first, last) of B [k, n]. */
export function pack_f32(
  first: i32,
  last: i32,
  n: i32,
  k: i32,
  b: usize,
  bRow: usize,
  bTransposed: bool,
  workspace: usize,
): void {
  packPanels<f32>(first, last, n, k, b, bRow, bTransposed, workspace);
}

/**
 * A thread's share of the product: rows [first, last) of C from A and all packed panels of B. With `upper` ≥ 0
 * the panels begin at that column of a symmetric C, of which what lies below the diagonal is not wanted.
 */
export function sweep_f32(
  first: i32,
  last: i32,
  n: i32,
  k: i32,
  a: usize,
  aRow: usize,
  aTransposed: bool,
  panels: usize,
  c: usize,
  cRow: usize,
  accumulate: bool,
  upper: i32,
  rolled: bool,
): void {
  sweep<f32>(first, last, n, k, a, aRow, aTransposed, panels, c, cRow, accumulate, upper, rolled);
}

/** A thread's share of the packing: panels [first, last) of B [k, n]. */
export function pack_f64(
  first: i32,
  last: i32,
  n: i32,
  k: i32,
  b: usize,
  bRow: usize,
  bTransposed: bool,
  workspace: usize,
): void {
  packPanels<f64>(first, last, n, k, b, bRow, bTransposed, workspace);
}

/**
 * A thread's share of the product: rows [first, last) of C from A and all packed panels of B. With `upper` ≥ 0
 * the panels begin at that column of a symmetric C, of which what lies below the diagonal is not wanted.
 */
export function sweep_f64(
  first: i32,
  last: i32,
  n: i32,
  k: i32,
  a: usize,
  aRow: usize,
  aTransposed: bool,
  panels: usize,
  c: usize,
  cRow: usize,
  accumulate: bool,
  upper: i32,
  rolled: bool,
): void {
  sweep<f64>(first, last, n, k, a, aRow, aTransposed, panels, c, cRow, accumulate, upper, rolled);
}
