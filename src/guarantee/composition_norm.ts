import { matrix } from "../linalg/mod.ts";
import { type AffineSet, bounded, normBound, reachOf, scaledBy } from "./composition_set.ts";
import { gamma, normAbove, rowNormsAbove, SLACK } from "./rounding.ts";

/** How far the values may be from their center, and from 0. */
interface Reach {
  /** ε times the width. */
  readonly kappa: number;
  /** √width. */
  readonly root: number;
  /** Distance from the center, at most. */
  readonly reach: number;
  /** ‖x‖² + κ, at least. */
  readonly least: number;
  /** ‖x‖² + κ, at most. */
  readonly most: number;
}

/**
 * x/√(mean x² + ε) of a set, by the closest of three bounds: along the tangent at the center, for small
 * sets; the values times an interval of factors; and, whatever they are, every entry within ±√width.
 */
export function normalized(set: AffineSet, epsilon: number): AffineSet {
  const { center, slopes, length, radius } = set, n = center.length;
  const kappa = n * epsilon, root = Math.sqrt(n), size = normAbove(center);
  const reach = SLACK * (radius * (radius > 0 ? normBound(slopes) : 0) + length);
  const nearest = Math.max(0, size * (1 - 2 ** -40) - reach);
  const least = nearest * nearest + kappa * (1 - 2 ** -40);
  const most = ((size + reach) ** 2 + kappa) * (1 + 2 ** -40);
  const bounds = { kappa, root, reach, least, most };
  const none: AffineSet = bounded({
    center: new Float64Array(n),
    slopes: matrix(n, slopes.columns),
    box: new Float64Array(n).fill(root * (1 + 2 ** -40)),
    radius,
  }, root * (1 + 2 ** -40));
  const total = (each: AffineSet): number => reachOf(each).reduce((sum, x) => sum + x, 0);
  return [alongTangent(set, bounds), byFactors(set, bounds)].reduce<AffineSet>(
    (best, next) => next && total(next) < total(best) ? next : best,
    none,
  );
}

/** The values times 1/√(mean x² + ε), which lies between two factors. */
function byFactors(set: AffineSet, { root, least, most }: Reach): AffineSet | undefined {
  if (!(least > 0)) return undefined;
  const low = root / Math.sqrt(most) * (1 - 2 ** -50),
    high = root / Math.sqrt(least) * (1 + 2 ** -50);
  const middle = (low + high) / 2, half = (high - low) / 2 * (1 + 2 ** -50) + high * 2 ** -52;
  const n = set.center.length, away = reachOf(set);
  const slack = set.center.map((x, i) => half * (Math.abs(x) + away[i]!) * (1 + 2 ** -50));
  return scaledBy(set, new Float64Array(n).fill(middle), new Float64Array(n), slack);
}

/**
 * The derivative at the center carries the affine part, and what is left of Taylor's formula goes to the
 * rest. With N(x) = x/ρ, ρ² = ‖x‖² + κ, ‖N″(x)[d, d]‖ ≤ 4‖d‖²/ρ², since
 * N″[d, d] = −2d(x·d)/ρ³ + x(3(x·d)²/ρ² − ‖d‖²)/ρ³ and ‖x‖ ≤ ρ; so N(c + d) is within 2‖d‖²/ρ² of its
 * tangent, for the smallest ρ on the way, and its entry i within |d_i|‖d‖/ρ² + |x_i|‖d‖²/ρ³.
 */
function alongTangent(set: AffineSet, { kappa, root, reach, least }: Reach): AffineSet | undefined {
  const { center, slopes, box, length, radius } = set, n = center.length;
  const { columns } = slopes, size = normAbove(center), steep = rowNormsAbove(slopes);
  const beyond = reach === 0 ? 0 : 2 * reach * reach / least;
  let square = kappa;
  for (const x of center) square += x * x;
  const unit = SLACK * gamma(2 * n + 16);
  if (!(beyond < 2) || !(square > 0)) return undefined;
  const factor = root / Math.sqrt(square);
  const along = new Float64Array(columns);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < columns; j++) {
      along[j] = along[j]! + center[i]! * slopes.data[i * columns + j]!;
    }
  }
  const turned = slopes.data.map((x, at) => {
    const i = Math.floor(at / columns), j = at % columns;
    return factor * (x - center[i]! * along[j]! / square);
  });
  let inner = 0, spread = 0;
  for (let i = 0; i < n; i++) {
    inner += Math.abs(center[i]!) * box[i]!;
    spread += Math.abs(center[i]!) * steep[i]!;
  }
  inner = Math.min(inner * (1 + unit), size * length * (1 + unit));
  const away = reachOf(set), nearer = Math.sqrt(least);
  const moved = new Float64Array(n), rounding = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const x = Math.abs(center[i]!);
    const own = (away[i]! * reach + (x + away[i]!) * reach * reach / nearer) / least;
    const bent = reach === 0 ? 0 : Math.min(beyond, own * (1 + 2 ** -40));
    moved[i] = factor * (box[i]! + x * inner / square) + root * bent;
    rounding[i] = unit * factor *
      (x + (steep[i]! + x * spread / square) * radius + moved[i]! / factor);
  }
  return bounded(
    {
      center: center.map((x) => factor * x),
      slopes: matrix(n, columns, turned),
      box: moved.map((x, i) => (x + rounding[i]!) * (1 + 2 ** -40)),
      radius,
    },
    (factor * length + root * beyond + normAbove(rounding)) * (1 + 2 ** -40),
  );
}
