/** Distribution function of the standard normal: ½ + φ(x)·(x + x³/3 + x⁵/(3·5) + …), for |x| < 8. */
export function normalDistribution(x: number): number {
  let term = x, total = x;
  for (let k = 3; Math.abs(term) > 1e-17 * Math.abs(total); k += 2) {
    term *= x * x / k;
    total += term;
  }
  return 0.5 + total * Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
}

/** Largest distance of the numbers' empirical distribution from one given (Kolmogorov & Smirnov). */
export function distance(values: Float32Array, distribution: (x: number) => number): number {
  const n = values.length;
  return values.slice().sort().reduce((worst, value, i) => {
    const expected = distribution(value);
    return Math.max(worst, expected - i / n, (i + 1) / n - expected);
  }, 0);
}

/** Mean of f over the numbers. */
export function meanOf(values: Float32Array, f: (x: number) => number): number {
  let total = 0;
  for (const value of values) total += f(value);
  return total / values.length;
}
