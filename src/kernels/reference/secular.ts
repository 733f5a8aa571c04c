// What the kernels of asm/linalg_secular.ts, linalg_secular_vectors.ts and linalg_divide.ts compute: see
// linalg.ts.

/** Roots of a secular equation: root i is poles[origin[i]] + tau[i]. */
export interface Roots {
  readonly tau: Float64Array;
  readonly origin: Int32Array;
}

/** 1/ρ + Σ zⱼ²/(dⱼ − λ) at λ = d[origin] + τ. */
export function secular(
  d: Float64Array,
  z: Float64Array,
  rho: number,
  origin: number,
  tau: number,
): number {
  return d.reduce((sum, x, j) => sum + z[j]! * z[j]! / ((x - d[origin]!) - tau), 1 / rho);
}

/** The roots for ascending poles d, by bisection. */
export function secularRoots(d: Float64Array, z: Float64Array, rho: number): Roots {
  const k = d.length, tau = new Float64Array(k), origin = new Int32Array(k);
  const reach = rho * z.reduce((sum, x) => sum + x * x, 0);
  for (let i = 0; i < k; i++) {
    const half = i < k - 1 ? (d[i + 1]! - d[i]!) / 2 : 2 * reach;
    const late = i < k - 1 && secular(d, z, rho, i, half) < 0;
    origin[i] = late ? i + 1 : i;
    // the function ascends from −∞ at pole i
    let [low, high] = late ? [-half, 0] : [0, half];
    for (let middle = (low + high) / 2; middle > low && middle < high;) {
      if (secular(d, z, rho, origin[i]!, middle) < 0) low = middle;
      else high = middle;
      middle = (low + high) / 2;
    }
    tau[i] = late ? low : high;
  }
  return { tau, origin };
}

/** Weights of the signs of z for which the roots are exact, up to a common factor. */
export function secularWeights(
  d: Float64Array,
  { tau, origin }: Roots,
  z: Float64Array,
): Float64Array {
  return z.map((sign, p) => {
    const square = d.reduce((product, x, i) => {
      const distance = (d[p]! - d[origin[i]!]!) - tau[i]!;
      return product * (i === p ? distance : distance / (d[p]! - x));
    }, 1);
    return (sign < 0 ? -1 : 1) * Math.sqrt(Math.abs(square));
  });
}

/** Row i [k] of the result [k, k]: zₚ / (dₚ − rootᵢ), scaled to length 1. */
export function secularVectors(
  d: Float64Array,
  { tau, origin }: Roots,
  z: Float64Array,
): Float64Array {
  const k = d.length, rows = new Float64Array(k * k);
  for (let i = 0; i < k; i++) {
    const vector = z.map((x, p) => x / ((d[p]! - d[origin[i]!]!) - tau[i]!));
    const length = Math.sqrt(vector.reduce((sum, x) => sum + x * x, 0));
    rows.set(vector.map((x) => x / length), i * k);
  }
  return rows;
}

/** Left singular vectors, as rows, from the right ones, those of the arrowhead matrix: A·v/σ, scaled to length 1. */
export function secularPartners(
  d: Float64Array,
  pinned: number,
  z: number,
  sigma: Float64Array,
  v: Float64Array,
): Float64Array {
  const k = d.length, rows = new Float64Array(k * k);
  for (let i = 0; i < k; i++) {
    const vector = d.map((x, p) => {
      const y = v[i * k + p]!;
      // (zᵀ·v)/σ at the row z: from AᵀA·v = σ²·v, whose entry there is z·(zᵀ·v)
      return p === pinned ? sigma[i]! * sigma[i]! * y / z : x * y;
    });
    const length = Math.sqrt(vector.reduce((sum, x) => sum + x * x, 0));
    rows.set(vector.map((x) => x / length), i * k);
  }
  return rows;
}

/** Entries order[i] of x. */
export function take_f64(x: Float64Array, order: ArrayLike<number>): Float64Array {
  return Float64Array.from(order, (i) => x[i]!);
}

/** Rows order[i] of a [·, n], one after the other. */
export function takeRows(n: number, a: Float64Array, order: ArrayLike<number>): Float64Array {
  return Float64Array.from(
    { length: order.length * n },
    (_, q) => a[order[Math.floor(q / n)]! * n + q % n]!,
  );
}
