// What the kernels of asm/linalg.ts compute, as plain loops over dense row-major arrays of f64.

/** Squares below this are negligible: 2⁻⁹⁶⁰. */
const NEGLIGIBLE = 1.0261342003245941e-289;

/** Σ xᵢ·yᵢ */
export function dot_f64(x: Float64Array, y: Float64Array): number {
  return x.reduce((sum, value, i) => sum + value * y[i]!, 0);
}

/** xᵀ [n, m] for x [m, n] */
export function transpose_f64(m: number, n: number, x: Float64Array): Float64Array {
  return Float64Array.from({ length: m * n }, (_, q) => x[(q % m) * n + Math.floor(q / m)]!);
}

/** A [n, n] ← (A + Aᵀ)·f₁·f₂; returns the largest |aᵢⱼ − aⱼᵢ| there was. */
export function symmetrise(n: number, a: Float64Array, f1: number, f2: number): number {
  let worst = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      const x = a[i * n + j]!, y = a[j * n + i]!;
      worst = Math.max(worst, Math.abs(x - y));
      a[i * n + j] = a[j * n + i] = x * f1 * f2 + y * f1 * f2;
    }
  }
  return worst;
}

/** v of the reflector that takes x to β at the pivot and zero elsewhere, in place of x. */
export function reflector(x: Float64Array, pivot: number): { beta: number; tau: number } {
  const alpha = x[pivot]!;
  const square = x.reduce((sum, value, i) => i === pivot ? sum : sum + value * value, 0);
  if (square < NEGLIGIBLE) return { beta: alpha, tau: 0 };
  const beta = (alpha > 0 ? -1 : 1) * Math.sqrt(square + alpha * alpha);
  x.forEach((value, i) => x[i] = i === pivot ? 1 : value / (alpha - beta));
  return { beta, tau: (beta - alpha) / beta };
}

/** A = Q·T·Qᵀ on the lower triangle of A [n, n], which keeps the reflectors left of its diagonal. */
export function tridiagonalise(
  n: number,
  a: Float64Array,
): { d: Float64Array; e: Float64Array; tau: Float64Array } {
  const d = new Float64Array(n), e = new Float64Array(n), tau = new Float64Array(n);
  const entry = (i: number, j: number): number => a[Math.max(i, j) * n + Math.min(i, j)]!;
  for (let i = n - 1; i >= 0; i--) {
    d[i] = entry(i, i);
    if (i === 0) break;
    const v = a.subarray(i * n, i * n + i);
    const { beta, tau: t } = reflector(v, i - 1);
    [e[i], tau[i]] = [beta, t];
    if (t === 0) continue;
    const p = v.map((_, j) => t * v.reduce((sum, x, k) => sum + entry(j, k) * x, 0));
    const half = t * dot_f64(p, v) / 2;
    const w = p.map((x, j) => x - half * v[j]!);
    for (let j = 0; j < i; j++) {
      for (let k = 0; k <= j; k++) a[j * n + k]! -= v[j]! * w[k]! + w[j]! * v[k]!;
    }
  }
  return { d, e, tau };
}

/** Z·H_first⋯H₍ₙ₋₁₎ for Z [m, n]: row i of `vectors` keeps the i entries of vᵢ, tau the factors. */
export function applyReflectors(
  m: number,
  first: number,
  n: number,
  vectors: Float64Array,
  tau: Float64Array,
  z: Float64Array,
): Float64Array {
  const out = z.slice();
  for (let row = 0; row < m; row++) {
    for (let i = first; i < n; i++) {
      const x = out.subarray(row * n, row * n + i), v = vectors.subarray(i * n, i * n + i);
      const along = tau[i]! * dot_f64(x, v);
      x.forEach((value, j) => x[j] = value - along * v[j]!);
    }
  }
  return out;
}

/** One sweep: rotations (s / (1 + c), s) of the rows (i, i + 1) for i from `first` down. */
export interface Sweep {
  readonly first: number;
  readonly rotations: (readonly [number, number])[];
}

/** QL on d and e (eᵢ couples i − 1 and i): d becomes the eigenvalues; false if it does not converge. */
export function qlSweeps(
  n: number,
  d: Float64Array,
  e: Float64Array,
): { sweeps: Sweep[]; converged: boolean } {
  const sweeps: Sweep[] = [];
  const negligible = (m: number): boolean =>
    e[m + 1]! * e[m + 1]! <=
      2 ** -106 * Math.abs(d[m]!) * Math.abs(d[m + 1]!) + 2.2250738585072014e-308;
  for (let l = 0; l < n; l++) {
    for (;;) {
      let m = l;
      while (m < n - 1 && !negligible(m)) m++;
      if (m < n - 1) e[m + 1] = 0;
      if (m === l) break;
      if (sweeps.length >= 30 * n) return { sweeps, converged: false };
      sweeps.push({ first: m - 1, rotations: qlSweep(l, m, d, e) });
    }
  }
  return { sweeps, converged: true };
}

function qlSweep(l: number, m: number, d: Float64Array, e: Float64Array): [number, number][] {
  const rotations: [number, number][] = [];
  const ratio = (d[l + 1]! - d[l]!) / (2 * e[l + 1]!), root = Math.sqrt(ratio * ratio + 1);
  const shift = d[l]! - e[l + 1]! / (ratio + (ratio >= 0 ? root : -root));
  let g = d[m]! - shift, s = 1, c = 1, p = 0;
  for (let i = m - 1; i >= l; i--) {
    const b = c * e[i + 1]!;
    let f = s * e[i + 1]!, lift = 1;
    if (f * f + g * g < 2 ** -800) [f, g, lift] = [f * 2 ** 500, g * 2 ** 500, 2 ** 500];
    const r = Math.sqrt(f * f + g * g), sign = g < 0 || Object.is(g, -0) ? -1 : 1;
    if (i < m - 1) e[i + 2] = sign * r / lift;
    [c, s] = r === 0 ? [1, 0] : [sign * g / r, sign * f / r];
    g = d[i + 1]! - p;
    const t = (d[i]! - g) * s + 2 * c * b;
    p = s * t;
    d[i + 1] = g + p;
    g = c * t - b;
    rotations.push([s / (1 + c), s]);
  }
  d[l]! -= p;
  e[l + 1] = g;
  return rotations;
}

/** Applies sweeps to the rows of z [n, n]: (hi, lo) ← (c·hi + s·lo, c·lo − s·hi), as three shears. */
export function applySweeps(n: number, z: Float64Array, sweeps: readonly Sweep[]): void {
  for (const { first, rotations } of sweeps) {
    rotations.forEach(([t, s], q) => {
      const lo = (first - q) * n, hi = lo + n;
      for (let j = 0; j < n; j++) {
        z[hi + j]! += t * z[lo + j]!;
        z[lo + j]! -= s * z[hi + j]!;
        z[hi + j]! += t * z[lo + j]!;
      }
    });
  }
}

/** Householder QR of rows [first, first + k) of w [·, m], each from entry first + j on. */
export function householderRows(
  m: number,
  first: number,
  k: number,
  w: Float64Array,
): { diagonal: Float64Array; tau: Float64Array } {
  const diagonal = new Float64Array(k), tau = new Float64Array(k);
  const part = (i: number, from: number): Float64Array =>
    w.subarray((first + i) * m + from, (first + i + 1) * m);
  for (let j = 0; j < k; j++) {
    const v = part(j, first + j), { beta, tau: t } = reflector(v, 0);
    [diagonal[j], tau[j]] = [beta, t];
    if (t === 0) continue;
    for (let i = j + 1; i < k; i++) {
      const row = part(i, first + j), x = t * dot_f64(v, row);
      row.forEach((value, q) => row[q] = value - x * v[q]!);
    }
  }
  return { diagonal, tau };
}

/** Rows of a [k, n] from entry j on, or, `before`, up to entry n − k + j; zeros elsewhere. */
export function gatherReflectors(
  k: number,
  n: number,
  a: Float64Array,
  before: boolean,
): Float64Array {
  return a.slice(0, k * n).map((x, q) => {
    const i = Math.floor(q / n), j = q % n;
    return (before ? j < n - k + i : j >= i) ? x : 0;
  });
}

/** −T [k, k] with H₁⋯H_k = I − Vᵀ·T·V, from V·Vᵀ [k, k] and τ [k]. */
export function blockFactor(k: number, gram: Float64Array, tau: Float64Array): Float64Array {
  const out = new Float64Array(k * k);
  for (let j = 0; j < k; j++) {
    for (let i = 0; i < j; i++) {
      let sum = 0;
      for (let l = i; l < j; l++) sum += out[i * k + l]! * gram[l * k + j]!;
      out[i * k + j] = -tau[j]! * sum;
    }
    out[j * k + j] = -tau[j]!;
  }
  return out;
}

/**
 * Negates the rows of A [m, n] whose entry of largest magnitude, the first of equals to within 2⁻³², is
 * negative, and with them the rows of B [m, l].
 */
export function orientRows(
  m: number,
  n: number,
  a: Float64Array,
  l: number,
  b: Float64Array,
): void {
  for (let i = 0; i < m; i++) {
    const row = a.subarray(i * n, (i + 1) * n);
    const largest = row.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    const decisive = row.find((x) => Math.abs(x) >= largest * (1 - 2 ** -32));
    if (decisive === undefined || decisive >= 0) continue;
    for (const part of [row, b.subarray(i * l, (i + 1) * l)]) part.forEach((x, j) => part[j] = -x);
  }
}

/** Largest ‖row of P − value·row of Z‖₂ */
export function worstResidual(
  m: number,
  n: number,
  p: Float64Array,
  z: Float64Array,
  values: Float64Array,
): number {
  let worst = 0;
  for (let i = 0; i < m; i++) {
    let sum = 0;
    for (let j = i * n; j < (i + 1) * n; j++) sum += (p[j]! - values[i]! * z[j]!) ** 2;
    worst = Math.max(worst, sum);
  }
  return Math.sqrt(worst);
}

/** Largest |gᵢⱼ − δᵢⱼ| on and above the diagonal of G [m, n], m ≤ n */
export function worstDeviation(m: number, n: number, g: Float64Array): number {
  let worst = 0;
  for (let i = 0; i < m; i++) {
    for (let j = i; j < n; j++) {
      worst = Math.max(worst, Math.abs(g[i * n + j]! - (i === j ? 1 : 0)));
    }
  }
  return worst;
}

/** max |xᵢ|, NaN if one is NaN */
export function largestMagnitude(x: Float64Array): number {
  return Math.max(0, ...x.map(Math.abs));
}

/** ‖G − diagonal·I‖_F² of a symmetric G, from the upper triangle of its first rows [m, n] */
export function upperSquares(m: number, n: number, g: Float64Array, diagonal: number): number {
  let sum = 0;
  for (let i = 0; i < m; i++) {
    sum += (g[i * n + i]! - diagonal) ** 2;
    for (let j = i + 1; j < n; j++) sum += 2 * g[i * n + j]! ** 2;
  }
  return sum;
}

/** Row i of A [m, n] *= f·cᵢ */
export function scaleRows(
  _m: number,
  n: number,
  f: number,
  a: Float64Array,
  c: Float64Array,
): void {
  a.forEach((x, q) => a[q] = x * (f * c[Math.floor(q / n)]!));
}

/** A·x for A [m, n] */
export function rowDots(m: number, n: number, a: Float64Array, x: Float64Array): Float64Array {
  return Float64Array.from({ length: m }, (_, i) => dot_f64(a.subarray(i * n, (i + 1) * n), x));
}

/** y [n] += f·Σ cᵢ·rowᵢ for A [m, n] */
export function addRows(
  m: number,
  n: number,
  f: number,
  a: Float64Array,
  c: Float64Array,
  y: Float64Array,
): void {
  for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) y[j]! += f * c[i]! * a[i * n + j]!;
}

/** Columns [0, k) of the Cholesky factor in A [m, k]; −1, or the first pivot that is not positive. */
export function choleskyPanel(m: number, k: number, a: Float64Array): number {
  for (let i = 0; i < m; i++) {
    for (let j = 0; j <= Math.min(i, k - 1); j++) {
      let rest = a[i * k + j]!;
      for (let p = 0; p < j; p++) rest -= a[i * k + p]! * a[j * k + p]!;
      if (i === j && !(rest > 0)) return i;
      a[i * k + j] = i === j ? Math.sqrt(rest) : rest / a[j * k + j]!;
    }
  }
  return -1;
}
