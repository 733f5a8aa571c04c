// Elementary functions of one f64 number from +, −, ·, / and √ alone: the same bits in every engine,
// which Math.cos and its kind do not promise. For what reaches a weight outside the kernels: schedules,
// tables of positions. Errors are a few units in the last place.

/** cos(π·t) for any finite t. */
export function cosPi(t: number): number {
  const turn = Math.abs(t % 2), folded = turn > 1 ? 2 - turn : turn;
  if (folded > 0.5) return -quarter(1 - folded);
  return quarter(folded);
}

/** cos(π·t) for t in [0, ½], by the Taylor series about the nearer of 0 and ½. */
function quarter(t: number): number {
  if (t > 0.25) return sine(Math.PI * (0.5 - t));
  const z = (Math.PI * t) * (Math.PI * t);
  let term = 1, total = 1;
  for (let k = 2; k <= 18; k += 2) {
    term *= -z / (k * (k - 1));
    total += term;
  }
  return total;
}

function sine(x: number): number {
  const z = x * x;
  let term = x, total = x;
  for (let k = 3; k <= 19; k += 2) {
    term *= -z / (k * (k - 1));
    total += term;
  }
  return total;
}

/** eˣ: 2ⁿ times the Taylor series of the rest. */
export function expOf(x: number): number {
  if (!(Math.abs(x) < 750)) return x > 0 ? Infinity : x < 0 ? 0 : NaN;
  const n = Math.round(x / Math.LN2),
    r = (x - n * 0.693147180369123816490) - n * 1.90821492927058770002e-10;
  let total = 1;
  for (let k = 18; k > 0; k--) total = 1 + r / k * total; // the largest term last: it rounds once
  const factor = n < 0 ? 0.5 : 2;
  for (let i = 0; i < Math.abs(n); i++) total *= factor;
  return total;
}

/** Natural logarithm: halvings and the series of artanh; 0 gives −∞, a negative number NaN. */
export function logOf(x: number): number {
  if (!(x > 0) || x === Infinity) return x === 0 ? -Infinity : x > 0 ? x : NaN;
  let n = 0, m = x;
  while (m > Math.SQRT2) {
    m /= 2;
    n++;
  }
  while (m < Math.SQRT1_2) {
    m *= 2;
    n--;
  }
  const z = (m - 1) / (m + 1), square = z * z;
  let power = z, total = 0;
  for (let k = 1; k <= 41; k += 2) {
    total += power / k;
    power *= square;
  }
  return 2 * total + n * Math.LN2;
}
