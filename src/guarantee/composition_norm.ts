import { matrix } from "../linalg/mod.ts";
import { type AffineSet, bounded, normBound } from "./composition_set.ts";
import { gamma, normAbove, rowNormsAbove, SLACK } from "./rounding.ts";

/**
 * x/√(mean x² + ε) of a set: its derivative at the center carries the affine part, and what is left of
 * Taylor's formula goes to the rest. With N(x) = x/ρ, ρ² = ‖x‖² + κ, ‖N″(x)[d, d]‖ ≤ 4‖d‖²/ρ², since
 * N″[d, d] = −2d(x·d)/ρ³ + x(3(x·d)²/ρ² − ‖d‖²)/ρ³ and ‖x‖ ≤ ρ; so N(c + d) is within 2‖d‖²/ρ² of its
 * tangent, for the smallest ρ on the way.
 */
export function normalized(set: AffineSet, epsilon: number): AffineSet {
  const { center, slopes, box, length, radius } = set, n = center.length;
  const { columns } = slopes, kappa = n * epsilon, root = Math.sqrt(n);
  const size = normAbove(center), steep = rowNormsAbove(slopes);
  const reach = SLACK * (radius * (radius > 0 ? normBound(slopes) : 0) + length);
  const nearest = Math.max(0, size * (1 - 2 ** -40) - reach);
  const least = nearest * nearest + kappa * (1 - 2 ** -40);
  const beyond = reach === 0 ? 0 : 2 * reach * reach / least;
  let square = kappa;
  for (const x of center) square += x * x;
  const unit = SLACK * gamma(2 * n + 16);
  // nothing is known of the direction: every entry lies in ±√n, and N moves by no more than 2
  if (!(beyond < 2) || !(square > 0)) {
    return bounded({
      center: new Float64Array(n),
      slopes: matrix(n, columns),
      box: new Float64Array(n).fill(root * (1 + 2 ** -40)),
      radius,
    }, root * (1 + 2 ** -40));
  }
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
  const moved = new Float64Array(n), rounding = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const x = Math.abs(center[i]!);
    moved[i] = factor * (box[i]! + x * inner / square) + root * beyond;
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
