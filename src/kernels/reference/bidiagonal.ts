// What the kernels of asm/linalg_bidiagonal.ts and linalg_bidiagonal_sweeps.ts compute: see linalg.ts.
import { dot_f64, reflector, type Sweep } from "./linalg.ts";

/** A = H₀⋯H₍ₙ₋₁₎·B·G₍ₙ₋₂₎⋯G₀ of A [m, n], whose rows keep the right reflectors; `left` [n, m] the left. */
export function bidiagonalise(m: number, n: number, a: Float64Array): {
  left: Float64Array;
  d: Float64Array;
  e: Float64Array;
  tauLeft: Float64Array;
  tauRight: Float64Array;
} {
  const left = new Float64Array(n * m);
  const [d, e] = [new Float64Array(n), new Float64Array(n)];
  const [tauLeft, tauRight] = [new Float64Array(n), new Float64Array(n)];
  for (let j = 0; j < n; j++) {
    const v = left.subarray(j * m + j, (j + 1) * m);
    v.forEach((_, i) => v[i] = a[(j + i) * n + j]!);
    ({ beta: d[j], tau: tauLeft[j] } = reflector(v, 0) as { beta: number; tau: number });
    for (let k = j + 1; k < n; k++) {
      const x = tauLeft[j]! * v.reduce((sum, value, i) => sum + value * a[(j + i) * n + k]!, 0);
      v.forEach((value, i) => a[(j + i) * n + k]! -= value * x);
    }
    if (j + 1 === n) break;
    const w = a.subarray(j * n + j + 1, (j + 1) * n);
    ({ beta: e[j + 1], tau: tauRight[j] } = reflector(w, 0) as { beta: number; tau: number });
    for (let i = j + 1; i < m; i++) {
      const row = a.subarray(i * n + j + 1, (i + 1) * n);
      const y = tauRight[j]! * dot_f64(row, w);
      row.forEach((_, k) => row[k]! -= y * w[k]!);
    }
  }
  return { left, d, e, tauLeft, tauRight };
}

/** The rotation with (c·f + s·g, c·g − s·f) = (r, 0) and c ≥ 0. */
function rotation(f: number, g: number): { c: number; s: number; r: number } {
  let lift = 1;
  if (f * f + g * g < 2 ** -800) [f, g, lift] = [f * 2 ** 600, g * 2 ** 600, 2 ** 600];
  const r = Math.sqrt(f * f + g * g), sign = f < 0 || Object.is(f, -0) ? -1 : 1;
  if (r === 0) return { c: 1, s: 0, r: sign * r };
  return { c: sign * f / r, s: sign * g / r, r: sign * r / lift };
}

/** The smaller singular value of (x, y; 0, z). */
function smallerSingularValue(x: number, y: number, z: number): number {
  const scale = Math.max(Math.abs(x), Math.abs(y), Math.abs(z));
  if (scale === 0) return 0;
  [x, y, z] = [Math.abs(x) / scale, Math.abs(y) / scale, Math.abs(z) / scale];
  const sum = Math.sqrt((x + z) * (x + z) + y * y),
    difference = Math.sqrt((x - z) * (x - z) + y * y);
  return scale * (2 * x * z / (sum + difference));
}

/** A sweep over a bidiagonal matrix: rotations of the left vectors and of the right ones. */
export interface SweepPair {
  readonly left: Sweep;
  readonly right: Sweep;
}

/** QR on the bidiagonal d and e: d becomes the singular values, signs aside. */
export function bidiagonalSweeps(
  n: number,
  d: Float64Array,
  e: Float64Array,
): { sweeps: SweepPair[]; converged: boolean } {
  const sweeps: SweepPair[] = [];
  for (let m = n - 1; m >= 0;) {
    let l = m;
    while (l > 0 && e[l] !== 0) l--;
    if (l === m) {
      m--;
      continue;
    }
    const all = [...d, ...e.subarray(0, n)].map(Math.abs);
    const nothing = 2 ** -1000 + (sweeps.length >= 15 * n ? 2 ** -52 * Math.max(...all) : 0);
    const smallest = dropCoupling(l, m, d, e, nothing);
    if (smallest < 0) continue;
    if (sweeps.length >= 30 * n) return { sweeps, converged: false };
    const shift = smallerSingularValue(d[m - 1]!, e[m]!, d[m]!), ratio = shift / Math.abs(d[l]!);
    const run = smallest > 0 && ratio * ratio > 2 ** -53 ? shiftedSweep : plainSweep;
    const pair = {
      left: { first: n - 2 - l, rotations: [] },
      right: { first: n - 2 - l, rotations: [] },
    };
    run(l, m, d, e, pair, shift);
    sweeps.push(pair);
  }
  return { sweeps, converged: true };
}

/** Drops one coupling that is negligible, or below `nothing`, and returns −1, or a lower bound of the smallest singular value. */
function dropCoupling(
  l: number,
  m: number,
  d: Float64Array,
  e: Float64Array,
  nothing: number,
): number {
  if (Math.abs(e[m]!) <= 2 ** -52 * Math.abs(d[m]!)) return e[m] = 0, -1;
  let bound = Math.abs(d[l]!), smallest = bound;
  for (let i = l + 1; i <= m; i++) {
    const x = Math.abs(e[i]!);
    if (x <= 2 ** -52 * bound + nothing) return e[i] = 0, -1;
    bound = Math.abs(d[i]!) * (bound / (bound + x));
    smallest = Math.min(smallest, bound);
  }
  return smallest;
}

function record(sweep: Sweep, { c, s }: { c: number; s: number }): void {
  sweep.rotations.push([s / (1 + c), s]);
}

function shiftedSweep(
  l: number,
  m: number,
  d: Float64Array,
  e: Float64Array,
  { left, right }: SweepPair,
  shift: number,
): void {
  const start = Math.abs(d[l]!);
  let f = (start - shift) * (d[l]! < 0 ? -1 : 1), g = e[l + 1]! / (1 + shift / start);
  for (let i = l; i < m; i++) {
    const p = rotation(f, g);
    record(right, p);
    if (i > l) e[i] = p.r;
    const [x, y, z] = [d[i]!, e[i + 1]!, d[i + 1]!];
    const above = p.c * y - p.s * x, next = p.c * z;
    const q = rotation(p.c * x + p.s * y, p.s * z);
    record(left, q);
    d[i] = q.r;
    f = q.c * above + q.s * next;
    d[i + 1] = q.c * next - q.s * above;
    if (i + 1 < m) {
      g = q.s * e[i + 2]!;
      e[i + 2]! *= q.c;
    }
  }
  e[m] = f;
}

function plainSweep(
  l: number,
  m: number,
  d: Float64Array,
  e: Float64Array,
  { left, right }: SweepPair,
): void {
  let p = { c: 1, s: 0, r: 0 }, q = p;
  for (let i = l; i < m; i++) {
    p = rotation(p.c * d[i]!, e[i + 1]!);
    record(right, p);
    if (i > l) e[i] = q.s * p.r;
    q = rotation(q.c * p.r, p.s * d[i + 1]!);
    record(left, q);
    d[i] = q.r;
  }
  const h = p.c * d[m]!;
  d[m] = q.c * h;
  e[m] = q.s * h;
}
